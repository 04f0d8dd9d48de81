#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# All tests, in the guest: test.sh [OPTIONS of vm.sh] [-- PATTERN...]
#
# Prints TAP 13 as it goes; the last line is "N passed, N failed, N skipped".
# Without patterns there are four machines, one more at a time than this one has
# processors, as each waits now and then: with more they drive each other out of the
# caches, and the same work takes a third more time. Only the first has two processors,
# which to emulate takes longer, too. The second is booted with a list of LSMs that has no
# bpf in it, and so is the third, which first lives through many loadings of the module.
# There must be one processor there: emulation of code that is changed while another
# processor runs it is not always right (seen: an int3 of the kernel's text_poke that was
# executed after it was gone).
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

	# machine PART OPTION...
	machine() {
		"$here/vm.sh" "${options[@]}" "${@:2}" -- $run --part "$1" &
		trap 'kill $!' TERM
		wait $!
		echo "@exit $?"
	}

	# Those that wait most first.
	schedule() {
		local part other

		trap 'kill $(jobs -p) 2>/dev/null' EXIT
		trap 'exit 1' TERM
		for part in 1 3 2 4; do
			while [ "$(jobs -rp | wc -l)" -gt "$(nproc)" ]; do
				wait -n
			done
			other=(--smp 1)
			[ $part != 1 ] || other=()
			[ $part = 1 ] || [ $part = 4 ] || other+=(--append 'lsm=landlock,yama')
			machine $part "${other[@]}" >"$outputs/$part" &
		done
		wait
	}

	echo "TAP version 13"
	if [ $# -gt 0 ]; then
		pass_on < <("$here/vm.sh" "${options[@]}" -- $run "$@"; echo "@exit $?")
	else
		outputs=$(mktemp -d) && mkfifo "$outputs/1" || exit
		schedule &
		scheduler=$!
		trap 'kill $scheduler 2>/dev/null; wait $scheduler; rm -rf "$outputs"' EXIT
		pass_on <"$outputs/1"
		wait $scheduler
		for part in 2 3 4; do
			pass_on <"$outputs/$part"
		done
	fi
	echo "1..$n"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $passed -gt 0 ] && [ $failed = 0 ]
	exit
}
