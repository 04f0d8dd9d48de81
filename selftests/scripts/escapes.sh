#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What other sandboxes have missed, as threat-model.rst lists it.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"

check "rules can be loaded" sbpf policy load rules
sysctl -q -w dev.tty.legacy_tiocsti=1 kernel.core_pattern=core
mkdir -p /sys/fs/bpf/threats
attacks escapes
rmdir /sys/fs/bpf/threats

# More events than the recorder has room for: what is lost is told, and nothing that
# is denied is allowed for want of room.
mkdir -p /var/tmp/threats/{home/.ssh,work}
echo secret >/var/tmp/threats/home/.ssh/key
sbpf --json events >/dev/null
check "ring_of_events.filled: everything is denied" sandboxed python3 -ISc '
import sys
for i in range(5000):
    try:
        sys.exit(open("/var/tmp/threats/home/.ssh/key").read())
    except PermissionError:
        pass'
output=$(sbpf --json events)
holds "ring_of_events.filled: what is lost is told" \
	"sum(e['count'] for e in o if e['type'] == 'lost') + sum(e['type'] == 'denied' for e in o) >= 5000 and any(e['type'] == 'lost' for e in o)"
rm -r /var/tmp/threats
check "no sandbox is left" settle
check "rules can be unloaded" sbpf policy unload rules
done_testing
