#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The way of one who writes a policy: on the machine where it is to run, with
# nothing but vmlinux.h, libbpf's headers and <sbpf/policy.bpf.h>.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"
cd "$scratch" || exit

cat >mine.bpf.c <<'EOT'
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	char path[SBPF_TEXT_MAX];

	if (bpf_sbpf_file_path(file, path, sizeof(path)) < 0)
		return -EACCES;
	return bpf_strncmp(path, sizeof("/etc/hostname"), "/etc/hostname") ? 0 : -EACCES;
}

SBPF_POLICY(mine) = { .file_open = (void *)file_open, .name = "mine" };
EOT
check "vmlinux.h comes from the running kernel" \
	sh -c "bpftool btf dump file /sys/kernel/btf/vmlinux format c >vmlinux.h"
check "the policy compiles without a warning" \
	clang -g -O2 -Wall -Werror -fms-extensions -Wno-microsoft-anon-tag -target bpf -c mine.bpf.c -o mine.bpf.o
check "it loads" sbpf policy load ./mine.bpf.o
status 1 "it denies" sbpf run --policy mine -- cat /etc/hostname
says '^cat: /etc/hostname: Permission denied$' "with its errno"
check "it allows the rest" sbpf run --policy mine -- cat /etc/passwd
check "nobody else is asked" cat /etc/hostname
status 125 "not made for all, it is not" with_user sbpf run --policy mine -- true
check "it unloads" sbpf policy unload mine
done_testing
