# keyrotd: one Makefile for GNU make.  "make help" lists the targets.
#
# Everything that is built goes to build/, one flavour beside the other:
#
#	build/		the real thing: optimised, hardened
#	build/asan/	the same sources under AddressSanitizer and UBSan
#	build/clang/	the same sources through clang, to prove them clean
#	build/cover/	counted by gcov, for "make coverage"
#	build/fuzz/	through clang with libFuzzer, for "make fuzz"
#
# The sources of a flavour make one static library, so that each unit test
# links just the modules that it touches.  A new .c file in one of the folders
# is picked up by itself.

VERSION = 1.0.0

# --- what you may set ------------------------------------------------------

PREFIX = /usr/local
prefix = $(PREFIX)
exec_prefix = $(prefix)
bindir = $(exec_prefix)/bin
sbindir = $(exec_prefix)/sbin
mandir = $(prefix)/share/man
docdir = $(prefix)/share/doc/keyrotd
sysconfdir = /etc
unitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
catalogdir = $(prefix)/lib/systemd/catalog
bashcompdir = $(prefix)/share/bash-completion/completions
zshcompdir = $(prefix)/share/zsh/site-functions
fishcompdir = $(prefix)/share/fish/vendor_completions.d
DESTDIR =

# CFLAGS, CPPFLAGS and LDFLAGS are the user's: they come after ours and so may
# overrule them.  "make WERROR=" builds with a compiler that warns of more.
CFLAGS =
CPPFLAGS =
LDFLAGS =
WERROR = -Werror
INSTALL = install
PKG_CONFIG = pkg-config

# V=1 shows the commands.  SANITIZE=1 and CLANG=1 choose a flavour.
V =
Q = $(if $(V),,@)
say = @printf '  %-7s %s\n' '$(1)' '$(2)'

# --- flavours --------------------------------------------------------------

FLAVOUR = $(if $(SANITIZE),asan,$(if $(CLANG),clang,plain))

# -fcf-protection exists on x86 only; stack clash protection not everywhere.
option = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null \
	2>/dev/null && echo $(1))
HARDEN = $(eval HARDEN := -fPIE -fstack-protector-strong \
	$(call option,-fstack-clash-protection) \
	$(call option,-fcf-protection))$(HARDEN)
