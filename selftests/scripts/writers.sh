#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module comes and goes under those who write into the memory of others.
set -u
. "$(dirname "$0")/lib.sh"

module=$(modinfo -n sbpf)
start_victim
ways=(process_vm proc_mem ptrace bpf userfaultfd)
writers=()
for way in "${ways[@]}"; do
	what=("$way" "$victim" "$address" "$scratch/stop")
	case $way in bpf|userfaultfd) what=("$way" "$scratch/stop") ;; esac
	"$here/act" write "${what[@]}" 4>&- 2>"$scratch/writer.$way" &
	writers+=($!)
done

# In the time that the ways together take, each is seen.
all_seen() {
	local channels

	channels=$(sbpf --json guard | json "' '.join(r['channel'] for r in o if r['records'])")
	for way in "${ways[@]}"; do
		[[ " $channels " = *" $way "* ]] || return
	done
}
for i in 1 2 3; do
	check "the module goes while others write ($i)" unload_module 30
	check "no probe of it is left" sh -c '! grep -Eq "sbpf|bpf_probe_write_user" /sys/kernel/debug/kprobes/list &&
		! grep -q sbpf /sys/kernel/tracing/enabled_functions'
	check "and comes again" insmod "$module"
	check "to see them" sh -c "sbpf ledger --pid $victim --count 10 --timeout $((60 * SLOW)) >/dev/null"
	check "by each way" await 60 all_seen
done
touch "$scratch/stop"
for i in "${!ways[@]}"; do
	wait "${writers[i]}"
	same "0: " "$?: $(cat "$scratch/writer.${ways[i]}")" "a writer has noticed nothing (${ways[i]})"
done
stop_victim
done_testing
