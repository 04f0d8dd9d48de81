#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The ledger by the command, beside debuggers and a compiler at run time.
# part: 2
set -u
. "$(dirname "$0")/lib.sh"

parameters=/sys/module/sbpf/parameters
module=$(modinfo -n sbpf)

# What the victim finds in its memory.
ask() {
	: >"$scratch/answer"
	echo >&4
	grows "$scratch/answer" .
	cat "$scratch/answer"
}

# write_mem TEXT: into the victim's memory, by /proc/PID/mem.
write_mem() {
	printf %s "$1" | dd "of=/proc/$victim/mem" bs=6 "seek=$address" oflag=seek_bytes conv=notrunc status=none
}

start_victim
check "a process writes into another's memory" write_mem broken
same "broken: do not write here" "$(ask)" "and the other finds it there"
known="seq time_ns channel verdict error pid tgid comm uid sandbox target_pid target_tgid"
fields "ledger" "$known target_comm target_uid target_sandbox addr len mapping prot" \
	sbpf --json ledger --pid "$victim"
holds "it is on record" "(len(o) == 1 and o[0]['channel'] == 'proc_mem' and
	o[0]['verdict'] == 'allowed' and o[0]['comm'] == 'dd' and
	o[0]['target_comm'] == 'act' and o[0]['target_pid'] == $victim and
	o[0]['addr'] == $address and o[0]['len'] == 6 and o[0]['prot'] == ['read', 'write'])"
pid=$(json "o[0]['pid']" <<<"$output")
check "ledger shows the same as text" sbpf ledger --pid "$victim"
says "^[0-9]+\.[0-9]{6} [0-9]+ proc_mem dd\[$pid\] to act\[$victim\] $(printf '0x%x' "$address")\+6 (anonymous|heap) read,write: allowed\$" \
	"in one line"
check "it can be told by who wrote, too" sbpf --json ledger --pid "$pid"
holds "and is the same" "len(o) == 1 and o[0]['target_pid'] == $victim"
check "of others there is nothing" sbpf --json ledger --pid 1
same "" "$output" "at all"
check "it is shown as often as one likes" sbpf --json ledger --pid "$victim"
holds "again" "len(o) == 1"

# Who follows sees what comes.
sbpf --json ledger --pid "$victim" --count 3 --timeout $((60 * SLOW)) >"$scratch/followed" &
follower=$!
grows "$scratch/followed" broken || grows "$scratch/followed" proc_mem
write_mem "broken"
write_mem "broken"
wait $follower
same 0 $? "who follows is told"
same 3 "$(wc -l <"$scratch/followed")" "of those that come"
sbpf --json ledger --follow --pid "$victim" >"$scratch/followed" &
follower=$!
grows "$scratch/followed" proc_mem
lines=$(wc -l <"$scratch/followed")
write_mem "broken"
check "with --follow alone one sees them, too" await 60 sh -c \
	"[ \$(wc -l <$scratch/followed) -gt $lines ]"
check "and goes on" kill $follower
wait $follower
same 143 $? "until one is ended"
status 1 "and in vain of those that do not" sbpf ledger --pid 1 --count 1 --timeout 1
says "time is over after 0 of 1 records" "and says so"
for wrong in "--pid x" "--pid 0" "--count 0" "--timeout x" "extra"; do
	# shellcheck disable=SC2086 # words
	status 2 "ledger $wrong is no command" sbpf ledger $wrong
done
status 1 "a user may not read it" with_user sbpf ledger
says "cannot open: /dev/sbpf_ledger: Permission denied" "which is said"

# The guard
fields "guard" "channel mode records denied" sbpf --json guard
holds "each channel is watched" "([r['channel'] for r in o] == ['bpf', 'process_vm', 'ptrace',
	'registers', 'proc_mem', 'userfaultfd', 'other', 'load'] and
	all(r['mode'] == 'log' and 'errno' not in r for r in o))"
