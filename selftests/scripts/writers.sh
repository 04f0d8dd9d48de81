#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module comes and goes under those who write into the memory of others.
set -u
. "$(dirname "$0")/lib.sh"

module=$(modinfo -n sbpf)
start_victim
writers=()
for i in 1 2; do
	"$here/act" write "$victim" "$address" "$scratch/stop" 4>&- 2>"$scratch/writer.$i" &
	writers+=($!)
done
for i in 1 2 3; do
	check "the module goes while others write ($i)" unload_module 30
	check "no probe of it is left" sh -c '! grep -Eq "sbpf|bpf_probe_write_user" /sys/kernel/debug/kprobes/list &&
		! grep -q sbpf /sys/kernel/tracing/enabled_functions'
	check "and comes again" insmod "$module"
	check "to see them" sh -c "sbpf ledger --pid $victim --count 10 --timeout $((60 * SLOW)) >/dev/null"
done
touch "$scratch/stop"
for i in 1 2; do
	wait "${writers[i - 1]}"
	same "0: " "$?: $(cat "$scratch/writer.$i")" "a writer has noticed nothing ($i)"
done
stop_victim
done_testing
