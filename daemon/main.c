/*
 * Reads keyrotd's command line and chooses between running, one pass and a
 * mere check; the exit status comes from there.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/wiping.h"
#include "daemon.h"
#include "io/audit_writer.h"
#include "io/notify.h"
#include "io/standard.h"
#include "io/unixsock.h"

static const char usage[] =
	"Usage: keyrotd [-c FILE] [--check | --once | --doctor [--json]]\n"
	"               [--dry-run] [--log-level L]\n"
	"\n"
	"Keeps Azure container registries on the newest version of their\n"
	"customer-managed key.  Runs in the foreground.\n"
	"\n"
	"  -c, --config FILE   configuration (default " KEYROTD_SYSCONFDIR
	"/keyrotd/keyrotd.conf)\n"
	"      --check         read the configuration, print every mistake as\n"
	"                      FILE:LINE: message and every warning as\n"
	"                      FILE:LINE: warning: message; exit 0, or 78 after\n"
	"                      a mistake\n"
	"      --once          one complete pass: poll, rotate, verify; exit 0\n"
	"                      only when every registry is verified current\n"
	"      --doctor        examine all that the configuration names, from name\n"
	"                      resolution to rights; say what is amiss and how to\n"
	"                      mend it; exit 0 only when nothing has failed.\n"
	"                      Nothing is written; works beside a running daemon\n"
	"      --json          with --doctor: JSON instead of text\n"
	"      --dry-run       never write to Azure; print each request that\n"
	"                      would be sent\n"
	"      --log-level L   error, warning, notice, info or debug\n"
	"  -V, --version       print the version\n"
	"  -h, --help          print this text\n"
	"\n"
	"Exit codes: 0 success, 1 failure, 64 wrong usage, 78 configuration.\n"
	"See keyrotd(8), keyrotd.conf(5) and keyrotctl(1).\n";

enum {
	OPT_CHECK = 256,
	OPT_ONCE,
	OPT_DOCTOR,
	OPT_JSON,
	OPT_DRY_RUN,
	OPT_LOG_LEVEL
};

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "once", no_argument, NULL, OPT_ONCE },
	{ "doctor", no_argument, NULL, OPT_DOCTOR },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "log-level", required_argument, NULL, OPT_LOG_LEVEL },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int bad_usage(void)
{
	fputs("Try \"keyrotd --help\".\n", stderr);
	return DAEMON_USAGE;
}

static int bad_level(const char *level)
{
	fprintf(stderr,
		"keyrotd: \"%s\" is no log level; it is one of error, warning, notice, info, debug.\n",
		level);
	return bad_usage();
}

static int print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? DAEMON_FAILURE
							      : DAEMON_OK;
}

static int run(int argc, char **argv)
{
	struct daemon_options o = {
		.config_file = KEYROTD_SYSCONFDIR "/keyrotd/keyrotd.conf",
		.log_level = -1,
	};
	bool check = false, doctor = false;
	int c;

	while ((c = getopt_long(argc, argv, "c:hV", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			o.config_file = optarg;
			break;
		case OPT_CHECK:
			check = true;
			break;
		case OPT_ONCE:
			o.once = true;
			break;
		case OPT_DOCTOR:
			doctor = true;
			break;
		case OPT_JSON:
			o.json = true;
			break;
		case OPT_DRY_RUN:
			o.dry_run = true;
			break;
		case OPT_LOG_LEVEL:
			o.log_level = log_level_parse(optarg);
			if (o.log_level < 0)
				return bad_level(optarg);
			break;
		case 'V':
			return print("keyrotd " KEYROTD_VERSION "\n");
		case 'h':
			return print(usage);
		default:
			return bad_usage();
		}
	}
	if (optind < argc) {
		fprintf(stderr, "keyrotd: \"%s\" is not expected.\n",
			argv[optind]);
		return bad_usage();
	}
	if (check + o.once + doctor > 1) {
		fputs("keyrotd: --check, --once and --doctor exclude each other.\n",
		      stderr);
		return bad_usage();
	}
	if (o.json && !doctor) {
		fputs("keyrotd: --json goes with --doctor only.\n", stderr);
		return bad_usage();
	}
	wiping_openssl(); /* secrets are read from here on */
	if (doctor)
		return daemon_doctor(&o);
	return check ? daemon_check(o.config_file) : daemon_run(&o);
}

/*
 * Whoever is left waiting at a socket that systemd holds has it start us again
 * at once, and without end: RestartPreventExitStatus= (systemd.service(5)) is
 * not asked there.
 */
static int leave(int code)
{
	int fd = code == DAEMON_USAGE || code == DAEMON_CONFIG
			 ? notify_listen_fd()
			 : -1;
	struct fault f;

	if (fd >= 0 && unixsock_adopt(fd, &f))
		unixsock_turn_away(fd);
	return code;
}

int main(int argc, char **argv)
{
	standard_open();
	/* Started by ourselves. */
	if (argc == 2 && !strcmp(argv[1], AUDIT_WRITER_OPTION))
		return audit_writer_run();
	return leave(run(argc, argv));
}
