#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs that want too much, and neighbours that work meanwhile: these keep what they
# had. What they get done says something only where nothing else takes the time of the
# machine: "make bench" runs this where time is made of instructions. Elsewhere it counts
# if it repeats without those programs. WORK=SECONDS in the environment says how long they
# work at a time, ROUNDS=N how often.
set -u
. "$(dirname "$0")/lib.sh"
row=resource_limits

work=$scratch/work
mkdir -m 777 "$work"
cd "$work" || exit
needs_cgroups
check "rules can be loaded" sbpf policy load rules

# The neighbours, one outside and one in another sandbox: what they get done, and their share
# of the CPUs, in thousandths.
share() {
	"$here/hog" work "${WORK:-2}" >"$scratch/outside" &
	limited -- "$here/hog" work "${WORK:-2}" >"$scratch/inside"
	wait $!
	echo "$(<"$scratch/outside") $(<"$scratch/inside")"
}

# What each hog may have, besides a hundredth of a CPU and 40 MB; and what that limits.
declare -A limits=([forks]="--pids 30" [spin]="--cpu-time 1000s" [files]="--open-files 50" \
	[disk]="--bytes-written 2M" [names]="--files-created 20" \
	[connections]="--connections 20 --connect 127.0.0.1:9" [execs]="--exec-rate 2" \
	[memory]="" [sleep]="--wall-time 1s:freeze")
declare -A resources=([forks]=pids [files]=open-files [disk]=bytes-written \
	[names]=files-created [connections]=connections [memory]=memory [sleep]=wall-time)

# used HOG...: have these got as much as they may, and no more?
used() {
	local hog

	output=$(sbpf --json stats)
	for hog in "$@"; do
		[ -z "${resources[$hog]:-}" ] || json "[r for s in o if s['name'] == '$hog'
			for r in s['resources'] if r['resource'] == '${resources[$hog]}' and
			(0.9 * r['limit'] <= r['peak'] <= 1.1 * r['limit'] or
			 s['state'] == 'frozen')]" \
			<<<"$output" >/dev/null || return
	done
}

freeze_hogs() {
	local group

	for group in $(cgroups); do
		echo "$1" >"$group/cgroup.freeze"
	done
}

# keeps WHICH DESCRIPTION: a point about what repeats without hogs, or none.
keeps() {
	# shellcheck disable=SC2086 # several numbers
	if [ "$(median ${differ[$1]})" -le 5 ]; then
		between 90 110 "$(median ${kept[$1]})" "$2 (${kept[$1]# })"
	else
		skip "$2 (${kept[$1]# })" \
			"without hogs it differs by${differ[$1]} percent: this machine is busy"
	fi
}

# beside HOG...: all of them at once, none of which gives up.
beside() {
	local hog group i j difference alone with again kept=() differ=()

	for hog in "$@"; do
		# shellcheck disable=SC2086 # several words
		limited --name "$hog" --cpu 0.01 --memory 40M:deny ${limits[$hog]} -- \
			"$here/hog" "$hog" >/dev/null 2>&1 &
	done
	check "$* get as much as they may" await 300 used "$@"
	# Beside them and, while their groups are frozen, without, in turns: whatever else is
	# done on the machine that emulates this one takes of both. What neighbours keep is
	# told in hundredths: of the work and of the share of CPUs of the one outside, then
	# of the one inside.
	for ((i = 0; i < ${ROUNDS:-7}; i++)); do
		freeze_hogs 1
		read -ra alone < <(share)
		freeze_hogs 0
		read -ra with < <(share)
		freeze_hogs 1
		read -ra again < <(share)
		freeze_hogs 0
		for j in 0 1 2 3; do
			kept[j]+=" $((200 * with[j] / (alone[j] + again[j])))"
			difference=$((100 * (again[j] - alone[j]) / alone[j]))
			differ[j]+=" ${difference#-}"
		done
	done
	keeps 1 "a neighbour outside keeps its share"
	keeps 3 "and one in another sandbox keeps its share"
	keeps 0 "a neighbour outside gets as much done"
	keeps 2 "and one in another sandbox gets as much done"
	check "nobody has got more than that" used "$@"
	output=$(sbpf --json stats)
	holds "nor of the CPUs" "all(r['usage'] < 3e9 for s in o if s['name'] == 'spin'
		for r in s['resources'] if r['resource'] == 'cpu-time')"
	holds "and memory is told" "sum(r['resource'] == 'memory' and r['limit'] == 40 << 20 and
		0 < r['usage'] <= r['peak'] <= r['limit'] for s in o for r in s['resources']) == $#"
	check "for one as well" sbpf show "$1"
	says 'memory +[0-9.]+[KM] now +[0-9.]+[KM] at most, limit 40.0M' "in its own words"
	# With so little of a CPU it would take them long to die.
	for group in $(cgroups); do
		echo max >"$group/cpu.max"
	done
	for hog in "$@"; do
		sbpf kill "$hog"
	done
	wait
	same "" "$(cgroups)" "their control groups are removed"
	rm -rf "${work:?}"/*
}

counts_bytes || unset 'limits[disk]'
hogs=("${!limits[@]}")
# They may have a hundredth of a CPU each, of one not too many at once.
most=$(($(nproc) * 5))
for ((first = 0; first < ${#hogs[@]}; first += most)); do
	beside "${hogs[@]:first:most}"
done
# Of the memory hog.
dmesg -C
check "no sandbox is left" settle
check "rules can be unloaded" sbpf policy unload rules
done_testing
