#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Profiles: what can be wrong with them, what each key does, and the shipped ones
# on real programs.
# part: 2
# shellcheck disable=SC2016,SC2088 # what sbpf and shells inside expand
set -u
. "$(dirname "$0")/lib.sh"

profile=$scratch/p.conf
cd "$scratch" || exit

# 1. Mistakes.

# bad LINE WHAT REMEDY: the profile on standard input has a mistake in that line.
bad() {
	local line told=

	cat >"$profile"
	status 1 "a mistake: $2" sbpf profile check "$profile"
	says "^sbpf: $profile:$1: .*$2" "is told with file and line"
	while IFS= read -r line; do
		if [[ $told && $line =~ ^hint:\ .*$3 ]]; then
			ok "and with the remedy"
			return
		fi
		[[ $line =~ :$1:\ .*$2 ]] && told=1 || told=
	done <<<"$output"
	nok "and with the remedy" "$output"
}

bad 1 'in no section: ro' '\[files\]' <<<'ro = /usr'
bad 2 'no such section: \[file\]' '\[files\]' <<<$'\n[file]\nro = /usr'
bad 1 'not a section: \[files' 'as \[files\]' <<<'[files'
bad 2 'neither a key' 'KEY = VALUE' <<<$'[files]\nro'
bad 2 'neither a key' 'KEY = VALUE' <<<$'[files]\n= /usr'
bad 2 'no such key in \[files\]: read' 'are: ro rw exec deny' <<<$'[files]\nread = /usr'
bad 2 'no such key in \[limits\]: ro' 'below \[files\]' <<<$'[limits]\nro = /usr'
bad 2 'no such key: kkk' 'help' <<<$'[files]\n'"$(printf 'k%.0s' {1..300}) = x"
bad 3 'continues the one before it: rw' 'remove the blanks' <<<$'[files]\nro = /usr\n  rw = /tmp'
bad 2 'without a value' 'write one' <<<$'[files]\nro =\nrw = /tmp'
bad 2 'without a value' 'write one' <<<$'[files]\nro = ; nothing'
bad 2 'has no end' 'behind the value' <<<$'[files]\nro = "/usr'
bad 3 '/nowhere: No such file' 'put - before' <<<$'[files]\nro = /usr\n   /nowhere'
bad 2 '/nowhere/\*: No such file' 'put - before' <<<$'[files]\nro = /nowhere/*'
bad 2 '/usr/\*/nothing: No such file' 'put - before' <<<$'[files]\nro = /usr/*/nothing'
ln -s loop loop
bad 2 'loop: Too many levels' 'symbolic links' <<<$'[files]\nro = ./loop'
mkdir -m 700 closed && touch closed/file
status 125 "a mistake: what a user may not see" with_user sbpf run --ro "$scratch/closed/file" -- true
says '^hint: put - before' "is told with the remedy"
bad 2 'variable NOT_SET is not set' 'write the path' <<<$'[files]\nro = $NOT_SET/x'
bad 2 'no variable: \$\{HOME' 'NAME' <<<$'[files]\nro = ${HOME/x'
bad 2 'no such home directory' 'own home' <<<$'[files]\nro = ~other/x'
bad 2 'empty path' 'write a path' <<<$'[files]\nro = -'
bad 2 'not a pattern' 'patterns have' <<<$'[files]\nro = /usr/[^a]*'
bad 2 'too long' '63' <<<$'[files]\nro = /usr/*'"$(printf 'k%.0s' {1..63})"
bad 2 'not a name: a/b' 'A-Z' <<<$'[sandbox]\npolicy = a/b'
bad 2 'not a name' '31' <<<$'[sandbox]\nname = 12345678901234567890123456789012'
bad 2 'not a mode: off' 'enforce or complain' <<<$'[sandbox]\nmode = off'
bad 2 'more than one value: complain' 'leave one' <<<$'[sandbox]\nmode = enforce complain'
bad 2 'not what can be done: allow' 'deny or kill' <<<$'[sandbox]\non-loss = allow'
bad 2 'neither yes nor no: maybe' 'yes or no' <<<$'[sandbox]\nprivate-tmp = maybe'
bad 2 'neither yes nor no: maybe' 'yes or no' <<<$'[view]\nstealth = maybe'
bad 2 '/nowhere: No such file' 'put - before' <<<$'[view]\noverlay = /nowhere'
bad 2 '/nowhere/\*: No such file' 'put - before' <<<$'[view]\noverlay = /nowhere/*'
bad 2 'not a directory: /etc/hostname' 'the directory' <<<$'[view]\noverlay = /etc/hostname'
bad 3 'stealth cannot be had with' 'leave out' <<<$'[view]\nprivate-pids = yes\nstealth = yes'
bad 4 'stealth cannot be had with' 'leave out' <<<$'[limits]\nmemory = 1G\n[view]\nstealth = yes'
bad 4 'stealth cannot be had with' 'leave out' <<<$'[sandbox]\nwait = yes\n[view]\nstealth = yes'
bad 2 'no such profile: nothing' 'profile list' <<<$'[sandbox]\nextends = nothing'
bad 2 'cannot read the profile: .*/nothing.conf' 'profile list' <<<$'[sandbox]\nextends = ./nothing.conf'
bad 2 'extends itself' 'remove' <<<$'[sandbox]\nextends = ./p.conf'
bad 2 'bits behind its prefix' 'network is 10.0.0.0/8' <<<$'[network]\nconnect = 10.0.0.1/8'
bad 2 'length of prefix from 0 to 32: 33' 'PREFIX' <<<$'[network]\nbind = 10.0.0.1/33'
bad 2 'not a port: 65536' '65535' <<<$'[network]\nconnect = any:65536'
bad 2 'no ports: 90-80' 'lower' <<<$'[network]\nconnect = any:90-80'
bad 2 'not a port or service: nothing' 'number' <<<$'[network]\nconnect = any:nothing'
bad 2 'not an address and port: ::1' 'brackets' <<<$'[network]\nbind = ::1'
bad 2 'no \] in' 'ADDRESS' <<<$'[network]\nbind = [::1'
bad 2 'not an IPv6 address: x' 'ADDRESS' <<<$'[network]\nbind = [x]:80'
bad 2 'behind the \]: x' 'ADDRESS' <<<$'[network]\nbind = [::1]x'
bad 2 'not an address: 80' 'any:80' <<<$'[network]\nbind = 80'
bad 2 'cannot find the address of no.such.invalid' 'write the address' <<<$'[network]\nconnect = no.such.invalid:80'
bad 2 'any has no prefix' 'ADDRESS' <<<$'[network]\nconnect = any/8'
bad 2 'no unix socket' 'the socket itself' <<<$'[network]\nunix = /etc/hostname'
bad 2 'no such kind of sockets: tcp' 'raw ping' <<<$'[network]\nsockets = tcp'
bad 2 'no such device: disk' 'names are null' <<<$'[devices]\nallow = disk'
bad 2 'not the numbers of a device: c:1' 'MAJOR:MINOR' <<<$'[devices]\nallow = c:1'
bad 2 'is no device' '\[files\]' <<<$'[devices]\nallow = /etc/hostname'
bad 2 'no range of commands: tty:5-3' 'kvm:' <<<$'[devices]\nioctl = tty:5-3'
bad 2 'no such right: all' 'are: wx' <<<$'[process]\nallow = all'
bad 2 'no such capability.*: cap_kill' 'are: chown' <<<$'[process]\ncapabilities = cap_kill'
bad 2 'not a limit: 0' 'from 1' <<<$'[limits]\npids = 0'

