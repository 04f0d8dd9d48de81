#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Separation of duties: four ordinary accounts, each of which can do its own part and
# none of the others', as concepts.rst sets them up; and what loading a policy takes.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"

bpffs=/sys/fs/bpf
parameters=/sys/module/sbpf/parameters
group=2100

# as NUMBER [CAPABILITIES] -- COMMAND...: as the account with this number, with that of the
# group that may use /dev/sbpf but for the auditor, and with some capabilities.
as() {
	local uid=$1 caps='' groups=--groups=$group
	[ "$2" = -- ] || caps=,$2
	shift $((${#caps} ? 3 : 2))
	[ "$uid" != $auditor ] || groups=--clear-groups
	setpriv --reuid="$uid" --regid="$uid" "$groups" --inh-caps="-all$caps" \
		--ambient-caps="-all$caps" --bounding-set="-all$caps" \
		env HOME=/ USER="$uid" "$@"
}
loader=2001 operator=2002 auditor=2003 user=2004
loading=+bpf,+perfmon,+sys_admin

# The set-up, by root.
mode=$(stat -c %a $bpffs)
chmod 755 $bpffs
install -d -o $loader -m 755 $pins
chgrp $group /dev/sbpf
chmod 660 /dev/sbpf
chgrp $operator $parameters/*
chmod 664 $parameters/*
chgrp $auditor /dev/sbpf_ledger
cp $policies/strict.bpf.o "$scratch/mine.bpf.o"
chmod 600 "$scratch/mine.bpf.o"
chown $loader "$scratch/mine.bpf.o"

# The loader. What it has more is taken away, see below.
check "the loader loads a policy" as $loader $loading -- sbpf policy load "$scratch/mine.bpf.o"
check "which is registered" sh -c "sbpf --json policy list | grep '\"strict\"'"
check "and pinned by the loader" test -O "$pins/strict" -o "$(stat -c %u $pins/strict)" = $loader
check "and updates it" as $loader $loading -- sbpf policy update strict "$scratch/mine.bpf.o"
status 1 "the loader does not read the ledger" as $loader $loading -- sbpf ledger
says "Permission denied" "which is said"
status 1 "nor does it set a mode" as $loader $loading -- sbpf guard bpf=off
same log "$(cat $parameters/bpf_write)" "which stays"

# The operator.
check "the operator sets a mode" as $operator -- sbpf guard bpf=confine
same confine "$(cat $parameters/bpf_write)" "which is in force"
check "and sees what there is" as $operator -- sbpf guard
status 1 "the operator does not load a policy" as $operator -- sbpf policy load rules
status 1 "nor unload one" as $operator -- sbpf policy unload strict
status 1 "nor read the ledger" as $operator -- sbpf ledger
check "and sets the mode back" as $operator -- sbpf guard bpf=log

# The user, who needs nothing to run programs.
check "the user runs a program in a sandbox" as $user -- sbpf run --policy strict -- true
status 1 "in which the policy holds" as $user -- sbpf run --policy strict -- cat /etc/shadow
check "with no capability at all" as $user -- sh -c \
	"grep -q 'CapPrm:.0*\$' /proc/self/status && sbpf run --policy strict -- grep 'NoNewPrivs:.1' /proc/self/status"
status 1 "the user does not load a policy" as $user -- sbpf policy load rules
status 1 "nor unload one" as $user -- sbpf policy unload strict
status 1 "nor remove its pin" as $user -- rm $pins/strict
status 1 "nor set a mode" as $user -- sbpf guard bpf=off
status 1 "nor read the ledger" as $user -- sbpf ledger
status 1 "nor see events" as $user -- sbpf events --follow --timeout 1

# The auditor, who has no access to the device.
check "the auditor reads the ledger" as $auditor -- sbpf --json ledger
status 125 "the auditor runs no sandbox" as $auditor -- sbpf run --policy strict -- true
status 1 "does not load a policy" as $auditor -- sbpf policy load rules
status 1 "does not set a mode" as $auditor -- sbpf guard bpf=off
status 1 "and does not remove a pin" as $auditor -- rm $pins/strict

check "the policy was there all the time" sh -c "sbpf --json policy list | grep '\"strict\"'"
check "the loader unloads it" as $loader $loading -- sbpf policy unload strict

# With less the kernel does not give the type information of a module; one may in time.
if output=$(as $loader +bpf,+perfmon -- sbpf policy load "$scratch/mine.bpf.o" 2>&1); then
	check "CAP_BPF and CAP_PERFMON alone do" as $loader $loading -- sbpf policy unload strict
else
	says "CAP_SYS_ADMIN" "without CAP_SYS_ADMIN no policy is loaded, which is said"
fi
check "nothing is left of it" sh -c "! sbpf --json policy list | grep strict"

# Who has everything gives it up before it looks at the file.
rmdir $pins/@events $pins 2>/dev/null
strace -f -o "$scratch/trace" -e trace=prctl,capset,bpf,read \
	sbpf policy load $policies/strict.bpf.o >/dev/null 2>&1
check "root loads the policy, too" sh -c "sbpf --json policy list | grep '\"strict\"'"
check "having given up other capabilities" grep -q \
	'capset({.*}, {effective=1<<CAP_SYS_ADMIN|1<<CAP_PERFMON|1<<CAP_BPF, permitted=1<<CAP_SYS_ADMIN|1<<CAP_PERFMON|1<<CAP_BPF, inheritable=0}) = 0' \
	"$scratch/trace"
check "and all ways to get others" grep -q 'prctl(PR_SET_NO_NEW_PRIVS, 1.*) = 0' "$scratch/trace"
check "those of the bounding set, too" grep -q 'prctl(PR_CAPBSET_DROP, CAP_SYS_MODULE) *= 0' "$scratch/trace"
check "before the first call of bpf(2)" awk '
	/capset\(/ { given_up = 1 }
	/[ (]bpf\(|^bpf\(|[0-9] bpf\(/ { if (!given_up) bad = 1; seen = 1 }
	END { exit bad || !seen }' "$scratch/trace"
check "it is unloaded" sbpf policy unload strict

chmod "$mode" $bpffs
done_testing
