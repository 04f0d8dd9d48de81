#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# All tests, in the guest: test.sh [OPTIONS of vm.sh] [-- PATTERN...]
#
# Prints TAP 13 as it goes; the last line is "N passed, N failed, N skipped".
# Without patterns there are four machines side by side, as each is busy with one
# thing at a time and waits now and then. Only the first has two processors, which to
# emulate takes a third more time for the same work. The second is booted with a list
# of LSMs that has no bpf in it, and so is the third, on which the module lives through
# 200 lives. There must be one processor there: emulation of code that is changed while
# another processor runs it is not always right (seen: an int3 of the kernel's text_poke
# that was executed after it was gone). Half of the time it waits for the kernel to let
# go of what was removed, so that it would be last if the others did not give way.
set -uo pipefail
{
	here=$(cd "$(dirname "$0")" && pwd)
	# Of one machine; quarter of an hour is for a command.
	options=(--timeout 2400)
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	[ $# = 0 ] || shift

	n=0 passed=0 failed=0 skipped=0
	# Prints what a machine printed, its points numbered on, and adds its totals up.
	pass_on() {
		local line more status=lost
		while IFS= read -r line; do
			if [[ $line =~ ^((not )?ok)\ [0-9]+(.*)$ ]]; then
				echo "${BASH_REMATCH[1]} $((++n))${BASH_REMATCH[3]}"
			elif [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
				more=("${BASH_REMATCH[@]:1}")
				: $((passed += more[0])) $((failed += more[1])) $((skipped += more[2]))
			elif [[ $line = @exit\ * ]]; then
				status=${line#* }
			elif [[ $line != 1..* && $line != 'TAP version'* ]]; then
				printf '%s\n' "$line"
			fi
		done
		# 0 and 1 are run.sh's. Anything else counts as a failed test, as
		# there may be no totals at all.
		if [ "$status" != 0 ] && [ "$status" != 1 ]; then
			echo "not ok $((++n)) - the machine: exit status $status"
			: $((++failed))
		fi
	}
	run=/usr/lib/sbpf/selftests/run.sh

	echo "TAP version 13"
	if [ $# -gt 0 ]; then
		pass_on < <("$here/vm.sh" "${options[@]}" -- $run "$@"; echo "@exit $?")
	else
		outputs=$(mktemp -d) || exit
		machines=()
		trap 'kill "${machines[@]}" 2>/dev/null; rm -rf "$outputs"' EXIT
		for part in 2 3 4; do
			lsm=()
			[ $part = 4 ] || lsm=(--append 'lsm=landlock,yama')
			nice -n $((part == 3 ? 0 : 5)) \
				"$here/vm.sh" "${options[@]}" --smp 1 "${lsm[@]}" -- \
				$run --part $part >"$outputs/$part" &
			machines+=($!)
		done
		pass_on < <(nice -n 5 "$here/vm.sh" "${options[@]}" -- $run --part 1
			    echo "@exit $?")
		for part in 2 3 4; do
			wait "${machines[part - 2]}"
			echo "@exit $?" >>"$outputs/$part"
			pass_on <"$outputs/$part"
		done
	fi
	echo "1..$n"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $passed -gt 0 ] && [ $failed = 0 ]
	exit
}