cat >"$profile" <<-'EOT'
	[files]
	ro = /nowhere /usr /nowhere2
	what
	[process]
	allow = fly
	[limits]
	pids = many
EOT
status 1 "all mistakes of a profile are told" sbpf profile check "$profile"
same "2 2 3 5 7" "$(sed -n "s,^sbpf: $profile:\([0-9]*\): .*,\1,p" <<<"$output" | xargs)" "each with its line"
status 1 "as JSON too" sbpf --json profile check "$profile"
holds "with error and hint" "len([e for e in o if 'error' in e and 'hint' in e]) == 5 and o[-1]['mistakes'] == 5"
status 125 "nothing runs under a bad profile" sbpf run --profile "$profile" -- touch "$scratch/ran"
status 125 "nor with a bad flag" sbpf run --profile untrusted --allow fly --ro /nowhere -- touch "$scratch/ran"
says '--allow: no such right: fly' "which is told"
says '--ro: /nowhere: No such file' "and so is another"
status 125 "nor without the profile" sbpf run --profile nothing -- touch "$scratch/ran"
check "nothing ran" test ! -e "$scratch/ran"
for command in "profile check" "profile show" "profile check --frob"; do
	# shellcheck disable=SC2086 # a list of words
	status 2 "no valid command line: sbpf $command" sbpf $command
done
status 1 "no such profile to show" sbpf profile show nothing

# What is no profile at all.
garbage() {
	local i got

	for ((i = 0; i < 40; i++)); do
		head -c $((i * i)) /dev/urandom >garbage.conf
		[ $((i % 2)) = 0 ] || { echo '[files]'; tr -dc ' -~\n' <garbage.conf; } >g2 && mv g2 garbage.conf 2>/dev/null
		got=0
		timeout 20 sbpf profile check garbage.conf >/dev/null 2>&1 || got=$?
		[ $got -le 1 ] || { cp garbage.conf /tmp; echo "status $got"; return 1; }
	done
}
check "40 profiles of random bytes" garbage
bad 2 'no text' 'is a text' < <(printf '[files]\nro = /u\0sr\n')
bad 2 'no text' 'is a text' < <(printf '[files]\n\33[31mro = /usr\n')
bad 1 'no text' 'is a text' < <(printf '# a profile\r[files]\rro = /nowhere\r')
printf '[files]\nro = \xff\xfe\n' >"$profile"
status 1 "bytes that are no UTF-8 are told" sbpf profile check "$profile"
says 'xff.xfe: No such file' "as numbers"
status 1 "a directory is no profile" sbpf profile check ./..
status 1 "nor is what has no end" sbpf profile check /dev/zero
says '1 MiB' "and it says so"
status 1 "nor is a file of 2 MB" sh -c 'head -c 2000000 /dev/zero | tr "\0" "\n" >big.conf; sbpf profile check ./big.conf'
{ echo '[files]'; yes 'ro = /usr' | head -n 10000; } >"$profile"
check "10,000 lines" sbpf profile check "$profile"
{ echo '[files]'; yes 'ro = /nowhere' | head -n 10000; } >"$profile"
status 1 "10,000 mistakes" sbpf profile check "$profile"
same 10000 "$(grep -c ': No such file' <<<"$output")" "are all told"
# inih reads 200 bytes at a time.
mkdir -p "deep/$(printf 'd%.0s' {1..240})/$(printf 'e%.0s' {1..240})" 'with blank' '#hash' ';semi'
long=$(cd deep/d*/e* && pwd)
{
	echo '[files]'
	echo "ro = $(printf "/usr %s \"$scratch/with blank\" " "$long"{,,,,}{,,,,,,,})"
	echo "rw =$(printf ' %.0s' {1..400})$scratch/#hash$(printf '/.%.0s' {1..150})	;  the rest is a comment"
} >"$profile"
check "long lines and long words" sbpf --json profile show "$profile"
holds "lose nothing" "[e['value'] for e in o if e['key'] == 'ro'] == ['/usr', '$long', '$scratch/with blank'] + [w for i in range(39) for w in ['/usr', '$long', '$scratch/with blank']]"
holds "nor do they gain a word" "[e['value'] for e in o if e['key'] == 'rw'] == ['$scratch/#hash' + '/.' * 150]"
printf '\xef\xbb\xbf[files]\r\nro = /usr\r\n    /etc\t# and so on\n\n# comment\n; comment\nrw: /tmp' >"$profile"
check "CRLF, comments, continued lines, no end of the last line" sbpf --json profile show "$profile"
holds "are understood" "[(e['key'], e['value'], e['line']) for e in o] == [('ro', '/usr', 2), ('ro', '/etc', 3), ('rw', '/tmp', 7)]"

