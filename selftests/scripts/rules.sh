#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Path rules, by the command and by real programs.
set -u
. "$(dirname "$0")/lib.sh"

check "rules can be loaded" sbpf policy load rules
tree=$scratch/tree
mkdir -p "$tree/work/inner" "$tree/secret" "$tree/outside"
echo text >"$tree/file"
echo secret >"$tree/secret/key"
echo work >"$tree/work/file"
echo inner >"$tree/work/inner/file"
cp /bin/true "$tree/work/true"

# in RULES... -- COMMAND...
in_rules() {
	sbpf run --ro /usr --ro /etc "$@"
}
r=(--ro "$tree" --deny "$tree/secret" --rw "$tree/work" --ro "$tree/work/inner")

# Controls: without rules all of it works.
check "outside the key can be read" cat "$tree/secret/key"
check "outside the file can be written" sh -c "echo text >'$tree/file'"

check "what is allowed can be read" in_rules "${r[@]}" -- cat "$tree/file"
same text "$output" "and has its contents"
status 1 "what is denied in an allowed tree cannot" in_rules "${r[@]}" -- cat "$tree/secret/key"
says 'Permission denied' "with EACCES"
status 2 "nor can the directory be listed" in_rules "${r[@]}" -- ls "$tree/secret"
check "another directory can be listed" in_rules "${r[@]}" -- ls "$tree"
status 2 "what is allowed to be read cannot be written" \
	in_rules "${r[@]}" -- sh -c "echo bad >'$tree/file'"
same text "$(cat "$tree/file")" "and keeps its contents"
check "what is allowed to be written can be" in_rules "${r[@]}" -- sh -c "echo more >>'$tree/work/file'"
same "work more" "$(xargs <"$tree/work/file")" "and has been"
status 2 "read-only within writable is read-only" \
	in_rules "${r[@]}" -- sh -c "echo bad >'$tree/work/inner/file'"
status 126 "what is writable cannot be executed" in_rules "${r[@]}" -- sh -c "'$tree/work/true'"
check "unless that is allowed too" in_rules "${r[@]}" --exec "$tree/work" -- sh -c "'$tree/work/true'"
check "the command itself can be" in_rules "${r[@]}" -- "$tree/work/true"
status 1 "what no rule is about cannot be read" in_rules "${r[@]}" -- cat /proc/self/status
status 126 "nor executed" sbpf run --ro "$tree" -- /bin/true

# Ways around the names.
ln -s "$tree/secret/key" "$tree/work/link"
status 1 "a symbolic link does not lead there" in_rules "${r[@]}" -- cat "$tree/work/link"
status 1 "nor do dots" in_rules "${r[@]}" -- cat "$tree/work/../secret/key"
mkdir "$tree/work/mount"
mount --bind "$tree/secret" "$tree/work/mount"
status 1 "nor does a bind mount of the denied directory" \
	in_rules "${r[@]}" -- cat "$tree/work/mount/key"
umount "$tree/work/mount"
mount --bind "$tree/outside" "$tree/work/mount"
echo mounted >"$tree/outside/file"
check "what is mounted below an allowed directory is allowed" \
	in_rules "${r[@]}" -- cat "$tree/work/mount/file"
umount "$tree/work/mount"
mount -t tmpfs none "$tree/work/mount"
check "so is another file system there" in_rules "${r[@]}" -- sh -c "echo x >'$tree/work/mount/x'"
umount "$tree/work/mount"

# Rules hold their objects, and go with the sandbox.
mount -t tmpfs none "$tree/work/mount"
check "a sandbox with a rule about a mount" sbpf run --ro /usr --rw "$tree/work/mount" -- /bin/true
check "leaves the mount free" await 10 umount "$tree/work/mount"

# Mistakes.
status 125 "a rule about nothing is refused" sbpf run --ro "$tree/none" -- true
says 'No such file' "with the reason"
says "none" "and the path"

check "an unprivileged user can use rules" with_user sbpf run --ro /usr --ro /etc -- cat /etc/hostname
status 1 "and is bound by them" with_user sbpf run --ro /usr -- cat /etc/hostname
output=$(sbpf --json events)
holds "denials are events with the path" \
	"any(e.get('type') == 'denied' and e.get('policy') == 'rules' and str(e.get('path', e.get('text', ''))).endswith('/secret/key') for e in o)"
check "rules can be unloaded" sbpf policy unload rules
done_testing
