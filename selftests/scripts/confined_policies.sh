#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Confined policies: with --confined only those are loaded of which every access to data
# lands in their own arena, also if the verifier were wrong.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"
row=confined_policies

objects=$here/scripts

registered() {
	sbpf --json policy list | grep -q '"confined"'
}

check "one that is confined is loaded" \
	sbpf policy load --confined "$objects/confined.bpf.o"
check "it is registered" registered
check "it replaces itself" \
	sbpf policy update --confined confined "$objects/confined.bpf.o"
check "it decides by the rules" \
	sbpf run --policy confined --ro /usr --ro /etc/hostname -- cat /etc/hostname
status 1 "and denies by them" \
	sbpf run --policy confined --ro /usr --ro /etc/hostname -- cat /etc/passwd
says "Permission denied" "as they say"

# A member has it write to any address: of the kernel's, and of the arena, which begins where
# the lower half of an address is 0. What it tells is an errno.
address=$(awk '$3 == "panic_timeout" { print "0x" $1 }' /proc/kallsyms)
before=$(cat /proc/sys/kernel/panic)
tries() {
	sbpf run --policy confined --ro / -- python3 -c "
import ctypes
prctl = ctypes.CDLL(None, use_errno=True).prctl
def ask(option, address, value=0):
    number = ctypes.c_ulong
    return -ctypes.get_errno() if prctl(option, number(address), number(value), number(0), number(0)) else 0
ask(0x5bf0, $address, 77)
print('there', ask(0x5bf1, $address))
for upper in 0, 1, 0xffff8880, 0xffffffff:
    ask(0x5bf0, upper << 32 | 0x800, 100 + upper % 7)
    print('arena', ask(0x5bf1, 0x1234 << 32 | 0x800), 100 + upper % 7)
"
}
case $address in
0x0000000000000000|'') nok "an address in the kernel is known" ;;
*) ok "an address in the kernel is known" ;;
esac
check "a member names addresses" tries
same "there -22" "$(grep there <<<"$output")" "what is not in the arena is lost"
same "$before" "$(cat /proc/sys/kernel/panic)" "the kernel's memory is as it was"
same 4 "$(awk '$1 == "arena" && -$2 == $3' <<<"$output" | wc -l)" \
	"by the lower half of whatever address it is the arena's"
check "unloaded" sbpf policy unload confined

# What is not. Each is loaded where nobody asks, or its fault would be another.
reason=(
	[1]="neither in the arena nor on the stack" [2]="neither in the arena nor on the stack"
	[3]="neither in the arena nor on the stack" [4]="calls a function that is no kfunc"
	[5]="something else than an argument" [6]="calls a function"
	[7]="calls a function that is no kfunc" [8]="neither in the arena nor on the stack"
	# Of what it gets from the kernel to know an address there.
	[9]="keeps a pointer" [10]="keeps a pointer" [11]="returns a pointer"
	[12]="compares a pointer" [13]="reads of its stack what it has not written"
	[14]="gives a kfunc a pointer for a number"
)
for i in "${!reason[@]}"; do
	check "fault $i, where nobody asks" sbpf policy load "$objects/confined-$i.bpf.o"
	status 1 "fault $i replaces nothing confined" \
		sbpf policy update --confined confined "$objects/confined-$i.bpf.o"
	check "fault $i is unloaded" sbpf policy unload confined
	status 1 "fault $i is refused" \
		sbpf policy load --confined "$objects/confined-$i.bpf.o"
	says "${reason[i]}" "fault $i: it is said why"
	status 1 "fault $i is not registered" registered
done
status 1 "what follows pointers is refused" sbpf policy load --confined strict

# A verifier that is wrong: what the kernel runs is not what it should have made of it.
cat >"$scratch/wrong.c" <<-'EOT'
	#define _GNU_SOURCE
	#include <dlfcn.h>
	#include <stdlib.h>
	#include <linux/bpf.h>
	int bpf_prog_get_info_by_fd(int fd, struct bpf_prog_info *info, __u32 *len)
	{
		int (*real)(int, struct bpf_prog_info *, __u32 *) =
			dlsym(RTLD_NEXT, "bpf_prog_get_info_by_fd");
		int result = real(fd, info, len), wrong = atoi(getenv("WRONG"));
		struct bpf_insn *insn = (void *)(unsigned long)info->xlated_prog_insns;

		for (; insn && insn < (struct bpf_insn *)(unsigned long)info->xlated_prog_insns +
		       info->xlated_prog_len / sizeof(*insn); insn++) {
			if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
				insn++;
				continue;
			}
			/* The upper half of addresses stays. */
			if (wrong == 1 && insn->code == (BPF_ALU | BPF_MOV | BPF_X))
				insn->code = BPF_ALU64 | BPF_MOV | BPF_X;
			/* They are the kernel's. */
			if (wrong == 2 && insn->code == (BPF_ALU | BPF_MOV | BPF_X))
				*insn = (struct bpf_insn){ BPF_ALU64 | BPF_MOV | BPF_K, insn->dst_reg, 0, 0, -4096 };
			/* Another argument, or another place, is given to a kfunc. */
			if (wrong == 3 && insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 2)
				insn[-1] = (struct bpf_insn){ BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, 8 };
			/* It jumps away. */
			if (wrong == 4 && (insn->code & 7) == BPF_JMP && (insn->code & 0xf0) != BPF_CALL &&
			    (insn->code & 0xf0) != BPF_EXIT)
				insn->off = 1000;
		}
		return result;
	}
EOT
check "a verifier that is wrong" gcc -shared -fPIC -o "$scratch/wrong.so" "$scratch/wrong.c"
wrong() {
	WRONG=$1 LD_PRELOAD=$scratch/wrong.so sbpf policy load --confined "$objects/confined.bpf.o"
}
check "a verifier that is right" wrong 0
check "unloaded again" sbpf policy unload confined
reason=(
	[1]="neither in the arena nor on the stack" [2]="neither in the arena nor on the stack"
	[3]="something else than an argument" [4]="jumps out of itself"
)
for i in "${!reason[@]}"; do
	status 1 "a verifier that is wrong ($i)" wrong "$i"
	says "${reason[i]}" "wrong ($i): it is said why"
	status 1 "wrong ($i): it is not registered" registered
done
done_testing
