# shellcheck shell=bash disable=SC2034
# What the tests of the packages have in common; each sources it.
#
# NAME is the test's, ROOT the tree's root.

ROOT=${ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
bad=0

ok() { echo "ok $NAME: $*"; }
no() {
	bad=1
	echo "not ok $NAME: $*"
}
check() { # WHAT COMMAND...
	local what=$1
	shift
	if "$@"; then ok "$what"; else no "$what"; fi
}
skip() { # WHY: the whole test
	echo "skip $NAME: $*"
	exit 77
}
not() { ! "$@"; }
is() { [ "$1" = "$2" ]; }
until_true() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

version() { sed -n 's/^VERSION = //p' "$ROOT/Makefile"; }

need() { # COMMAND...
	local command
	for command in "$@"; do
		command -v "$command" >/dev/null ||
			skip "no $command (tests/packages packaging)"
	done
}

# The sources as "make dist" packs them: somewhere else, and without git.
unpack_sources() { # FOLDER
	mkdir -p "$1"
	if [ -e "$ROOT/.git" ]; then
		git -C "$ROOT" archive HEAD | tar -x -C "$1"
	else
		tar -C "$ROOT" -c --exclude=./build . | tar -x -C "$1"
	fi
}

# Another umask, another time zone and language, another home.
elsewhere() { # COMMAND...
	(
		umask 077
		HOME=/nonexistent TZ=Asia/Kolkata LC_ALL=C "$@"
	)
}

# Runs a test once more, as "TEST inside ARGUMENT...", beside a systemd.
beside_systemd() { # TEST FOLDER ARGUMENT...
	local test=$1 folder=$2 sandbox=$ROOT/tests/systemd/sandbox rc
	shift 2
	[ -x "$sandbox" ] || sandbox=${SYSTEMD_SANDBOX:-}
	if [ -z "$sandbox" ] || [ ! -x "$sandbox" ]; then
		echo "skip $NAME: no sandbox for systemd"
		return 77
	fi
	"$sandbox" --bind-ro "$ROOT" --bind-ro "$folder" --chdir / \
		--time-limit 240 -- bash "$test" inside "$folder" "$@"
	rc=$?
	[ "$rc" -ne 77 ] ||
		echo "skip $NAME: the sandbox cannot run on this machine"
	return "$rc"
}

# --- inside ----------------------------------------------------------------

show() { systemctl show -p "$1" --value keyrotd; }
shows() { [ "$(show "$1")" = "$2" ]; }
enabled_is() {
	[ "$(systemctl is-enabled keyrotd 2>/dev/null || :)" = "$1" ]
}
user_exists() { getent passwd keyrotd >/dev/null; }

# What a machine says that has just got the package.
check_fresh() {
	check "the service is there" shows LoadState loaded
	check "and not enabled" enabled_is disabled
	check "and not started" shows ActiveState inactive
	check "its user is there" user_exists
	check "systemctl status says so" \
		grep -q 'Active: inactive' <(systemctl status keyrotd 2>&1)
}

check_watches_nothing() {
	systemctl start keyrotd || no "systemctl start keyrotd"
	check "it starts with an empty watch list" shows ActiveState active
	check "says in its status line that it watches nothing" \
		grep -q 'Nothing is watched' <(systemctl status keyrotd)
	check "and is ok" is "$(keyrotctl --json status | python3 -c '
import json, sys
print(json.load(sys.stdin)["state"])')" ok
	check "as keyrotctl check says" grep -q "^KEYROTD OK.*watched" \
		<(keyrotctl check)
	systemctl status --no-pager keyrotd | sed 's/^/info: /'
}

# Some images forbid their packages to start anything.
allow_services() { rm -f /usr/sbin/policy-rc.d; }
