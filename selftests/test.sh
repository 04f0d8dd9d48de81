#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# All tests, in the guest: test.sh [OPTIONS of vm.sh] [-- PATTERN...]
#
# Prints TAP; the last line is "N passed, N failed, N skipped". Without patterns
# there is a second boot, with a list of LSMs that has no bpf in it.
set -uo pipefail
{
	here=$(cd "$(dirname "$0")" && pwd)
	options=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	[ $# = 0 ] || shift

	totals='0 passed, 0 failed, 0 skipped'
	# boot VM-OPTION... -- RUN-ARGUMENT...: passes on all but the totals.
	boot() {
		local line args=()
		while [ "$1" != -- ]; do args+=("$1"); shift; done
		shift
		while IFS= read -r line; do
			case $line in
			[0-9]*' passed, '*' skipped') totals=$line ;;
			@exit*) status=${line#* } ;;
			*) printf '%s\n' "$line" ;;
			esac
		done < <("$here/vm.sh" "${options[@]}" "${args[@]}" -- \
			/usr/lib/sbpf/selftests/run.sh "$@"; echo "@exit $?")
		# 0 and 1 are run.sh's. Anything else counts as a failed test, as
		# there may be no totals at all.
		[ "$status" -gt 1 ] || return
		read -r passed _ failed _ skipped _ <<<"$totals"
		echo "not ok $((passed + ++failed + skipped)) - the machine: exit status $status"
		totals="$passed passed, $failed failed, $skipped skipped"
	}

	if [ $# -gt 0 ]; then
		boot -- "$@"
	else
		boot -- --more
		boot --append 'lsm=landlock,yama' -- --after "$totals"
	fi
	echo "$totals"
	[[ $totals == [1-9]*' passed, 0 failed'* ]]
	exit
}
