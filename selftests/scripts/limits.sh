#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Limits of "sbpf run" against programs that want too much: each is capped, and says
# why. Control groups too.
set -u
. "$(dirname "$0")/lib.sh"
row=resource_limits

work=$scratch/work
mkdir -m 777 "$work"
check "rules can be loaded" sbpf policy load rules

# event DESCRIPTION EXPRESSION: a point for the events e since it was asked last, of limits.
event() {
	settle
	output=$(sbpf --json events)
	holds "$1" "[e for e in o if e['type'] == 'denied' and 'limit' in e['flags'] and $2]"
}

# run_hog NAME UNTIL OPTION...: what it prints, that is how much it got and why not more.
run_hog() {
	(cd "$work" && limited "${@:3}" -- "$here/hog" "$1" "$2")
}

sbpf events >/dev/null

# A fork bomb.
output=$(run_hog forks first --pids 30)
near 10 29 "${output%% *}" "a fork bomb is capped"
says 'Resource temporarily unavailable' "by EAGAIN"
event "an event says so" "e['resource'] == 'pids' and e['errno'] == 'EAGAIN' and 'limit' in e['flags']"
status 124 "or killed" run_hog forks first --pids 30:kill
says 'limit of pids is 30' "and sbpf says why"
event "an event says so" "'killed' in e['flags']"

# Files.
output=$(run_hog files first --open-files 100)
between 90 100 "${output%% *}" "who hoards files is capped"
says 'Too many open files' "by EMFILE"
event "an event says so" "e['resource'] == 'open-files' and e['errno'] == 'EMFILE'"
output=$(run_hog names first --files-created 50)
same "50 Disk quota exceeded" "$output" "who creates files is capped"
event "an event says so" "e['resource'] == 'files-created'"
rm -f "$work"/n*
if counts_bytes; then
	status 3 "who fills the disk is capped" run_hog disk first --bytes-written 4M
	near 10 $((4 << 20)) "$(stat -c %s "$work/full")" "near its limit"
	event "an event says so" "e['resource'] == 'bytes-written' and e['errno'] == 'EDQUOT'"
	rm -f "$work/full"
else
	status 125 "who fills the disk cannot be capped here" run_hog disk first --bytes-written 4M
	says 'sbpf check tells' "and is not run"
	check "sbpf check tells why" sh -c "sbpf check | grep -A 1 '^warn limits' | grep CONFIG_TASK_XACCT"
fi
status 153 "or by the size of one file" limited --file-size 1M -- \
	dd if=/dev/zero of="$work/full" bs=64K count=100
same $((1 << 20)) "$(stat -c %s "$work/full")" "which is exact"
event "an event says so" "e['resource'] == 'file-size' and e['errno'] == 'EFBIG' and e['comm'] == 'dd'"
status 1 "who ignores the signal fails" limited --file-size 1M -- \
	sh -c "trap '' XFSZ; exec dd if=/dev/zero of='$work/full' bs=64K count=100"
says 'File too large' "by EFBIG"
event "of which there is an event as well" "e['resource'] == 'file-size'"
status 124 "or is killed" limited --file-size 1M:kill -- \
	sh -c "trap '' XFSZ; dd if=/dev/zero of='$work/full' bs=64K count=100; sleep 1000"
says 'limit of file-size is 1.0M' "and sbpf says why"
event "an event says so" "e['resource'] == 'file-size' and 'killed' in e['flags']"
status 2 "root cannot raise it inside" limited --file-size 1M --capability sys_resource -- \
	sh -c 'ulimit -f unlimited'
event "of which there is an event" "e['op'] == 'task_setrlimit' and e['errno'] == 'EPERM' and
	e['resource'] == 'file-size' and e['rlimit'] == 1"
check "but may lower it" limited --file-size 1M --capability sys_resource -- sh -c 'ulimit -f 1'
check "and without it raise it" limited --capability sys_resource -- \
	sh -c 'ulimit -S -f 1; ulimit -f unlimited'
