#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# On a kernel that was booted without the BPF LSM: programs attach there and never
# run, so a policy would not be enforced. It must not look as if it were.
set -u
. "$(dirname "$0")/../scripts/lib.sh"

check "the BPF LSM is off" sh -c "! grep -w bpf /sys/kernel/security/lsm"
status 1 "check fails" sbpf check
says '^no .*BPF LSM' "check names the reason"
says 'remedy:.*lsm=' "check names the remedy"

for name in minimal strict; do
	status 1 "$name cannot be loaded" sbpf policy load $name
	says 'lsm=|LSM list|sbpf check' "the message tells what to do"
	check "$name is not registered" sh -c "! sbpf --json policy list | grep $name"
	check "$name is not pinned" sh -c "! ls $pins 2>/dev/null | grep $name"
done
check "the kernel log names the remedy" sh -c "dmesg | grep 'sbpf: .*lsm='"
check "no hook stays attached" await 10 sh -c "! bpftool link list | grep lsm"

mkdir -p $pins
bpftool struct_ops register "$policies/minimal.bpf.o" $pins >/dev/null 2>&1
check "nor does bpftool get it registered" sh -c "! sbpf --json policy list | grep minimal"
check "or pinned" rmdir $pins

status 125 "nothing runs under a policy that there is not" \
	sbpf run --policy strict -- touch "$scratch/ran"
check "and nothing runs without one" test ! -e "$scratch/ran"
status 125 "nor does the default policy load itself" sbpf run -- touch "$scratch/ran"
check "and again nothing runs" test ! -e "$scratch/ran"
done_testing
