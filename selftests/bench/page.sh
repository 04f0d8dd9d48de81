#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What it costs to ask what one uses, in instructions: page.c in a sandbox. Runs as root
# in a guest that was booted with vm.sh --icount.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
policies=${SBPF_POLICIES:-/usr/lib/sbpf/policies}
group=/sys/fs/cgroup/sbpf-page
clean_up() {
	trap - EXIT
	sbpf policy unload minimal || true
	rmdir "$group" 2>/dev/null || true
}

mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
echo +pids >/sys/fs/cgroup/cgroup.subtree_control
mkdir "$group"
modprobe sbpf
sbpf policy load "$policies/minimal.bpf.o"
trap clean_up EXIT
sleep 5
sbpf run --policy minimal -- "$here/page" "$group/pids.current"