# Profiles on profiles.
for i in {1..20}; do
	printf '[sandbox]\nname = n%d\nextends = ./e%d.conf\n' "$i" $((i + 1)) >"e$i.conf"
done
echo >e21.conf
status 1 "20 profiles deep is too deep" sbpf profile check ./e1.conf
says 'e16.conf:3: more than' "and the line is told"
check "10 are not" sbpf profile check ./e11.conf
check "the nearest counts" sh -c "sbpf profile show ./e12.conf | grep -q '^name = n12\b'"
for i in {1..9}; do
	printf '[sandbox]\nextends = ./b%d.conf ./b%d.conf\n' $((i + 1)) $((i + 1)) >"b$i.conf"
done
echo >b10.conf
status 1 "2^9 profiles are too many" sbpf profile check ./b1.conf
printf '[sandbox]\nextends = c2.conf\n' >c1.conf
printf '[sandbox]\nextends = c1.conf\n' >c2.conf
status 1 "two that extend each other" sbpf profile check c1.conf
says 'c2.conf:2: the profile extends itself' "are told"
mkdir -p home/.config/sbpf/profiles
printf '# Mine\n[sandbox]\nextends = untrusted\n[limits]\npids = 5\n' >home/.config/sbpf/profiles/untrusted.conf
check "one's own profile comes first, on top of the shipped one" \
	sh -c 'HOME=$PWD/home sbpf profile show untrusted | grep -q "^pids = 5"'
check "and is listed" sh -c 'HOME=$PWD/home sbpf profile list | grep -q "^untrusted .*/home/.config/.* Mine"'
check "\$XDG_CONFIG_HOME says where they are" \
	sh -c 'XDG_CONFIG_HOME=$PWD/home/.config sbpf profile show untrusted | grep -q "^pids = 5"'

check "profile list" sbpf --json profile list
holds "has the shipped ones" "{'untrusted', 'readonly', 'build', 'python', 'node', 'server', 'desktop-ish', 'secrets'} <= {e['profile'] for e in o}"
holds "with a line about each" "all(e['summary'] and e['path'] for e in o)"
check "the shipped ones have no mistakes" sbpf profile check untrusted readonly build python node server desktop-ish
check "nor for a user" with_user sbpf profile check untrusted readonly build python node server desktop-ish
values() {
	sbpf --json profile show "$1" | json '[(e["section"], e["key"], e["value"]) for e in o]'
}
sbpf profile show server >again.conf
same "$(values server)" "$(values ./again.conf)" "what profile show prints is the same profile"

# The table of keys is everywhere.
manual=$(zcat -f /usr/share/man/man1/sbpf.1* | sed 's/\\-/-/g')
flags=$(sbpf run --help | grep -o '^  --[a-z-]*' | xargs)
missing=
for flag in $flags; do
	grep -q -- "$flag\\b" <<<"$manual" || missing+=" $flag"
