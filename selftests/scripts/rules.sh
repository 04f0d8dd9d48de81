#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Path rules, by the command and by real programs.
# part: 4
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

# What there is can be asked for.
in_rules "${r[@]}" --connect tcp:10.0.0.0/8:80-90 --deny-connect any:25 --device c:1:3 \
	--allow trace --name asked -- sleep 1000 &
first=$!
await 20 sh -c 'sbpf show asked | grep -q sleep'
check "rules of a sandbox can be shown" sbpf show --rules asked
says "path +[0-9]+:[0-9]+ inode $(stat -c %i "$tree/secret") +allow - deny read-file,read-dir" \
	"those about files"
says 'net +10.0.0.0/8 ports 80-90 +allow tcp-connect deny -' "and about addresses"
says 'net +0.0.0.0/0 port 25 +allow - deny tcp-connect,udp-connect,udp-send' "denied ones too"
says 'device +c:1:3 +allow read,write' "and about devices"
says 'rights +allow trace' "and rights"
output=$(sbpf --json show --rules asked)
holds "as JSON, too" "[e for e in o if e['rule'] == 'path' and
	e['ino'] == $(stat -c %i "$tree/work") and 'create-file' in e['allow'] and not e['deny']]"
sbpf kill asked
wait $first
status 1 "of none there are none" sbpf show --rules nobody

# What is done to names.
w=$tree/work
check "below writable a file can be created" in_rules "${r[@]}" -- touch "$w/new"
check "and removed" in_rules "${r[@]}" -- rm "$w/new"
check "and a directory" in_rules "${r[@]}" -- sh -c "mkdir '$w/d' && mv '$w/d' '$w/e' && rmdir '$w/e'"
check "and a symbolic link, a pipe" in_rules "${r[@]}" -- sh -c "ln -s x '$w/s' && mkfifo '$w/p' && rm '$w/s' '$w/p'"
check "and the mode changed" in_rules "${r[@]}" -- chmod 600 "$w/file"
for act in "touch $tree/new" "mkdir $tree/new" "ln -s x $tree/new" "mkfifo $tree/new" \
	   "rm -f $tree/file" "rmdir $tree/outside" "chmod 600 $tree/file" "chown 1 $tree/file" \
	   "mv $tree/file $tree/new" "ln $tree/file $tree/new" "truncate -s 0 $tree/file" \
	   "mknod $w/new c 1 3" "rm -f $w/inner/file" "mv $tree/secret $w/new" \
	   "mv $w/inner $tree/new" "mv $w/file $tree/new"; do
	# shellcheck disable=SC2086 # words
	status 1 "elsewhere it cannot: $act" in_rules "${r[@]}" -- $act
	says 'Permission denied|Operation not permitted|cross-device' "for want of permission: $act"