check "the guard is shown as text" sbpf guard
says "^proc_mem +log +[1-9][0-9]* +0\$" "with what there was"
check "a mode is set" sbpf guard proc_mem=deny ptrace=confine
same deny "$(cat $parameters/proc_mem_write)" "as that of the module"
same confine "$(cat $parameters/ptrace_write)" "and another"
ask >/dev/null
status 1 "then it is denied" write_mem "beaten"
says "Operation not permitted" "with an error"
same "broken: do not write here" "$(ask)" "and nothing is written"
check "the denial is on record" sbpf --json ledger --pid "$victim"
holds "as such" "o[-1]['verdict'] == 'denied' and o[-1]['error'] == -1"
check "all modes are set at once" sbpf guard all=off
same "off" "$(cat $parameters/*_write $parameters/load | sort -u)" "all of them"
check "then there is no record" sh -c "sbpf --json ledger | wc -l >$scratch/before"
check "of a write" write_mem "unseen"
same "$(cat "$scratch/before")" "$(sbpf --json ledger | wc -l)" "none"
check "sbpf check says that it is off" sbpf check
says "^warn ledger: .* 0 channels watched, 8 off" "for all"
check "and it is on again" sbpf guard all=log
check "sbpf check says that, too" sbpf check
says "^ok +ledger: [0-9]+ records, [0-9]+ of them not kept; 8 channels watched" "for all"
for wrong in bpf bpf= =log bpf=loud nothing=log log "bpf=log x"; do
	# shellcheck disable=SC2086 # words
	status 2 "guard $wrong is no command" sbpf guard $wrong
done
status 1 "a user may not set a mode" with_user sbpf guard all=off
says "modes are set by root" "which is said"
same "log" "$(cat $parameters/*_write $parameters/load | sort -u)" "and nothing has changed"
stop_victim

# Debuggers of their own children
cat >"$scratch/debugged.c" <<-'EOT'
	#include <stdio.h>
	int number = 1;
	int add(int to) { return to + number; }
	int main(void) { printf("%d\n", add(40)); return 0; }
EOT
check "a program is compiled" gcc -g -O0 -o "$scratch/debugged" "$scratch/debugged.c"
cat >"$scratch/gdb" <<-'EOT'
	set confirm off
	break add
	run
	set var to = 42
	set var number = 100
	finish
	continue
EOT
chmod 755 "$scratch/debugged"
debug() {
	with_user gdb -nx -batch -x "$scratch/gdb" "$scratch/debugged" 2>&1
}
trace() {
	with_user strace -f sh -c 'true; echo traced >&2' 2>&1
}
# Of regular expressions; and node, which takes seconds to start, under the strictest mode.
jit() {
	with_user grep -Po '(?<=a)b+(?=c)' <<<abbc
}
for mode in off log confine; do
	check "mode $mode is set for all" sbpf guard all=$mode
	check "gdb sets breakpoints and variables" debug
	says "^142\$" "and they have an effect"
	check "strace traces" trace
	says "\"traced.n\", 7" "what it starts"
	says "execve\(" "each call"
	check "a compiler at run time works" jit
	says "^bb\$" "as it should"
done
check "gdb's writes are on record" sbpf --json ledger
holds "into code" "any(r['comm'] == 'gdb' and r.get('path', '').endswith('/debugged') for r in o)"
check "mode deny is set for all" sbpf guard all=deny
debug >"$scratch/output"
check "gdb sets none then" sh -c "! grep -q '^142\$' $scratch/output"
check "a compiler at run time works" jit
says "^bb\$" "as it should"
check "so does a large one" with_user node -e \
	'let s = 0; for (let i = 0; i < 300000; i++) s += i % 7; console.log(s)'
says "^899997\$" "as it should"
check "modes are as before" sbpf guard all=log

# Two channels that somebody else's programs are on, which came first.
mount=/sys/fs/bpf/sbpf-test-busy
# busy FUNCTION: there is such a program on it, as long as $mount is.
busy() {
	mkdir -p $mount && bpftool prog loadall "$here/scripts/busy-$1.bpf.o" "$mount/$1" autoattach
}
check "the module goes" unload_module 15
check "a fentry program is attached" busy mem_write
check "and another" busy security_bpf_prog
check "the module comes" insmod "$module"
check "a channel cannot be watched, says sbpf check" sbpf check
says "^warn ledger: writes by proc_mem cannot be watched: .*; they are seen as .* EIO\$" "with a reason"
says "^warn ledger: loads of programs cannot be watched: " "so loads of programs"
says "; 6 channels watched, 0 off" "the others are"
check "the kernel log says it" sh -c "dmesg | grep 'sbpf: cannot watch .*mem_write.*fentry'"
check "and the guard" sbpf --json guard
holds "of these only" "[r['channel'] for r in o if 'errno' in r] == ['proc_mem', 'load']"
for channel in proc_mem load; do
	status 1 "it cannot be denied ($channel)" sbpf guard $channel=deny
	says "not supported" "which is said"
