#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What sbpf costs, in instructions per operation, beside Landlock and seccomp.
# Runs as root in a guest that was booted with vm.sh --icount; the module must
# not be loaded yet.
#
#   run.sh [--json FILE] [--strict]
#
#   --json FILE   write all figures to FILE; - prints them after the table, as one
#                 line, the only one of the output that begins with {
#   --strict      exit with status 1 if a budget is missed
#
# Then open+close under "sbpf run" with the profile untrusted, what many sandboxes and
# rules cost, batched and one by one (many.c), and what it costs to ask what one uses (page.c).
#
# Columns, all from one boot, in this order:
#   native, landlock, seccomp   before the module is loaded
#   idle                        module loaded, no policy
#   minimal                     in a sandbox under the policy minimal
#   strict                      in a sandbox under the policy strict
#   rules5, 100, 10000          in a sandbox under the policy rules, with so many rules
#   live                        as rules5, while there are 10,000 sandboxes more
#   outside                     in none, while another task is in one under strict
#   again                       native once more, the module removed
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
policies=${SBPF_POLICIES:-/usr/lib/sbpf/policies}
json='' strict=''
while [ $# -gt 0 ]; do
	case $1 in
	--json) [ $# -ge 2 ] || { echo "run.sh: --json needs a file" >&2; exit 2; }
		json=$2; shift 2 ;;
	--strict) strict=--strict; shift ;;
	*) sed -n '3,/^set/s/^#\( \|$\)//p' "$0" >&2; exit 2 ;;
	esac
done

[ "$(id -u)" = 0 ] || { echo "run.sh: must be root" >&2; exit 2; }
[ ! -d /sys/module/sbpf ] || {
	echo "run.sh: the module is loaded, so native cannot be measured; rmmod sbpf" >&2
	exit 2
}

work=/tmp/sbpf-bench results=$(mktemp -d /tmp/sbpf-results.XXXXXX) loaded=''
cgroups=/sys/fs/cgroup
group=$cgroups/sbpf-bench
clean_up() {
	trap - EXIT
	[ -z "$loaded" ] || sbpf policy unload "$loaded" || true
	rmmod sbpf 2>/dev/null || true
	rmdir "$group" 2>/dev/null || true
	umount "$work" 2>/dev/null || true
	rm -rf "$work" "$results"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

mkdir -p "$work"
mount -t tmpfs sbpf-bench "$work"
mkdir -p "$work/one/two"
head -c 64 /dev/zero >"$work/one/two/file"
cp "$here/true" "$work/one/two/true"
deeper=$work/$(printf 'd/%.0s' {1..22})
deepest=$work/$(printf 'd/%.0s' {1..42})
mkdir -p "$deepest"
cp "$work/one/two/file" "$deeper"
cp "$work/one/two/file" "$deepest"
cp "$here/bench" "$work/bench"
mkdir "$work/rules"
(cd "$work/rules" && seq 10000 | xargs touch)
# How much of a file is cached decides how much of it a page fault maps.
ldd /usr/bin/true | grep -o '/[^ ]*' | xargs cat /usr/bin/true >/dev/null

# Work that boot, loading or unloading left for later must be over. Waiting costs
# nothing: an idle guest's clock jumps ahead.
settle() { sleep 5; }

# column NAME OPTION...
column() {
	echo "bench: $1" >&2
	# Process numbers of the same magnitude make lookups of the same depth.
	echo 10000 >/proc/sys/kernel/ns_last_pid
	"$work/bench" "${@:2}" "$work" >"$results/$1"
	settle
}

load() {
	sbpf policy load "$policies/$1.bpf.o" >&2
	loaded=$1
	settle
}

unload() {
	sbpf policy unload "$loaded" >&2
	loaded=''
	settle
}

settle
column native
column landlock --landlock
column seccomp --seccomp
modprobe sbpf
settle
column idle
load minimal
column minimal --sandbox minimal
unload
load strict
column strict --sandbox strict
unload
load rules
column outside --bystander rules
for n in 5 100 10000; do
	column rules$n --sandbox rules --rules $n
done
echo "bench: untrusted" >&2
sbpf run --profile untrusted --rw "$work" --connect tcp:127.0.0.0/8:1-65535 \
	--connect udp:127.0.0.0/8:1-65535 --bind tcp:127.0.0.0/8:0-65535 -- \
	"$work/bench" --row open+close "$work" >"$results/untrusted"
settle
# First, since memory that the kernel keeps for the next sandboxes would not be counted.
echo "bench: many" >&2
"$here/many" rules "$work" >"$results/many"
settle
column live --sandbox rules --rules 5 --live 10000
# Who holds them, and is not told by the death of a member.
pkill -KILL -f "^$work/bench "
settle
unload
load minimal
echo "bench: page" >&2
mkdir "$group"
echo +pids >"$cgroups/cgroup.subtree_control"
sbpf run --policy minimal --pids 10 -- "$here/page" "$group/pids.current" >"$results/page"
echo -pids >"$cgroups/cgroup.subtree_control"
rmdir "$group"
unload
for _ in {1..50}; do
	! rmmod sbpf 2>/dev/null || break
	sleep 0.2
done
[ ! -d /sys/module/sbpf ] || { echo "run.sh: the module cannot be removed" >&2; exit 1; }
settle
column again

status=0
python3 "$here/report.py" $strict ${json:+--json "$json"} "$results" || status=$?
exit "$status"
