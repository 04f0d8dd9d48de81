#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whole lives, by the command: insmod, load a policy, run a loop of opens under it,
# replace the policy while it runs, unload it, rmmod. lifecycle_test does the
# same, many times more.
#
# Both policies deny what the loop opens, each with its own errno, so every open
# that succeeds was not policed.
# part: 2
set -u
. "$(dirname "$0")/lib.sh"

cycles=3
swap=$here/demo/swap
module=$(modinfo -n sbpf)
forbidden=$scratch/forbidden
started=$scratch/started
stop=$scratch/stop
result=$scratch/result
touch "$forbidden"
mkfifo "$started"
exec 3<>"$started"

# Only builtins, so that the loop costs no fork.
cat >"$scratch/loop" <<-EOT
	denied=0 passed=0
	while [ ! -e $stop ]; do
		if true <$forbidden; then
			passed=\$((passed + 1))
		else
			denied=\$((denied + 1))
		fi
		[ \$((denied + passed)) != 20 ] || echo >&4
	done 4>$started 2>/dev/null
	echo \$denied \$passed >>$result
EOT

cycle() {
	local loop

	insmod "$module" || return
	sbpf policy load "$swap-eacces.bpf.o" || return
	rm -f "$stop"
	sbpf run --policy swap -- dash "$scratch/loop" &
	loop=$!
	read -r -t $((30 * SLOW)) -u 3 || { kill $loop; return 1; }
	sbpf policy update swap "$swap-eperm.bpf.o" || return
	touch "$stop"
	wait $loop || return
	sbpf policy unload swap || return
	unload_module 15
}

# What there is of each kind of thing that could be left.
measure() {
	local what

	for what in prog map link btf; do
		echo "$what $(bpftool $what list | grep -c '^[0-9]')"
	done
	# Those of the kernel come and go.
	echo "process $(ps -N -p 2 --ppid 2 -o pid= | wc -l)"
	echo "pin $(find /sys/fs/bpf | wc -l)"
}
as_before() {
	measure >"$scratch/now"
	cmp -s "$scratch/before" "$scratch/now"
}

unload_module 15 >/dev/null
measure >"$scratch/before"
for ((i = 1; i <= cycles; i++)); do
	check "insmod, load, run, update, unload, rmmod: cycle $i" cycle
done
same $cycles "$(wc -l <"$result")" "every loop came to its end"
same 0 "$(awk '{ n += $2 } END { print n + 0 }' "$result")" \
	"no open was unpoliced, $(awk '{ n += $1 } END { print n + 0 }' "$result") were denied"
await 15 as_before
same "$(cat "$scratch/before")" "$(cat "$scratch/now")" \
	"no program, map, link, type, process or pin is left"
check "the module can be loaded again" modprobe sbpf
done_testing
