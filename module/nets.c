// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Network rules: addresses, and which sockets may use them
 *
 * Of the rules whose addresses include the one in question the most specific that
 * says anything about the use and the port decides. IPv4 is IPv4 also when it is
 * written as IPv6. What is neither TCP nor UDP has no addresses here: it may be
 * used or not.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "nets.h"
#include "ranges.h"
#include "uapi/sbpf.h"

/**
 * struct sbpf_nets - Network rules of a sandbox
 * @ranges: of ports, by prefix
 * @prefixes4: lengths of the IPv4 prefixes among them, 0 to 32
 * @prefixes6: lengths of the IPv6 prefixes among them, 0 to 128
 */
struct sbpf_nets {
	struct sbpf_ranges *ranges;
	DECLARE_BITMAP(prefixes4, 33);
	DECLARE_BITMAP(prefixes6, 129);
};

/**
 * struct net_address - Where to, or where from
 * @family: AF_INET or AF_INET6
 * @port: port
 * @ip: address; IPv4 in its first four bytes, the rest is 0
 */
struct net_address {
	u16 family;
	u16 port;
	struct in6_addr ip;
};

static struct sbpf_range_key net_key(u16 family, u32 prefix, const struct in6_addr *ip)
{
	struct sbpf_range_key key = { { family << 16 | prefix } };
	struct in6_addr masked;

	ipv6_addr_prefix(&masked, ip, prefix);
	memcpy(&key.words[1], &masked, sizeof(masked));
	return key;
}

static int net_range(struct sbpf_nets *nets, const struct sbpf_net_rule *rule,
		     struct sbpf_range *range)
{
	u32 bits = rule->family == AF_INET ? 32 : 128;
	struct in6_addr ip;

	if ((rule->family != AF_INET && rule->family != AF_INET6) ||
	    rule->prefix > bits || rule->port_first > rule->port_last ||
	    (rule->allow | rule->deny) & ~(SBPF_NET_MAX - 1) || rule->reserved)
		return -EINVAL;
	memcpy(&ip, rule->address, sizeof(ip));
	range->key = net_key(rule->family, rule->prefix, &ip);
	/* Bits behind the prefix, or of IPv6 in IPv4: a mistake. */
	if (memcmp(&range->key.words[1], &ip, sizeof(ip)))
		return -EINVAL;
	range->first = rule->port_first;
	range->last = rule->port_last;
	range->allow = rule->allow;
	range->deny = rule->deny;
	__set_bit(rule->prefix,
		  rule->family == AF_INET ? nets->prefixes4 : nets->prefixes6);
	return 0;
}

/**
 * sbpf_nets_make - Make network rules of those that there are and new ones
 * @old: those that there are, may be NULL
 * @rules: new ones
 * @count: number of @rules
 *
 * Context: process, may sleep.
 *
 * Return: the rules, NULL if there are none; ERR_PTR(-EINVAL) for one that makes
 * no sense, -E2BIG for more than SBPF_RULES_MAX, -ENOMEM.
 */
struct sbpf_nets *sbpf_nets_make(const struct sbpf_nets *old,
				 const struct sbpf_net_rule *rules, u32 count)
{
	const struct sbpf_range *kept;
	struct sbpf_range *ranges;
	struct sbpf_nets *nets;
	u32 i, keep;
	int err = 0;

	kept = sbpf_ranges_all(old ? old->ranges : NULL, &keep);
	if (!keep && !count)
		return NULL;
	if (keep + count > SBPF_RULES_MAX)
		return ERR_PTR(-E2BIG);
	nets = kzalloc(sizeof(*nets), GFP_KERNEL_ACCOUNT);
	ranges = kvcalloc(keep + count, sizeof(*ranges), GFP_KERNEL_ACCOUNT);
	if (!nets || !ranges) {
		err = -ENOMEM;
		goto free;
	}
	if (keep) {
		memcpy(ranges, kept, keep * sizeof(*ranges));
		bitmap_copy(nets->prefixes4, old->prefixes4, 33);
		bitmap_copy(nets->prefixes6, old->prefixes6, 129);
	}
	for (i = 0; i < count && !err; i++)
		err = net_range(nets, &rules[i], &ranges[keep + i]);
	if (err)
		goto free;
	nets->ranges = sbpf_ranges_make(ranges, keep + count);
	if (!IS_ERR(nets->ranges))
		return nets;
	err = PTR_ERR(nets->ranges);
	ranges = NULL;
free:
	kvfree(ranges);
	kfree(nets);
	return ERR_PTR(err);
}

