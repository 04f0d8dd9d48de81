# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # used by those who include it
#
# What every script test includes. A test makes points with ok, nok, skip,
# check and status, and ends with done_testing: a script that dies before has no
# plan and run.sh counts that as a failure.

points=0
row=	# of threat-model.rst, with which the names of points are to begin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pins=/sys/fs/bpf/sbpf
policies=/usr/lib/sbpf/policies
scratch=$(mktemp -d /tmp/sbpf-test.XXXXXX)
chmod 755 "$scratch"
trap '[ ! -e "$scratch/json.pid" ] || kill "$(<"$scratch/json.pid")"; rm -rf "$scratch"' EXIT

ok() {
	echo "ok $((++points)) - ${row:+$row.}$1"
}

# nok DESCRIPTION [DETAILS]
nok() {
	echo "not ok $((++points)) - ${row:+$row.}$1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/#   /'
}

# skip DESCRIPTION REASON
skip() {
	echo "ok $((++points)) - ${row:+$row.}$1 # SKIP $2"
}

done_testing() {
	echo "1..$points"
}

# check DESCRIPTION COMMAND...: a point for the success of a command; what it
# printed is shown where it fails and kept in $output either way.
check() {
	status 0 "$@"
}

# status EXPECTED DESCRIPTION COMMAND...: a point for the exit status.
status() {
	local want=$1 what=$2 got=0
	shift 2
	output=$("$@" 2>&1) || got=$?
	if [ "$got" = "$want" ]; then
		ok "$what"
	else
		nok "$what" "exit status $got, expected $want: $*${output:+
$output}"
	fi
}