done
same "log log" "$(cat $parameters/proc_mem_write $parameters/load | xargs)" "and is not pretended"
start_victim
check "what is written there" write_mem "behind"
check "is seen nevertheless" sbpf --json ledger --pid "$victim"
holds "as something else" "(len(o) == 1 and o[0]['channel'] == 'other' and
	o[0]['program'] in ('mem_rw', 'mem_write') and o[0]['len'] == 6 and o[0]['addr'] == $address)"
check "which can be denied" sbpf guard other=deny
status 1 "then it is" write_mem "beaten"
says "Input/output error" "as the kernel has it there, not EPERM"
same "behind: do not write here" "$(ask)" "and nothing is written"
check "other channels are denied as ever" sbpf guard process_vm=deny
check "and no more" sbpf guard all=log
check "the fentry programs go" rm -r $mount
check "then they can be watched" await 10 sh -c "sbpf guard proc_mem=deny load=log"
check "sbpf check says that" sbpf check
says "^ok +ledger: .*; 8 channels watched" "for all"
status 1 "and denied" write_mem "beaten"
status 255 "now no fentry program can be attached" busy mem_write
rm -rf $mount
check "unless nobody watches" sbpf guard all=off
check "then it can" busy mem_write
check "and goes" rm -r $mount

# Functions that are taken, and the channels that cannot be watched, and only these, then.
taken="mem_write proc_mem
security_bpf_prog load
arch_ptrace ptrace registers
mfill_atomic_copy userfaultfd
pin_user_pages_remote process_vm other"
[ ! -e /sys/bus/event_source/devices/uprobe ] || taken+="
set_swbp other"
# parameter CHANNEL MODE
parameter() {
	[ "$1" = load ] && echo "load=$2" || echo "${1}_write=$2"
}
while read -r function channels; do
	check "the module goes ($function)" unload_module 15
	check "somebody else is there" busy "$function"
	for channel in $channels; do
		status 1 "the module does not come to deny it ($channel)" \
			insmod "$module" "$(parameter "$channel" deny)"
		check "it is not there" sh -c '! grep -q "^sbpf " /proc/modules'
	done
	check "else it comes" insmod "$module"
	check "and tells" sbpf --json guard
	holds "what it cannot watch" \
		"' '.join(r['channel'] for r in o if 'errno' in r) == '$channels'"
	for channel in bpf process_vm ptrace registers proc_mem userfaultfd other load; do
		want=0
		[[ " $channels " != *" $channel "* ]] || want=1
		status $want "$channel can be denied, or not" sbpf guard "$channel=deny"
	done
	# Those of ptrace end where all others would.
	if [ "$function" = arch_ptrace ]; then
		check "nothing is" sbpf guard all=log
		"$here/act" write ptrace "$victim" "$address" "$scratch/stop" 4>&- &
		check "what is written nevertheless is seen" \
			sbpf --json ledger --pid "$victim" --count 1 --timeout $((60 * SLOW))
		holds "as something else" "o[-1]['channel'] == 'other' and 'ptrace' in o[-1]['program']"
		touch "$scratch/stop"
		wait $!
	fi
	check "the fentry program goes" rm -r $mount
	for channel in $channels; do
		check "the module goes" unload_module 15
		check "now it comes to deny it ($channel)" \
			await 10 insmod "$module" "$(parameter "$channel" deny)"
	done
	check "and does" sbpf --json guard
	holds "that" "[r['channel'] for r in o if r['mode'] == 'deny'] == ['$channel']"
done <<<"$taken"
stop_victim
done_testing