rm -f "$work/full"

# Rates.
"$here/act" listen 127.0.0.1 9 "$scratch/ready" &
server=$!
await 10 test -e "$scratch/ready"
# Four seconds are begun.
control=$(run_hog connections 3.5 --connect tcp:127.0.0.1:9)
output=$(run_hog connections 3.5 --connect tcp:127.0.0.1:9 --connection-rate 5)
between 50 1000000 "$control" "a flood of connections"
near 10 20 "$output" "is capped ($output of $control in 4 seconds)"
event "an event says so" "e['resource'] == 'connection-rate' and e['errno'] == 'EAGAIN'"
kill $server
control=$(run_hog execs 3.5)
output=$(run_hog execs 3.5 --exec-rate 2)
between 10 1000000 "$control" "a storm of programs"
near 10 8 "$output" "is capped ($output of $control in 4 seconds)"
event "an event says so" "e['resource'] == 'exec-rate' and e['op'] == 'bprm_check_security' and
	e['errno'] == 'EAGAIN'"

# milliseconds COMMAND...: how long it takes.
milliseconds() {
	local begin=${EPOCHREALTIME//[.,]/}

	"$@" >/dev/null 2>"$scratch/said"
	echo "$? $(((${EPOCHREALTIME//[.,]/} - begin) / 1000))"
}

# Time. It takes a while to start and end the command.
read -r got took < <(milliseconds limited --wall-time 3s -- sleep 60)
same 124 "$got" "a sleeper is killed in time ($took ms with the command)"
output=$(<"$scratch/said")
says 'limit of wall-time is 3.000s' "and sbpf says why"
settle
output=$(sbpf --json events)
holds "after 3 seconds" "(lambda t: 2.9 <= t['killed'] - t['entered'] <= 3 + 0.3 * $SLOW)(
	{e['text']: e['time_ns'] / 1e9 for e in o if e['type'] == 'sandbox'})"
holds "an event says so" "[e for e in o if e['type'] == 'denied' and
	e['resource'] == 'wall-time' and 'killed' in e['flags']]"
# The sandbox stays, to be asked, while who has started it is stopped, in time.
much=$((5 * SLOW))
limited --name spinners --cpu-time ${much}s -- sh -c 'while :; do :; done & while :; do :; done' 2>"$scratch/said" &
first=$!
await 20 sh -c 'sbpf show spinners 2>&1 | grep -q " sh$"'
pkill -STOP -P $first -x sbpf
check "spinners are killed" await 60 sh -c 'sbpf --json show spinners | grep -q "\"state\": *\"dying\""'
await 10 sh -c '! sbpf show spinners | grep -q " sh$"'
output=$(sbpf --json stats)
used=$(json "[r['usage'] // 1000000 for s in o if s['name'] == 'spinners' for r in s['resources']
	if r['resource'] == 'cpu-time'][0]" <<<"$output")
near 10 $((much * 1000)) "$used" "when they have used as much time as they may, together ($used ms)"
pkill -CONT -P $first -x sbpf
got=0
wait $first || got=$?
same 124 $got "the exit status says so"
output=$(<"$scratch/said")
says "limit of cpu-time is $much.000s" "and sbpf says why"
event "an event says so" "e['resource'] == 'cpu-time' and 'killed' in e['flags']"

# Freezing. What sleeps does so until it is killed, so that the third is one too many
# however long it takes to start them.
limited --name cold --pids 3:freeze -- sh -c 'for i in 1 2 3; do sleep 1000 & done' 2>"$scratch/said" &
first=$!
frozen() {
	sbpf --json list | grep -q '"state":.*frozen'
}
check "a sandbox can be frozen instead" await 20 frozen
check "for which limit can be seen" sbpf show cold
says 'stopped: +by the limit of pids' "it says so"
check "and thawed" sbpf thaw cold
got=0
wait $first || got=$?
same 2 $got "then it goes on"
output=$(<"$scratch/said")
says 'Cannot fork' "without a third"
settle