# says REGEX DESCRIPTION: a point for what the last check or status printed, in some
# line of it. Without another process while it is short: that is most of the time.
says() {
	local line

	if [ ${#output} -gt 10000 ]; then
		grep -Eqi -- "$1" <<<"$output" && ok "$2" && return
	else
		shopt -s nocasematch
		while IFS= read -r line; do
			[[ $line =~ $1 ]] || continue
			shopt -u nocasematch
			ok "$2"
			return
		done <<<"$output"
		shopt -u nocasematch
	fi
	nok "$2" "no match for: $1
$output"
}

# same EXPECTED GOT DESCRIPTION
same() {
	if [ "$1" = "$2" ]; then
		ok "$3"
	else
		nok "$3" "expected: $1
     got: $2"
	fi
}

# between LOW HIGH GOT DESCRIPTION
between() {
	if [ "$3" -ge "$1" ] && [ "$3" -le "$2" ]; then
		ok "$4"
	else
		nok "$4" "expected: $1 to $2, got: $3"
	fi
}

# near PERCENT EXPECTED GOT DESCRIPTION
near() {
	between $(($2 * (100 - $1) / 100)) $(($2 * (100 + $1) / 100)) "$3" "$4"
}

# median NUMBER...
median() {
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# await SECONDS COMMAND...: until the command succeeds, or too much time went by.
await() {
	local end=$((${EPOCHREALTIME%[.,]*} + $1 * ${SLOW:-1}))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME%[.,]*}" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# grows FILE REGEX: await that a file holds a matching line.
grows() {
	await 10 grep -Eqs -- "$2" "$1"
}

# shadow_denied POLICY: is a member, root though it is, denied to read /etc/shadow?
shadow_denied() {
	local out got=0

	out=$(sbpf run --policy "$1" -- cat /etc/shadow 2>&1) || got=$?
	echo "$out"
	[ $got = 1 ] &&
		grep -Eq '^cat: /etc/shadow: (Permission denied|Operation not permitted)$' <<<"$out"
}

# A sandbox is destroyed some time after its last member was reaped.
no_sandbox() {
	! sbpf --json list | grep -q .
}
settle() {
	await 15 no_sandbox
}

loaded() {
	[ -d /sys/module/sbpf ]
}

# The last hooks, links and programs of the module go in deferred work of the
# kernel, so its removal is tried until it works or has had time enough.
# unload_module SECONDS
unload_module() {
	loaded || return 0
	await "$1" rmmod sbpf 2>"$scratch/rmmod" || {
		tail -n 1 "$scratch/rmmod"
		return 1
	}
}

# with_user COMMAND...: as the unprivileged user of the test machine.
with_user() {
	setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all \
		env HOME=/home/user USER=user "$@"
}

# An interpreter that answers all that json asks, as to start one takes longer than all
# it does. By named pipes, so that nothing started meanwhile has a descriptor of it; nor
# has it any of the script's.
start_json() {
	mkfifo "$scratch/json.ask" "$scratch/json.answer"
	python3 -IS -c '
import json, os, sys
os.closerange(3, 1000)
while True:
    with open(sys.argv[1] + "/json.ask") as f:
        expression, text = f.read().split("\0", 1)
    try:
        r = eval(expression, {"json": json, "o": [json.loads(line) for line in
                                                  text.removesuffix("\n").split("\n") if text]})
        answer = [int(r is False or r is None or r == []), "" if r is True else r]
    except Exception as e:
        answer = [1, repr(e)]
    with open(sys.argv[1] + "/json.answer", "w") as f:
        print(*answer, file=f)' "$scratch" </dev/null >/dev/null 2>&1 &
	echo $! >"$scratch/json.pid"
	disown
}

# json EXPRESSION: evaluates the Python expression with the JSON lines of stdin as
# the list o; prints the result, and fails when it is False, None or empty.
json() {
	local text answer

	[ -e "$scratch/json.pid" ] || start_json
	IFS= read -r -d '' text
	printf '%s\0%s' "$1" "$text" >"$scratch/json.ask"
	IFS= read -r -d '' answer <"$scratch/json.answer"
	answer=${answer%$'\n'}
	[ -z "${answer#* }" ] || printf '%s\n' "${answer#* }"
	return "${answer%% *}"
}

# holds DESCRIPTION EXPRESSION: a point for what json finds in $output.
holds() {
	local found

	if found=$(json "$2" <<<"$output" 2>&1); then
		ok "$1"
	else
		nok "$1" "$2: $found
$output"
	fi
}

# fields WHAT FIELDS COMMAND...: a point for a command that succeeds and prints
# JSON lines, at least one, each with these fields at least. Keeps them in $output.
fields() {
	local what=$1 fields=$2 got=0

	shift 2
	output=$("$@" 2>&1) || got=$?
	holds "$what prints JSON with $fields" \
		"$got == 0 and len(o) > 0 and all(f in r for r in o for f in '$fields'.split())"
}

# A process to be written to: $victim, and $address in its memory, of a text. Whoever
# follows it debugs a process that is not its child.
start_victim() {
	[ -p "$scratch/ask" ] || mkfifo "$scratch/ask"
	: >"$scratch/answer"
	"$here/act" hold "intact: do not write here" <"$scratch/ask" >>"$scratch/answer" &
	exec 4>"$scratch/ask"
	grows "$scratch/answer" '^[0-9]+ [0-9]+$'
	read -r victim address <"$scratch/answer"
}
stop_victim() {
	exec 4>&-
	wait "$victim" 2>/dev/null
}

# sandboxed COMMAND...: as a user would start what threats/attack.c has set the stage for.
sandboxed() {
	local t=/var/tmp/threats

	sbpf run --profile untrusted --pids 64 --open-files 256 --file-size 8M \
		--ro $t --deny $t/home/.ssh --rw $t/work -- "$@"
}
export -f sandboxed with_user

# limited OPTION... -- COMMAND...: in the profile of programs that nobody knows, which may
# write to $work.
limited() {
	# shellcheck disable=SC2154 # set by who uses this
	sbpf run --profile untrusted --rw "$work" --ro "$here" --exec "$work" "$@"
}

# Not every kernel does.
counts_bytes() {
	[ -r /proc/self/io ]
}

# needs_cgroups: those that limit memory and CPUs; without, the script says so and ends.
needs_cgroups() {
	mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
	grep -qw memory /sys/fs/cgroup/cgroup.controllers &&
		grep -qw cpu /sys/fs/cgroup/cgroup.controllers && return
	skip "memory and CPUs" "this machine has no such controllers"
	done_testing
	exit
}

# Those that sbpf run has made.
cgroups() {
	find /sys/fs/cgroup -name 'sbpf-*' -type d
}

# attacks LIST: points for all attacks of a list (threats/attack.c), by a user and by
# root: that each works without a sandbox, and is denied and told in one; also if what is
# attacked is in another.
# shellcheck disable=SC2016 # for another shell
attacks() {
	local attack=$here/threats/attack who sibling verdict what details

	for who in user root; do
		# Whoever starts it is the same user, and somebody to be attacked.
		local starter=(bash -c '"$@"; exit' -)
		[ $who = root ] || starter=(with_user "${starter[@]}")
		check "$who: attacks can be tried without a sandbox" bash -c '"$@" >"$0"' \
			"$scratch/outside" "$attack" "$1" $who bash -c '"$@"' - "${starter[@]}" "$attack"
		for sibling in "" --sibling; do
			check "$who: and in one${sibling:+, the victim in another}" \
				bash -c '"$@" >"$0"' "$scratch/inside" "$attack" ${sibling:+"$sibling"} "$1" $who \
				bash -c '"$@"' - "${starter[@]}" bash -c 'sandboxed "$@"' - "$attack"
			sbpf --json events >"$scratch/events"
			"$here/threats/judge.py" "$scratch/outside" "$scratch/inside" \
				"$scratch/events" >"$scratch/verdicts" ||
				nok "$who: the verdict"
			while IFS=$'\t' read -r verdict what details; do
				"$verdict" "$what ($who${sibling:+, $sibling})" "$details"
			done <"$scratch/verdicts"
		done
	done
}
