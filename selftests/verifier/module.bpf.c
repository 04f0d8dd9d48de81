// SPDX-License-Identifier: GPL-2.0-only
/*
 * What another module, tcp_dctcp, lets any struct_ops program call
 */
#include "reject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

BAD(extern void dctcp_init(struct sock *sk) __ksym;)

/* Beside one of the module's own. */
REJECT(unix_stream_connect, kfunc_of_a_module, "attach to unsupported member unix_stream_connect",
       struct sock *sock, struct sock *other, struct sock *newsk)
{
	BAD(dctcp_init(other);)
	return bpf_sbpf_right(sandbox, 0);
}
