/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf selftests - What probe.bpf.c and the tests that drive it share
 *
 * Needs __u32 and __u64, from <linux/types.h> or from vmlinux.h.
 */
#ifndef _SBPF_PROBE_H
#define _SBPF_PROBE_H

#include "ops.h"

/* Checked by common.c against enum sbpf_op. */
enum probe_op {
#define PROBE_OP(name, NAME) PROBE_##NAME,
	SBPF_OPS(PROBE_OP)
#undef PROBE_OP
	PROBE_OP_MAX,
};

/* Layers 1 to 16; rule and record 0 are not used. */
#define PROBE_LAYERS		17

/**
 * struct probe_rule - What the policy returns for one operation in one layer
 * @verdict: returned when the rest matches; 0 otherwise
 * @bits: matches when all of these are set in the operation's number, which is
 *	that of its event
 * @key: matches when 0 or the operation's key: inode of the file (of the
 *	directory for mknod, mkdir and symlink), process id of the other task,
 *	address length, capability, resource and 1
 */
struct probe_rule {
	__s32 verdict;
	__u32 bits;
	__u64 key;
};

/**
 * struct probe_record - What the policy saw of one operation in one layer
 * @calls: how often it was asked
 * @hits: how often the rule matched
 * @sandbox: number of the sandbox, of the last call, as everything below
 * @pid: thread that acted
 * @number: see struct probe_rule
 * @key: see struct probe_rule
 * @extra: arguments that are neither, as probe.bpf.c puts them together
 */
struct probe_record {
	__u64 calls;
	__u64 hits;
	__u64 sandbox;
	__u64 pid;
	__u64 number;
	__u64 key;
	__u64 extra;
};

#endif /* _SBPF_PROBE_H */
