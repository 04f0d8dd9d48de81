#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The command: every verb, what it prints and with what status it ends.
# part: 4
# shellcheck disable=SC2016 # what shells inside expand
set -u
. "$(dirname "$0")/lib.sh"

swap=$here/demo/swap
verbs=(check "policy load" "policy unload" "policy update" "policy list" "policy show"
       "profile list" "profile show" "profile check" run list show kill events diff commit discard)

listed() {
	sbpf --json list | grep -q "\"name\": *\"$1\""
}
not_listed() {
	! listed "$1"
}
# Runs a command in a sandbox named $1 until it is killed; $! is the sbpf around it.
in_background() {
	sbpf run --policy strict --name "$1" -- sleep 1000 &
	await 20 listed "$1"
}

# 1. Without the module.

check "the module can be removed" unload_module 15
for command in "policy load strict" "policy unload strict" "policy update strict $swap-eperm.bpf.o" \
	       "policy list" "policy show strict" list "show 1" "kill 1" events "events --follow"; do
	# shellcheck disable=SC2086 # a list of words
	status 1 "without the module: $command fails" sbpf $command
	says 'not loaded' "without the module: $command says so"
	says 'modprobe sbpf' "without the module: $command says how to load it"
done
status 125 "without the module: run fails as 125" sbpf run -- touch "$scratch/ran"
says 'not loaded.*|modprobe sbpf' "without the module: run says so"
check "without the module: nothing runs" test ! -e "$scratch/ran"
status 1 "without the module: check fails" sbpf check
says '^no .*module: .*not loaded' "without the module: check says so"
says 'remedy: .*modprobe sbpf' "without the module: check has the remedy"
status 1 "without the module: check --json fails" sbpf --json check
holds "without the module: check --json has the one no and its remedy" \
	"[('modprobe' in r['remedy'], r['check']) for r in o if r['result'] == 'no'] == [(True, 'module')]"
status 1 "without the module: an error is JSON on request" sbpf --json list
holds "without the module: it has error and hint" \
	"len(o) == 1 and 'not loaded' in o[0]['error'] and 'modprobe' in o[0]['hint']"

# 2. What needs no module.

for verb in "${verbs[@]}"; do
	# shellcheck disable=SC2086 # one or two words
	check "$verb --help" sbpf $verb --help
	says "^usage: sbpf $verb" "$verb --help tells the usage"
done
check "--help" sbpf --help
missing=
for verb in "${verbs[@]}"; do
	grep -q "^ *$verb " <<<"$output" || missing+=" $verb"
done
same "" "$missing" "--help tells all verbs"
check "policy --help" sbpf policy --help
check "--version" sbpf --version
says '^sbpf [0-9]+\.[0-9]+' "--version tells the version"
fields "--version" "version abi" sbpf --json --version

for command in "" frobnicate policy "policy frobnicate" --frobnicate "list --frobnicate" \
	       "list extra" profile "profile show" "profile check" "profile list extra" kill show "kill 1 2" "policy load" "policy unload" \
	       "policy update strict" "policy show" "events --count none" \
	       "events --timeout" "check extra" "diff 1 2" commit discard; do
	# shellcheck disable=SC2086 # a list of words
	status 2 "no valid command line: sbpf $command" sbpf $command
done
says "hint: .*--help" "a wrong command line is told where to find help"
for command in "run" "run --frobnicate -- true" "run --pids none -- true" "run --pids 0 -- true" \
	       "run --pids" "run --policy"; do
	# shellcheck disable=SC2086 # a list of words
	status 125 "no valid command line: sbpf $command" sbpf $command
done
check "there is a manual page" sh -c "ls /usr/share/man/man1/sbpf.1*"
check "bash can complete" bash -c '. /usr/share/bash-completion/completions/sbpf && complete -p sbpf'
check "and knows the verbs" bash -c '
	. /usr/share/bash-completion/bash_completion
	. /usr/share/bash-completion/completions/sbpf
	f=$(complete -p sbpf | sed "s/.*-F \([^ ]*\).*/\1/")
	COMP_WORDS=(sbpf policy un) COMP_CWORD=2 COMP_LINE="sbpf policy un" COMP_POINT=14
	$f sbpf un policy; [[ " ${COMPREPLY[*]} " == *" unload "* ]]'