# glibc refuses to fortify what is not optimised.
FORTIFY = $(if $(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)

ifeq ($(FLAVOUR),plain)
B = build
OPTIMISE = -O2 -g $(HARDEN)
DEFINE = $(FORTIFY)
LINK = -pie -Wl,-z,relro,-z,now,-z,noexecstack
else ifeq ($(FLAVOUR),asan)
B = build/asan
OPTIMISE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
LINK = -fsanitize=address,undefined
else ifeq ($(FLAVOUR),clang)
B = build/clang
override CC = $(firstword $(CLANG_CC) clang)
OPTIMISE = -O2 -g $(HARDEN)
DEFINE = $(FORTIFY)
LINK = -pie -Wl,-z,relro,-z,now,-z,noexecstack
else ifeq ($(FLAVOUR),cover)
B = build/cover
OPTIMISE = -O0 -g --coverage
LINK = --coverage
else ifeq ($(FLAVOUR),fuzz)
B = build/fuzz
override CC = $(firstword $(CLANG_CC) clang)
OPTIMISE = -O1 -g -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
LINK = -fsanitize=fuzzer,address,undefined
else
$(error FLAVOUR is plain, asan, clang, cover or fuzz, not "$(FLAVOUR)")
endif

WARN = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wold-style-definition \
	-Wmissing-declarations $(WERROR)

# --- libraries -------------------------------------------------------------

# pkg-config name and the Debian package that holds it.
LIBRARIES = libcurl:libcurl4-openssl-dev libsystemd:libsystemd-dev \
	libcrypto:libssl-dev yajl:libyajl-dev expat:libexpat1-dev
MODULES = $(foreach l,$(LIBRARIES),$(firstword $(subst :, ,$(l))))

# Asked once, and only when something is compiled: "make clean" and "make
# help" have to work on a machine that has none of them.
LIB_CFLAGS = $(eval LIB_CFLAGS := $$(shell $(PKG_CONFIG) --cflags \
	$(MODULES)))$(LIB_CFLAGS)
LIB_LIBS = $(eval LIB_LIBS := $$(shell $(PKG_CONFIG) --libs $(MODULES)) \
	-lev)$(LIB_LIBS)

OUR_CPPFLAGS = -Idaemon -D_GNU_SOURCE $(DEFINE) \
	-DKEYROTD_VERSION='"$(VERSION)"' -DKEYROTD_SYSCONFDIR='"$(sysconfdir)"'
OUR_CFLAGS = -std=gnu17 $(OPTIMISE) $(WARN)
COMPILE = $(CC) $(OUR_CPPFLAGS) $(LIB_CFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) \
	$(CFLAGS) -MMD -MP
LINKER = $(CC) $(OUR_CFLAGS) $(CFLAGS) $(LINK) -Wl,--as-needed $(LDFLAGS)

# --- sources ---------------------------------------------------------------

FOLDERS = base azure config traffic engine io
LIB_SRC = $(sort $(foreach d,$(FOLDERS),$(wildcard daemon/$(d)/*.c)) \
	$(filter-out daemon/main.c,$(wildcard daemon/*.c)))
CTL_MAIN = $(wildcard daemon/ctl/main.c daemon/ctl/keyrotctl.c)
CTL_SRC = $(sort $(filter-out $(CTL_MAIN),$(wildcard daemon/ctl/*.c)))
UNIT_SRC = $(sort $(wildcard tests/unit/test_*.c))
UNIT_HELP = $(sort $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c)))
SIM_SRC = $(sort $(wildcard tests/sim/*.c))
FUZZ_SRC = $(sort $(wildcard tests/fuzz/fuzz_*.c))

object = $(patsubst %.c,$(B)/obj/%.o,$(1))
LIB = $(B)/libkeyrotd.a
CTL_LIB = $(B)/libkeyrotctl.a
# Files that are in the programs byte for byte.
TEXTS = varlink_text role_text
LIB_OBJ = $(call object,$(LIB_SRC)) $(B)/obj/varlink_text.o
CTL_OBJ = $(call object,$(CTL_SRC)) $(B)/obj/role_text.o
UNITS = $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNIT_SRC))
FUZZERS = $(patsubst tests/fuzz/%.c,$(B)/%,$(FUZZ_SRC))
REPLAYS = $(patsubst tests/fuzz/%.c,$(B)/unit/%,$(FUZZ_SRC))
PROGRAMS = $(if $(wildcard daemon/main.c),$(B)/keyrotd) \
	$(if $(CTL_MAIN),$(B)/keyrotctl)

# --- targets for people ----------------------------------------------------

# Two runs of make in one tree must not write the same file at the same time:
# whoever builds holds this lock.  -o: no child keeps it.
LOCKED = mkdir -p build && flock -o build/.lock \
	$(MAKE) --no-print-directory

all:	## build keyrotd and keyrotctl (SANITIZE=1, CLANG=1: other flavours)
	@+$(LOCKED) programs

check:	## everything: packages, lint, unit, system, azsim and simulation
	@+tests/run

quickcheck:	## lint, unit tests and a short simulation
	@+tests/run --quick lint unit sim

lint:	## layers, banned calls, format, manual pages, scripts
	@+tests/run lint

unit:	## unit tests under AddressSanitizer and UBSan
	@+tests/run unit

system:	## the real programs against the fake Azure
	@+tests/run system

check-systemd:	## the installed service under a real systemd (as root)
	@+tests/run systemd

check-hostile:	## every trouble of every server, 10 to 3,000 keys (hours; HOSTILE=)
	@+$(LOCKED) programs
	@tests/hostile $(HOSTILE)

sim:	## the engine against a simulated cloud in virtual time
	@+$(LOCKED) sim-program
	@tests/sim/run

demo:	## watch one rotation happen, proved by reading it back (no Azure)
	@+tests/demo

demo-pair:	## the leader of two daemons dies in a rotation, the other ends it
	@+tests/demo-pair

coverage:	## branches and lines reached by unit tests and simulation
	@+tests/coverage

soak:	## the real daemon for SOAK_SECONDS=600 under faults: does it grow?
	@+tests/soak

soak-daemon: soak	# its former name

soak-sim:	## the simulation on new seeds, until told to stop (Ctrl-C)
	@+$(LOCKED) sim-program
	@tests/sim/run --for

bench:	## speed and size against their targets, beside others (BENCH=--json)
	@tests/packages bench
	@+$(LOCKED) programs
	@tests/bench/bench $(BENCH)

fuzz:	## FUZZ_SECONDS=10 for each parser, with clang's libFuzzer
	@+tests/fuzzers

analyze:	## gcc's and clang's static analyzers over daemon/ (minutes)
	@tests/lint/analyzer --all

format:	## bring the C sources into the form that lint wants
	$(Q)find daemon tests -name '*.[ch]' -exec clang-format -i {} +

clean:	## remove build/
	$(Q)rm -rf build

dist:	## keyrotd-VERSION.tar.gz of the last commit
	$(Q)[ -e .git ] || { echo "make dist packs the last commit:" \
		"it needs a git checkout" >&2; exit 1; }
	$(Q)mkdir -p build
	$(Q)git archive --format=tar.gz --prefix=keyrotd-$(VERSION)/ \
		-o build/dist.$$$$ HEAD && \
		mv build/dist.$$$$ keyrotd-$(VERSION).tar.gz || \
		{ rm -f build/dist.$$$$; exit 1; }
	$(call say,DIST,keyrotd-$(VERSION).tar.gz)

deb:	## keyrotd_VERSION_ARCH.deb of the last commit, with debhelper
	$(Q)conf/package deb $(VERSION)

rpm:	## keyrotd-VERSION-1.ARCH.rpm of the last commit, with rpmbuild
	$(Q)conf/package rpm $(VERSION)

check-packages:	## both packages and the container, built and tried
	@+tests/run packaging

help:	## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' \
		Makefile
	@echo
	@echo "  PREFIX=$(prefix) sysconfdir=$(sysconfdir) DESTDIR=$(DESTDIR)"
	@echo "  CC=$(CC) CFLAGS= LDFLAGS= V=1 SANITIZE=1 CLANG=1 WERROR="

# --- installation ----------------------------------------------------------

MAN = $(wildcard man/*.[1578])
READING = README.md NEWS SECURITY.md LICENSE
# What makes the things in Azure: goes to the documentation.
AZURE = $(wildcard conf/azure/*)
UNITFILES = $(wildcard systemd/*.service systemd/*.socket systemd/*.timer)
EXAMPLES = conf/prometheus/keyrotd.rules.yml conf/grafana/keyrotd.json \
	conf/systemd/admin-group.conf
# A file with the chosen paths in it, for a moment.
FILLED = build/filled
TO = $(DESTDIR)$(sysconfdir)/keyrotd

# An edited configuration is never touched: the example goes in only where
# there is none, and otherwise beside it as keyrotd.conf.dist.
install: all	## install below DESTDIR and PREFIX; keeps an edited config
	$(Q)$(INSTALL) -d $(DESTDIR)$(sbindir) $(DESTDIR)$(bindir) \
		$(DESTDIR)$(unitdir) $(DESTDIR)$(sysusersdir) \
		$(DESTDIR)$(tmpfilesdir) \
		$(DESTDIR)$(docdir)/azure $(DESTDIR)$(docdir)/examples \
		$(TO)/watch.d
	$(Q)$(INSTALL) -m 755 build/keyrotd $(DESTDIR)$(sbindir)/keyrotd
	$(Q)$(INSTALL) -m 755 build/keyrotctl $(DESTDIR)$(bindir)/keyrotctl
	$(Q)for page in $(MAN); do \
		$(paths) $$page >$(FILLED).$$$$ && \
		$(INSTALL) -D -m 644 $(FILLED).$$$$ \
			$(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/} || \
		exit 1; \
	done; rm -f $(FILLED).$$$$
	$(Q)for unit in $(UNITFILES); do \
		$(paths) $$unit >$(FILLED).$$$$ && \
		$(INSTALL) -m 644 $(FILLED).$$$$ \
			$(DESTDIR)$(unitdir)/$${unit##*/} || \
		exit 1; \
	done; rm -f $(FILLED).$$$$
	$(Q)$(INSTALL) -m 644 systemd/keyrotd.sysusers \
		$(DESTDIR)$(sysusersdir)/keyrotd.conf
	$(Q)$(INSTALL) -m 644 systemd/keyrotd.tmpfiles \
		$(DESTDIR)$(tmpfilesdir)/keyrotd.conf
	$(Q)$(INSTALL) -D -m 644 systemd/keyrotd.catalog \
		$(DESTDIR)$(catalogdir)/keyrotd.catalog
	$(Q)$(INSTALL) -D -m 644 conf/completions/keyrotctl.bash \
		$(DESTDIR)$(bashcompdir)/keyrotctl
	$(Q)ln -sf keyrotctl $(DESTDIR)$(bashcompdir)/keyrotd
	$(Q)$(INSTALL) -D -m 644 conf/completions/_keyrotctl \
		$(DESTDIR)$(zshcompdir)/_keyrotctl
	$(Q)$(INSTALL) -D -m 644 conf/completions/keyrotctl.fish \
		$(DESTDIR)$(fishcompdir)/keyrotctl.fish
	$(Q)ln -sf keyrotctl.fish $(DESTDIR)$(fishcompdir)/keyrotd.fish
	$(Q)$(INSTALL) -m 644 $(READING) $(DESTDIR)$(docdir)
	$(Q)$(INSTALL) -m 644 $(AZURE) $(DESTDIR)$(docdir)/azure
	$(Q)$(INSTALL) -m 644 $(EXAMPLES) $(DESTDIR)$(docdir)/examples
	$(Q)$(paths) conf/keyrotd.conf >$(FILLED).$$$$ || exit 1; \
	if [ ! -e $(TO)/keyrotd.conf ]; then \
		$(INSTALL) -m 644 $(FILLED).$$$$ $(TO)/keyrotd.conf || exit 1; \
	elif ! cmp -s $(FILLED).$$$$ $(TO)/keyrotd.conf; then \
		$(INSTALL) -m 644 $(FILLED).$$$$ $(TO)/keyrotd.conf.dist || \
			exit 1; \
		echo "kept $(TO)/keyrotd.conf; the new example is beside it" \
			"as keyrotd.conf.dist"; \
	fi; rm -f $(FILLED).$$$$
	$(Q)$(INSTALL) -m 644 conf/watch.d/README $(TO)/watch.d/README

paths = sed -e 's|/etc/keyrotd|$(sysconfdir)/keyrotd|g' \
	-e 's|@sbindir@|$(sbindir)|g' -e 's|@bindir@|$(bindir)|g' \
	-e 's|@sysconfdir@|$(sysconfdir)|g'

uninstall:	## remove what install put there, but not the configuration
	$(Q)rm -f $(DESTDIR)$(sbindir)/keyrotd $(DESTDIR)$(bindir)/keyrotctl \
		$(UNITFILES:systemd/%=$(DESTDIR)$(unitdir)/%) \
		$(DESTDIR)$(sysusersdir)/keyrotd.conf \
		$(DESTDIR)$(tmpfilesdir)/keyrotd.conf \
		$(READING:%=$(DESTDIR)$(docdir)/%) \
		$(DESTDIR)$(catalogdir)/keyrotd.catalog \
		$(DESTDIR)$(bashcompdir)/keyrotctl \
		$(DESTDIR)$(bashcompdir)/keyrotd \
		$(DESTDIR)$(zshcompdir)/_keyrotctl \
		$(DESTDIR)$(fishcompdir)/keyrotctl.fish \
		$(DESTDIR)$(fishcompdir)/keyrotd.fish \
		$(AZURE:conf/%=$(DESTDIR)$(docdir)/%) \
		$(patsubst %,$(DESTDIR)$(docdir)/examples/%,$(notdir $(EXAMPLES))) \
		$(TO)/keyrotd.conf.dist $(TO)/watch.d/README
	$(Q)for page in $(MAN); do \
		rm -f $(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/}; \
	done
	$(Q)rmdir $(DESTDIR)$(docdir)/azure $(DESTDIR)$(docdir)/examples \
		$(DESTDIR)$(docdir) \
		2>/dev/null || :
	@echo "left in place: $(TO), /var/lib/keyrotd"

# --- what the targets above build, under the lock --------------------------

programs: $(PROGRAMS) $(LIB)
unit-programs: $(UNITS) $(REPLAYS)
unit-clean: $(patsubst %.c,$(B)/obj/%.clean,$(UNIT_SRC) $(UNIT_HELP) \
	$(FUZZ_SRC) tests/fuzz/replay.c)
sim-program: $(if $(SIM_SRC),$(B)/sim-run)
fuzz-programs: $(FUZZERS)
count-program: $(B)/bench-count

.PHONY: all check quickcheck check-systemd check-packages check-hostile lint \
	unit system sim demo demo-pair coverage soak soak-daemon soak-sim bench fuzz \
	analyze format clean dist deb rpm \
	help install uninstall programs unit-programs \
	unit-clean sim-program fuzz-programs count-program FORCE
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

# Says which library is missing, and what to install for it.
$(B)/.libraries: Makefile
	@mkdir -p $(@D)
	@command -v $(CC) >/dev/null || { echo "the compiler $(CC) is" \
		"missing: install build-essential (clang for CLANG=1)" >&2; \
		exit 1; }
	@command -v $(PKG_CONFIG) >/dev/null || { echo "$(PKG_CONFIG) is" \
		"missing: install pkg-config" >&2; exit 1; }
	@bad=0; for l in $(LIBRARIES); do \
		$(PKG_CONFIG) --exists $${l%%:*} || { bad=1; echo \
		"$${l%%:*} is missing: install $${l##*:}" >&2; }; \
	done; \
	printf '#include <ev.h>\n' | $(CC) $(CPPFLAGS) $(CFLAGS) -E -x c - \
		>/dev/null 2>&1 || { bad=1; \
		echo "libev is missing: install libev-dev" >&2; }; \
	exit $$bad
	@touch $@

# Other flags than last time: everything is compiled anew.
$(B)/.flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) \
		$(OUR_CFLAGS) $(CFLAGS) $(LINK) $(LDFLAGS))' >$@.new
	@cmp -s $@.new $@ && rm -f $@.new || mv $@.new $@

$(B)/obj/%.o: %.c $(B)/.flags | $(B)/.libraries
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) -c -o $@ $<

