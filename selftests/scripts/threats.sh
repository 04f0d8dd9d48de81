#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The seven mechanisms and the nine malicious processes of threat-model.rst, row by
# row: what works without sbpf is denied by the policy that "sbpf run" uses.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"

check "rules can be loaded" sbpf policy load rules
check "and audit, for who is attacked" sbpf policy load audit
sysctl -q -w net.ipv4.ping_group_range='0 2147483647'
attacks threats

# What a program sees of itself when it looks for a tracer, a filter, a namespace.
traces() {
	grep -E '^(TracerPid|Seccomp|Seccomp_filters|Groups|CapBnd):' /proc/self/status
	readlink /proc/self/ns/*
	env | grep -v '^_=\|^SHLVL='
}
export -f traces
mkdir -p /var/tmp/threats/{home/.ssh,work}
same "$(bash -c traces)" "$(sandboxed bash -c traces)" "detects_the_sandbox.traces (root)"
same "$(with_user bash -c traces)" "$(with_user bash -c 'sandboxed bash -c traces')" \
	"detects_the_sandbox.traces (user)"
# What computes for others does so until its time is over.
status 124 "botnet.mines: outside nothing ends it" timeout 4 sh -c 'while :; do :; done'
for as in "" with_user; do
	sbpf --json events >/dev/null
	status 124 "botnet.mines (${as:-root}): it is ended" \
		$as sbpf run --profile untrusted --cpu-time 1s -- sh -c 'while :; do :; done'
	output=$(sbpf --json events)
	holds "botnet.mines: which is told" \
		"any(e.get('resource') == 'cpu-time' and 'killed' in e['flags'] for e in o)"
done
rm -r /var/tmp/threats
check "no sandbox is left" settle
check "rules can be unloaded" sbpf policy unload rules
check "audit can be unloaded" sbpf policy unload audit
done_testing