# What is used is told.
limited --name used -- sh -c 'cat /dev/null; sleep 1000' &
first=$!
await 20 sh -c 'sbpf --json list | grep -q used'
await 20 sh -c 'sbpf show used | grep -q "execs *3"'
fields "stats" "sandbox resources operations" sbpf --json stats
holds "which has what was used" \
	"[r['usage'] for r in o[0]['resources'] if r['resource'] == 'execs'] == [3]"
holds "and how many events told of it" "o[0]['events'] == 2"
check "as a table" sbpf stats
says 'CPU TIME.*OPENED.*DENIED NAME' "with a heading"
sbpf kill used
wait $first
settle

# The page, by libsbpf.
status 1 "the page is not to be had without /dev/sbpf" limited -- "$here/bench/page" /proc/self/stat
check "but with it" limited --pids 10 --device /dev/sbpf -- "$here/bench/page" /proc/self/stat
says 'sbpf_self_usage +[0-9]' "and read"
status 1 "not with --stealth" limited --stealth --device /dev/sbpf -- "$here/bench/page" /proc/self/stat
says 'No such device' "as outside"
settle

# Mistakes.
for limit in "pids 0" "pids 1.5" "pids 1:what" "memory 1X" "memory 1K" "cpu 0.001" "file-size 1M:notify" "wall-time 1:deny" "cpu 0" \
	     "wall-time 1e3" "exec-rate 4294967296"; do
	# shellcheck disable=SC2086 # two words
	status 125 "no limit: $limit" sbpf run --${limit% *} "${limit#* }" -- true
done

needs_cgroups
hog='import time
x = []
group = [line[3:].strip() for line in open("/proc/self/cgroup") if line.startswith("0::")][0]
try: peak = open("/sys/fs/cgroup" + group + "/memory.peak")
except OSError: peak = None
while True:
    x.append(bytearray(b"x" * 1000000))
    if peak: peak.seek(0)
    print(peak.read().strip() if peak else len(x), flush=True)'
