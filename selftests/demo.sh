#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The story of sbpf, told with real programs on a machine where the module is not
# loaded yet. Each step says what is expected and what has happened; if they
# differ anywhere, the demo fails.
# shellcheck disable=SC2317 # what await and outcome call is reached
set -u
here=$(cd "$(dirname "$0")" && pwd)
demo=$here/demo
policies=/usr/lib/sbpf/policies
pins=/sys/fs/bpf/sbpf
work=$(mktemp -d /tmp/sbpf-demo.XXXXXX)

bold='' dim='' red='' green='' plain=''
if [ -t 1 ]; then
	bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
fi
step=0 checks=0 failures=0 jobs=()

cleanup() {
	[ ${#jobs[@]} = 0 ] || kill -KILL "${jobs[@]}" 2>/dev/null
	rm -rf "$work" "${pins:?}" /sys/fs/bpf/inject
}
trap cleanup EXIT

# step TITLE
step() {
	echo
	echo "${bold}== $((++step)). $1${plain}"
	echo
}

say() {
	printf '   %s\n' "$@"
}

# shows COMMAND...: runs it, command and output to be seen.
shows() {
	echo "   $dim\$$plain $*"
	"$@" 2>&1 | sed 's/^/     /'
	return "${PIPESTATUS[0]}"
}

# outcome EXPECTED HAPPENED [GOOD]: the point of a step; they are the same, or
# GOOD (a command) says that what happened is as expected.
outcome() {
	local want=$1 got=$2 verdict="${green}as expected$plain"

	: $((++checks))
	shift 2
	if [ $# -gt 0 ]; then
		"$@"
	else
		[ "$want" = "$got" ]
	fi || {
		verdict="${red}NOT AS EXPECTED$plain"
		: $((++failures))
	}
	echo
	echo "   expected  $want"
	echo "   happened  $got  ($verdict)"
}

# await COMMAND...: until it succeeds, for 30 seconds at most.
await() {
	local end=$((SECONDS + 30))

	until "$@" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# No step makes sense after the failure of these.
must() {
	"$@" || {
		: $((++failures))
		say "${red}$* failed$plain"
		finish
	}
}

finish() {
	echo
	if [ $failures = 0 ]; then
		echo "${green}All $checks outcomes were as expected.$plain"
		exit 0
	fi
	dmesg | grep 'sbpf: ' | tail -n 20
	echo "${red}$failures of $checks outcomes were not as expected: look for NOT AS EXPECTED above;" \
		"the module's log is above this line.$plain"
	exit 1
}

# A process that listens on a port and does nothing else: somebody else's, for
# the attacks. Leaves its number in $victim, the port in $port.
start_victim() {
	python3 -c '
import signal, socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
signal.pause()' >"$work/port" &
	victim=$!
	jobs+=("$victim")
	disown
	must await grep -q . "$work/port"
	port=$(cat "$work/port")
}

# since_mark: what the kernel has logged after the last mark.
mark() {
	marked="sbpf-demo $$ $RANDOM"
	echo "$marked" >/dev/kmsg
}
since_mark() {
	dmesg | sed "1,/$marked/d"
}

# count FILE OUTCOME: how often opens.py has seen it.
count() {
	awk -v what="$2" '$1 == what { n = $2 } END { print n + 0 }' "$1" 2>/dev/null
}
# more FILE OUTCOME NUMBER: has it been seen more often than that?
more() {
	[ "$(count "$1" "$2")" -gt "$3" ]
}

echo "${bold}sbpf on $(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r), as it comes from Debian$plain"

step "Is this kernel able?"

shows sbpf check
outcome "able, and lacks nothing but the module, which is not loaded yet" \
	"$(sbpf check | awk '$1 == "no" { sub(/^no +/, ""); sub(/:.*/, ""); n++; what = what " " $0 }
		END { if (n == 1 && what == " module")
			print "able, and lacks nothing but the module, which is not loaded yet"
		      else print "lacks:" what }')"

step "One module, one policy, no daemon"

shows modprobe sbpf
mkdir $pins
shows bpftool struct_ops register $policies/strict.bpf.o $pins
say "(bpftool looks for types in the kernel proper only and may crash now; \"sbpf policy load\"" \
	"does the same without that. What counts is what has been registered.)"
shows sbpf policy list
shows sbpf check
outcome "policy strict is registered and sbpf check all green" \
	"$(sbpf policy show strict >/dev/null 2>&1 && echo "policy strict is registered" ||
		echo "policy strict is missing") and sbpf check $(sbpf check >/dev/null &&
		echo "all green" || echo "is not green")"

step "Six attacks of a python3 script, outside of a sandbox and inside"

sbpf --json events --follow >"$work/events" 2>"$work/events.err" &
events=$!
jobs+=("$events")
must await grep -q following "$work/events.err"

start_victim
say "outside, as root: python3 attacks.py"
python3 "$demo/attacks.py" "$victim" "$port" >"$work/outside" 2>&1
start_victim
say "inside, as root:  sbpf run --policy strict --pids 32 --name attacks -- python3 attacks.py"
sbpf run --policy strict --pids 32 --name attacks -- python3 "$demo/attacks.py" "$victim" "$port" \
	>"$work/inside" 2>&1
say ""

# What is the event of an attack that was stopped? The last column tells.
python3 - "$work" "$victim" "$port" >"$work/table" <<'EOT'
import json
import os
import sys
import time

work, victim, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
attacks = {
    "read_shadow": ("read /etc/shadow", "file_open",
                    lambda e: e["path"] == "/etc/shadow" and e["comm"] == "python3"),
    "gdb": ("attach gdb to a process", "ptrace_access_check",
            lambda e: e["target_pid"] == victim and e["comm"] == "gdb"),
    "fork_bomb": ("fork without end", "task_alloc", lambda e: "limit" in e["flags"]),
    "writable_code": ("memory to write and execute", "mmap_file",
                      lambda e: {"write", "exec"} <= set(e["prot"])),
    "connect": ("connect to a port", "socket_connect", lambda e: e["port"] == port),
    "kill": ("kill a process", "task_kill",
             lambda e: e["target_pid"] == victim and e["signal"] == 9),
}


def results(name):
    with open(f"{work}/{name}", encoding="utf-8") as file:
        lines = [line.rstrip("\n").split(" ", 2) for line in file]
    return {line[0]: line[1:] for line in lines if line[0] in attacks}


def denials():
    with open(f"{work}/events", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.endswith("\n")]
    return [e for e in lines if e["type"] == "denied"]


def event_of(op, match):
    end = time.monotonic() + 10
    while True:
        for event in denials():
            if event["op"] == op and match(event):
                return event
        if time.monotonic() > end:
            return None
        time.sleep(0.05)


outside, inside = results("outside"), results("inside")
good = 0
print(f"{'attack':<28} {'outside':<20} {'in the sandbox':<36} event")
for name, (what, op, match) in attacks.items():
    before, after = outside.get(name, ["?", "?"]), inside.get(name, ["?", "?"])
    event = event_of(op, match)
    story = f"#{event['seq']} {op} {event['errno']}" if event else "NONE"
    print(f"{what:<28} {before[1] if before[0] == 'yes' else 'FAILED: ' + before[1]:<20} "
          f"{'denied: ' + after[1] if after[0] == 'no' else 'SUCCEEDED: ' + after[1]:<36} {story}")
    good += before[0] == "yes" and after[0] == "no" and event is not None
print(f"{good} of {len(attacks)} attacks work outside, are denied inside, and have an event")
EOT
sed '$d; s/^/   /' "$work/table"
outcome "6 of 6 attacks work outside, are denied inside, and have an event" \
	"$(tail -n 1 "$work/table")"
outcome "the victim is alive" "the victim is $(kill -0 "$victim" 2>/dev/null && echo alive || echo dead)"

step "The policy is swapped under a running program"

say "Two policies of the same name: one denies a file with EACCES, the other with EPERM." \
	"A loop of opens runs inside. An open that succeeds was asked of neither."
say ""
touch "$work/forbidden"
must sbpf policy load "$demo/swap-eacces.bpf.o" >/dev/null
timeout 300 sbpf run --policy swap --name opens -- \
	python3 "$demo/opens.py" "$work/forbidden" "$work/stop" "$work/counts" &
opens=$!
jobs+=("$opens")
must await more "$work/counts" EACCES 0
swaps=10
followed=0
for ((i = 1; i <= swaps; i++)); do
	if [ $((i % 2)) = 1 ]; then
		verdict=EPERM
	else
		verdict=EACCES
	fi
	before=$(count "$work/counts" $verdict)
	must sbpf policy update swap "$demo/swap-${verdict,,}.bpf.o" >"$work/update"
	await more "$work/counts" $verdict "$before" && : $((++followed))
	say "$(cat "$work/update"): the loop gets $verdict"
done
touch "$work/stop"
wait $opens
eacces=$(count "$work/counts" EACCES) eperm=$(count "$work/counts" EPERM)
total=$(awk '{ n += $2 } END { print n }' "$work/counts")
say "" "$total opens: $eacces EACCES, $eperm EPERM, $((total - eacces - eperm)) anything else."
outcome "$swaps swaps, the loop followed $swaps times, 0 operations were unpoliced" \
	"$swaps swaps, the loop followed $followed times, $((total - eacces - eperm)) operations were unpoliced"
must sbpf policy unload swap >/dev/null

step "Who writes into the memory of whom"

say "An unmodified python3 has an account in its memory, and tells it when asked to. It is attacked by" \
	"each channel there is: a BPF program, \"inject\", that overwrites what it is about to tell, by" \
	"bpf_probe_write_user(); process_vm_writev, ptrace, /proc/PID/mem, a stolen userfaultfd; and" \
	"\"other\", here a uprobe, which is a breakpoint set into its code."
mkfifo "$work/ask"

start_target() {
	: >"$work/account"
	python3 "$demo/target.py" <"$work/ask" >>"$work/account" &
	target=$!
	jobs+=("$target")
	exec 4>"$work/ask"
	must await grep -q . "$work/account"
	read -r _ address page fault <"$work/account"
}
# account: what the target tells.
account() {
	: >"$work/account"
	echo >&4
	await grep -q . "$work/account"
	cat "$work/account"
}
stop_target() {
	exec 4>&-
	wait "$target"
}
# Starts a target and attacks it. What it tells by then and what it has at last are in
# $told and $account, what came of the other attacks in $work/injected, and in
# $work/recorded what the ledger has: channel and verdict. What goes again when the
# uprobe does is no attack.
inject_all() {
	start_target
	mark
	told=$(account)
	python3 "$demo/inject.py" "$target" "$address" "$page" "$fault" >"$work/injected"
	shows sbpf ledger --pid "$target"
	sbpf --json ledger --pid "$target" | python3 -c '
import json, sys
for line in sys.stdin:
    record = json.loads(line)
    if record.get("program") != "set_orig_insn":
        print(record["channel"], record["verdict"])' >"$work/recorded"
	account=$(account)
	stop_target
}
# The kernel's line about the BPF program, if it has all there is to tell.
log_line() {
	since_mark | grep -E "sbpf: bpf write: program \S*_inject\S* into pid $target comm python3 address 0x[0-9a-f]+ length 4: $1\$" |
		sed 's/^\[[^]]*\] //' | head -n 1
}
in_events() {
	grep '"type": *"write"' "$work/events" | grep "\"target_pid\": *$target\\b" |
		grep -q "\"verdict\": *\"$1\""
}
channels="process_vm ptrace registers proc_mem userfaultfd other"
# all FILE WORD [CHANNEL]...: are all channels in it, these first, with that word?
all() {
	local file=$1 word=$2

	shift 2
	# shellcheck disable=SC2086 # words
	[ "$(printf "%s $word\n" "$@" $channels)" = "$(cat "$file")" ] && echo all || echo "not all"
}

# attacked MODE VERDICT ACCOUNT WORD OTHERS: what it tells then, and how other attacks end
attacked() {
	local line

	inject_all
	line=$(log_line "$2")
	say "" "kernel log: ${line:-nothing}"
	outcome "$1: it tells $3, the kernel logs the BPF program, which is an event as well" \
		"$1: it tells $told, the kernel ${line:+logs the BPF program}, which is $(await in_events "$2" && echo "an event as well" || echo "no event")"
	outcome "all others $5, all are on record as $2, it has $3" \
		"$(all "$work/injected" "$4") others $5, $(all "$work/recorded" "$2" bpf) are on record as $2, it has $account"
}

start_target
account=$(account)
stop_target
outcome "without them it tells: balance 100" "without them it tells: $account"

must bpftool prog loadall "$demo/inject.bpf.o" /sys/fs/bpf/inject autoattach
attacked log allowed "EVILnce 100" yes work
shows sbpf guard all=deny
attacked deny denied "balance 100" EPERM "get EPERM"
sbpf guard all=log >/dev/null
rm -r /sys/fs/bpf/inject

step "The owner of a policy dies"

# How many opens of the first loop were denied, and are there more than so many?
denied() {
	awk '$1 != "success" { n += $2 } END { print n + 0 }' "$work/closed"
}
denied_more() {
	[ "$(denied)" -gt "$1" ]
}
state() {
	case $(sbpf --json show "$1") in
	*'"state":"orphan"'*) echo "an orphan" ;;
	*'"state":"live"'*) echo live ;;
	*) echo lost ;;
	esac
}

