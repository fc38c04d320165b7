// A Varlink client that is not ours, with a library that is not ours.
//
//	client SOCKET
//
// Checks the interface descriptions with the library's own parser, calls
// Summary, then follows Monitor and prints the kind of each event on a line,
// until a registry was verified.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/varlink/go/varlink"
	"github.com/varlink/go/varlink/idl"
)

type summary struct {
	Version       string         `json:"version"`
	State         string         `json:"state"`
	Reason        string         `json:"reason"`
	DryRun        bool           `json:"dry_run"`
	Started       time.Time      `json:"started"`
	Now           time.Time      `json:"now"`
	ClockOffsetMs *int64         `json:"clock_offset_ms"`
	PausedUntil   *time.Time     `json:"paused_until"`
	Keys          int64          `json:"keys"`
	Registries    int64          `json:"registries"`
	States        map[string]int `json:"states"`
}

type event struct {
	Event struct {
		Time     time.Time `json:"time"`
		Kind     string    `json:"kind"`
		Key      *string   `json:"key"`
		Registry *string   `json:"registry"`
		Version  *string   `json:"version"`
		Text     string    `json:"text"`
	} `json:"event"`
}

func check(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func describe(ctx context.Context, c *varlink.Connection) {
	var vendor, product, version, url string
	var interfaces []string

	check("GetInfo", c.GetInfo(ctx, &vendor, &product, &version, &url,
		&interfaces))
	fmt.Println("info", product, version, strings.Join(interfaces, " "))
	for _, name := range interfaces {
		if !strings.HasPrefix(name, "io.keyrotd.") {
			continue
		}
		text, err := c.GetInterfaceDescription(ctx, name)
		check("GetInterfaceDescription "+name, err)
		// This parser is older than the capital letters that
		// systemd's interfaces have in their names, too.
		text = strings.Replace(text, "interface "+name,
			"interface "+strings.ToLower(name), 1)
		parsed, err := idl.New(text)
		check("the description of "+name, err)
		fmt.Println("interface", name, len(parsed.Methods))
	}
}

func ask(ctx context.Context, c *varlink.Connection) {
	var s summary

	check("Summary", c.Call(ctx, "io.keyrotd.Status.Summary", nil, &s))
	fmt.Println("summary", s.Version, s.State, s.Keys, s.Registries,
		s.States["current"], s.Started.Unix() > 0, s.DryRun)
	err := c.Call(ctx, "io.keyrotd.Status.Nothing", nil, &s)
	if _, ok := err.(*varlink.MethodNotFound); !ok {
		fmt.Fprintf(os.Stderr, "Nothing: %v\n", err)
		os.Exit(1)
	}
}

func follow(ctx context.Context, c *varlink.Connection) {
	receive, err := c.Send(ctx, "io.keyrotd.Status.Monitor", nil,
		varlink.More)
	check("Monitor", err)
	for {
		var e event

		flags, err := receive(ctx, &e)
		check("an event", err)
		fmt.Println("event", e.Event.Kind, e.Event.Time.Unix() > 0)
		if flags&varlink.Continues == 0 {
			fmt.Fprintln(os.Stderr, "the stream ended")
			os.Exit(1)
		}
		if e.Event.Kind == "verified" {
			fmt.Println("version", *e.Event.Version)
			return
		}
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := varlink.NewConnection(ctx, "unix:"+os.Args[1])
	check("connecting", err)
	defer c.Close()
	describe(ctx, c)
	ask(ctx, c)
	follow(ctx, c)
}
