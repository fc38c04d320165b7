# bash completion of keyrotctl and keyrotd.
# Made by tests/lint/completions --write: change the tables of the programs.

# A word as it was typed: bash has taken it apart at each colon, and has what it
# is given only put behind the last one.
_keyrotd_join() {
	local i
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		if ((i)) && [[ ${COMP_WORDS[i]} == :* || ${words[-1]} == *: ]]; then
			words[-1]+=${COMP_WORDS[i]}
		else
			words+=("${COMP_WORDS[i]}")
		fi
	done
	cur=${words[-1]} before=${words[-2]}
}
_keyrotd_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
	[[ $cur != *:* || $COMP_WORDBREAKS != *:* ]] ||
		COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*:}"}"}")
}
_keyrotd_files() { mapfile -t COMPREPLY < <(compgen -f -- "$cur"); }
# Names that the daemon knows; none when it does not answer at once.
_keyrotd_ask() {
	local list=registries column=registry
	[ "$1" = REGISTRY ] || { list=keys; column=key; }
	_keyrotd_words "$(keyrotctl --timeout 1s --no-color "$list" \
		--columns "$column" 2>/dev/null | tail -n +2)"
}

_keyrotctl() {
	local words cur before command='' i
	_keyrotd_join
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		case ${words[i]} in
		--socket|--timeout|--state|--subscription|--vault|--key|--sort|--columns|--since|--credential|--rule|--until|--for|--reason|--identity|--file|--from|--to|--registry|--format|--public-key|--head|--html) ((i++)) ;;
		-*) ;;
		*) command=${words[i]}; break ;;
		esac
	done
	case $before in
	--socket) _keyrotd_files; return ;;
	--timeout) :; return ;;
	--state) _keyrotd_words "usable unusable unreachable unknown current rotating verifying held blocked paused overdue"; return ;;
	--subscription) :; return ;;
	--vault) :; return ;;
	--key) _keyrotd_ask KEY; return ;;
	--sort) _keyrotd_words "harm id name effective polled next deadline verified"; return ;;
	--columns) :; return ;;
	--since) :; return ;;
	--credential) :; return ;;
	--rule) :; return ;;
	--until) :; return ;;
	--for) _keyrotd_words "30m 1h 2h 8h"; return ;;
	--reason) :; return ;;
	--identity) _keyrotd_words "system"; return ;;
	--file) _keyrotd_files; return ;;
	--from) :; return ;;
	--to) :; return ;;
	--registry) _keyrotd_ask REGISTRY; return ;;
	--format) _keyrotd_words "csv jsonl"; return ;;
	--public-key) _keyrotd_files; return ;;
	--head) :; return ;;
	--html) _keyrotd_files; return ;;
	esac
	case $command in
	status)
		case $cur in
		-*) _keyrotd_words "-w --watch --all --json --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	keys)
		case $cur in
		-*) _keyrotd_words "--state --subscription --vault --key --sort --columns --json --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	registries)
		case $cur in
		-*) _keyrotd_words "--state --subscription --vault --key --sort --columns --json --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	why)
		case $cur in
		-*) _keyrotd_words "--json --socket --timeout --no-color -h --help -V --version" ;;
		*) _keyrotd_ask REGISTRY ;;
		esac ;;
	versions)
		case $cur in
		-*) _keyrotd_words "--json --socket --timeout --no-color -h --help -V --version" ;;
		*) _keyrotd_ask KEY ;;
		esac ;;
	events)
		case $cur in
		-*) _keyrotd_words "-f --follow --since --json --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	doctor)
		case $cur in
		-*) _keyrotd_words "--json --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	discover)
		case $cur in
		-*) _keyrotd_words "--subscription --credential --conf --rule --json --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	poll)
		case $cur in
		-*) _keyrotd_words "--json --socket --timeout --no-color -h --help -V --version" ;;
		*) _keyrotd_ask KEY ;;
		esac ;;
	reload)
		case $cur in
		-*) _keyrotd_words "--json --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	pause)
		case $cur in
		-*) _keyrotd_words "--all --until --for --reason --json --socket --timeout --no-color -h --help -V --version" ;;
		*) _keyrotd_ask REGISTRY ;;
		esac ;;
	resume)
		case $cur in
		-*) _keyrotd_words "--all --json --socket --timeout --no-color -h --help -V --version" ;;
		*) _keyrotd_ask REGISTRY ;;
		esac ;;
	rotate)
		case $cur in
		-*) _keyrotd_words "--version --key --identity --reason -y --yes --dry-run --no-wait --json --socket --timeout --no-color -h --help -V" ;;
		*) _keyrotd_ask REGISTRY ;;
		esac ;;
	check)
		case $cur in
		-*) _keyrotd_words "--json --socket --timeout --no-color -h --help -V --version" ;;
		*) _keyrotd_ask REGISTRY ;;
		esac ;;
	role)
		case $cur in
		-*) _keyrotd_words "--json --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	metrics)
		case $cur in
		-*) _keyrotd_words "--http --openmetrics --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	audit)
		case $cur in
		-*) _keyrotd_words "--file --from --to --registry --format --public-key --head --json --socket --timeout --no-color -h --help -V --version" ;;
		*) _keyrotd_words "show verify export" ;;
		esac ;;
	report)
		case $cur in
		-*) _keyrotd_words "--file --from --to --public-key --head --html --json --socket --timeout --no-color -h --help -V --version" ;;
		esac ;;
	help)
		case $cur in
		-*) _keyrotd_words "--socket --timeout --no-color -h --help -V --version" ;;
		*) _keyrotd_words "status keys registries why versions events doctor discover poll reload pause resume rotate check role metrics audit report help" ;;
		esac ;;
	"") _keyrotd_words "status keys registries why versions events doctor discover poll reload pause resume rotate check role metrics audit report help --socket --timeout --no-color -h --help -V --version" ;;
	esac
}

_keyrotd() {
	local words cur before
	_keyrotd_join
	case $before in
	-c|--config) _keyrotd_files; return ;;
	--log-level) _keyrotd_words "error warning notice info debug"; return ;;
	esac
	_keyrotd_words "-c --config --check --once --doctor --json --dry-run --log-level -V --version -h --help"
}

complete -F _keyrotctl keyrotctl
complete -F _keyrotd keyrotd
