#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a program can tell of its sandbox: fingerprints taken outside and inside.
# The differences that are expected here are those that the documentation lists.
# part: 2
set -u
. "$(dirname "$0")/lib.sh"

fingerprint=$here/fingerprint.py
check "policies can be loaded" sh -c "sbpf policy load strict && sbpf policy load audit && sbpf policy load rules"
sleep 1000 &
mine=$!
with_user sleep 1000 &
await 20 pgrep -u 1000 -x sleep >/dev/null
theirs=$(pgrep -u 1000 -x sleep)

# differences FILE FILE: "KEY OUTSIDE INSIDE", or keys and "only" where one has none.
differences() {
	python3 - "$1" "$2" <<-'END'
		import sys
		a, b = (dict(line.rstrip("\n").split(" ", 1) for line in open(f)) for f in sys.argv[1:])
		for key in sorted(a.keys() | b.keys()):
		    if a.get(key) != b.get(key):
		        print(key, a.get(key, "only"), b.get(key, "only"))
	END
}
keys() {
	awk '{ print $1 }' <<<"$1" | xargs
}
# take FILE COMMAND...: with standard descriptors that are the same everywhere.
take() {
	local out=$1
	shift
	"$@" </dev/null 2>/dev/null | cat >"$scratch/$out"
	grep -q '^act.fork ok$' "$scratch/$out"
}

compare() {
	local as=$1 outside=$2 user=$3 listed=$4 found rest

	check "a fingerprint outside$as" take native "$user" "$fingerprint" /etc/hostname "$outside"
	same "[(1, 0, 'strict')]" "$(sed -n 's/^sbpf.nested //p' "$scratch/native")" \
		"with a sandbox of its own$as"
	check "and another one$as" take again "$user" "$fingerprint" /etc/hostname "$outside"
	same "" "$(differences "$scratch/native" "$scratch/again")" "are the same$as"

	check "one in a sandbox whose policy denies nothing$as" take inside \
		"$user" sbpf run --stealth --policy audit -- "$fingerprint" /etc/hostname "$outside"
	found=$(differences "$scratch/native" "$scratch/inside")
	same "$listed" "$(keys "$found")" "hard_to_perceive.audit: differs in what is listed$as"

	check "one under strict$as" take inside \
		"$user" sbpf run --stealth --policy strict -- "$fingerprint" /etc/hostname "$outside"
	found=$(differences "$scratch/native" "$scratch/inside")
	rest=$(grep -vE '^(act\.|parent\.exe)' <<<"$found")
	same "$listed" "$(keys "$rest")" "hard_to_perceive.strict: differs in the same$as"
	rest=$(grep -E '^(act\.|parent\.exe)' <<<"$found")
	same "" "$(grep -vE ' (EACCES|EPERM)$' <<<"$rest")" "and in errors of acts that are denied$as"
	grep -q '^act.memory.wx ok EACCES$' <<<"$rest"
	same 0 $? "of which there are some$as"

	# Of what the default denies, nothing but errors is seen: of /proc/modules, too.
	check "one under the default$as" take inside \
		"$user" sbpf run --stealth --profile untrusted -- "$fingerprint" /etc/hostname "$outside"
	found=$(differences "$scratch/native" "$scratch/inside")
	rest=$(grep -vE '^sbpf\.| (EACCES|EPERM|ENOENT|ENOKEY)$' <<<"$found")
	same "$(xargs <<<"${listed/modules/}")" "$(keys "$rest")" "hard_to_perceive.untrusted: differs in nothing else$as"
	grep -q '^act.outside.getsid ok EPERM$' <<<"$found" && grep -q '^parent.comm .* ENOENT$' <<<"$found"
	same 0 $? "and in what is denied, such as to know about others$as"

	# The fingerprint is good enough to tell what --stealth is for.
	check "one without --stealth$as" take inside \
		"$user" sbpf run --policy audit -- "$fingerprint" /etc/hostname "$outside"
	found=$(differences "$scratch/native" "$scratch/inside")
	grep -q '^parent.comm .* sbpf$' <<<"$found"
	same 0 $? "shows who the parent is$as"
	check "one in a view$as" take inside \
		"$user" sbpf run --policy audit --overlay /usr -- "$fingerprint" /etc/hostname "$outside"
	found=$(differences "$scratch/native" "$scratch/inside")
	grep -q '^ns.mnt ' <<<"$found" && grep -q '^mountinfo ' <<<"$found"
	same 0 $? "shows the namespace and the mounts$as"
}

# /proc/modules has the count of what uses the module.
compare "" "$mine" env "modules"
compare ", as a user" "$theirs" with_user "modules status.NoNewPrivs"

# How long system calls take, as a program would measure it: of those that sbpf has
# nothing to do with no one can be told from outside. Taken by turns, so that whatever
# else the machine has to do disturbs all alike. Where it is busy even the fastest of thousands
# may be slow by a third, on one side: then there are more, until the fastest of all have been
# as fast on both. To be asked about adds half as much to the cheapest, however often.
latency() {
	local name=$1
	shift
	"$@" "$here/act" latency /etc/hostname >>"$scratch/latency.$name"
}
measure() {
	local name=$1
	shift
	for _ in 1 2 3; do
		latency native with_user && latency "$name" "$@" || return
	done
}
# least NAME: of each call.
least() {
	sort -k 1,1 -k 2,2n "$scratch/latency.$1" | awk '!seen[$1]++'
}
# slower NAME NAME: those that take a third longer in one of them.
slower() {
	join <(least "$1") <(least "$2") | awk '3 * $3 > 4 * $2 || 3 * $2 > 4 * $3 { print $1 }'
}
traced() {
	local on=/sys/kernel/tracing/events/raw_syscalls/sys_enter/enable got

	echo 1 >$on
	with_user "$@"
	got=$?
	echo 0 >$on
	return $got
}
check "latencies in a sandbox can be taken" \
	measure inside with_user sbpf run --stealth --profile untrusted --
for _ in {1..10}; do
	slower native inside | grep -qvxE 'open[+]close|kill' || break
	measure inside with_user sbpf run --stealth --profile untrusted --
done
same "" "$(slower native inside | grep -vxE 'open[+]close|kill')" \
	"hard_to_perceive.latency: what no policy is asked about takes no longer"
check "and those of system calls that are traced" latency traced traced
slower native traced | grep -qx getppid
same 0 $? "which can be told"
join <(least native) <(least inside) | join - <(least traced) |
	sed 's/^/# ticks outside, inside, traced: /'

# The command is where sbpf was.
# shellcheck disable=SC2016 # the shell inside expands it
output=$(bash -c 'echo $$; exec sbpf run --policy strict --stealth -- sh -c "echo \$\$"')
same 1 "$(uniq <<<"$output" | wc -l)" "the command has the number that sbpf had"
status 7 "the exit status is the command's" sbpf run --policy strict --stealth -- sh -c 'exit 7'
status 127 "not found" sbpf run --policy strict --stealth -- /nowhere
status 126 "not executable" sbpf run --policy strict --stealth -- /etc
status 125 "not together with a view" sbpf run --policy strict --stealth --private-pids -- true
status 1 "the policy is in force" sbpf run --policy strict --stealth -- cat /etc/shadow
sbpf run --policy strict --stealth --name left -- sh -c 'sleep 1000 & exit 0'
check "what is left behind can be killed" sbpf kill left
kill "$mine" "$theirs"
check "policies can be unloaded" sh -c "sbpf policy unload rules && sbpf policy unload audit && sbpf policy unload strict"
done_testing
