#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tracepoints, as a tracing tool without knowledge of sbpf uses them: through
# the files of tracefs.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"

tracefs=/sys/kernel/tracing
events=$tracefs/events/sbpf

# has FIELD...: points for what $line has, each as a regular expression.
has() {
	local field

	for field in "$@"; do
		if [[ " $line " =~ \ $field\  ]]; then
			ok "the line has $field"
		else
			nok "the line has $field" "$line"
		fi
	done
}

for event in sbpf_control sbpf_denied sbpf_error sbpf_load sbpf_note sbpf_sandbox sbpf_write; do
	check "$event has a format" grep -q "^name: $event\$" $events/$event/format
	missing=
	for field in seq sandbox layer policy generation op error pid tgid comm \
		     target_pid number addr len ino dev port text; do
		grep -Eq "field:.*[ ]$field(\[[0-9]*\])?;" $events/$event/format ||
			missing+=" $field"
	done
	same "" "$missing" "$event has all fields"
done

echo 0 >$events/enable
echo >$tracefs/trace
sbpf policy load strict

# Nothing is traced that was not asked for.
sbpf run --policy strict -- cat /etc/shadow >/dev/null 2>&1
check "nothing is traced by itself" sh -c "! grep -q sbpf_ $tracefs/trace"

echo 1 >$events/sbpf_denied/enable
echo 1 >$events/sbpf_sandbox/enable
sbpf run --policy strict --name traced -- cat /etc/shadow >/dev/null 2>&1
sbpf run --policy strict -- cat /etc/hostname >/dev/null
settle
echo 0 >$events/enable

grep sbpf_denied: $tracefs/trace >"$scratch/denied"
same 1 "$(wc -l <"$scratch/denied")" "a denial is one line, what is allowed is none"
line=$(cat "$scratch/denied")
has "seq=[1-9][0-9]*" "sandbox=[1-9][0-9]*" layer=1 policy=strict generation=1 \
	op=file_open "errno=-(1|13)" "pid=[1-9][0-9]*" "tgid=[1-9][0-9]*" comm=cat \
	"ino=$(stat -c %i /etc/shadow)" text=/etc/shadow

# shellcheck disable=SC2016 # awk's own
# Created, entered and destroyed, in this order and under growing numbers.
check "the lives of the two sandboxes are traced" awk '
	/sbpf_sandbox:/ {
		match($0, / seq=[0-9]+/); seq = substr($0, RSTART + 5, RLENGTH - 5) + 0
		match($0, / sandbox=[0-9]+/); id = substr($0, RSTART + 9, RLENGTH - 9)
		if (seq <= last[id]) bad = 1
		last[id] = seq
		sub(/.*text=/, ""); life[id] = life[id] " " $1
	}
	END {
		for (id in life) { n++; if (life[id] != " created entered destroyed") bad = 1 }
		for (id in life) print id ":" life[id]
		exit bad || n != 2
	}' $tracefs/trace

echo 1 >$events/enable
check "all can be enabled at once" sbpf run --policy strict -- true
echo 0 >$events/enable
check "disabled, they trace nothing more" sh -c "
	echo >$tracefs/trace
	sbpf run --policy strict -- cat /etc/shadow >/dev/null 2>&1
	! grep -q sbpf_ $tracefs/trace"

# A write into the memory of another process, with all that is known of it.
check "mem_write has a format" grep -q '^name: mem_write$' $events/mem_write/format
missing=
for field in seq time_ns sandbox target_sandbox addr len channel error pid tgid uid target_pid target_tgid \
	     target_uid request program_id mapping prot tag writer target_comm program path; do
	grep -Eq "field:.*[ ]$field(\[[0-9]*\])?;" $events/mem_write/format || missing+=" $field"
