#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What other sandboxes have missed, as threat-model.rst lists it.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"

check "rules can be loaded" sbpf policy load rules
check "and audit, for who is attacked" sbpf policy load audit
sysctl -q -w dev.tty.legacy_tiocsti=1 kernel.core_pattern=core
mkdir -p /sys/fs/bpf/threats
# A kernel may be built without.
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null
attacks escapes
umount /proc/sys/fs/binfmt_misc 2>/dev/null
rmdir /sys/fs/bpf/threats

# Standard output is passed on, to be written to. All else that is done to it is asked
# about as that of any file.
changes() {
	python3 -ISc '
import fcntl, os, sys
for name, change in {
    "ftruncate": lambda: os.ftruncate(1, 0),
    "fchmod": lambda: os.fchmod(1, 0o777),
    "fchown": lambda: os.fchown(1, os.getuid(), os.getgid()),
    "futimens": lambda: os.utime(1, (1, 1)),
    "fsetxattr": lambda: os.setxattr(1, "user.evil", b"1"),
    "fremovexattr": lambda: os.removexattr(1, "user.evil"),
    "FS_IOC_FSSETXATTR": lambda: fcntl.ioctl(1, 0x401c5820, bytes(28)),
}.items():
    try:
        change()
        print(name, file=sys.stderr)
    except PermissionError as e:
        print(name, e.errno, file=sys.stderr)'
}
export -f changes
mkdir -p /var/tmp/threats/{home/.ssh,work}
notes=/var/tmp/threats/home/notes
for as in "" with_user; do
	echo notes >$notes
	[ -z "$as" ] || chown 1000:1000 $notes
	# shellcheck disable=SC2016 # for another shell
	check "preopened.standard_output (${as:-root}): it can be changed outside" \
		$as bash -c 'changes >>$0' $notes
	same "ftruncate fchmod fchown futimens fsetxattr fremovexattr FS_IOC_FSSETXATTR" \
		"${output//$'\n'/ }" "preopened.standard_output (${as:-root}): each way"
	echo notes >$notes
	before=$(stat -c '%s %a %z' $notes)
	sbpf --json events >/dev/null
	# shellcheck disable=SC2016 # for another shell
	check "preopened.standard_output (${as:-root}): it is there in a sandbox" \
		$as bash -c 'sandboxed bash -c changes >>$0' $notes
	same "ftruncate 13 fchmod 13 fchown 13 futimens 13 fsetxattr 13 fremovexattr 13 FS_IOC_FSSETXATTR 13" \
		"${output//$'\n'/ }" "preopened.standard_output (${as:-root}): and is not changed"
	same "$before" "$(stat -c '%s %a %z' $notes)" \
		"preopened.standard_output (${as:-root}): indeed"
	output=$(sbpf --json events)
	holds "preopened.standard_output (${as:-root}): which is told" \
		"[e['op'] for e in o if e['type'] == 'denied' and e['errno'] == 'EACCES'] == ['path_truncate', 'path_chmod', 'path_chown', 'inode_setattr', 'inode_setxattr', 'inode_removexattr', 'file_ioctl']"
	# shellcheck disable=SC2016 # for another shell
	check "preopened.standard_output (${as:-root}): it can be written to" \
		$as bash -c 'sandboxed echo more >>$0' $notes
	same $'notes\nmore' "$(<$notes)" "preopened.standard_output (${as:-root}): it was"
done

# More events than the recorder has room for: what is lost is told, and nothing that
# is denied is allowed for want of room.
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
check "audit can be unloaded" sbpf policy unload audit
done_testing