# 3. Policies.

modprobe sbpf
check "check is green" sbpf check
says '^ok +operations: [0-9]+ can be decided about; no policy is asked about .*: see Known holes in threat-model$' \
	"check says what no policy decides"
says '^ok +policies: .*CAP_SYS_ADMIN .*pointers' "and what a policy can see"
fields "check" "result check detail" sbpf --json check
holds "check --json has no no" "not [r for r in o if r['result'] == 'no']"
check "check as a user" with_user sbpf check
check "policy list is empty at first" sbpf --json policy list
same "" "$output" "and prints nothing"
check "list is empty at first" sbpf --json list
same "" "$output" "and prints nothing"

check "policy load FILE" sbpf policy load "$swap-eacces.bpf.o"
says 'swap: loaded' "policy load tells the name"
check "the policy is pinned" test -e $pins/swap
fields "policy load" "policy action pin" sbpf --json policy load strict
status 1 "a policy is loaded once" sbpf policy load "$swap-eperm.bpf.o"
says 'registered already.*|policy update' "policy load tells about update"
status 1 "no such file" sbpf policy load /nowhere.bpf.o
says 'cannot read: /nowhere' "policy load says so"
status 1 "no such shipped policy" sbpf policy load nothing
status 1 "not a BPF object" sbpf policy load /etc/hostname
says 'not a BPF object' "policy load says so"
status 1 "not a policy" sbpf policy load "$here/demo/inject.bpf.o"
says 'no policy in' "policy load says so"
status 1 "a policy that the verifier rejects" sbpf policy load "$here/verifier/faulty.bpf.o"
says 'Unreleased reference|reference leak' "policy load shows the verifier's reason"
check "and leaves nothing" sh -c "! sbpf policy list | grep faulty && ! ls $pins | grep faulty"

fields "policy list" "policy generation sandboxes flags ops pinned" sbpf --json policy list
holds "policy list has both" "sorted(r['policy'] for r in o) == ['strict', 'swap']"
check "policy list has a table" sbpf policy list
says '^NAME .*OPERATIONS' "with a heading"
says '^swap +1 +0 +yes +open +file_open$' "and what there is to tell"
fields "policy show" "policy generation sandboxes flags ops pinned" sbpf --json policy show swap
holds "policy show has the operations" \
	"o[0]['ops'] == ['file_open'] and o[0]['generation'] == 1 and o[0]['flags'] == ['open']"
status 1 "policy show of none" sbpf policy show nothing
says 'no such policy: nothing' "policy show says so"

fields "policy update" "policy action generation" sbpf --json policy update swap "$swap-eperm.bpf.o"
holds "policy update makes generation 2" "o[0]['generation'] == 2"
status 1 "policy update under another name" sbpf policy update swap "$policies/strict.bpf.o"
says 'called strict, not swap' "policy update says so"
status 1 "policy update of none" sbpf policy update nothing "$swap-eperm.bpf.o"
says 'no such policy' "policy update says so"
sbpf policy load "$here/verifier/faulty.mended.bpf.o" >/dev/null
status 1 "policy update to what is rejected" sbpf policy update faulty "$here/verifier/faulty.bpf.o"
says 'Unreleased reference|reference leak' "policy update shows the verifier's reason"
check "and keeps the generation" sh -c "sbpf policy show faulty | grep -q 'generation: 1'"
sbpf policy unload faulty >/dev/null

status 1 "a user loads no policy" with_user sbpf policy load "$policies/minimal.bpf.o"
says 'root' "and is told who does"
status 1 "a user replaces no policy" with_user sbpf policy update swap "$swap-eacces.bpf.o"
status 1 "a user unloads no policy" with_user sbpf policy unload swap
check "the policy is still there" with_user sbpf policy show swap
says 'generation: 2' "in its generation"
check "a user lists policies" with_user sbpf policy list