done
same "" "$missing" "mem_write has all fields"
echo >$tracefs/trace
echo 1 >$events/mem_write/enable
sleep 60 &
victim=$!
await 10 sh -c "grep -q sleep /proc/$victim/comm"
address=$(sed -n 's/^\([0-9a-f]*\)-.*\[stack\]$/\1/p' /proc/$victim/maps)
writer=$(python3 -ISc "
import os
mem = os.open('/proc/$victim/mem', os.O_RDWR)
os.pwrite(mem, b'traced', 0x$address + 64)
print(os.getpid())")
echo 0 >$events/mem_write/enable
grep mem_write: $tracefs/trace >"$scratch/written"
same 1 "$(wc -l <"$scratch/written")" "a write is one line"
line=$(cat "$scratch/written")
has "seq=[1-9][0-9]*" "time_ns=[1-9][0-9]*" channel=proc_mem errno=0 "pid=$writer" "tgid=$writer" comm=python3 \
	uid=0 sandbox=0 program= program_id=0 tag=0000000000000000 "target_pid=$victim" \
	"target_tgid=$victim" target_comm=sleep target_uid=0 target_sandbox=0 request=0x0 \
	"addr=0x$(printf '%x' $((0x$address + 64)))" len=6 mapping=stack prot=3 path=
kill $victim

# The load of a BPF program and its first write, by the tracepoint and by the command: what
# runs goes on until it is stopped, so that the program can be looked at.
echo >$tracefs/trace
echo 'traceoff if channel == 0' >$events/mem_write/trigger
echo 1 >$events/mem_write/enable
"$here/act" write bpf "$scratch/stop" &
writer=$!
check "a BPF program writes" await 10 grep -q ' channel=bpf ' $tracefs/trace
kill -STOP $writer
echo 0 >$events/mem_write/enable
echo '!traceoff if channel == 0' >$events/mem_write/trigger
echo 1 >$tracefs/tracing_on
program=$(bpftool prog show --json name act)
id=$(json "o[0]['id']" <<<"$program") tag=$(json "o[0]['tag']" <<<"$program")
line=$(grep ' channel=load ' $tracefs/trace)
load_seq=${line#* seq=} load_seq=${load_seq%% *}
has channel=load errno=0 "pid=$writer" "tgid=$writer" comm=act uid=0 sandbox=0 program=act \
	"program_id=$id" "tag=$tag" target_pid=0 target_tgid=0 target_comm= target_uid=0 \
	target_sandbox=0 request=0x11 addr=0x0 len=7 mapping=none prot=0 \
	"path=calls bpf_probe_write_user"
line=$(grep ' channel=bpf ' $tracefs/trace)
seq=${line#* seq=} seq=${seq%% *}
address=${line#* addr=} address=${address%% *}
has channel=bpf errno=0 "pid=$writer" "tgid=$writer" comm=act uid=0 sandbox=0 program=act \
	"program_id=$id" "tag=$tag" "target_pid=$writer" "target_tgid=$writer" target_comm=act \
	target_uid=0 target_sandbox=0 request=0x0 "addr=0x[1-9a-f][0-9a-f]*" len=4 mapping=file \
	prot=3 path=.../act
check "the ledger has both" sbpf --json ledger --pid $writer
known="[r for r in o if r['seq'] == %d and r.pop('seq') and r.pop('time_ns')]"
same_writer="'verdict': 'allowed', 'error': 0, 'pid': $writer, 'tgid': $writer, 'comm': 'act',
	'uid': 0, 'sandbox': 0, 'program': 'act', 'program_id': $id, 'tag': '$tag'"
# shellcheck disable=SC2059 # a format
holds "the load" "$(printf "$known" "$load_seq") == [{'channel': 'load', $same_writer,
	'program_type': 'raw_tracepoint', 'harm': 'calls bpf_probe_write_user',
	'instructions': 7}]"
# shellcheck disable=SC2059 # a format
holds "the write" "$(printf "$known" "$seq") == [{'channel': 'bpf', $same_writer,
	'target_pid': $writer, 'target_tgid': $writer, 'target_comm': 'act', 'target_uid': 0,
	'target_sandbox': 0, 'addr': $address, 'len': 4, 'mapping': 'file',
	'path': '.../act', 'prot': ['read', 'write']}]"
touch "$scratch/stop"
kill -CONT $writer
wait $writer
same 0 $? "and it has noticed nothing"

# What is asked of ptrace(2).
rm "$scratch/stop"
"$here/act" write registers "$scratch/stop" &
writer=$!
check "registers are written" sbpf --json ledger --pid $writer --count 1 --timeout $((60 * SLOW))
holds "on request" "o[-1]['channel'] == 'registers' and o[-1]['request'] == 'POKEUSER'"
touch "$scratch/stop"
wait $writer

sbpf policy unload strict
done_testing
