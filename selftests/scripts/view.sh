#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Private views of files and processes: overlays, what becomes of them, pids.
# shellcheck disable=SC2016 # what shells inside expand
# part: 2
set -u
. "$(dirname "$0")/lib.sh"

check "policies can be loaded" sh -c "sbpf policy load strict && sbpf policy load rules"

# in_view COMMAND...: keeps the number of the view, or nothing, in $view.
in_view() {
	local got=0

	output=$("$@" 2>&1) || got=$?
	view=$(sed -n 's/.*sbpf: view \([0-9]*\): .*/\1/p' <<<"$output")
	return $got
}
# $user: how to become whom, $home: where that one keeps files.
both() {
	user='' home=/root kept=/var/lib/sbpf/views as=''
	"$@"
	user=with_user home=/home/user kept=/home/user/.local/state/sbpf/views as=', as a user'
	"$@"
}
fresh() {
	rm -rf "$tree"
	$user sh -c 'mkdir -p "$1/dir/deep" "$1/gone/deep" && cd "$1" &&
		for f in file dir/file dir/deep/file gone/file gone/deep/file; do echo $f >$f; done &&
		touch -d "2020-02-02 02:02:02.123456789" dir/file' - "$tree"
}
state() {
	(cd "$tree" && find . -printf '%p %y %m %U %s %l %T@\n' | sort &&
		find . -type f -print0 | sort -z | xargs -0 cat)
}
acts='echo more >>file && rm -r gone && mkdir new && echo new >new/file && ln -s ../file new/link &&
	mkfifo new/fifo && chmod 700 dir/deep && mv dir/file dir/moved && rm dir/deep/file &&
	mkdir dir/deep/file && echo in >dir/deep/file/in && touch -d 2021-01-01 new/file'

untimed='/\/\(link\|fifo\|in\) \|^\.\/file /s/ [0-9.]*$//'

# 1. What an overlay keeps apart, what diff shows of it, and its ends.
overlay() {
	tree=$home/tree
	fresh
	check "outside the acts change the tree$as" $user sh -c "cd '$tree' && $acts"
	want=$(state)
	fresh
	before=$(state)
	in_view $user sh -c "cd '$tree' && sbpf run --policy strict --overlay . -- sh -c '$acts && cat file && cat new/file'"
	same 0 $? "they work in a view$as"
	says '^more$' "which shows them$as"
	says "sbpf: view [0-9]+: .*sbpf diff [0-9]+.*sbpf commit [0-9]+ or sbpf discard [0-9]+" \
		"and whose number is told$as"
	same "$before" "$(state)" "and outside nothing has changed$as"
	check "diff$as" $user sbpf diff "$view"
	same "M $tree/dir/deep/ (mode 0755 -> 0700)
M $tree/dir/deep/file/ (file -> directory)
A $tree/dir/deep/file/in
D $tree/dir/file
A $tree/dir/moved
M $tree/file
D $tree/gone/
A $tree/new/
A $tree/new/fifo
A $tree/new/file
A $tree/new/link" "$output" "diff has each change$as"
	fields "diff$as" "change type mode uid path" $user sbpf --json diff "$view"
	holds "diff --json has types$as" "[(r['old_type'], r['type'], r['change']) for r in o
		if r['path'].endswith('deep/file')] == [('file', 'directory', 'modified')]"
	check "the view is listed$as" $user sbpf diff
	says "^ *$view ended $tree\$" "with what it is over$as"
	check "commit$as" $user sbpf commit "$view"
	says "view $view: committed, 11 changes" "says so$as"
	# But for the times of directories, and of what was changed at different times.
	same "$(grep -v ' d ' <<<"$want" | sed "$untimed")" "$(state | grep -v ' d ' | sed "$untimed")" \
		"and then the tree is as if it had been done there$as"
	same "" "$(find "$tree" -name '*sbpf*')" "and nothing of ours is left in it$as"
	status 1 "a view ends once$as" $user sbpf discard "$view"
	says "no such view: $view" "discard says so$as"
	same last "$(ls "$kept")" "nothing of it is kept$as"

	fresh
	before=$(state)
	in_view $user sbpf run --policy strict --overlay "$tree" -- sh -c "echo more >>$tree/file"
	old=$view
	check "discard$as" $user sbpf discard "$view"
	same "$before" "$(state)" "changes nothing$as"
	in_view $user sbpf run --policy strict --overlay "$tree" -- cat "$tree/file"
	same "file" "$output" "a view without changes is not told of$as"
	same last "$(ls "$kept")" "nor kept$as"
	in_view $user sbpf run --policy strict --overlay "$tree" -- sh -c "exec 3>>$tree/file"
	same "" "$view" "nor is one in which a file was only opened$as"
	in_view $user sbpf run --policy strict --overlay "$tree" -- touch "$tree/x"
	check "numbers are not used again$as" test "$view" -gt "$old"
	status 2 "its kept copies cannot be reached inside$as" \
		$user sbpf run --policy strict --overlay "$tree" -- ls "$kept/$view"
	check "outside they can$as" $user ls "$kept/$view/0/upper/x"
	$user sbpf discard "$view" >/dev/null
	status 7 "the exit status is the command's$as" $user sbpf run --policy strict --overlay "$tree" -- sh -c 'exit 7'
	status 127 "not found is as without a view$as" $user sbpf run --policy strict --overlay "$tree" -- /nowhere
	status 125 "no such directory$as" $user sbpf run --policy strict --overlay /nowhere -- true
	says -- '--overlay: /nowhere: No such file' "is told$as"
	status 125 "a rule about nothing$as" $user sbpf run --overlay "$tree" --ro /nowhere -- true
	says 'No such file' "is told$as"
	same last "$(ls "$kept")" "and nothing is left of the views$as"
}
both overlay