/**
 * sbpf_nets_free - Give up network rules that nobody reads any more
 * @nets: the rules, may be NULL
 *
 * Context: process, may sleep.
 */
void sbpf_nets_free(struct sbpf_nets *nets)
{
	if (!nets)
		return;
	sbpf_ranges_free(nets->ranges);
	kfree(nets);
}

/**
 * sbpf_nets_get - Tell network rules
 * @nets: the rules, may be NULL
 * @from: number of the first; receives that to go on with, 0 when there are no more
 * @rules: receives them, zeroed by the caller
 * @capacity: length of @rules
 *
 * Context: any.
 *
 * Return: how many were filled.
 */
u32 sbpf_nets_get(const struct sbpf_nets *nets, u32 *from, struct sbpf_net_rule *rules,
		  u32 capacity)
{
	const struct sbpf_range *ranges;
	u32 count, i, filled = 0;

	ranges = sbpf_ranges_all(nets ? nets->ranges : NULL, &count);
	for (i = *from; i < count && filled < capacity; i++) {
		struct sbpf_net_rule *rule = &rules[filled++];

		rule->allow = ranges[i].allow;
		rule->deny = ranges[i].deny;
		rule->family = ranges[i].key.words[0] >> 16;
		rule->prefix = ranges[i].key.words[0];
		rule->port_first = ranges[i].first;
		rule->port_last = ranges[i].last;
		memcpy(rule->address, &ranges[i].key.words[1], sizeof(rule->address));
	}
	*from = i < count ? i : 0;
	return filled;
}

/*
 * May an address be used in a way? Only rules with a prefix of @min bits or more
 * are asked.
 */
static int net_access(const struct sbpf_nets *nets, const struct net_address *address,
		      u32 use, u32 min)
{
	bool ipv4 = address->family == AF_INET;
	const struct sbpf_span *span;
	const unsigned long *prefixes;
	unsigned long prefix;

	if (!nets)
		return -EACCES;
	prefixes = ipv4 ? nets->prefixes4 : nets->prefixes6;
	for (prefix = ipv4 ? 33 : 129; prefix;) {
		struct sbpf_range_key key;
		unsigned long next = find_last_bit(prefixes, prefix);

		if (next == prefix || next < min)
			break;
		prefix = next;
		key = net_key(address->family, prefix, &address->ip);
		span = sbpf_ranges_find(nets->ranges, &key, address->port);
		if (span && (span->allow | span->deny) & use)
			return span->deny & use ? -EACCES : 0;
	}
	return -EACCES;
}

static void set_ipv4(struct net_address *to, __be32 ip, __be16 port)
{
	*to = (struct net_address){ .family = AF_INET, .port = ntohs(port) };
	memcpy(&to->ip, &ip, sizeof(ip));
}

static void set_ipv6(struct net_address *to, const struct in6_addr *ip, __be16 port)
{
	if (ipv6_addr_v4mapped(ip))
		set_ipv4(to, ip->s6_addr32[3], port);
	else
		*to = (struct net_address){ .family = AF_INET6, .port = ntohs(port),
					    .ip = *ip };
}

/* The address as the kernel will read it; -EINVAL if it cannot, and will not. */
static int read_address(struct net_address *to, u16 family,
			const struct sockaddr *address, int len)
{
	if (family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;

		if (len < (int)sizeof(*in))
			return -EINVAL;
		set_ipv4(to, in->sin_addr.s_addr, in->sin_port);
		return 0;
	}
	if (family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)address;

		if (len < SIN6_LEN_RFC2133)
			return -EINVAL;
		set_ipv6(to, &in6->sin6_addr, in6->sin6_port);
		return 0;
	}
	return -EAFNOSUPPORT;
}

/*
 * As a destination the unspecified address is this machine, but which address of
 * it depends on the socket and on what another thread does to that just now: only
 * a rule about it alone will do.
 */
static int net_destination(const struct sbpf_nets *nets,
			   const struct net_address *address, u32 use)
{
	bool any = ipv6_addr_any(&address->ip);

	return net_access(nets, address, use,
			  !any ? 0 : address->family == AF_INET ? 32 : 128);
}

/*
 * :: takes what comes by IPv4 as well, if the socket may. Whether it may can change
 * until it is bound; so that is asked again when it listens, and of UDP, which does
 * not, it is not believed.
 */
static int net_local(const struct sbpf_nets *nets, const struct sock *sk,
		     const struct net_address *address, u32 use)
{
	struct net_address ipv4 = { .family = AF_INET, .port = address->port };
	int err = net_access(nets, address, use, 0);

	if (err || address->family == AF_INET || !ipv6_addr_any(&address->ip) ||
	    (ipv6_only_sock(sk) && use != SBPF_NET_UDP_BIND))
		return err;
	return net_access(nets, &ipv4, use, 0);
}