# The compiler has nothing to say about it.  Nothing is made of it.
$(B)/obj/%.clean: %.c $(B)/.flags | $(B)/.libraries
	@mkdir -p $(@D)
	$(call say,CLEAN,$<)
	$(Q)$(COMPILE) -MF $@.d -MT $@ -fsyntax-only $<
	@touch $@

$(TEXTS:%=$(B)/obj/%.o): $(B)/obj/%.o: build/%.c $(B)/.flags \
		| $(B)/.libraries
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(COMPILE) -c -o $@ $<

# SYMBOL, FILE: a C string, byte for byte.  od(1) writes each byte as three
# octal digits, which is an escape as it stands.
literal = echo "extern const char $(1)[];"; echo "const char $(1)[] ="; \
	[ ! -f $(2) ] || od -An -v -to1 $(2) | \
		sed -e 's/ /\\/g' -e 's/.*/"&"/'; echo '"";'

build/role_text.c: Makefile conf/azure/role.json
	@mkdir -p $(@D)
	$(call say,TEXT,$@)
	$(Q){ $(call literal,role_text,conf/azure/role.json); } >$@.new && \
		mv $@.new $@

# The descriptions of the interfaces.
build/varlink_text.c: Makefile $(wildcard daemon/io.*.varlink)
	@mkdir -p $(@D)
	$(call say,TEXT,$@)
	$(Q)for name in keyrotd.Status keyrotd.Control systemd.Metrics; do \
		symbol=varlink_text_$$(echo $${name#*.} | tr A-Z a-z); \
		file=daemon/io.$$name.varlink; \
		$(call literal,$$symbol,$$file); \
	done >$@.new && mv $@.new $@

$(LIB): $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(CTL_LIB): $(CTL_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/keyrotd: $(call object,daemon/main.c) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(LINKER) -o $@ $^ $(LIB_LIBS)

$(B)/keyrotctl: $(call object,$(CTL_MAIN)) $(CTL_LIB) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(LINKER) -o $@ $^ $(LIB_LIBS)

$(B)/unit/test_%: $(B)/obj/tests/unit/test_%.o $(call object,$(UNIT_HELP)) \
		$(CTL_LIB) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINKER) -o $@ $^ $(LIB_LIBS) -lcmocka -lssl

$(B)/bench-count: $(call object,tests/bench/count.c) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(LINKER) -o $@ $^ $(LIB_LIBS)

$(B)/sim-run: $(call object,$(SIM_SRC)) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(LINKER) -o $@ $^ $(LIB_LIBS) -lm

# One source, two programs: libFuzzer looks for inputs, and replay.c shows those
# that are kept in the tree, with any compiler.
build/fuzz/fuzz_%: build/fuzz/obj/tests/fuzz/fuzz_%.o $(CTL_LIB) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(LINKER) -o $@ $^ $(LIB_LIBS)

$(B)/unit/fuzz_%: $(call object,tests/fuzz/fuzz_%.c tests/fuzz/replay.c) \
		$(CTL_LIB) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINKER) -o $@ $^ $(LIB_LIBS)

-include $(wildcard $(B)/obj/daemon/*.d $(B)/obj/daemon/*/*.d \
	$(B)/obj/tests/*/*.d)