done
check "nothing has changed" sh -c "cd '$tree' && [ \"\$(cat file secret/key work/inner/file | xargs)\" = 'text secret inner' ] &&
	[ ! -e new ] && [ ! -e work/new ] && [ -d outside ] && [ \"\$(stat -c %a:%u file)\" = 644:0 ]"
# Rights go with the place: from read-only to writable would give some.
mkdir "$w/two"
check "a link within writable is allowed" in_rules "${r[@]}" -- sh -c "ln '$w/file' '$w/two/l' && rm '$w/two/l'"
touch "$w/x" "$w/two/y"
check "so is an exchange" in_rules "${r[@]}" -- "$here/act" exchange "$w/x" "$w/two/y"
status 18 "an exchange that would give rights fails with EXDEV" \
	in_rules "${r[@]}" --rw "$w/two" --exec "$w/two" -- "$here/act" exchange "$w/x" "$w/two/y"
rm -r "$w/two" "$w/x"

# Nor does what is above it, in whose place there would be no rule.
mkdir -p "$w/a/b/kept" "$w/c/d"
above=("${r[@]}" --ro "$w/a/b/kept")
for act in "mv $w/a $w/gone" "mv $w/a/b $w/a/gone" "mv $w/a/b $w/c/b"; do
	# shellcheck disable=SC2086 # words
	status 1 "what is above an object with a rule stays: $act" in_rules "${above[@]}" -- $act
	says 'Permission denied' "with EACCES: $act"
done
status 13 "nor is it exchanged" in_rules "${above[@]}" -- "$here/act" exchange "$w/c" "$w/a"
check "it is where it was" test -d "$w/a/b/kept"
check "beside it a directory can be renamed" in_rules "${above[@]}" -- sh -c "mv '$w/c/d' '$w/a/d' && mv '$w/a/d' '$w/a/e'"
check "without that rule so can the one above" in_rules "${r[@]}" -- sh -c "mv '$w/a' '$w/c/a' && mv '$w/c/a' '$w/f'"
rm -r "$w/c" "$w/f"

# An object with a rule does not make room for one without.
for act in "mv $w/inner $w/gone" "mv $w/gone2 $w/inner/x"; do
	mkdir -p "$w/gone2"
	# shellcheck disable=SC2086 # words
	status 1 "what is read-only within writable stays: $act" in_rules "${r[@]}" -- $act
done
status 13 "nor can it be exchanged" in_rules "${r[@]}" -- "$here/act" exchange "$w/inner" "$w/gone2"
rmdir "$w/gone2"
check "it is still there" cat "$w/inner/file"

# Opened for ioctls only.
modprobe -q loop
await 5 test -e /dev/loop-control
status 0 "a device that may be read can be" in_rules --ro /dev --device /dev/loop-control:r -- \
	"$here/act" open /dev/loop-control 0
status 13 "an open for neither reading nor writing wants both" in_rules --ro /dev --device /dev/loop-control:r -- \
	"$here/act" open /dev/loop-control 3

# Mounts, by whoever has a user namespace of its own.
chmod 755 "$scratch" "$tree"
chmod 777 "$w"
mkdir -p "$w/mnt"
m="mount --bind $tree/secret $w/mnt && cat $w/mnt/key"
check "outside a mount in a user namespace leads there" with_user unshare -Urm --propagation unchanged sh -c "$m"
status 32 "inside it is denied" with_user sbpf run --allow userns --ro /usr --ro /etc --rw /proc --rw "$w" -- \
	unshare -Urm --propagation unchanged sh -c "mount --bind $tree/secret $w/mnt"

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
# shellcheck disable=SC2086 # words
for act in "touch -d @1" "setfattr -n user.x -v x"; do
	check "outside: $act" $act "$tree/work/mount/x"
	status 1 "without a rule about it not: $act" in_rules "${r[@]}" -- $act "$tree/work/mount/x"
	check "with one it is: $act" in_rules "${r[@]}" --rw "$tree/work/mount" -- $act "$tree/work/mount/x"
	status 1 "read-only it is not: $act" in_rules "${r[@]}" --ro "$tree/work/mount" -- $act "$tree/work/mount/x"
	status 1 "nor denied: $act" in_rules "${r[@]}" --rw "$tree/work/mount" --deny "$tree/work/mount/x" -- \
		$act "$tree/work/mount/x"
done
umount "$tree/work/mount"

# An overlay: rules are about what is seen, not about what lies beneath.
o=$scratch/overlay
mkdir -p "$o"/{lower/dir,upper,work,merged}
echo low | tee "$o/lower/dir/file" >"$o/lower/dir/other"
cp /bin/true "$o/lower/true"
mount -t overlay -o "lowerdir=$o/lower,upperdir=$o/upper,workdir=$o/work,userxattr" none "$o/merged"
check "a directory of an overlay can be listed" in_rules --ro "$o/merged" -- ls "$o/merged" "$o/merged/dir"
check "and a file copied up" in_rules --rw "$o/merged" \
	--capability default --capability dac_read_search -- sh -c "echo more >>'$o/merged/dir/file'"
same "low more" "$(xargs <"$o/upper/dir/file")" "and written"
status 2 "what may be read only is not" in_rules --ro "$o/merged" -- sh -c "echo more >>'$o/merged/dir/other'"
status 1 "what is beneath has no rule" in_rules --ro "$o/merged" -- cat "$o/lower/dir/other"
status 2 "nor can it be listed" in_rules --ro "$o/merged" -- ls "$o/lower/dir"
m="
import ctypes, sys
f = open('$o/merged/true', 'rb')
c = ctypes.CDLL(None, use_errno=True)
c.mmap.restype = ctypes.c_void_p
a = c.mmap(None, 4096, 1, 2, f.fileno(), 0)
sys.exit(c.mprotect(ctypes.c_void_p(a), 4096, 5) and ctypes.get_errno())"
check "a file of an overlay can be made code of" in_rules --ro "$o/merged" -- python3 -ISc "$m"
status 13 "where that is allowed" in_rules --rw "$o/merged" -- python3 -ISc "$m"
umount "$o/merged"

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
