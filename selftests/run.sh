#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the tests, in the guest, as root. TAP 13 as it goes; the last line is
# "N passed, N failed, N skipped".
#
#   run.sh [--list] [--part N] [PATTERN...]
#
#   PATTERN    run only the tests whose name contains one of the patterns
#   --list     print the names of the tests and stop
#   --part N   run only what belongs on one of four machines
#
# Tests are the programs *_test (TAP of the kselftest harness) and the scripts in
# scripts/. Each starts with a freshly loaded module. After each the module must
# be removable, which it is only when no sandbox, policy or hook stayed behind,
# and the kernel log must be free of complaints. What is in scripts-nobpf/ is for
# a kernel that was booted without the BPF LSM, the second machine.
set -u
cd "$(dirname "$0")" || exit 1

n=0 passed=0 failed=0 skipped=0
list='' part='' patterns=()
while [ $# -gt 0 ]; do
	case $1 in
	--list) list=1 ;;
	--part) shift; part=${1:-} ;;
	-*) sed -n '3,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	*) patterns+=("$1") ;;
	esac
	shift
done

leaks=/sys/kernel/debug/kmemleak
# Everything takes its time on a kernel that checks itself.
SLOW=1
if [ -e $leaks ]; then
	SLOW=6
	# It is asked for at the end: no scan, each of which takes long, is needed before.
	echo scan=off >$leaks
fi
export SLOW

# shellcheck source=scripts/lib.sh
. scripts/lib.sh

tests=()
# A script says itself on which machine it runs, with "# part: N". Without, the first,
# with two processors, is for it.
part_of() {
	local part

	case $1 in
	lifecycle_test) echo 3 ;;
	scripts-nobpf/*) echo 2 ;;
	bpf_test|kfunc_test|landlock_test|lib_test|nets_test|ops_test|rules_test) echo 4 ;;
	*.sh)
		part=$(sed -n 's/^# part: \([0-9]\)$/\1/p' "$1")
		echo "${part:-1}" ;;
	*) echo 1 ;;
	esac
}

candidates=(*_test scripts/*.sh)
[ "$part" != 2 ] || candidates+=(scripts-nobpf/*.sh)
for t in "${candidates[@]}"; do
	[ -x "$t" ] || continue
	[ -z "$part" ] || [ "$(part_of "$t")" = "$part" ] || continue
	name=${t##*/} name=${name%.sh}
	[ ${#patterns[@]} -gt 0 ] || tests+=("$t")
	for p in "${patterns[@]}"; do
		[[ $name != *"$p"* ]] || { tests+=("$t"); break; }
	done
done
if [ -n "$list" ]; then
	printf '%s\n' "${tests[@]}" | sed 's,.*/,,; s/\.sh$//'
	exit 0
fi

# point ok|nok|skip DESCRIPTION [REASON]
point() {
	: $((++n))
	case $1 in
	ok) : $((++passed)); echo "ok $n - $2" ;;
	nok) : $((++failed)); echo "not ok $n - $2" ;;
	skip) : $((++skipped)); echo "ok $n - $2 # SKIP${3:+ $3}" ;;
	esac
}

note() {
	sed 's/^/# /'
}

# busy: for how many seconds the processors were, together, since the machine started.
busy() {
	awk '/^cpu / { print int(($2 + $3 + $4 + $7 + $8) / 100) }' /proc/stat
}

# What the kernel says when something is wrong with it. The log of the write
# guard quotes names of tasks and programs and must not match.
complaint='BUG:|WARNING:|\bOops\b|KASAN|UBSAN|refcount_t:|general protection'
complaint+='|INFO: (task|rcu|trying|possible|HARDIRQ|SOFTIRQ)|possible .* deadlock'
complaint+='|possible (circular|recursive|irq)|suspicious RCU|inconsistent lock'
complaint+='|kernel tried to execute|unable to handle|\bstall|scheduling while atomic'
complaint+='|sleeping function called|Call Trace|kmemleak: [0-9]+ new'

# mark NAME: begins a section of the kernel log; complaints prints those in it.
mark() {
	marked="sbpf-selftest $$ $n: $1"
	echo "$marked" >/dev/kmsg
}
complaints() {
	dmesg | awk -v mark="$marked" '
		{ line[NR] = $0 }
		index($0, mark) { from = NR }
		END {
			for (i = from + 1; i <= NR; i++) {
				# Of allocations that a test has had fail.
				if (line[i] ~ /\] (limits_test|actor): vmalloc error: .* mode:/)
					told = 1
				if (!told)
					print line[i]
				if (line[i] ~ /<\/TASK>/)
					told = 0
			}
		}' |
		grep -E -A 30 -- "$complaint"
}

