// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Addresses as people write them
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "nets.h"

#define EXAMPLES	"write " NET_SYNTAX ", as in tcp:10.0.0.0/8:80 or [::1]:1024-65535"

static const struct {
	__u32 tcp;
	__u32 udp;
} uses[] = {
	[NET_CONNECT] = { SBPF_NET_TCP_CONNECT, SBPF_NET_UDP_CONNECT | SBPF_NET_UDP_SEND },
	[NET_BIND] = { SBPF_NET_TCP_BIND | SBPF_NET_TCP_LISTEN, SBPF_NET_UDP_BIND },
	[NET_DENY_CONNECT] = { SBPF_NET_TCP_CONNECT, SBPF_NET_UDP_CONNECT | SBPF_NET_UDP_SEND },
	[NET_DENY_BIND] = { SBPF_NET_TCP_BIND | SBPF_NET_TCP_LISTEN, SBPF_NET_UDP_BIND },
};

/**
 * struct net - An address that is being read
 * @rules: where it goes
 * @fault: gets what is wrong with it
 * @kind: what it is for
 * @rule: use and ports
 * @protocol: "tcp", "udp" or NULL for both
 * @prefix: what stands behind the slash, or NULL
 */
struct net {
	struct rules *rules;
	struct fault *fault;
	enum net_kind kind;
	struct sbpf_net_rule rule;
	const char *protocol;
	const char *prefix;
};

static bool is_deny(const struct net *net)
{
	return net->kind == NET_DENY_CONNECT || net->kind == NET_DENY_BIND;
}

static void add(struct net *net, int family, const void *address, __u32 prefix)
{
	struct sbpf_net_rule rule = net->rule;

	rule.family = family;
	rule.prefix = prefix;
	memcpy(rule.address, address, family == AF_INET ? 4 : 16);
	rules_add_net(net->rules, &rule);
}

/*
 * The unspecified address as a destination is this machine, by which of its
 * addresses is not known beforehand; to be bound to it is all of them.
 */
static void add_unspecified(struct net *net)
{
	add(net, AF_INET, &in6addr_any, 32);
	add(net, AF_INET6, &in6addr_any, 128);
}

static int add_address(struct net *net, int family, const void *address)
{
	__u32 bits = family == AF_INET ? 32 : 128, byte;
	unsigned char masked[16] = { 0 };
	char right[INET6_ADDRSTRLEN];
	__u64 prefix = bits;

	if (net->prefix && (!cli_number(net->prefix, &prefix) || prefix > bits))
		return fault_set(net->fault, EXAMPLES, "not a length of prefix from 0 to %u: %s",
				 bits, net->prefix);
	memcpy(masked, address, bits / 8);
	for (byte = 0; byte < bits / 8; byte++)
		if (byte * 8 + 8 > prefix)
			masked[byte] &= byte * 8 >= prefix ? 0 : 0xff << (8 - prefix % 8);
	if (memcmp(masked, address, bits / 8)) {
		char remedy[128];

		inet_ntop(family, masked, right, sizeof(right));
		snprintf(remedy, sizeof(remedy), "the network is %s/%u", right,
			 (unsigned int)prefix);
		return fault_set(net->fault, remedy, "an address with bits behind its prefix of %u",
				 (unsigned int)prefix);
	}
	/* Whoever writes an IPv4 address as IPv6 means the former. */
	if (family == AF_INET6 && prefix >= 96 && IN6_IS_ADDR_V4MAPPED((struct in6_addr *)masked))
		add(net, AF_INET, masked + 12, prefix - 96);
	else
		add(net, family, masked, prefix);
	if (is_deny(net))
		add_unspecified(net);
	return 0;
}

static int add_host(struct net *net, const char *host)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *info;
	int error;

	if (net->prefix)
		return fault_set(net->fault, EXAMPLES, "a name with a prefix: %s/%s", host,
				 net->prefix);
	error = getaddrinfo(host, NULL, &hints, &list);
	if (error)
		return fault_set(net->fault, "write the address, or any or localhost",
				 "cannot find the address of %s: %s", host, gai_strerror(error));
	for (info = list; info && !error; info = info->ai_next) {
		if (info->ai_family == AF_INET)
			error = add_address(net, AF_INET,
					    &((struct sockaddr_in *)info->ai_addr)->sin_addr);
		else if (info->ai_family == AF_INET6)
			error = add_address(net, AF_INET6,
					    &((struct sockaddr_in6 *)info->ai_addr)->sin6_addr);
	}
	freeaddrinfo(list);
	return error;
}

