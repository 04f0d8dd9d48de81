#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 7200
#
# Races: what is swapped while a sandbox decides. RACES=1000000 makes that many tries
# of each, however long it takes; else there are as many as fit into three seconds.
# RACE names those that are run, instead of all.
set -u
. "$(dirname "$0")/lib.sh"

race=$here/threats/race

# number NAME: from the last line that race has printed.
number() {
	sed -n "s/.*\\<$1 \\([0-9]*\\).*/\\1/p" <<<"$output"
}

# The policy is replaced until the race ends; that is ended when it was three times,
# which takes a while.
replacing() {
	local racer times=0

	"$race" policy "${RACES:-1000000000}" 0 &
	racer=$!
	while kill -0 $racer 2>/dev/null; do
		sbpf policy update rules $policies/rules.bpf.o >&2 || { kill $racer; return 1; }
		[ $((++times)) -lt 3 ] || [ "${RACES:-}" ] || kill $racer
	done
	wait $racer
}

check "rules can be loaded" sbpf policy load rules
for name in ${RACE:-link directory deep file exec connect address rules policy}; do
	check "$name: the race can be run without a sandbox" "$race" "$name" 1000000 30 outside
	same yes "$([ "$(number wins)" -gt 0 ] && echo yes)" "$name: there it is won"
	if [ "$name" = policy ]; then
		check "$name: the race can be run in a sandbox, the policy replaced" replacing
	else
		check "$name: the race can be run in a sandbox" "$race" "$name" "${RACES:-1000000}" \
			"$([ "${RACES:-}" ] && echo 0 || echo 3)"
	fi
	same 0 "$(number wins)" "$name: never won in $(number tries) tries"
	# Else nothing was swapped when it mattered.
	same yes "$([ "$(number denied)" -gt 0 ] && [ "$(number allowed)" -gt 0 ] &&
		[ "$(number swaps)" -gt 0 ] && echo yes)" "$name: both sides were seen"
	echo "# $name: $output"
done
check "no sandbox is left" settle
check "rules can be unloaded" sbpf policy unload rules
done_testing