control=$(limited -- python3 -c "${hog/True/len(x) < 200}" | tail -n 1)
same 200 "$control" "a memory hog gets much"
output=$(limited --memory 60M --ro /sys/fs/cgroup -- python3 -c "$hog" 2>"$scratch/said")
status=$?
same 124 $status "with a limit it is killed"
# The kernel tells it with a trace of calls, which is no complaint.
dmesg -C
between $((54 << 20)) $((60 << 20)) "$(tail -n 1 <<<"$output")" "near the limit"
output=$(<"$scratch/said")
says 'limit of memory is 60.0M' "and sbpf says why"
event "an event says so" "e['resource'] == 'memory' and 'killed' in e['flags'] and not e['pid']"
same "" "$(cgroups)" "the control group is removed"
status 137 "with deny one of them is killed" limited --memory 60M:deny -- python3 -c "$hog"
says 'killed: the limit of memory is 60.0M' "and sbpf says why"
dmesg -C
event "an event says so" "e['resource'] == 'memory' and 'killed' not in e['flags']"
limited --name full --memory 60M:freeze -- python3 -c "$hog" >/dev/null 2>&1 &
first=$!
check "with freeze all are stopped" await 20 frozen
check "it says why" sbpf show full
says 'stopped: +by the limit of memory' "it was"
event "an event says so" "e['resource'] == 'memory' and 'frozen' in e['flags']"
sbpf kill full
wait $first
settle
sbpf events >/dev/null
output=$(limited --memory 20M:notify -- python3 -c "${hog/True/len(x) < 60}
time.sleep(1)" | tail -n 1)
same 60 "$output" "with notify it gets what it wants"
event "and there is an event" "e['resource'] == 'memory' and e['flags'] == ['complain', 'limit']"

# What the group has had of a CPU in four seconds, in thousandths.
cpu_share() {
	local file used begin
	file=$(cgroups)/cpu.stat
	used=$(awk '/^usage_usec/ { print $2 }' "$file") begin=${EPOCHREALTIME//[.,]/}
	sleep 4
	echo $((1000 * ($(awk '/^usage_usec/ { print $2 }' "$file") - used) /
		(${EPOCHREALTIME//[.,]/} - begin)))
}
limited --name spin --cpu 25% -- sh -c 'while :; do :; done' &
first=$!
await 20 sh -c 'sbpf show spin | grep -q " sh$"'
# The machine that emulates this one may be busy for longer than the kernel gives out time in
# advance; half of the time it is not.
shares=()
for ((i = 0; i < 7; i++)); do
	shares+=("$(cpu_share)")
done
near 10 250 "$(median "${shares[@]}")" "a spinner gets a quarter of a CPU (${shares[*]})"
output=$(sbpf --json show spin)
holds "of which sbpf tells" "[r for r in o[0]['resources']
	if r['resource'] == 'cpu' and r['limit'] == 250 and 'usage' not in r]"
sbpf kill spin
wait $first
same "" "$(cgroups)" "its control group is removed, too"

status 2 "a member that writes there does not leave its group" limited --memory 100M --rw /sys/fs/cgroup -- \
	sh -c 'echo $$ >/sys/fs/cgroup/cgroup.procs'
check "but with the right cgroup" limited --memory 100M --rw /sys/fs/cgroup --allow cgroup -- \
	sh -c 'echo $$ >/sys/fs/cgroup/cgroup.procs'
await 10 sh -c '! find /sys/fs/cgroup -name "sbpf-*" -type d | grep -q .'
status 125 "a user without delegation is told" with_user sbpf run --memory 100M -- true
says 'systemd-run' "what to do"
status 125 "not with --stealth" sbpf run --stealth --memory 100M -- true

# Somebody else is in it.
limited --name shared --memory 100M -- sleep 1000 2>"$scratch/said" &
first=$!
await 20 sh -c 'sbpf show shared 2>&1 | grep -q " sleep$"'
group=$(cgroups)
sleep 1000 &
echo $! >"$group/cgroup.procs"
sbpf kill shared
wait $first
output=$(<"$scratch/said")
says "cannot remove the control group: $group" "a group that cannot be removed is told"
kill %sleep
wait
rmdir "$group"

check "sbpf check can be asked" sbpf check
says '^ok +control groups: with memory and cpu' "it tells of control groups"
says 'what cannot be limited: output per second' "and what cannot be limited"
echo cpu pids >"$scratch/controllers"
# without_memory COMMAND...: where that controller is missing.
# shellcheck disable=SC2016 # expanded by that shell
without_memory() {
	unshare --mount sh -c 'mount --bind "$0" /sys/fs/cgroup/cgroup.controllers && exec "$@"' \
		"$scratch/controllers" "$@"
}
status 125 "without the controller nothing runs" without_memory sbpf run --memory 100M -- true
says 'missing: .* controller memory' "and it is said why"
says 'CONFIG_MEMCG' "and what to do"
check "but what does not need it" without_memory sbpf run --cpu 0.5 -- true
check "sbpf check can be asked there" without_memory sbpf check
says '^warn control groups: .* controller memory' "it tells as well"

# Until they are freed sandboxes have their groups as files.
await 10 umount /sys/fs/cgroup 2>/dev/null && mount -t tmpfs none /sys/fs/cgroup && {
	status 125 "without cgroup v2 nothing runs" sbpf run --memory 100M -- true
	says 'cgroup v2' "and it is said why"
	umount /sys/fs/cgroup
	mount -t cgroup2 none /sys/fs/cgroup
}

check "no sandbox is left" settle
check "rules can be unloaded" sbpf policy unload rules
done_testing