done
same "" "$missing" "the manual page has all options of run"
missing=
offered=$(bash -c '. /usr/share/bash-completion/completions/sbpf
	COMP_WORDS=(sbpf run --) COMP_CWORD=2; _sbpf; echo " ${COMPREPLY[*]} "')
for flag in $flags; do
	[[ $offered == *" $flag "* ]] || missing+=" $flag"
done
same "" "$missing" "completion has all options of run"
missing=
for key in policy extends name mode on-loss private-tmp wait no-new-privs overlay private-pids stealth ro rw exec deny connect bind deny-connect \
	   deny-bind unix sockets allow ioctl deny-ioctl capabilities pids memory cpu cpu-time \
	   wall-time open-files files-created file-size bytes-written sockets connections \
	   connection-rate exec-rate; do
	grep -q "^\.B.* $key\\b" <<<"$manual" || missing+=" $key"
done
same "" "$missing" "the manual page has all keys"

# Numbers of rights are the same everywhere, in the order of their names.
rights() {
	sed -n 's/^\tSBPF_RIGHT_\([A-Z_]*\),$/\1/p' "$1" | tr 'A-Z_' 'a-z-' | grep -vx max | xargs
}
printf '[process]\nallow = all\n' >"$profile"
names=$(sbpf profile check "$profile" 2>&1 | sed -n 's/^hint: there are: //p')
for header in sbpf.h rules.bpf.h; do
	same "$names" "$(rights /usr/include/sbpf/$header)" "rights of $header have the names that the command takes"
done

# 2. What the keys do. Each is seen to be needed first, or seen to matter.

check "rules can be loaded" sbpf policy load rules
usr() {
	sbpf run --ro /usr --ro /etc/ld.so.cache "$@"
}
# both SECTION KEY FLAG VALUE DESCRIPTION COMMAND...: works with the flag, and with
# the key in a profile, and not without.
both() {
	local section=$1 key=$2 flag=$3 value=$4 what=$5
	shift 5
	printf '[files]\nro = /usr /etc/ld.so.cache\n[%s]\n%s = %s\n' "$section" "$key" "$value" >"$profile"
	if usr -- "$@" >/dev/null 2>&1; then
		nok "$what: not without" "$*"
	else
		ok "$what: not without"
	fi
	check "$what: by $flag" usr "$flag" "$value" -- "$@"
	check "$what: by $key" sbpf run --profile "$profile" -- "$@"
}
mkdir -p t/dir t/sub/one t/sub/two
echo a >t/a.txt; echo b >t/b.log; echo x >t/sub/one/x; echo y >t/sub/two/y
cp /bin/true t/true
both files ro --ro "$scratch/t" "a directory" cat "$scratch/t/a.txt"
both files ro --ro 't/../t' "a relative path" cat t/a.txt
both files ro --ro "$scratch/t/*.txt" "a pattern" cat t/a.txt
both files ro --ro "t/s?b/[!t]*/x" "a pattern of directories" cat t/sub/one/x
both files rw --rw t/dir "a writable directory" touch t/dir/file
both files exec --exec t/true "a program" sh -c t/true
export PLACE="$scratch/t"
both files ro --ro '${PLACE}/a.txt' "a variable" cat t/a.txt
HOME=$scratch/t both files ro --ro '~/a.txt' "the home directory" cat t/a.txt
mkdir 't/[x]' 't/$PLACE'; echo in >'t/[x]/f'; echo in >'t/$PLACE/f'
both files ro --ro 't/[x]' "something that looks like a pattern" cat 't/[x]/f'
both files ro --ro 't/$$PLACE' "something that looks like a variable" cat 't/$PLACE/f'
check "a path that need not exist" usr --ro -/nowhere -- true
status 1 "deny" usr --ro t --deny 't/*.log' -- cat t/b.log
check "leaves the others" usr --ro t --deny 't/*.log' -- cat t/a.txt
echo later >t/new
status 1 "a pattern is about names that come later: denied" usr --ro t --deny 't/*.log' --rw t -- \
	sh -c 'echo l >t/later; cat t/later && mv t/later t/later.log; cat t/later.log'
later() {
	usr --ro 't/*.txt' --ro 't/*.none' -- sh -c 'until [ -e t/now.none ]; do sleep 0.1; done; cat t/now.none' &
	echo here >t/now.tmp
	sleep 0.5
	mv t/now.tmp t/now.none
	wait $!
}
check "and allowed" later
ln -s /etc/hostname t/link.txt
status 1 "a pattern does not follow links that were left there" usr --ro 't/*.txt' -- cat t/link.txt
check "a path does" usr --ro t/link.txt -- cat t/link.txt
ln -s "$scratch/t/a.txt" t/link.deny
status 1 "and a denied pattern does" usr --ro t --deny 't/*.deny' -- cat t/a.txt

act=$here/act
"$act" listen 0.0.0.0 7001 ready &
listeners=$!
disown
"$act" listen ::1 7003 ready6 &
listeners+=" $!"
disown
await 20 test -e ready -a -e ready6
check "outside there is something to connect to" "$act" connect 127.0.0.1 7001
both network connect --connect tcp:127.0.0.1:7001 "a connection" "$act" connect 127.0.0.1 7001
both network connect --connect localhost "one to this machine" "$act" connect 127.0.0.1 7001
both network connect --connect any:7001-7003 "one to anybody, as 0.0.0.0" "$act" connect 0.0.0.0 7001
both network connect --connect '[::1]:7003' "one by IPv6" "$act" connect ::1 7003
both network connect --connect udp:127.0.0.0/8:domain "a message" "$act" send 127.0.0.9 53
both network bind --bind tcp:any:7002 "a server" "$act" listen 0.0.0.0 7002
both network bind --bind '[::]:7002' "one by IPv6" "$act" listen :: 7002
both network bind --bind localhost:7002 "one for this machine" "$act" listen 127.0.0.1 7002
status 13 "which is not one for all" usr --bind localhost:7002 -- "$act" listen 0.0.0.0 7002
status 13 "another port" usr --connect any:7002 -- "$act" connect 127.0.0.1 7001
status 13 "UDP does not mean TCP" usr --connect udp:any -- "$act" connect 127.0.0.1 7001
status 13 "deny-connect" usr --connect any --deny-connect 127.0.0.1 -- "$act" connect 127.0.0.1 7001
status 13 "nor by another name of this machine" usr --connect any --deny-connect 127.0.0.1 -- "$act" connect 0.0.0.0 7001
status 13 "deny-bind" usr --bind any --deny-bind tcp:any:7002 -- "$act" listen 0.0.0.0 7002
# The other kinds of sockets: a family, type and protocol of each.
printf '[network]\nsockets = all\n' >"$profile"
kinds=$(sbpf profile check "$profile" 2>&1 | sed -n 's/^hint: there are: //p')
check "the kinds of sockets are told" test -n "$kinds"
sysctl -q -w net.ipv4.ping_group_range='0 2147483647'
for kind in $kinds; do
	case $kind in
	raw) numbers='2 3 1' ;;
	ping) numbers='2 2 1' ;;
	sctp) numbers='2 1 132' ;;
	packet) numbers='17 3 0' ;;
	route) numbers='16 3 0' ;;
	netlink) numbers='16 3 16' ;;
	vsock) numbers='40 1 0' ;;
	alg) numbers='38 5 0' ;;
	bluetooth) numbers='31 3 1' ;;
	can) numbers='29 3 1' ;;
	other) numbers='44 3 0' ;;	# XDP
	*) numbers=unknown ;;
	esac
	got=0
	# shellcheck disable=SC2086 # words
	"$act" socket $numbers 2>/dev/null || got=$?
	case $got in
	0) ;;
	93|97) skip "sockets: $kind" "this kernel has none"; continue ;;
	*) nok "sockets: $kind can be made outside" "exit status $got" ;;
	esac
	printf '[files]\nro = /usr /etc/ld.so.cache\n[process]\ncapabilities = net_raw\n[network]\nsockets = %s\n' \
		"$kind" >"$profile"
	# shellcheck disable=SC2086 # words
	{
		status 13 "sockets: $kind: not without" usr --capability net_raw -- "$act" socket $numbers
		check "sockets: $kind: by --socket" usr --capability net_raw --socket "$kind" -- \
			"$act" socket $numbers
		check "sockets: $kind: by sockets" sbpf run --profile "$profile" -- "$act" socket $numbers
	}
