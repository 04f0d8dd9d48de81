#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Separation of duties: four ordinary accounts, each of which can do its own part and
# none of the others', as concepts.rst sets them up; and what loading a policy takes.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"
row=separation_of_duties

bpffs=/sys/fs/bpf
parameters=/sys/module/sbpf/parameters
group=2100

# as NUMBER [CAPABILITIES] -- COMMAND...: as the account with this number, the user with that
# of the group that may have sandboxes, and with some capabilities.
as() {
	local uid=$1 caps='' groups=--clear-groups
	[ "$2" = -- ] || caps=,$2
	shift $((${#caps} ? 3 : 2))
	[ "$uid" != $user ] || groups=--groups=$group
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
chmod 664 /dev/sbpf
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

# Each account's part, and everybody else's.
load() {
	as "$@" sbpf policy load minimal
}
set_mode() {
	as "$@" sbpf guard bpf=confine
}
audit() {
	as "$@" sbpf --json ledger
}
start() {
	as "$@" sbpf run --policy strict -- true
}
may_not="(Permission denied|Operation not permitted|modes are set by root|refuses the policy)"
# The loader last, so that there is nothing to fail for but permission.
for account in operator auditor user loader; do
	who=("${!account}" --)
	[ $account != loader ] || who=("${!account}" "$loading" --)
	for part in loader:load operator:set_mode auditor:audit user:start; do
		act=${part#*:}
		if [ "${part%:*}" = $account ]; then
			check "$account: $act" "$act" "${who[@]}"
			continue
		fi
		want=1
		[ "$act" != start ] || want=125
		status $want "$account: no $act" "$act" "${who[@]}"
		says "$may_not" "for want of permission"
	done
done
same confine "$(cat $parameters/bpf_write)" "the mode is the operator's"
check "who sees what there is" as $operator -- sbpf guard
check "and sets the mode back" as $operator -- sbpf guard bpf=log
check "the policy is the loader's" sh -c "sbpf --json policy list | grep '\"minimal\"'"
check "who unloads it" as $loader $loading -- sbpf policy unload minimal
for account in operator auditor user; do
	status 1 "$account: unloads no policy" as ${!account} -- sbpf policy unload strict
	status 1 "$account: removes no pin" as ${!account} -- rm $pins/strict
	status 1 "$account: sees no events" as ${!account} -- sbpf events --follow --timeout 1
done
for account in loader operator user; do
	status 1 "$account: does not turn to the ledger itself" as ${!account} -- cat /dev/sbpf_ledger
done

# The user, who needs nothing to run programs.
status 1 "in the user's sandbox the policy holds" as $user -- \
	sbpf run --policy strict -- cat /etc/shadow
check "with no capability at all" as $user -- sh -c \
	"grep -q 'CapPrm:.0*\$' /proc/self/status && sbpf run --policy strict -- grep 'NoNewPrivs:.1' /proc/self/status"

# Others see that it is there, but cannot have it: the loader, who may act for all users, has
# no permission to open sandboxes by the device.
as $user -- sbpf run --policy strict --name held -- sleep 1000 &
held=$!
await 10 sh -c "sbpf show held >/dev/null 2>&1"
id=$(sbpf --json show held | json "o[0]['sandbox']")
check "the loader sees the user's sandbox" as $loader $loading -- sbpf list
says "held" "by its name"
status 1 "but does not kill it" as $loader $loading -- sbpf kill "$id"
says "Permission denied" "for want of permission"
status 1 "nor does the operator" as $operator -- sbpf kill "$id"
check "it is still there" sh -c "sbpf show held"
check "the user kills it" as $user -- sbpf kill "$id"
wait $held
same 137 $? "and it is gone"

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
row=least_privilege
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
# When libbpf is given what is in the file that has happened, be it an object or not.
cat >"$scratch/look.c" <<-'EOT'
	#include <stdlib.h>
	void *bpf_object__open_mem(const void *data, unsigned long size, const void *options)
	{
		system("grep -E '^(CapPrm|CapBnd|NoNewPrivs):' /proc/$PPID/status");
		return NULL;
	}
EOT
check "a library looks" gcc -shared -fPIC -o "$scratch/look.so" "$scratch/look.c"
echo "no object" >"$scratch/garbage.bpf.o"
# looked STATUS COMMAND...
looked() {
	status "$1" "what is in the file is looked at: ${*:2}" env LD_PRELOAD="$scratch/look.so" "${@:2}"
	says "^CapPrm:.000000c000200000\$" "without other capabilities"
	says "^CapBnd:.000000c000200000\$" "and ways to get any"
	says "^NoNewPrivs:.1\$" "by executing something, too"
	says "not a BPF object" "and is none"
}
looked 1 sbpf policy load "$scratch/garbage.bpf.o"
status 1 "so it is by libbpf" sbpf policy load "$scratch/garbage.bpf.o"
says "not a BPF object" "which says the same"
# Of whoever starts a sandbox a child does that.
looked 125 sbpf run --policy strict -- true
mine=$(grep CapPrm: /proc/self/status)
check "a sandbox is started all the same" sbpf run --policy strict -- grep CapPrm: /proc/self/status
same "$mine" "$output" "by who has given up nothing"
check "when that is unloaded" sbpf policy unload strict
check "who ignores the end of children starts one, too" \
	env --ignore-signal=CHLD sbpf run --policy strict -- true
looked 1 sbpf policy update strict "$scratch/garbage.bpf.o"
check "which is unloaded" sbpf policy unload strict

chmod "$mode" $bpffs
done_testing