# Whatever a test left, so that the next one starts clean all the same.
sweep() {
	local id
	command -v sbpf >/dev/null && loaded || return
	for id in $(sbpf --json list 2>/dev/null | sed -n 's/.*"sandbox": *\([0-9]*\).*/\1/p'); do
		sbpf kill "$id"
	done
	rm -rf "${pins:?}"
}

left_behind() {
	grep '^sbpf ' /proc/modules
	sbpf policy list
	sbpf list
	ls -l $pins 2>/dev/null
	bpftool link list | grep -A 3 struct_ops
} 2>&1

# run TEST: runs a test program, passing on its points under its own name.
run() {
	local name=${1##*/} limit line plan='' seen=0 bad=0 rest status=lost
	name=${name%.sh}
	limit=$(sed -n 's/^# timeout: *\([0-9]*\)$/\1/p' "$1" | head -n 1)
	limit=$((${limit:-1800} * SLOW))
	while IFS= read -r line; do
		case $line in
		'@exit '*) status=${line#* }; break ;;
		'ok '[0-9]*|'not ok '[0-9]*)
			rest=${line#not } rest=${rest#ok } rest=${rest#* }
			rest=${rest#- }
			: $((++seen))
			if [ "${line%% *}" = not ]; then
				: $((++bad))
				point nok "$name: $rest"
			elif [[ $rest =~ ^(.*[^ ])?\ *\#\ *(SKIP|XFAIL)\ *(.*)$ ]]; then
				point skip "$name: ${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}"
			else
				point ok "$name: $rest"
			fi
			;;
		'1..'[0-9]*) plan=${line#1..} plan=${plan%% *} ;;
		'TAP version'*) ;;
		# The harness reports each start and success, and totals.
		'# '*' RUN '*|'# '*' OK '*|'# Starting'*|'# PASSED'*|'# FAILED'*|'# Totals'*) ;;
		'#'*) printf '%s\n' "$line" ;;
		?*) printf '# %s\n' "$line" ;;
		esac
	done < <(timeout -k 5 "$limit" "$1" </dev/null 2>&1; echo "@exit $?")

	if [ "$status" = 124 ] || [ "$status" = 137 ]; then
		point nok "$name: was killed, or ran for more than $limit s"
	elif [ "$status" -gt 128 ]; then
		point nok "$name: died of signal $((status - 128))"
	elif [ -z "$plan" ]; then
		point nok "$name: printed no plan (exit status $status)"
	elif [ "$seen" != "$plan" ]; then
		point nok "$name: planned $plan points, made $seen (exit status $status)"
	elif [ "$status" != 0 ] && [ "$bad" = 0 ] && [ "$status" != 4 ]; then
		point nok "$name: exit status $status"
	fi
}

clean() {
	local name=${1##*/} why
	name=${name%.sh}
	if why=$(unload_module 15); then
		point ok "$name: leaves no sandbox, policy or hook"
	else
		point nok "$name: leaves no sandbox, policy or hook"
		{ echo "rmmod: $why"; left_behind; } | note
		sweep
		unload_module 15 >/dev/null || echo "# the module cannot be removed"
	fi
	if why=$(complaints); then
		point nok "$name: leaves no complaint in the kernel log"
		note <<<"$why"
	else
		point ok "$name: leaves no complaint in the kernel log"
	fi
}

mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
echo "TAP version 13"
[ ${#tests[@]} -gt 0 ] || point nok "there are tests named ${patterns[*]}"

if [ -e $leaks ]; then
	echo scan=off >$leaks
	echo scan >$leaks
	echo clear >$leaks
fi
for t in "${tests[@]}"; do
	echo "# $t"
	start=$SECONDS worked=$(busy)
	mark "$t"
	if modprobe sbpf; then
		run "./$t"
	else
		point nok "${t##*/}: modprobe sbpf"
	fi
	clean "$t"
	echo "# $t: $((SECONDS - start)) s, processors busy $(($(busy) - worked)) s"
done

if [ -e $leaks ]; then
	# An object younger than five seconds is never reported, and one scan
	# may catch a pointer in flight: only what two scans find is a leak.
	echo scan >$leaks
	sleep 6
	echo scan >$leaks
	# Addresses of a module that was removed have lost their names.
	if grep -B 12 -E '\[sbpf\]|[[:space:]]0xffffffff[0-9a-f]{8}$' $leaks >"$scratch/leaks"; then
		point nok "no memory is leaked"
		note <"$scratch/leaks"
	else
		point ok "no memory is leaked"
	fi
fi

echo "1..$n"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