done
"$act" listen-unix t/sock &
unix=$!
disown
await 20 test -S t/sock
both network unix --unix t/sock "a unix socket" "$act" connect-unix t/sock
both network unix --unix 't/s*' "unix sockets" "$act" connect-unix t/sock
both network unix --unix any "all of them" "$act" connect-unix t/sock
status 13 "--rw does not let connect" usr --rw t -- "$act" connect-unix t/sock
# shellcheck disable=SC2086 # a list of pids
kill $listeners $unix

modprobe -q loop
await 5 test -e /dev/loop-control
check "null, zero, random are there under any rules" usr -- sh -c 'echo x >/dev/null && head -c 4 /dev/zero /dev/urandom >/dev/null'
both devices allow --device /dev/loop-control "a device by path" sh -c ': </dev/loop-control'
both devices allow --device loop "a device by name" sh -c ': <>/dev/loop-control'
status 2 "only to read it" usr --device loop:r -- sh -c ': >/dev/loop-control'
status 2 "a device by number is not its node" usr --device c:10:237 -- sh -c ': </dev/loop-control'
check "with which it is" usr --device 'c:10:*' --ro /dev -- sh -c ': </dev/loop-control'
nodes=(--rw t --capability mknod)
status 1 "a device node: not without" usr "${nodes[@]}" -- mknod t/node c 1 3
check "nor is it there" test ! -e t/node
status 1 "nor by a device that may be used" usr "${nodes[@]}" --device c:1:3 -- mknod t/node c 1 3
status 1 "nor without the directory" usr --capability mknod --device c:1:3:m -- mknod t/node c 1 3
status 1 "nor without the capability" usr --rw t --device c:1:3:m -- mknod t/node c 1 3
check "a device node: by --device" usr "${nodes[@]}" --device c:1:3:m -- mknod t/node c 1 3
same "character special file 1:3" "$(stat -c '%F %t:%T' t/node)" "and it is there"
rm t/node
printf '[files]\nro = /usr /etc/ld.so.cache\nrw = t\n[process]\ncapabilities = mknod\n[devices]\nallow = c:1:3:m\n' >"$profile"
check "a device node: by allow" sbpf run --profile "$profile" -- mknod t/node c 1 3
rm t/node
echo moved >t/moved
status 13 "a whiteout: not without" usr --rw t -- "$act" whiteout t/moved t/dir/moved
same moved "$(cat t/moved)" "and nothing is renamed"
check "a whiteout: by --device" usr --rw t --device c:0:0:m -- "$act" whiteout t/moved t/dir/moved
same "character special file 0:0 moved" "$(stat -c '%F %t:%T' t/moved) $(cat t/dir/moved)" \
	"and it is there"
rm t/moved t/dir/moved
status 2 "deny-device" usr --deny-device null -- sh -c ': >/dev/null'
both devices ioctl --ioctl c:10:237:0x4c82 "an ioctl" \
	"$act" ioctl 0x4c82 </dev/loop-control
status 13 "deny-ioctl" usr --device loop --deny-ioctl loop:0x4c80-0x4c8f -- \
	"$act" ioctl 0x4c82 </dev/loop-control
# typing WHAT...: a shell with a terminal of its own, under sbpf or not.
typing() {
	script -qefc "$(printf '%q ' "$@")" /dev/null </dev/null
}
# TIOCSTI
check "outside root types into a terminal" typing "$act" ioctl 0x5412
status 13 "inside nobody does" typing sbpf run --capability sys_admin --ro /usr --ro /etc -- "$act" ioctl 0x5412
check "but who is allowed to" typing sbpf run --capability sys_admin --ro /usr --ro /etc \
	--ioctl pts:0x5412 -- "$act" ioctl 0x5412