say "A process registers the policy \"swap\" and pins nothing. Two sandboxes are under it, each" \
	"with a loop of opens of a file that the policy allows; then the owner is killed."
python3 "$demo/owner.py" "$demo/swap-eacces.bpf.o" >"$work/owner" &
owner=$!
jobs+=("$owner")
disown
must await grep -q registered "$work/owner"
touch "$work/allowed"
rm -f "$work/stop"
timeout 300 sbpf run --policy swap --name closed -- \
	python3 "$demo/opens.py" "$work/allowed" "$work/stop" "$work/closed" &
closed=$!
timeout 300 sbpf run --policy swap --name ended --kill-on-loss -- \
	python3 "$demo/opens.py" "$work/allowed" "$work/stop" "$work/ended" &
ended=$!
jobs+=("$closed" "$ended")
must await more "$work/closed" success 0
must await more "$work/ended" success 0
say "" "# kill -KILL $owner"
kill -KILL "$owner"
# From the first denial on nothing may succeed.
await denied_more 0
allowed=$(count "$work/closed" success)
await denied_more $(($(denied) + 200)) && after="all are denied" || after="none is denied"
shows sbpf show closed
outcome "the first sandbox is an orphan: 0 opens succeed, all are denied" \
	"the first sandbox is $(state closed): $(($(count "$work/closed" success) - allowed)) opens succeed, $after"
wait $ended
outcome "the second, run with --kill-on-loss, has been killed: status 137" \
	"the second, run with --kill-on-loss, has been killed: status $?"
sbpf run --policy swap -- true 2>/dev/null
outcome "nothing new runs under the lost policy: status 125" \
	"nothing new runs under the lost policy: status $?"
shows sbpf kill closed
wait $closed

step "Everything unloads"

kill -TERM "$events"
wait "$events"
shows sbpf policy unload strict
shows rmmod sbpf
left() {
	grep '^sbpf ' /proc/modules
	bpftool link list | grep -E 'struct_ops|sbpf'
	bpftool prog list | grep -E 'name (h_|sbpf_)'
	find /sys/fs/bpf -name '*sbpf*'
	grep '\[sbpf\]' /proc/kallsyms
	[ ! -e /dev/sbpf ] || echo /dev/sbpf
}
all_gone() {
	! left | grep -q .
}
await all_gone
outcome "left: nothing" "left: $(left | tr '\n' ';' | grep . || echo nothing)"
bad=$(dmesg | grep -cE 'BUG:|WARNING:|Oops|Call Trace')
outcome "0 complaints in the kernel log" "$bad complaints in the kernel log"
finish