enum transport { TRANSPORT_TCP, TRANSPORT_UDP, TRANSPORT_OTHER };

static enum transport transport_of(const struct sock *sk)
{
	switch (sk->sk_protocol) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
		return sk->sk_type == SOCK_STREAM ? TRANSPORT_TCP : TRANSPORT_OTHER;
	case IPPROTO_UDP:
		return sk->sk_type == SOCK_DGRAM ? TRANSPORT_UDP : TRANSPORT_OTHER;
	default:
		return TRANSPORT_OTHER;
	}
}

static bool is_inet(const struct sock *sk)
{
	return sk->sk_family == AF_INET || sk->sk_family == AF_INET6;
}

/* A socket that has no addresses here: it may be used, or not. */
static int other_access(u64 sockets, const struct sock *sk)
{
	return sbpf_nets_create(sockets, sk->sk_family, sk->sk_type, sk->sk_protocol);
}

/**
 * sbpf_nets_connect - May a socket be connected to an address?
 * @nets: rules, may be NULL
 * @sockets: enum sbpf_socket, kinds that may be used
 * @sock: the socket
 * @address: in kernel memory
 * @len: length of @address in bytes
 *
 * Unix sockets are allowed: they are asked about when the other end is known.
 *
 * Context: any; takes no lock.
 *
 * Return: 0, -EACCES, or -EINVAL or -EAFNOSUPPORT for no address at all.
 */
int sbpf_nets_connect(const struct sbpf_nets *nets, u64 sockets, struct socket *sock,
		      const struct sockaddr *address, int len)
{
	const struct sock *sk = sock->sk;
	enum transport transport = transport_of(sk);
	struct net_address to;
	int err;

	if (!is_inet(sk) || transport == TRANSPORT_OTHER)
		return other_access(sockets, sk);
	if (len < (int)sizeof(address->sa_family))
		return -EINVAL;
	/* Disconnects; what is connected to next is asked about then. */
	if (address->sa_family == AF_UNSPEC)
		return 0;
	if (sk->sk_family == AF_INET && address->sa_family != AF_INET)
		return -EAFNOSUPPORT;
	err = read_address(&to, address->sa_family, address, len);
	return err ?: net_destination(nets, &to, transport == TRANSPORT_TCP ?
				      SBPF_NET_TCP_CONNECT : SBPF_NET_UDP_CONNECT);
}

/**
 * sbpf_nets_bind - May a socket be bound to an address?
 * @nets: rules, may be NULL
 * @sockets: enum sbpf_socket, kinds that may be used
 * @sock: the socket
 * @address: in kernel memory
 * @len: length of @address in bytes
 *
 * Context: any; takes no lock.
 *
 * Return: as sbpf_nets_connect().
 */
int sbpf_nets_bind(const struct sbpf_nets *nets, u64 sockets, struct socket *sock,
		   const struct sockaddr *address, int len)
{
	const struct sock *sk = sock->sk;
	enum transport transport = transport_of(sk);
	u32 use = transport == TRANSPORT_TCP ? SBPF_NET_TCP_BIND : SBPF_NET_UDP_BIND;
	struct net_address from;
	u16 family;
	int err;

	if (!is_inet(sk) || transport == TRANSPORT_OTHER)
		return other_access(sockets, sk);
	if (len < (int)sizeof(family))
		return -EINVAL;
	family = address->sa_family;
	/* Old programs leave it out; the kernel then takes 0.0.0.0 only. */
	if (sk->sk_family == AF_INET && family == AF_UNSPEC)
		family = AF_INET;
	if (family != sk->sk_family)
		return -EAFNOSUPPORT;
	err = read_address(&from, family, address, len);
	return err ?: net_local(nets, sk, &from, use);
}

/**
 * sbpf_nets_listen - May a socket accept connections where it is bound?
 * @nets: rules, may be NULL
 * @sockets: enum sbpf_socket, kinds that may be used
 * @sock: the socket; one that is not bound listens on port 0, any that is free
 *
 * Context: any; takes no lock.
 *
 * Return: 0 or -EACCES.
 */