# A console whose keyboard is off stays so. KDSKBMODE with K_OFF; KDGKBMODE.
console() {
	setsid -wc "$@" </dev/tty9
}
keyboard=(python3 -ISc 'import fcntl, sys
print(fcntl.ioctl(0, 0x4b44, bytes(4))[0])
if len(sys.argv) > 1: fcntl.ioctl(0, 0x4b45, int(sys.argv[1]))')
mode=$(console "${keyboard[@]}")
check "outside a console's keyboard can be switched off" console "${keyboard[@]}" 4
same 4 "$(console "${keyboard[@]}" "$mode")" "and is off then"
status 1 "inside not" console sbpf run --ro /usr --ro /etc -- python3 -ISc \
	'import fcntl; fcntl.ioctl(0, 0x4b45, 4)'
same "$mode" "$(console "${keyboard[@]}")" "nor is it"
check "but knows that it is one" typing sbpf run --ro /usr --ro /etc -- sh -c 'test -t 0 && stty && : </dev/tty'

both process allow --allow wx "code that is written" \
	"$act" wx
both process allow --allow signal "a signal" kill -0 $$
both process capabilities --capability sys_nice "a capability" \
	sh -c 'renice -n -5 $$'
status 1 "none" usr --capability none --rw t -- chown 1 t/a.txt
check "default" usr --capability default --rw t -- chown 1 t/a.txt
check "it is the default" usr --rw t -- chown 0 t/a.txt
status 32 "and does not let mount" usr --allow mount -- mount -t tmpfs none t

printf '[sandbox]\nextends = untrusted\nmode = complain\nname = one\npolicy = rules\non-loss = kill\n[limits]\npids = 7\n' >"$profile"
check "mode = complain" sbpf run --profile "$profile" -- touch complained
status 1 "--mode enforce is nearer" sbpf run --mode enforce --profile "$profile" -- touch complained
sbpf run --profile "$profile" --name two -- sleep 1000 &
shown() {
	sbpf --json list | grep -q '"two"'
}
await 20 shown
output=$(sbpf --json show two)
holds "name, policy, on-loss, pids are as they say" "o[0]['name'] == 'two' and o[0]['policy'] == 'rules' and 'kill-on-loss' in o[0]['flags'] and 'complain' in o[0]['flags'] and o[0]['pids_limit'] == 7"
sbpf kill two
wait
output=$(TMPDIR=$scratch/t sbpf run --profile untrusted --private-tmp yes -- \
	sh -c 'echo x >"$TMPDIR/file" && mkdir "$TMPDIR/d" && touch "$TMPDIR/d/e" && cat "$TMPDIR/file" && echo "$TMPDIR"')
same "x $scratch/t/sbpf-" "$(xargs <<<"${output%??????}")" "--private-tmp is a directory that can be written"
check "which is gone then" sh -c "! ls -d t/sbpf-*"
mkdir -m 777 "$scratch/t2"
check "also with what nobody may look into" with_user sh -c "TMPDIR=$scratch/t2 sbpf run \
	--profile untrusted --private-tmp yes -- \
	sh -c 'mkdir \$TMPDIR/d && touch \$TMPDIR/d/e && chmod 0 \$TMPDIR/d' &&
	! ls -d $scratch/t2/sbpf-*"
status 2 "without it there is none" sbpf run --profile untrusted -- sh -c "echo x >$scratch/t/file"

left() {
	rm -f t/left
	sbpf run "$@" -- sh -c '(setsid sh -c "sleep 1; touch t/left") >/dev/null 2>&1 & exit 0' && [ -e t/left ]
}
printf '[sandbox]\nwait = yes\n[files]\nro = /usr /etc/ld.so.cache\nrw = t\n[process]\nno-new-privs = yes\n' >"$profile"
status 1 "what is left behind is killed" left --ro /usr --ro /etc/ld.so.cache --rw t
check "wait = yes: it is waited for" left --profile "$profile"
status 1 "--wait=no is nearer" left --wait=no --profile "$profile"
check "root may gain privileges by executing" usr --ro /proc -- grep -q '^NoNewPrivs:.0' /proc/self/status
check "no-new-privs = yes: not" sbpf run --ro /proc --profile "$profile" -- grep -q '^NoNewPrivs:.1' /proc/self/status
check "--no-new-privs=no is nearer" sbpf run --no-new-privs=no --ro /proc --profile "$profile" -- \
	grep -q '^NoNewPrivs:.0' /proc/self/status
check "but not for a user" with_user sbpf run --no-new-privs=no --ro /usr --ro /etc --ro /proc -- \
	grep -q '^NoNewPrivs:.1' /proc/self/status

# What is seen: changes kept apart, processes, and who the parent is.
cat >"$profile" <<-'EOT'
	[files]
	ro = /usr /etc/ld.so.cache
	rw = t
	[view]
	overlay = t/s?b -/nowhere ./t/sub
	private-pids = yes
EOT
check "overlay and private-pids" sbpf run --profile "$profile" -- \
	sh -c 'echo new >t/sub/new; echo out >t/out; [ $$ = 2 ]'
says 'view [0-9]+: 1 change;' "one directory is kept apart once"
view=$(sed -n 's/.*view \([0-9]*\):.*/\1/p' <<<"$output")
check "which it is" test ! -e t/sub/new
check "and others are not" test -e t/out
check "discard" sbpf discard "$view"
rm t/out
status 1 "--private-pids=no is nearer" sbpf run --private-pids=no --profile "$profile" -- sh -c '[ $$ = 2 ]'
check "--private-pids alone is yes" usr --private-pids -- sh -c '[ $$ = 2 ]'
same "overlay overlay overlay private-pids" "$(sbpf --json profile show "$profile" |
	json '" ".join(e["key"] for e in o if e["section"] == "view")')" "profile show has them"
printf '[sandbox]\nextends = untrusted\n[view]\nstealth = yes\n' >"$profile"
placed() {
	bash -c 'echo $$; exec sbpf run "$@" -- sh -c "echo \$\$"' - --profile "$profile" "$@" | uniq | wc -l
}
same 1 "$(placed)" "stealth: the command is where sbpf was"
same 2 "$(placed --stealth=no)" "--stealth=no is nearer"
status 125 "a flag may not go with a key" sbpf run --profile "$profile" --private-pids -- touch "$scratch/ran"
says "$profile:4: stealth cannot be had" "which is told"

# 3. The shipped profiles.

# native DESCRIPTION PROFILE COMMAND...: prints and ends the same as without sbpf.
native() {
	local what=$1 name=$2 want wanted=0 got=0
	shift 2
	want=$("$@" 2>&1) || wanted=$?
	output=$(sbpf run --profile "$name" -- "$@" 2>&1) || got=$?
	if [ "$want" = "$output" ] && [ $got = $wanted ]; then
		ok "$name: $what works as outside"
	else
		nok "$name: $what works as outside" "expected $wanted: $want
got $got: $output"
	fi
}
# denied DESCRIPTION PROFILE OPERATION:ERRNO COMMAND...: fails inside, where there is an
# event of that, of the sandbox that was made last; then succeeds outside, which may
# leave something behind.
denied() {
	local what=$1 name=$2 event=$3 got=0 told
	shift 3
	told=$(sbpf run --profile "$name" -- "$@" 2>&1) || got=$?
	output=$(sbpf --json events)
	# 125 to 127: it has not been tried.
	if ((got == 0 || (got >= 125 && got <= 127))); then
		nok "$name: $what is denied" "exit status $got: $told"
	else
		holds "$name: $what is denied" \
			"'$event' in {e['op'] + ':' + e['errno'] for e in o if e['type'] == 'denied' and e['sandbox'] == max(e.get('sandbox', 0) for e in o)}"
	fi
	check "outside: $what" "$@"
}
export HOME=$scratch/user
mkdir -p "$HOME"/{.ssh,.config/x,Documents,work} /var/www/html
echo key >"$HOME/.ssh/id"; echo conf >"$HOME/.config/x/y"; echo token >"$HOME/.netrc"
echo page >/var/www/html/page
echo text >"$HOME/Documents/text"
"$act" listen 127.0.0.1 7004 served &
server=$!
disown
await 20 test -e served

