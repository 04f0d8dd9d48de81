#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# On a kernel that was booted without the BPF LSM, where programs attached to LSM
# hooks never run. Policies must be in force there all the same.
set -u
. "$(dirname "$0")/../scripts/lib.sh"

check "the BPF LSM is off" sh -c "! grep -w bpf /sys/kernel/security/lsm"
check "check has no objection" sbpf check
check "strict can be loaded" sbpf policy load strict
check "outside of it /etc/shadow can be read" cat /etc/shadow
check "inside of it it cannot" shadow_denied strict
check "strict can be unloaded" sbpf policy unload strict
done_testing
