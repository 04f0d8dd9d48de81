#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module comes and goes under those who write into the memory of others.
set -u
. "$(dirname "$0")/lib.sh"

module=$(modinfo -n sbpf)
start_victim
ways=(process_vm proc_mem ptrace bpf userfaultfd registers load)
[ ! -e /sys/bus/event_source/devices/uprobe ] || ways+=(other)
writers=()
for way in "${ways[@]}"; do
	what=("$way" "$scratch/stop")
	case $way in process_vm|proc_mem|ptrace)
		what=("$way" "$victim" "$address" "$scratch/stop") ;;
	esac
	"$here/act" write "${what[@]}" 4>&- 2>"$scratch/writer.$way" &
	writers+=($!)
done

# all_seen COUNT: in the time that the ways together take, each is recorded, or denied.
all_seen() {
	local channels

	channels=$(sbpf --json guard | json "' '.join(r['channel'] for r in o if r['$1'])")
	for way in "${ways[@]}"; do
		[[ " $channels " = *" $way "* ]] || return
	done
}
for mode in log log confine deny; do
	check "the module goes while others write" unload_module 30
	check "no probe of it is left" sh -c '! grep -Eq "sbpf|bpf_probe_write_user" /sys/kernel/debug/kprobes/list &&
		! grep -q sbpf /sys/kernel/tracing/enabled_functions'
	# shellcheck disable=SC2046 # words
	check "and comes again ($mode)" insmod "$module" \
		$(printf "%s=$mode " {bpf,process_vm,ptrace,registers,proc_mem,userfaultfd,other}_write load)
	check "to see them by each way" await 60 all_seen records
	check "how they are denied is shown" sbpf --json guard
	case $mode in
	log) holds "nothing" "not any(r['denied'] for r in o)" ;;
	confine) holds "only BPF" "[r['channel'] for r in o if r['denied']] == ['bpf']" ;;
	deny)
		check "all of it" await 60 all_seen denied
		check "and nothing else" sbpf --json guard
		# But for the going of uprobes, and a load that was on its way.
		holds "is done" "all(r['records'] - r['denied'] <= (r['channel'] == 'load')
			for r in o if r['channel'] != 'other')" ;;
	esac
done
check "the module goes while others are denied" unload_module 30
touch "$scratch/stop"
for i in "${!ways[@]}"; do
	wait "${writers[i]}"
	same "0: " "$?: $(cat "$scratch/writer.${ways[i]}")" "a writer has noticed nothing (${ways[i]})"
done
stop_victim
done_testing