/* All that an address may be but its ports: "any", "localhost", a number, a name. */
static int add_all(struct net *net, const char *host, bool ipv6)
{
	bool any = !ipv6 && !strcmp(host, "any"), local = !ipv6 && !strcmp(host, "localhost");
	const struct in_addr loopback = { htonl(INADDR_LOOPBACK & IN_CLASSA_NET) };
	struct in6_addr address;

	if ((any || local) && net->prefix)
		return fault_set(net->fault, EXAMPLES, "%s has no prefix", host);
	if (any) {
		add(net, AF_INET, &in6addr_any, 0);
		add(net, AF_INET6, &in6addr_any, 0);
	}
	if (local) {
		add(net, AF_INET, &loopback, 8);
		add(net, AF_INET6, &in6addr_loopback, 128);
	}
	if (any || local) {
		/* Whoever may bind there would listen at all addresses. */
		if (net->kind != NET_BIND)
			add_unspecified(net);
		return 0;
	}
	if (ipv6)
		return inet_pton(AF_INET6, host, &address) == 1 ?
			add_address(net, AF_INET6, &address) :
			fault_set(net->fault, EXAMPLES, "not an IPv6 address: %s", host);
	if (inet_pton(AF_INET, host, &address) == 1)
		return add_address(net, AF_INET, &address);
	if (!*host)
		return fault_set(net->fault, EXAMPLES, "no address");
	if (!host[strspn(host, "0123456789./-")])
		return fault_set(net->fault, EXAMPLES "; any:80 is port 80 of all",
				 "not an address: %s", host);
	return add_host(net, host);
}

static int read_port(struct net *net, const char *text, __u16 *port)
{
	const struct servent *service;
	__u64 number;

	if (cli_number(text, &number)) {
		*port = number;
		return number <= 65535 ? 0 :
			fault_set(net->fault, "ports are 0 to 65535", "not a port: %s", text);
	}
	service = getservbyname(text, net->protocol);
	if (!service)
		return fault_set(net->fault, "write its number", "not a port or service: %s", text);
	*port = ntohs(service->s_port);
	return 0;
}

static int read_ports(struct net *net, char *text)
{
	char *dash = strchr(text, '-');
	__u64 number;
	int error;

	/* Names of services may have one as well. */
	if (dash) {
		*dash = '\0';
		if (!cli_number(text, &number)) {
			*dash = '-';
			dash = NULL;
		}
	}
	error = read_port(net, text, &net->rule.port_first);
	if (!error && dash)
		error = read_port(net, dash + 1, &net->rule.port_last);
	else
		net->rule.port_last = net->rule.port_first;
	if (!error && net->rule.port_first > net->rule.port_last)
		error = fault_set(net->fault, "the lower port goes first", "no ports: %s-%s", text,
				  dash + 1);
	return error;
}

/**
 * nets_add - Add rules about an address
 * @rules: where to
 * @kind: what the address is for
 * @text: as NET_SYNTAX; host names are looked up
 * @fault: gets what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
int nets_add(struct rules *rules, enum net_kind kind, const char *text, struct fault *fault)
{
	struct net net = { .rules = rules, .fault = fault, .kind = kind };
	__u32 use = uses[kind].tcp | uses[kind].udp;
	char host[512], *end, *ports, *slash;
	bool ipv6;
	int error;

	if (strlen(text) >= sizeof(host))
		return fault_set(fault, EXAMPLES, "too long");
	if (!strncmp(text, "tcp:", 4)) {
		net.protocol = "tcp";
		use = uses[kind].tcp;
		text += 4;
	} else if (!strncmp(text, "udp:", 4)) {
		net.protocol = "udp";
		use = uses[kind].udp;
		text += 4;
	}
	net.rule.port_last = 65535;
	*(is_deny(&net) ? &net.rule.deny : &net.rule.allow) = use;

	ipv6 = *text == '[';
	strcpy(host, text + ipv6);
	end = host;
	if (ipv6) {
		end = strchr(host, ']');
		if (!end)
			return fault_set(fault, EXAMPLES, "no ] in %s", text);
		*end++ = '\0';
		if (*end && !strchr("/:", *end))
			return fault_set(fault, EXAMPLES, "what is this behind the ]: %s", end);
	}
	ports = strchr(end, ':');
	if (ports && !ipv6 && strchr(ports + 1, ':'))
		return fault_set(fault, "an IPv6 address has brackets: [::1] or [::1]:80",
				 "not an address and port: %s", text);
	if (ports) {
		*ports++ = '\0';
		error = read_ports(&net, ports);
		if (error)
			return error;
	}
	slash = strchr(end, '/');
	if (slash) {
		*slash = '\0';
		net.prefix = slash + 1;
	}
	return add_all(&net, host, ipv6);
}