int sbpf_nets_listen(const struct sbpf_nets *nets, u64 sockets, struct socket *sock)
{
	const struct sock *sk = sock->sk;
	struct net_address at;

	if (!is_inet(sk) || transport_of(sk) != TRANSPORT_TCP)
		return other_access(sockets, sk);
	if (sk->sk_family == AF_INET)
		set_ipv4(&at, sk->sk_rcv_saddr, htons(sk->sk_num));
	else
		set_ipv6(&at, &sk->sk_v6_rcv_saddr, htons(sk->sk_num));
	return net_local(nets, sk, &at, SBPF_NET_TCP_LISTEN);
}

/*
 * A message without an address can be sent by who has bound or connected the socket.
 * The kernel would say the same, but after it has bound a UDP socket to all addresses.
 */
static int connected(const struct sock *sk, enum transport transport)
{
	return transport == TRANSPORT_UDP && !inet_sk(sk)->inet_num ? -EDESTADDRREQ : 0;
}

/**
 * sbpf_nets_send - May a message be sent to the address that comes with it?
 * @nets: rules, may be NULL
 * @sockets: enum sbpf_socket, kinds that may be used
 * @sock: the socket
 * @msg: the message; one without an address goes where the socket is connected
 *	to, which was asked about then
 *
 * Context: any; takes no lock.
 *
 * Return: as sbpf_nets_connect(), or -EDESTADDRREQ.
 */
int sbpf_nets_send(const struct sbpf_nets *nets, u64 sockets, struct socket *sock,
		   const struct msghdr *msg)
{
	const struct sock *sk = sock->sk;
	const struct sockaddr *address = msg->msg_name;
	enum transport transport = transport_of(sk);
	struct net_address to;
	u16 family;
	int err;

	if (!is_inet(sk) || transport == TRANSPORT_OTHER)
		return other_access(sockets, sk);
	if (!address || !msg->msg_namelen)
		return connected(sk, transport);
	if (transport == TRANSPORT_TCP)
		return msg->msg_flags & MSG_FASTOPEN ?
		       sbpf_nets_connect(nets, sockets, sock, address,
					 msg->msg_namelen) : 0;
	if (msg->msg_namelen < (int)sizeof(family))
		return -EINVAL;
	family = address->sa_family;
	/*
	 * An IPv4 socket takes it for AF_INET, an IPv6 socket for no address; but it may
	 * be one of IPv4 when the message is sent (IPV6_ADDRFORM).
	 */
	if (family == AF_UNSPEC) {
		if (sk->sk_family == AF_INET6 && msg->msg_namelen < (int)sizeof(struct sockaddr_in))
			return connected(sk, transport);
		family = AF_INET;
	}
	if (sk->sk_family == AF_INET && family != AF_INET)
		return -EAFNOSUPPORT;
	err = read_address(&to, family, address, msg->msg_namelen);
	return err ?: net_destination(nets, &to, SBPF_NET_UDP_SEND);
}

/**
 * sbpf_nets_create - May a kind of socket be used?
 * @sockets: enum sbpf_socket, kinds that may be
 * @family: AF_*
 * @type: SOCK_*
 * @protocol: of the family
 *
 * Unix sockets, TCP and UDP may: what they reach is asked about later.
 *
 * Context: any.
 *
 * Return: 0 or -EACCES.
 */
int sbpf_nets_create(u64 sockets, int family, int type, int protocol)
{
	u64 kind = SBPF_SOCKET_OTHER;

	switch (family) {
	case AF_UNIX:
		return 0;
	case AF_INET:
	case AF_INET6:
		if (type == SOCK_STREAM && (!protocol || protocol == IPPROTO_TCP ||
					    protocol == IPPROTO_MPTCP))
			return 0;
		if (type == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP))
			return 0;
		if (type == SOCK_RAW)
			kind = SBPF_SOCKET_RAW;
		else if (type == SOCK_DGRAM && (protocol == IPPROTO_ICMP ||
						protocol == IPPROTO_ICMPV6))
			kind = SBPF_SOCKET_PING;
		else if (protocol == IPPROTO_SCTP)
			kind = SBPF_SOCKET_SCTP;
		break;
	case AF_PACKET:
		kind = SBPF_SOCKET_PACKET;
		break;
	case AF_NETLINK:
		kind = SBPF_SOCKET_NETLINK;
		if (protocol == NETLINK_ROUTE)
			kind |= SBPF_SOCKET_ROUTE;
		break;
	case AF_VSOCK:
		kind = SBPF_SOCKET_VSOCK;
		break;
	case AF_ALG:
		kind = SBPF_SOCKET_ALG;
		break;
	case AF_BLUETOOTH:
		kind = SBPF_SOCKET_BLUETOOTH;
		break;
	case AF_CAN:
		kind = SBPF_SOCKET_CAN;
		break;
	}
	return sockets & kind ? 0 : -EACCES;
}
