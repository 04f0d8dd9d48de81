// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel lets any struct_ops program call, but the module no policy
 */
#include "reject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define NOT_FOR_POLICIES(op)	"attach to unsupported member " #op

struct later {
	struct bpf_timer timer;
	struct bpf_wq wq;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct later);
} later SEC(".maps");

BAD(extern void crash_kexec(struct pt_regs *regs) __ksym;)
BAD(extern void cubictcp_init(struct sock *sk) __ksym;)
BAD(extern __u32 tcp_reno_ssthresh(struct sock *sk) __ksym;)
BAD(extern int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __ksym;)

REJECT(file_open, ends_the_kernel, NOT_FOR_POLICIES(file_open), struct file *file)
{
	BAD(crash_kexec(NULL);)
	return 0;
}

/* It would write beyond a socket that is none of TCP. */
REJECT(unix_stream_connect, writes_into_sockets, NOT_FOR_POLICIES(unix_stream_connect),
       struct sock *sock, struct sock *other, struct sock *newsk)
{
	BAD(cubictcp_init(other);)
	return 0;
}

REJECT(unix_stream_connect, reads_what_is_none, NOT_FOR_POLICIES(unix_stream_connect),
       struct sock *sock, struct sock *other, struct sock *newsk)
{
	return BAD(tcp_reno_ssthresh(other) ? 0 :) 0;
}

/* What runs later does so where nobody is asked. */
REJECT(file_open, work_queue, NOT_FOR_POLICIES(file_open), struct file *file)
{
	__u32 first = 0;
	struct later *value = bpf_map_lookup_elem(&later, &first);

	if (value)
		BAD(bpf_wq_init(&value->wq, &later, 0));
	return 0;
}

REJECT(file_open, timer,
       "(program of this type cannot use helper|unknown func) bpf_timer_init#169",
       struct file *file)
{
	__u32 first = 0;
	struct later *value = bpf_map_lookup_elem(&later, &first);

	if (value)
		BAD(bpf_timer_init(&value->timer, &later, 1));
	return 0;
}
