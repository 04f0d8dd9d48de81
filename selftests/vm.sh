#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Run a command in a virtual machine that has this tree built and installed.
#
#   vm.sh [OPTIONS] -- COMMAND...
#
#   --kernel 6.12|newest|debug  which kernel (6.12)
#   --smp N                     processors (2)
#   --mem SIZE                  memory (2G; debug kernel 4G)
#   --icount                    count instructions: one processor, emulated, its
#                               time stamp counter advances by 1 per instruction
#   --share DIR                 a read-only copy of DIR at /share
#   --append ARGS               more kernel parameters; the last one wins
#   --timeout SECONDS           give up after this time (900)
#   --console FILE              keep the console log there
#   --tty                       COMMAND (a shell if none) on this terminal
#
# COMMAND runs as root in /root; its output is vm.sh's output and its exit status
# is vm.sh's, but for: 120 the kernel reported an error (the report is on
# stderr), 124 time-out, 125 the machine did not start or broke down.
# The module is installed (modprobe sbpf), not loaded.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${SBPF_CACHE:-/var/cache/sbpf}
kernel=6.12 smp=2 mem='' icount='' share='' append='' timeout=900 console='' tty=''

usage() { sed -n '3,/^set/s/^#\( \|$\)//p' "$0"; }
fail() { echo "vm.sh: $*" >&2; exit 125; }

# In braces, so that this file may change while it runs.
{
while [ $# -gt 0 ]; do
	case $1 in
	--kernel|--smp|--mem|--share|--append|--timeout|--console)
		[ $# -ge 2 ] || fail "$1 needs a value"
		declare "${1#--}=$2"
		shift 2 ;;
	--icount|--tty) declare "${1#--}=1"; shift ;;
	--) shift; break ;;
	-h|--help) usage; exit 0 ;;
	*) usage >&2; fail "unknown option '$1'" ;;
	esac
