// SPDX-License-Identifier: GPL-2.0-only
/*
 * asked - A policy that decides about writes into memory by their address and length,
 * and leaves to the test what it was told
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

#define EXDEV	18
/* Layers 1 and 2. */
#define LAYERS	3

/* In, by layer: an address that is denied, and the greatest length; 0 for none. */
__u64 denied[LAYERS];
__u64 longest[LAYERS];
/* Note each question? */
bool noting;
/* Where the policy itself is to write when a file is opened; 0 for nowhere. */
__u64 own_address[LAYERS];

/* Out, by layer. */
__u64 calls[LAYERS];
struct sbpf_write_record seen[LAYERS];
int own_ret[LAYERS];

static void note(struct sbpf_sandbox *sandbox)
{
	if (noting)
		sbpf_note(sandbox, "asked", 0);
}

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	__u32 layer = sandbox->layer;
	char bytes[] = "BBBBBBB";

	bytes[7] = 'B';
	note(sandbox);
	if (layer < LAYERS && own_address[layer])
		own_ret[layer] = bpf_sbpf_write_user(sandbox, own_address[layer], bytes,
						     sizeof(bytes));
	return 0;
}

SBPF_OP(mem_write, struct sbpf_sandbox *sandbox, const struct sbpf_write_record *record)
{
	__u32 layer = sandbox->layer;

	if (layer >= LAYERS)
		return -EPERM;
	__sync_fetch_and_add(&calls[layer], 1);
	bpf_probe_read_kernel(&seen[layer], sizeof(seen[layer]), record);
	note(sandbox);
	if (record->addr == denied[layer] || (longest[layer] && record->len > longest[layer]))
		return -EXDEV;
	return 0;
}

SBPF_POLICY(policy) = {
	.file_open = (void *)file_open,
	.mem_write = (void *)mem_write,
	.name = "asked",
};