status 1 "policy unload of none" sbpf policy unload nothing
fields "policy unload" "policy action" sbpf --json policy unload swap
# The first reading of the events shows those that were kept.
output=$(sbpf --json events)
holds "what becomes of policies is told" "[e['text'] for e in o if e['type'] == 'control' and
	e['text'].startswith('policy swap ')] == ['policy swap registered',
	'policy swap replaced, generation 2', 'policy swap unregistered']"
check "the pin is gone" test ! -e $pins/swap
status 1 "the policy is gone" sbpf policy show swap

# 4. run.

echo exit 0 >"$scratch/plain"

for user in "" with_user; do
	as=${user:+ as a user}
	check "run$as" $user sbpf run -- true
	status 7 "run ends with the command's status$as" $user sbpf run -- sh -c 'exit 7'
	status 143 "or with its signal$as" $user sbpf run -- sh -c 'kill -TERM $$'
	status 127 "no such command$as" $user sbpf run -- /nowhere/nothing
	status 127 "no such command in PATH$as" $user sbpf run -- nothing-of-that-name
	status 126 "not executable$as" $user sbpf run -- "$scratch/plain"
	status 126 "a directory$as" $user sbpf run -- /etc
	status 125 "no such policy$as" $user sbpf run --policy nothing -- touch /tmp/sbpf-ran
	says 'nothing' "run says so$as"
done
check "nothing ran" test ! -e /tmp/sbpf-ran
output=$(cd /usr && echo in | X='a b' sbpf run -- sh -c 'cat; pwd; echo "$X"; printf "<%s>" "$@"' - 'c  d' '' -x)
same $'in\n/usr\na b\n<c  d><><-x>' "$output" "run hands on input, directory, environment and arguments"
status 3 "options end at the command" sbpf run sh -c 'exit 3' --pids none
check "a user stays who he is" with_user sbpf run -- sh -c '[ $(id -u) = 1000 ]'
check "a user gets no new privileges" with_user sbpf run -- grep -q '^NoNewPrivs:.*1' /proc/self/status
status 1 "a user is denied what the policy denies" with_user sbpf run -- cat /home/user/.ssh/id
check "root is denied what the policy denies" shadow_denied strict
check "and not outside" cat /etc/shadow

# Each sleep is a process, besides the shell.
forks='for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; exit 0'
status 2 "--pids limits the processes" sbpf run --pids 5 -- dash -c "$forks"
says 'fork|Resource temporarily unavailable' "the shell says so"
check "--pids leaves what it allows" sbpf run --pids 20 -- dash -c 'sleep 0 & sleep 0 & wait'
check "what the command leaves behind dies with it" sh -c '! pgrep -x sleep'
check "or with --wait may end" sbpf run --policy strict --wait -- dash -c "(sleep 1; touch $scratch/end) & exit 0"
check "before sbpf does" test -e "$scratch/end"

in_background named
first=$!
fields "list" "sandbox name state policy generation flags parent layer uid pids pids_peak asked denied" \
	sbpf --json list
holds "list has what there is" \
	"len(o) == 1 and o[0]['name'] == 'named' and o[0]['state'] == 'live' and o[0]['pids'] == 1"
id=$(json "o[0]['sandbox']" <<<"$output")
check "list has a table" sbpf list
says 'ID .*STATE .*NAME' "with a heading"
says "^ *$id live +strict .* named\$" "and what there is to tell"
fields "show ID" "sandbox name state policy members operations" sbpf --json show "$id"
holds "show has the members" \
	"[(m['pid'], m['comm']) for m in o[0]['members']] == [($(pgrep -P $first), 'sleep')]"
holds "show has the operations" "'file_open' in [p['op'] for p in o[0]['operations']]"
check "show NAME" sbpf show named
says "^sandbox: +$id\$" "shows the same"
status 1 "show of none" sbpf show 999999
says 'no such sandbox' "show says so"
status 1 "show of no name" sbpf show nobody
in_background named
second=$!
await 20 sh -c '[ $(sbpf --json list | grep -c named) = 2 ]'
status 1 "a name that two have is none" sbpf show named
says '2 sandboxes' "show says so"