# 2. With rules, which are about what is seen in the view.
with_rules() {
	tree=$home/tree
	fresh
	in_view $user sbpf run --overlay "$tree" --ro /usr --ro /etc --rw "$tree" --ro "$tree/dir" -- \
		sh -c "ls $tree && echo more >>$tree/file && rm -r $tree/gone"
	same 0 $? "what is allowed can be done in a view$as"
	same "file" "$(cat "$tree/file")" "and is kept apart$as"
	check "diff$as" $user sbpf diff "$view"
	same "M $tree/file D $tree/gone/" "$(xargs <<<"$output")" "with nothing else changed$as"
	# Or the next commit would be of what a member likes, to where it likes.
	for acts in "echo >>$kept/$view/record" "mv ${kept%/*} ${kept%/*}.old"; do
		check "outside what is kept of views can be changed$as" $user sh -c "$acts && {
			[ ! -e ${kept%/*}.old ] || mv ${kept%/*}.old ${kept%/*}; }"
		sbpf --json events >/dev/null
		check "not from another sandbox$as" $user sbpf run --ro /usr --ro /etc \
			--rw "${kept%/sbpf/views}" -- sh -c "! { $acts; }"
		says 'Permission denied' "for want of permission$as"
		output=$(sbpf --json events)
		holds "and an event tells$as" "[e for e in o if e.get('errno') == 'EACCES' and
			e['op'] in ('file_open', 'path_rename') and 'sbpf' in e['path']]"
	done
	$user sbpf discard "$view" >/dev/null
	status 2 "what is not cannot$as" $user sbpf run --overlay "$tree" --ro /usr --ro /etc --rw "$tree" \
		--ro "$tree/dir" -- sh -c "echo more >>$tree/dir/file"
	says 'Permission denied' "for want of permission$as"
	status 2 "nor without rules about the view$as" $user sbpf run --overlay "$tree" --ro /usr --ro /etc -- \
		sh -c "echo more >>$tree/file"
}
both with_rules

# 3. All files.
mkdir -p /root/tree/sub /mnt/fs
mount -t tmpfs none /mnt/fs
all='echo new >/tmp/sbpf-new && echo new >/mnt/fs/new && echo new >/sbpf-new && echo ok >/dev/null &&
	[ -e /proc/self/status ] && [ -d /sys/kernel ] && ls /dev/pts >/dev/null && pwd'
check "outside the acts can be done" sh -c "cd /root/tree/sub && $all"
rm /tmp/sbpf-new /mnt/fs/new /sbpf-new
in_view sh -c "cd /root/tree/sub && sbpf run --policy strict --overlay / -- sh -c '$all'"
same 0 $? "and over / too"
says '^/root/tree/sub$' "in the same working directory"
same "" "$(ls /tmp/sbpf-new /mnt/fs/new /sbpf-new 2>/dev/null)" "and are kept apart, on each mount"
check "diff" sbpf diff "$view"
same "/mnt/fs/new /sbpf-new /tmp/sbpf-new" "$(sed -n 's/^A //p' <<<"$output" | sort | xargs)" "shows them"
check "commit" sbpf commit "$view"
same "new new new" "$(cat /tmp/sbpf-new /mnt/fs/new /sbpf-new | xargs)" "applies them"
rm /tmp/sbpf-new /mnt/fs/new /sbpf-new
status 2 "outside root's view the old root cannot be reached" \
	sbpf run --policy strict --overlay / -- sh -c 'cd /root/tree; cd ../../../..; ls sbpf-new'
umount /mnt/fs
acts='echo new >/tmp/sbpf-new && echo new >~/sbpf-new && echo new >/dev/shm/sbpf-new'
check "a user's acts can be done outside" with_user sh -c "$acts"
with_user rm /tmp/sbpf-new /home/user/sbpf-new /dev/shm/sbpf-new
in_view with_user sbpf run --policy strict --overlay / -- sh -c "$acts && id -u && pwd && ls /etc/passwd"
same 0 $? "and over / too"
says '^1000$' "as the same user"
same "" "$(ls /tmp/sbpf-new /home/user/sbpf-new /dev/shm/sbpf-new 2>/dev/null)" "and are kept apart"
check "diff, as a user" with_user sbpf diff "$view"
same "/dev/shm/sbpf-new /home/user/sbpf-new /tmp/sbpf-new" \
	"$(sed -n 's/^A //p' <<<"$output" | sort | xargs)" "shows them"
check "commit, as a user" with_user sbpf commit "$view"
check "applies them" with_user rm /tmp/sbpf-new /home/user/sbpf-new /dev/shm/sbpf-new
status 2 "a user cannot write in the view what he cannot outside" \
	with_user sbpf run --policy strict --overlay / -- sh -c 'echo x >/etc/sbpf-new'
status 125 "without namespaces for users there is no view" sh -c "
	n=\$(cat /proc/sys/user/max_user_namespaces)
	echo 0 >/proc/sys/user/max_user_namespaces
	setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all env HOME=/home/user sbpf run --policy strict --overlay /usr -- true
	r=\$?; echo \$n >/proc/sys/user/max_user_namespaces; exit \$r"
says 'hint: as root.*max_user_namespaces' "and the remedy is told"

# 4. What a commit must not do.
user='' tree=/root/tree
fresh
in_view sbpf run --policy strict --overlay "$tree" -- sh -c "cd $tree && echo mine >>file && rm dir/file && rm -r gone && echo n >dir/new"
echo theirs >>"$tree/file"
echo theirs >>"$tree/dir/file"
echo theirs >>"$tree/gone/deep/file"
before=$(state)
status 1 "what was changed outside too is not overwritten" sbpf commit "$view"
says "$tree/file: was changed outside" "the modified file is named"
says "$tree/dir/file: was changed outside" "the deleted file is named"
says "$tree/gone: was changed outside" "the deleted directory is named"
same "$before" "$(state)" "nothing is done"
check "unless it is forced" sbpf commit --force "$view"
same "file mine n" "$(cat "$tree/file" "$tree/dir/new" | xargs)" "and then it is done"
check "with what was deleted gone" sh -c "[ ! -e $tree/dir/file ] && [ ! -e $tree/gone ]"

fresh
mkdir "$scratch/victim"
echo victim >"$scratch/victim/file"
in_view sbpf run --policy strict --overlay "$tree" -- sh -c "cd $tree && echo bad >>dir/file && echo bad >dir/deep/file && echo bad >>file"
rm -r "$tree/dir"
ln -s "$scratch/victim" "$tree/dir"
rm "$tree/file"
ln -s "$scratch/victim/file" "$tree/file"
status 1 "symbolic links put in the way are found" sbpf commit "$view"
check "and with force" sbpf commit --force "$view"
same "victim file" "$(xargs <"$scratch/victim/file") $(ls "$scratch/victim")" "not followed"
check "but replaced" sh -c "[ -f $tree/file ] && [ ! -L $tree/file ] && [ ! -L $tree/dir ] && [ -f $tree/dir/file ]"
fresh
in_view sbpf run --policy strict --overlay "$tree/dir" -- sh -c "echo bad >$tree/dir/file"
mv "$tree/dir" "$tree/was"
ln -s "$scratch/victim" "$tree/dir"
status 1 "nor is one in place of the directory itself" sbpf commit --force "$view"
rm "$tree/dir"
mkdir "$tree/dir"
status 1 "another directory in its place is found" sbpf commit "$view"
says 'is not the directory that the view was over' "and told"
sbpf discard "$view" >/dev/null
fresh
in_view sbpf run --policy strict --overlay "$tree" -- sh -c "cd $tree && ln -s $scratch/victim link && ln -sf /etc/passwd file"
check "symbolic links that were made" sbpf commit "$view"
same "$scratch/victim /etc/passwd" "$(readlink "$tree/link" "$tree/file" | xargs)" "are committed as they are"

fresh
cp /bin/true "$tree/dir/true"
chmod 4755 "$tree/dir/true"
in_view sbpf run --policy strict --overlay "$tree" -- sh -c "cd $tree && cp /bin/true t && chmod 6755 t && cp /bin/true c &&
	setcap cap_sys_admin+ep c; echo x >>dir/true; chmod 4755 dir/true; exec 3>>dir/deep/file"
check "set-user-ID files" sbpf commit "$view"
says "$tree/t: committed without its set-user-ID" "are told of"
same "755 755" "$(stat -c %a "$tree/t" "$tree/dir/true" | xargs)" "and lose that"
says "$tree/c: committed without its capabilities" "so do those with capabilities"
same "" "$(python3 -ISc "import os; print(*[x for x in os.listxattr('$tree/c') if x.startswith('security.cap')])")" \
	"which are not there then"
in_view sbpf run --policy strict --overlay "$tree" -- sh -c "mknod $tree/null c 1 3 && echo x >$tree/file"
status 1 "device nodes are not committed" sbpf commit "$view"
says "$tree/null: device nodes are not" "and are told of"
check "nor with force" sbpf commit --force "$view"
same "x" "$(cat "$tree/file")" "which commits the rest"
check "without them" test ! -e "$tree/null"
in_view sbpf run --policy strict --overlay "$tree" -- python3 -ISc "
import os
os.setxattr('$tree/file', 'user.mine', b'1')
os.setxattr('$tree/dir', 'user.mine', b'2')
os.setxattr('$tree/file', 'user.overlay.opaque', b'y')
os.chown('$tree/dir/deep/file', 1000, 1000)"
check "extended attributes and owners" sbpf commit "$view"
same "1 2 False 1000" "$(python3 -ISc "
import os
print(os.getxattr('$tree/file', 'user.mine').decode(), os.getxattr('$tree/dir', 'user.mine').decode(),
      any('overlay' in x for x in os.listxattr('$tree/file')), os.stat('$tree/dir/deep/file').st_uid)")" "are committed"

# Meanwhile whoever may write where the copies are puts others in their place.
# at WHERE ACTS COMMAND...: as the user, with ACTS done when it first comes to a function
at() {
	local where=$1 acts=$2

	shift 2
	$user gdb -nx -q -batch -ex 'set breakpoint pending on' -ex 'set startup-with-shell off' \
		-ex "tbreak $where" -ex run -ex "shell $acts" -ex continue -ex 'quit $_exitcode' \
		--args "$@"
}
user=with_user home=/home/user kept=/home/user/.local/state/sbpf/views tree=/home/user/tree
fresh
$user sh -c "mkdir -m 500 $home/locked && echo secret >$home/secret"
in_view $user sbpf run --policy strict --overlay "$tree" -- sh -c "mkdir -m 0 $tree/d"
upper=$kept/$view/0/upper
check "a view is discarded whose copies are exchanged" at fchmodat \
	"mv $upper/d $upper/e; ln -s $home/locked $upper/d" sbpf discard "$view"
says '^Temporary breakpoint 1[.0-9]*, ' "before they are made accessible"
same 500 "$(stat -c %a "$home/locked")" "but not what a link leads to"
in_view $user sbpf run --policy strict --overlay "$tree" -- sh -c "echo more >>$tree/file"
upper=$kept/$view/0/upper
before=$(state)
status 1 "a copy that is exchanged is not committed" at unlinkat \
	"ln -sf $home/secret $upper/file" sbpf commit "$view"
says '^Temporary breakpoint 1[.0-9]*, ' "before it is opened"
same "$(grep -v ' d ' <<<"$before")" "$(state | grep -v ' d ')" "nor what a link leads to"
$user sbpf discard "$view" >/dev/null
rm -r "$home/locked" "$home/secret" "$tree"
user='' tree=/root/tree

# 5. Interruptions, and views in use.
fresh
sbpf run --policy strict --overlay "$tree" -- sh -c "echo more >>$tree/file; touch $tree/there; sleep 1000" &
run=$!
there() { ls /var/lib/sbpf/views/*/0/upper/there >/dev/null 2>&1; }
check "a view in use" await 20 there
view=$(basename "$(dirname "$(dirname "$(dirname "$(ls /var/lib/sbpf/views/*/0/upper/there)")")")")
check "is listed as such" sh -c "sbpf diff | grep -Eq '^ *$view runs +$tree\$'"
check "its changes can be seen" sh -c "sbpf diff $view | grep -q 'A $tree/there'"
status 1 "it cannot be committed" sbpf commit "$view"
says "still runs" "for that reason"
status 1 "nor discarded" sbpf discard "$view"
kill -9 $run
wait $run 2>/dev/null
status 1 "nor when sbpf run --policy strict was killed and the command was not" sbpf commit "$view"
sandbox=$(sbpf --json list | json "o[0]['sandbox']")
sbpf kill "$sandbox" >/dev/null
check "but when that has ended" sbpf commit "$view"
same "file more" "$(xargs <"$tree/file")" "with its changes"

fresh
in_view sbpf run --policy strict --overlay "$tree" -- sh -c "cd $tree && mkdir \$(seq -f d%g 300) && for i in \$(seq 300); do echo \$i >d\$i/f; done; rm -r gone; echo x >>file"
for delay in 0.02 0.1 0.3 0.6; do
	timeout -s KILL $delay sbpf commit "$view" >/dev/null 2>&1
done
if sbpf diff "$view" >/dev/null 2>&1; then
	check "a commit that was interrupted goes on" sbpf commit "$view"
else
	ok "a commit that was interrupted goes on # it was too fast"
fi
same "300 45150 file x" "$(find "$tree" -name 'd[0-9]*' | wc -l) $(cat "$tree"/d*/f 2>/dev/null | awk '/^[0-9]/ { s += $1 } END { print s }') $(xargs <"$tree/file")" \
	"and leaves all done"
same "" "$(find "$tree" -name '.sbpf*')" "and nothing of ours"
same last "$(ls /var/lib/sbpf/views)" "nor is anything kept"

# 6. Processes of its own.
sleep 1000 &
outside=$!
pids() {
	check "outside a process can be seen and signalled$as" $user sh -c "ps -p $outside && { kill -0 $outside || [ '$as' ]; }"
	output=$($user sbpf run --policy strict --private-pids -- ps ax -o pid=,comm= 2>&1)
	same "1 init 2 ps" "$(xargs <<<"$output")" "ps shows nothing but the sandbox$as"
	status 1 "a process outside does not exist$as" $user sbpf run --policy strict --private-pids -- python3 -ISc "
import os, sys
try:
    os.kill($outside, 0)
except ProcessLookupError:
    sys.exit(1)"
	# It has a number until somebody has waited for it, and from when it was forked.
	status 42 "orphans are waited for$as" $user sbpf run --policy strict --private-pids -- sh -c '
		orphan=$(sh -c "sleep 0.3 >/dev/null & echo \$!")
		for i in $(seq 100); do
			[ -e "/proc/$orphan" ] || exit 42
			sleep 0.1
		done'
	status 5 "the exit status is the command's$as" $user sbpf run --policy strict --private-pids -- sh -c 'exit 5'
	status 143 "signals have their default action$as" $user sbpf run --policy strict --private-pids -- sh -c 'kill -TERM $$; sleep 1000'
	status 139 "also those of faults$as" $user sbpf run --policy strict --private-pids -- sh -c 'kill -SEGV $$; sleep 1000'
	status 127 "not found is as without$as" $user sbpf run --policy strict --private-pids -- /nowhere
	status 126 "not executable is as without$as" $user sbpf run --policy strict --private-pids -- /etc
	check "number 1 cannot be killed from inside$as" $user sbpf run --policy strict --private-pids -- sh -c 'kill -9 1; kill -TERM 1; sleep 0.5'
	check "what is left is killed$as" $user sbpf run --policy strict --private-pids -- sh -c 'setsid sleep 999 & exit 0'
	check "and is gone$as" sh -c '! pgrep -fx "sleep 999"'
	rm -f /tmp/sbpf-end
	check "or waited for$as" $user sbpf run --policy strict --private-pids --wait -- sh -c '(setsid sh -c "sleep 1; touch /tmp/sbpf-end") & exit 0'
	check "to its end$as" rm /tmp/sbpf-end
	check "number 1 is not among those of --pids$as" $user sbpf run --policy strict --private-pids --pids 1 -- true
	status 2 "which limits as without$as" $user sbpf run --policy strict --private-pids --pids 1 -- dash -c 'sleep 0 & wait'
	$user sbpf run --policy strict --private-pids -- sh -c 'trap "exit 42" TERM; touch /tmp/sbpf-ready; while :; do sleep 0.1; done' &
	run=$!
	await 20 test -e /tmp/sbpf-ready
	kill -TERM "$(pgrep -nx sbpf)"
	wait $run
	same 42 $? "signals are passed on$as"
	rm -f /tmp/sbpf-ready
}
both pids
kill $outside
check "both at once" sh -c "sbpf run --policy strict --overlay / --private-pids -- sh -c 'ps ax -o comm= | xargs' | grep -qx 'init sh ps xargs'"

check "policies can be unloaded" sh -c "sbpf policy unload rules && sbpf policy unload strict"
done_testing