done
[ $# -gt 0 ] || [ "$tty" ] || { usage >&2; fail "no COMMAND"; }
[ -z "$share" ] || [ -d "$share" ] || fail "--share $share: not a directory"
[ "$mem" ] || { [ "$kernel" = debug ] && mem=4G || mem=2G; }

kit=$("$here/machine.sh" build "$kernel") || exit 125
kit=/mnt/${kit#"$cache"/}

# What runs that were killed, or failed, left behind.
find "$cache" "$cache/tmp" -maxdepth 1 \( -name 'vm.*' -o -name 'console.*' \) \
	-mtime +0 -exec rm -rf {} +
run=$(mktemp -d "$cache/tmp/vm.XXXXXX") || exit 125
vm=/mnt/tmp/${run##*/}
pids=
# Also on SIGINT and SIGTERM: the machine and what reads from it go with us.
cleanup() {
	trap - EXIT
	# shellcheck disable=SC2086 # a list of pids
	[ -z "$pids" ] || kill $pids 2>/dev/null
	wait
	rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
touch "$run"/{stdout,stderr,status,console}

# The command and the guest's init reach it in an archive appended to the initrd.
mkdir "$run/initrd"
cp "$here/init" "$run/initrd/guest"
if [ $# -gt 0 ]; then
	printf 'exec%s\n' "$(printf ' %q' "$@")" >"$run/initrd/command"
else
	echo 'modprobe sbpf; exec bash -l' >"$run/initrd/command"
fi
"$here/machine.sh" in sh -c "cd $vm/initrd && find . -type f |
	busybox cpio -o -H newc 2>/dev/null | cat $kit/initrd - >$vm/initrd.img" ||
	fail "making the initrd failed"
if [ "$share" ]; then
	SBPF_BIND=$share "$here/machine.sh" in mke2fs -q -t ext4 -O ^has_journal \
		-d /srv "$vm/share" "$(($(du -sm "$share" | cut -f1) * 5 / 4 + 16))M" ||
		fail "copying $share failed"
fi

# Hardware virtualisation where it works; a /dev/kvm alone proves nothing, so
# once per boot of this host a whole run tells. SBPF_ACCEL=kvm|tcg overrides.
kvm_works() {
	local boot
	[ -c /dev/kvm ] || return
	boot=$(cat /proc/sys/kernel/random/boot_id)
	if ! grep -q "^$boot" "$cache/kvm" 2>/dev/null; then
		echo "vm.sh: trying KVM" >&2
		if SBPF_ACCEL=kvm "$0" --timeout 20 --console "$run/console" \
			-- python3 -c '' >/dev/null 2>&1
		then echo "$boot yes"
		else echo "$boot no"
		fi >"$cache/kvm"
	fi
	grep -q "^$boot yes" "$cache/kvm"
}
# QEMU 10's multi-threaded emulation is sound, that of Debian 12's 7.2 is not. What
# costs it most and helps nobody there is left out: a fifth level of page tables,
# what stands against the speculation of processors, the clearing of new memory; and
# "rep movsb" and "rep stosb" for copying and clearing, which go byte by byte there
# and took a fifth of the time. Where instructions are counted these stay.
accel=(-accel "tcg,thread=multi")
cpu=max,la57=off,erms=off,fsrm=off
append="mitigations=off init_on_alloc=0 $append"
# Emulators that share processors drive each other out of the caches: three on two
# processors took 30 % longer than one after the other, and 5 % with slices of 20 ms.
# shellcheck disable=SC2016 # expanded by that shell
slice=(sh -c 's="chrt --batch --sched-runtime 20000000 0"
	$s true 2>/dev/null && exec $s "$@"; exec "$@"' sh)
if [ "$icount" ]; then
	smp=1
	accel=(-accel "tcg,thread=single" -icount "shift=0,sleep=off")
	cpu=max,la57=off
elif [ "${SBPF_ACCEL:-}" = kvm ] || { [ -z "${SBPF_ACCEL:-}" ] && kvm_works; }; then
	accel=(-accel kvm)
	slice=()
	cpu=max
	append=${append#mitigations=off init_on_alloc=0 }
fi

# Debian's list of LSMs has bpf in it and is used as it is. Emulation is slow, but
# not that slow that a processor should make no progress for two minutes.
args="console=ttyS0 loglevel=5 panic=-1 oops=panic kasan_multi_shot"
args+=" rcupdate.rcu_cpu_stall_timeout=120"
# The kernel's test of the timer fails now and then when the host is busy; and
# what BPF frees waits for tasks, for up to ten seconds when nobody hurries it.
args+=" no_timer_check rcupdate.rcu_tasks_lazy_ms=0"
[ -z "$tty" ] || args+=" sbpf.tty=${TERM:-dumb},$(stty size 2>/dev/null | tr ' ' , || echo 24,80)"

qemu=(qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none
	-machine pc -cpu "$cpu" "${accel[@]}" -smp "$smp" -m "$mem"
	-kernel "$kit/vmlinuz" -initrd "$vm/initrd.img" -append "$args $append"
	-drive "file=/mnt/guest.ext4,if=virtio,format=raw,snapshot=on,cache=unsafe"
	-drive "file=$kit/layer.tar,if=virtio,format=raw,readonly=on"
	-chardev "file,id=c0,path=$vm/console" -serial chardev:c0
	# Each write is in its file when the guest's instruction is done, so
	# nothing can be lost at power-off.
	-device "virtio-serial-pci,ioeventfd=off"
	-chardev "file,id=p1,path=$vm/stdout" -device "virtserialport,nr=1,chardev=p1"
	-chardev "file,id=p2,path=$vm/stderr" -device "virtserialport,nr=2,chardev=p2"
	-chardev "file,id=p3,path=$vm/status" -device "virtserialport,nr=3,chardev=p3")
[ -z "$share" ] ||
	qemu+=(-drive "file=$vm/share,if=virtio,format=raw,readonly=on")
[ -z "$tty" ] ||
	qemu+=(-chardev "stdio,id=tty,signal=off" -device "virtconsole,nr=0,chardev=tty")

# QEMU's own output is of interest when it fails; on a terminal it is the guest's.
if [ "$tty" ]; then exec 3>&1; else exec 3>"$run/qemu"; fi
timeout --foreground -k 5 "$timeout" "$here/machine.sh" in \
	env TMPDIR="$vm" "${slice[@]}" "${qemu[@]}" <&0 >&3 2>"$run/qemu" &
machine=$!
tail -s 0.1 -c +1 -f --pid=$machine "$run/stdout" &
readers=$!
tail -s 0.1 -c +1 -f --pid=$machine "$run/stderr" >&2 &
readers+=" $!"
pids="$machine $readers"
wait "$machine"
rc=$?
# shellcheck disable=SC2086 # a list of pids
wait $readers
pids=
# Unless asked for, the log is kept only to explain a failure, for a day.
keep=$console
console=${console:-$cache/console.${run##*.}}
cp "$run/console" "$console"

# What the kernel says when something is wrong, whatever COMMAND said.
# Known and harmless reports would be listed here, each with its reason: none.
bad='Kernel panic|Oops:|BUG:|\] WARNING:|KASAN|general protection fault|kernel stack'
bad+='|possible circular locking|possible recursive locking|inconsistent lock state'
bad+='|possible irq lock inversion|suspicious RCU usage|bad unlock balance'
bad+='|held lock freed|still has locks held|returning to user space with locks'
bad+='|sleeping function called|scheduling while atomic|unreferenced object'
bad+='|ODEBUG:|refcount_t:|self-detected stall|detected stalls|blocked for more than'
bad+='|soft lockup|hard LOCKUP|list_(add|del) corruption|unregister_netdevice: waiting'
# The module's own messages are not that, and quote names that tests choose.
if sed '/\] sbpf: /d' "$console" | grep -aE "$bad" >/dev/null; then
	echo "vm.sh: the kernel reported an error; all of its log is in $console:" >&2
	sed '/\] sbpf: /d' "$console" | grep -m1 -aE -A 40 "$bad" | tr -d '\r' >&2
	exit 120
fi
if [ $rc = 124 ] || [ $rc = 137 ]; then
	echo "vm.sh: no end after $timeout seconds; the console log is in $console" >&2
	exit 124
fi
status=$(cat "$run/status")
if [ $rc != 0 ] || [ -z "$status" ]; then
	tail -n 20 "$run/qemu" "$console" >&2
	fail "the machine broke down; the console log is in $console"
fi
[ "$keep" ] || rm -f "$console"
exit "$status"
}
