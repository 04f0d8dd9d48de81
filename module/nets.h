/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Network rules: addresses, and which sockets may use them
 */
#ifndef _SBPF_NETS_H
#define _SBPF_NETS_H

#include <linux/types.h>

struct msghdr;
struct sbpf_net_rule;
struct sbpf_nets;
struct sockaddr;
struct socket;

struct sbpf_nets *sbpf_nets_make(const struct sbpf_nets *old,
				 const struct sbpf_net_rule *rules, u32 count);
void sbpf_nets_free(struct sbpf_nets *nets);
u32 sbpf_nets_get(const struct sbpf_nets *nets, u32 *from, struct sbpf_net_rule *rules,
		  u32 capacity);
int sbpf_nets_connect(const struct sbpf_nets *nets, u64 sockets, struct socket *sock,
		      const struct sockaddr *address, int len);
int sbpf_nets_bind(const struct sbpf_nets *nets, u64 sockets, struct socket *sock,
		   const struct sockaddr *address, int len);
int sbpf_nets_listen(const struct sbpf_nets *nets, u64 sockets, struct socket *sock);
int sbpf_nets_send(const struct sbpf_nets *nets, u64 sockets, struct socket *sock,
		   const struct msghdr *msg);
int sbpf_nets_create(u64 sockets, int family, int type, int protocol);

#endif /* _SBPF_NETS_H */