# all PROFILE: what none of the profiles allows.
all() {
	denied "reading a key" "$1" file_open:EACCES cat "$HOME/.ssh/id"
	denied "reading .netrc" "$1" file_open:EACCES cat "$HOME/.netrc"
	denied "reading /etc/shadow" "$1" file_open:EACCES cat /etc/shadow
	denied "writing /etc" "$1" path_mknod:EACCES touch /etc/sbpf-was-here
	denied "connecting" "$1" socket_connect:EACCES "$act" connect 127.0.0.1 7004
	rm -f /etc/sbpf-was-here
}
# more PROFILE: what is denied in all as there is no right to it.
more() {
	denied "a raw socket" "$1" socket_create:EACCES "$act" socket 2 3 1
	denied "a signal" "$1" task_kill:EPERM kill -0 $server
	denied "a mount" "$1" capable:EPERM unshare -m true
}
cd "$HOME" || exit
all untrusted
more untrusted
all readonly
cd "$HOME/work" || exit
for name in build python node server desktop-ish; do
	all $name
done
denied "a file of another directory" untrusted file_open:EACCES cat ../Documents/text
denied "writing here" untrusted path_mknod:EACCES touch here
denied "executing what was written" python file_open:EACCES \
	sh -c 'cp /bin/true "${TMPDIR:-/tmp}/t" && "${TMPDIR:-/tmp}/t" || exit 1'
rm -f /tmp/t
native "ls" untrusted ls -l /usr/bin/env .
native "a pipeline" untrusted sh -c 'sort </etc/passwd | head -n 3; exit 3'
native "id" untrusted id
native "the time" untrusted date +%Z
native "an alternative" untrusted awk 'BEGIN { print 1 + 1 }'
native "openssl" untrusted sh -c 'echo x | openssl dgst -sha256'
native "git" readonly git --version
native "find" readonly sh -c 'find /var/lib/dpkg -name "*.list" | sort | head -n 20'
native "sqlite3" untrusted sqlite3 :memory: 'select 6 * 7;'

cat >hello.c <<-'EOT'
	#include <stdio.h>
	#include "hello.h"
	int main(int argc, char **argv) { printf(TEXT, argc); return argc; }
EOT
printf '%s\n' '#define TEXT "hello %d\n"' >hello.h
cat >Makefile <<-'EOT'
	all: hello
	hello: hello.o other.o; $(CC) -o $@ $^
	%.o: %.c hello.h; $(CC) -O2 -g -c -o $@ $<
	other.c:; echo 'int other(void) { return 0; }' >$@
	clean:; rm -f hello *.o other.c
	.PHONY: all clean
EOT
native "make -j2" build sh -c 'make -j2 --output-sync clean && make --no-print-directory all && ./hello a b; s=$?; make clean; exit $s'
native "a broken program" build sh -c 'echo "int x = ;" >bad.c; gcc -c bad.c; s=$?; rm bad.c; exit $s'
denied "writing elsewhere" build path_mknod:EACCES sh -c "echo x >'$HOME/x'"

cat >p.py <<-'EOT'
	import ctypes, hashlib, json, os, re, sqlite3, ssl, subprocess, sys, tempfile, threading, zlib
	with tempfile.TemporaryDirectory() as d:
	    with open(os.path.join(d, "f"), "w") as f:
	        f.write("x")
	    db = sqlite3.connect(os.path.join(d, "db"))
	    db.execute("create table t (a)")
	    db.commit()
	t = threading.Thread(target=lambda: print("thread"))
	t.start()
	t.join()
	print(json.dumps({"a": [1, 2]}), hashlib.sha256(b"x").hexdigest(), ctypes.CDLL(None).abs(-3))
	print(subprocess.run(["sh", "-c", "echo $0; exit 4"]).returncode)
	sys.exit(5)
EOT
native "a program" python python3 p.py
native "a broken one" python python3 -ISc 'import nothing'
denied "code that is written" python mmap_file:EACCES python3 -ISc 'import mmap; mmap.mmap(-1, 4096, prot=7)'
denied "a file of another directory" python file_open:EACCES python3 -ISc "open('$HOME/Documents/text').read()"

cat >n.js <<-'EOT'
	const fs = require("fs"), os = require("os"), path = require("path"), crypto = require("crypto");
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), "x-"));
	fs.writeFileSync(path.join(dir, "f"), "text");
	let sum = 0;
	for (let i = 0; i < 3e5; i++) sum = (sum + i * 7) % 1000003;
	console.log(sum, fs.readFileSync(path.join(dir, "f"), "utf8"),
	    crypto.createHash("sha256").update("x").digest("hex"));
	fs.rmSync(dir, { recursive: true });
	const text = () => {
	    try { return fs.readFileSync(process.argv[2], "utf8").trim(); } catch (e) { return e.code; }
	};
	new (require("worker_threads").Worker)("console.log('worker')", { eval: true }).on("exit", () => {
	    const client = require("net").connect(process.argv[3], "127.0.0.1");
	    const end = how => { console.log(text(), how); client.destroy(); };
	    client.on("connect", () => end("connected")).on("error", e => end(e.code));
	});
	process.exitCode = 6;
EOT
# Once without and once with the profile, as it takes seconds to start. The last line is
# about what the profile denies.
status 6 "outside: a program, a file of another directory, connecting" \
	node n.js "$HOME/Documents/text" 7004