# A user reaches his own sandboxes, root all.
check "a user lists none of root's" with_user sbpf --json list
same "" "$output" "and sees nothing"
status 1 "a user cannot show one of root's" with_user sbpf show "$id"
status 1 "a user cannot kill one of root's" with_user sbpf kill "$id"
check "it lives" kill -0 $first
with_user sbpf run --name theirs -- sleep 1000 &
third=$!
await 20 listed theirs
check "a user shows his own" with_user sbpf show theirs
says 'user: +1000' "as his own"
check "root lists it as well" listed theirs

check "kill ID" sbpf kill "$id"
wait $first
same 137 $? "kills the command"
check "and the sandbox is gone" not_listed "$id"
check "the other one is not" kill -0 $second
check "kill NAME" sbpf kill named
wait $second
same 137 $? "kills the other"
check "a user kills his own" with_user sbpf kill theirs
wait $third
same 137 $? "which is dead then"
check "no sandbox is left" settle
status 1 "kill of none" sbpf kill "$id"
says 'no such sandbox' "kill says so"

# 5. Events.

settle
check "events shows what was recorded" sbpf events
status 0 "events are shown once" sbpf events
same "" "$output" "and then no more"
sbpf run --policy strict --name known -- cat /etc/shadow >/dev/null 2>&1
settle
fields "events" "type seq time_ns sandbox layer policy generation pid tgid comm" sbpf --json events
holds "a denial is one event" "len([e for e in o if e['type'] == 'denied']) == 1"
holds "with all that is known of it" "[e for e in o if e['type'] == 'denied' and
	e['op'] == 'file_open' and e['errno'] in ('EACCES', 'EPERM') and e['error'] < 0 and
	e['path'] == '/etc/shadow' and e['ino'] == $(stat -c %i /etc/shadow) and
	e['comm'] == 'cat' and e['policy'] == 'strict' and e['generation'] == 1 and
	e['layer'] == 1 and e['sandbox'] > 0 and e['pid'] == e['tgid'] > 0]"
holds "and the life of the sandbox around it" \
	"[e['text'] for e in o if e['type'] == 'sandbox'] == ['created', 'entered', 'destroyed']"
holds "no event is lost" "not [e for e in o if e['type'] == 'lost']"
holds "events are numbered one by one" \
	"[e['seq'] for e in o] == list(range(o[0]['seq'], o[0]['seq'] + len(o)))"
sbpf run --policy strict -- cat /etc/shadow >/dev/null 2>&1
settle
check "events as text" sbpf events
says '^[0-9.]+ denied +[0-9]+ strict/1 cat\[[0-9]+\] file_open: E[A-Z]+: /etc/shadow$' "are a line each"

check "--complain lets it happen" sbpf run --policy strict --complain -- cat /etc/shadow
check "and reports it" sh -c "sbpf --json events | grep denied | grep complain | grep -q /etc/shadow"

settle
sbpf --json events --follow --count 4 --timeout 60 >"$scratch/follow" 2>"$scratch/follow.err" &
follow=$!
check "events --follow begins" grows "$scratch/follow.err" following
sbpf run --policy strict -- cat /etc/shadow >/dev/null 2>&1
settle
wait $follow
same 0 $? "events --follow --count ends by itself"
same "sandbox sandbox denied sandbox" "$(json "' '.join(e['type'] for e in o)" <"$scratch/follow")" \
	"and has shown them in their order"

in_background followed
sbpf --json events --follow --sandbox followed --count 1 --timeout 60 \
	>"$scratch/follow" 2>"$scratch/follow.err" &
follow=$!
grows "$scratch/follow.err" following
id=$(sbpf --json show followed | json "o[0]['sandbox']")
sbpf run --policy strict -- cat /etc/shadow >/dev/null 2>&1
sbpf kill followed
wait $follow
same "$id" "$(json "o[0]['sandbox']" <"$scratch/follow")" "events --sandbox shows only that one's"
status 1 "events --timeout ends without events" sbpf events --follow --count 1 --timeout 1
status 1 "a user sees no events" with_user sbpf events
says 'root' "and is told who does"
status 1 "output that goes nowhere is a failure" sh -c 'sbpf policy list >/dev/full'

check "policy unload" sbpf policy unload strict
check "policy unload of the one that run has loaded" sbpf policy unload rules
check "the module is idle then" unload_module 15
modprobe sbpf
done_testing