outside=$output
status 6 "node: they end the same" sbpf run --profile node -- node n.js "$HOME/Documents/text" 7004
same "$(head -n -1 <<<"$outside")" "$(head -n -1 <<<"$output")" "node: a program works as outside"
same "text connected, EACCES EACCES" "$(tail -n 1 <<<"$outside"), $(tail -n 1 <<<"$output")" \
	"node: a file of another directory, and connecting, are denied"

# A page with a line of text, in a font that the reader has to find.
python3 - "$HOME/Documents/page.pdf" <<-'EOT'
	import sys
	text = b"BT /F 24 Tf 20 60 Td (A line of text) Tj ET"
	objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
	    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 240 120]/Contents 4 0 R"
	    b"/Resources<</Font<</F 5 0 R>>>>>>",
	    b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
	    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
	pdf, places = b"%PDF-1.4\n", b""
	for i, body in enumerate(objects):
	    places += b"%010d 00000 n \n" % len(pdf)
	    pdf += b"%d 0 obj\n%s\nendobj\n" % (i + 1, body)
	open(sys.argv[1], "wb").write(pdf + b"xref\n0 6\n0000000000 65535 f \n" + places +
	    b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(pdf))
EOT
native "reading a PDF" desktop-ish pdftotext -layout "$HOME/Documents/page.pdf" -
says 'A line of text' "its text"
native "drawing its page" desktop-ish sh -c 'cd ~/Documents && pdftoppm -r 90 -png page.pdf drawn &&
	sha256sum drawn-1.png && rm drawn-1.png'
native "its fonts" desktop-ish sh -c 'fc-match Helvetica && pdffonts ~/Documents/page.pdf'
native "putting two together" desktop-ish sh -c 'cd ~/Documents && pdfunite page.pdf page.pdf two.pdf &&
	pdfinfo two.pdf | grep Pages && rm two.pdf'
cp "$HOME/Documents/page.pdf" "$HOME/.config/x"
denied "a PDF elsewhere" desktop-ish file_open:EACCES pdftotext "$HOME/.config/x/page.pdf" -
native "a document" desktop-ish sh -c 'cat ~/Documents/text; sort -o ~/Documents/sorted ~/Documents/text; cat ~/Documents/sorted; rm ~/Documents/sorted'
denied "an autostart entry" desktop-ish path_mkdir:EACCES sh -c 'mkdir -p ~/.config/autostart && echo x >~/.config/autostart/x'
denied ".bashrc" desktop-ish path_mknod:EACCES sh -c 'echo x >>~/.bashrc'

# serves DESCRIPTION COMMAND...: nginx, as $nginx, $port and $log say, under the command
# serves a page, and logs that.
get() {
	(
		exec 5<>"/dev/tcp/127.0.0.1/$port" &&
		printf 'GET /page HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n' >&5 &&
		sed $'1,/^\r$/d' <&5
	)
}
serves() {
	local what=$1 pid
	shift
	rm -rf run && mkdir -m 777 run
	: >"$pidfile"
	chmod 666 "$pidfile"
	rm -f "$log"/*.log
	"$@" "${nginx[@]}" >run/out 2>&1 &
	pid=$!
	if ! await 30 test -s "$pidfile" || ! await 10 get >run/got 2>/dev/null; then
		nok "$what serves" "$(cat run/out "$log/error.log")"
	else
		same page "$(cat run/got)" "$what serves a page"
		check "and logs it" grep -q '"GET /page HTTP/1.1" 200' "$log/access.log"
	fi
	kill "$(cat "$pidfile")"
	wait $pid
	same 0 $? "and ends when it is told"
}
cat >nginx.conf <<-EOT
	daemon off;
	worker_processes 2;
	pid $PWD/run/pid;
	events { worker_connections 64; }
	http {
		access_log $PWD/run/access.log;
		client_body_temp_path $PWD/run/b;
		proxy_temp_path $PWD/run/p;
		fastcgi_temp_path $PWD/run/f;
		uwsgi_temp_path $PWD/run/u;
		scgi_temp_path $PWD/run/s;
		server { listen 8080; root /var/www/html; }
	}
EOT
chmod 755 "$HOME" "$HOME/work"
port=8080 log=$PWD/run pidfile=$PWD/run/pid
nginx=(nginx -p "$PWD/run" -c "$PWD/nginx.conf" -e "$PWD/run/error.log")
serves "nginx" env
serves "nginx under the profile" sbpf run --profile server --rw "$PWD/run" --
serves "nginx of a user" with_user
serves "nginx of a user under the profile" with_user sbpf run --profile server --rw "$PWD/run" --
# With the configuration that it comes with; what serves is www-data.
port=80 log=/var/log/nginx pidfile=/run/nginx.pid
nginx=(nginx -g 'daemon off;')
serves "nginx as Debian has it" env
serves "nginx as Debian has it under the profile" sbpf run --profile server --
denied "another port" server socket_bind:EACCES "$act" listen 0.0.0.0 7005
denied "writing what is served" server path_mknod:EACCES sh -c 'echo x >/var/www/html/other'
kill $server

# The default.
check "without a profile there is one" sbpf run -- cat /etc/hostname
status 2 "which is untrusted" sbpf run -- sh -c 'echo x >here'
status 1 "with rules there is none" sbpf run --ro /usr -- cat /etc/hostname
check "nor with a policy" sbpf run --policy audit -- sh -c 'echo x >here'
mkdir /tmp/closed && chmod 700 /tmp/closed
check "a user may be where he may not read" sh -c 'cd /tmp/closed && setpriv --reuid=1000 --regid=1000 --clear-groups sbpf run -- true'
rmdir /tmp/closed

check "rules can be unloaded" sbpf policy unload rules
check "and audit" sbpf policy unload audit
done_testing
