// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Network rules: addresses, kinds of sockets, and whose unix sockets
 * are whose
 *
 * Under the shipped policy "rules". io_uring is one of the ways in ops_test.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "common.h"
#include "kselftest_harness.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

#define CAPS_ALL	((1ULL << (CAP_LAST_CAP + 1)) - 1)

/* Nobody of the guest uses these. */
#define PORT_TCP	5501	/* somebody listens */
#define PORT_UDP	5502	/* somebody receives */
#define PORT_FREE	5503	/* to bind to */

static int set_nets(int sandbox, uint32_t flags, const struct sbpf_net_rule *nets,
		    uint32_t count, uint64_t sockets)
{
	struct sbpf_set_rules set = {
		.size = sizeof(set),
		.flags = flags,
		.nets = (uintptr_t)nets,
		.nets_count = count,
		.sockets = sockets,
		.capabilities = CAPS_ALL,
	};

	return sbpf_ioctl(sandbox, SBPF_IOC_SET_RULES, &set);
}

#define SET(sandbox, rules...) ({						\
	struct sbpf_net_rule nets__[] = { rules };				\
	set_nets(sandbox, 0, nets__, sizeof(nets__) / sizeof(nets__[0]), 0);	\
})

static struct sbpf_net_rule net(const char *address, uint16_t prefix, uint16_t first,
				uint16_t last, uint32_t allow, uint32_t deny)
{
	struct sbpf_net_rule rule = {
		.allow = allow,
		.deny = deny,
		.family = strchr(address, ':') ? AF_INET6 : AF_INET,
		.prefix = prefix,
		.port_first = first,
		.port_last = last,
	};

	inet_pton(rule.family, address, rule.address);
	return rule;
}

/* One host. */
static struct sbpf_net_rule host(const char *address, uint16_t port, uint32_t allow)
{
	return net(address, strchr(address, ':') ? 128 : 32, port, port, allow, 0);
}

static socklen_t address_of(struct sockaddr_storage *to, const char *address, uint16_t port)
{
	memset(to, 0, sizeof(*to));
	if (strchr(address, ':')) {
		struct sockaddr_in6 *in6 = (void *)to;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		inet_pton(AF_INET6, address, &in6->sin6_addr);
		return sizeof(*in6);
	}
	((struct sockaddr_in *)to)->sin_family = AF_INET;
	((struct sockaddr_in *)to)->sin_port = htons(port);
	inet_pton(AF_INET, address, &((struct sockaddr_in *)to)->sin_addr);
	return sizeof(struct sockaddr_in);
}

enum how { CONNECT, BIND, LISTEN, SENDTO, SENDMSG, SENDMMSG, FASTOPEN, SEND_CONNECTED };

/* What an act does: memory that actors share with the test. */
static struct use {
	enum how how;
	int family, type, protocol;
	struct sockaddr_storage to;
	socklen_t len;
	bool v6only;
} *use;

static int use_socket(int fd)
{
	struct iovec iov = { "x", 1 };
	struct mmsghdr messages = {
		.msg_hdr = {
			.msg_name = &use->to, .msg_namelen = use->len,
			.msg_iov = &iov, .msg_iovlen = 1,
		},
	};
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (use->v6only && setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &one, sizeof(one)))
		return -1;
	switch (use->how) {
	case CONNECT:
		return connect(fd, (void *)&use->to, use->len);
	case BIND:
		return bind(fd, (void *)&use->to, use->len);
	case LISTEN:
		/* Without an address: where the kernel likes. */
		if (use->len && bind(fd, (void *)&use->to, use->len))
			return -1;
		return listen(fd, 1);
	case SENDTO:
		return sendto(fd, "x", 1, 0, (void *)&use->to, use->len);
	case SENDMSG:
		return sendmsg(fd, &messages.msg_hdr, 0);
	case SENDMMSG:
		return sendmmsg(fd, &messages, 1, 0);
	case FASTOPEN:
		return sendto(fd, "x", 1, MSG_FASTOPEN, (void *)&use->to, use->len);
	case SEND_CONNECTED:
		if (connect(fd, (void *)&use->to, use->len))
			return -1;
		return send(fd, "x", 1, 0);
	}
	return -1;
}

static int act_use(long unused)
{
	int fd = socket(use->family, use->type | SOCK_CLOEXEC, use->protocol), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = use_socket(fd) < 0 ? errno : 0;
	close(fd);
	return err;
}

FIXTURE(nets) {
	struct actor member;
	int fd;
	int tcp, udp;
};

/* Both families at once. */
static int receiver(int type, uint16_t port)
{
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	struct sockaddr_storage any;
	socklen_t len = address_of(&any, "::", port);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&any, len) || (type == SOCK_STREAM && listen(fd, 128)))
		return -errno;
	return fd;
}

FIXTURE_SETUP(nets)
{
	use = mmap(NULL, sizeof(*use), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		   -1, 0);
	ASSERT_NE(MAP_FAILED, use);
	self->tcp = receiver(SOCK_STREAM, PORT_TCP);
	self->udp = receiver(SOCK_DGRAM, PORT_UDP);
	ASSERT_LE(0, self->tcp);
	ASSERT_LE(0, self->udp);
	ASSERT_EQ(0, actor_start(&self->member));
	self->fd = sandbox_create("rules", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	events_reset();
}

FIXTURE_TEARDOWN(nets)
{
	sandbox_kill(self->fd);
	close(self->fd);
	actor_stop(&self->member);
	close(self->tcp);
	close(self->udp);
}

static int enter(struct actor *member, int fd)
{
	return actor_call(member, act_enter_id, sandbox_id(fd));
}

static const struct way {
	const char *name;
	enum how how;
	int type;
	uint32_t access;
	enum sbpf_op op;
	uint16_t port;
} ways[] = {
	{ "TCP connect", CONNECT, SOCK_STREAM, SBPF_NET_TCP_CONNECT,
	  SBPF_OP_SOCKET_CONNECT, PORT_TCP },
	{ "TCP MSG_FASTOPEN", FASTOPEN, SOCK_STREAM, SBPF_NET_TCP_CONNECT,
	  SBPF_OP_SOCKET_SENDMSG, PORT_TCP },
	{ "TCP bind", BIND, SOCK_STREAM, SBPF_NET_TCP_BIND, SBPF_OP_SOCKET_BIND, PORT_FREE },
	{ "TCP listen", LISTEN, SOCK_STREAM, SBPF_NET_TCP_LISTEN, SBPF_OP_SOCKET_LISTEN,
	  PORT_FREE },
	{ "UDP connect", CONNECT, SOCK_DGRAM, SBPF_NET_UDP_CONNECT,
	  SBPF_OP_SOCKET_CONNECT, PORT_UDP },
	{ "UDP connect and send", SEND_CONNECTED, SOCK_DGRAM, SBPF_NET_UDP_CONNECT,
	  SBPF_OP_SOCKET_CONNECT, PORT_UDP },
	{ "UDP bind", BIND, SOCK_DGRAM, SBPF_NET_UDP_BIND, SBPF_OP_SOCKET_BIND, PORT_FREE },
	{ "UDP sendto", SENDTO, SOCK_DGRAM, SBPF_NET_UDP_SEND, SBPF_OP_SOCKET_SENDMSG,
	  PORT_UDP },
	{ "UDP sendmsg", SENDMSG, SOCK_DGRAM, SBPF_NET_UDP_SEND, SBPF_OP_SOCKET_SENDMSG,
	  PORT_UDP },
	{ "UDP sendmmsg", SENDMMSG, SOCK_DGRAM, SBPF_NET_UDP_SEND, SBPF_OP_SOCKET_SENDMSG,
	  PORT_UDP },
};

static const struct form {
	const char *name;
	int family;
	const char *address;	/* that the program uses */
	const char *rule;	/* that the rule is about */
	const char *beside;
} forms[] = {
	{ "IPv4", AF_INET, "127.0.0.1", "127.0.0.1", "127.0.0.2" },
	{ "IPv6", AF_INET6, "::1", "::1", "::2" },
	{ "IPv4 mapped into IPv6", AF_INET6, "::ffff:127.0.0.1", "127.0.0.1", "127.0.0.2" },
	{ "IPv4 on a socket of IPv6", AF_INET6, "127.0.0.1", "127.0.0.1", "127.0.0.2" },
};

/* What an IPv6 socket takes an IPv4 address for. */
static bool way_takes(const struct way *way, const struct form *form)
{
	return form->family == AF_INET || strchr(form->address, ':') ||
	       (way->type == SOCK_DGRAM && way->how != BIND);
}

static void prepare(const struct way *way, const struct form *form)
{
	*use = (struct use){ .how = way->how, .family = form->family, .type = way->type };
	use->len = address_of(&use->to, form->address, way->port);
}

TEST_F_TIMEOUT(nets, every_way_to_every_kind_of_address, 300)
{
	/* A socket that listens has been bound. */
	const uint32_t bind = SBPF_NET_TCP_BIND;
	const struct sbpf_event *denied;
	const struct form *form;
	const struct way *way;
	int err;

	for (way = ways; way < ways + COUNT(ways); way++) {
		for (form = forms; form < forms + COUNT(forms); form++) {
			if (!way_takes(way, form))
				continue;
			prepare(way, form);
			err = run(-1, act_use, 0);
			EXPECT_EQ(0, err) TH_LOG("outside: %s, %s", way->name, form->name);
		}
	}
	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (way = ways; way < ways + COUNT(ways); way++) {
		for (form = forms; form < forms + COUNT(forms); form++) {
			struct sbpf_net_rule bound = host(form->rule, way->port, bind);
			uint32_t denied_too = way->how == LISTEN ? 0 : bind;

			if (!way_takes(way, form))
				continue;
			if (way->how != LISTEN)
				bound.allow = 0;
			prepare(way, form);
			ASSERT_EQ(0, SET(self->fd, bound));
			events_reset();
			err = actor_call(&self->member, act_use, 0);
			EXPECT_EQ(EACCES, err) TH_LOG("no rule: %s, %s", way->name, form->name);
			EXPECT_EQ(1, events_total()) TH_LOG("%s, %s", way->name, form->name);
			denied = event(SBPF_EVENT_DENIED, 0);
			EXPECT_EQ(way->op, denied->op);
			EXPECT_EQ(-EACCES, denied->error);
			if (way->how != LISTEN) {
				EXPECT_EQ(way->port, denied->port) TH_LOG("%s", way->name);
				EXPECT_STREQ(form->address, denied->text);
			}
			/* All that is beside it: accesses, ports, addresses. */
			ASSERT_EQ(0, SET(self->fd, bound,
					 net(form->rule, bound.prefix, way->port, way->port,
					     SBPF_NET_MAX - 1, way->access | denied_too),
					 net(form->rule, bound.prefix, way->port + 1, 65535,
					     way->access, 0),
					 net(form->rule, bound.prefix, 0, way->port - 1,
					     way->access, 0),
					 net(form->beside, bound.prefix, 0, 65535,
					     way->access, 0)));
			err = actor_call(&self->member, act_use, 0);
			EXPECT_EQ(EACCES, err) TH_LOG("beside: %s, %s", way->name, form->name);
			EXPECT_EQ(2, events_total());
			ASSERT_EQ(0, SET(self->fd, bound,
					 host(form->rule, way->port, way->access)));
			err = actor_call(&self->member, act_use, 0);
			EXPECT_EQ(0, err) TH_LOG("allowed: %s, %s", way->name, form->name);
			EXPECT_EQ(2, events_total());
		}
	}
}

#define SEND	SBPF_NET_UDP_SEND

TEST_F_TIMEOUT(nets, the_most_specific_prefix_decides, 120)
{
	const uint16_t p = PORT_UDP;
	const struct {
		const char *name, *to;
		int expected;
		struct sbpf_net_rule rules[4];
	} cases[] = {
		{ "allowed by the shortest", "127.0.0.1", 0,
		  { net("0.0.0.0", 0, p, p, SEND, 0) } },
		{ "denied by the longer", "127.0.0.1", EACCES,
		  { net("127.0.0.0", 8, p, p, SEND, 0), net("127.0.0.0", 30, p, p, 0, SEND) } },
		{ "allowed by the longer", "127.0.0.1", 0,
		  { net("127.0.0.0", 8, p, p, 0, SEND), net("127.0.0.0", 30, p, p, SEND, 0) } },
		{ "beside the longer", "127.0.0.4", EACCES,
		  { net("127.0.0.0", 8, p, p, 0, SEND), net("127.0.0.0", 30, p, p, SEND, 0) } },
		{ "deny beats allow", "127.0.0.1", EACCES,
		  { host("127.0.0.1", p, SEND), net("127.0.0.1", 32, p, p, 0, SEND) } },
		{ "in any order", "127.0.0.1", EACCES,
		  { net("127.0.0.1", 32, 1, p, 0, SEND),
		    net("127.0.0.1", 32, p, 65535, SEND, 0) } },
		{ "a longer one about another access", "127.0.0.1", EACCES,
		  { net("127.0.0.0", 8, p, p, 0, SEND),
		    host("127.0.0.1", p, SBPF_NET_UDP_CONNECT) } },
		{ "a longer one about other ports", "127.0.0.1", 0,
		  { net("127.0.0.0", 8, p, p, SEND, 0), net("127.0.0.1", 32, 1, p - 1, 0, SEND),
		    net("127.0.0.1", 32, p + 1, 65535, 0, SEND) } },
		{ "ranges that overlap", "127.0.0.1", 0,
		  { net("127.0.0.1", 32, 1, p - 2, 0, SEND),
		    net("127.0.0.1", 32, p - 1, p, SEND, 0),
		    net("127.0.0.1", 32, p - 10, p + 10, SEND, 0),
		    net("127.0.0.1", 32, p + 1, 65535, 0, SEND) } },
		{ "a hole in a range", "127.0.0.1", EACCES,
		  { net("127.0.0.1", 32, 0, 65535, SEND, 0),
		    net("127.0.0.1", 32, p, p, 0, SEND) } },
		{ "the ends of ranges", "127.0.0.1", EACCES,
		  { net("127.0.0.1", 32, 0, p - 1, SEND, 0),
		    net("127.0.0.1", 32, p + 1, 65535, SEND, 0) } },
		{ "IPv6, the longer denies", "::1", EACCES,
		  { net("::", 0, p, p, SEND, 0), net("::", 127, p, p, 0, SEND) } },
		{ "IPv6, the longer allows", "::1", 0,
		  { net("::", 0, p, p, 0, SEND), net("::", 127, p, p, SEND, 0) } },
		{ "IPv4 as IPv6 is not IPv6", "::ffff:127.0.0.1", EACCES,
		  { net("::", 0, p, p, SEND, 0), net("::ffff:0:0", 96, p, p, SEND, 0) } },
		{ "IPv6 is not IPv4", "::1", EACCES, { net("0.0.0.0", 0, p, p, SEND, 0) } },
		{ "this host needs a rule of its own", "0.0.0.0", EACCES,
		  { net("0.0.0.0", 0, p, p, SEND, 0), net("0.0.0.0", 8, p, p, SEND, 0),
		    net("0.0.0.0", 31, p, p, SEND, 0) } },
		{ "this host", "0.0.0.0", 0, { host("0.0.0.0", p, SEND) } },
		{ "this host, denied in general", "0.0.0.0", 0,
		  { host("0.0.0.0", p, SEND), net("0.0.0.0", 0, p, p, 0, SEND) } },
		{ "this host by IPv6 needs one, too", "::", EACCES,
		  { net("::", 0, p, p, SEND, 0), net("::", 127, p, p, SEND, 0) } },
		{ "this host by IPv6", "::", 0, { host("::", p, SEND) } },
		{ "this host by IPv4 as IPv6 needs one", "::ffff:0.0.0.0", EACCES,
		  { net("0.0.0.0", 0, p, p, SEND, 0), host("::", p, SEND) } },
		{ "this host by IPv4 as IPv6", "::ffff:0.0.0.0", 0,
		  { host("0.0.0.0", p, SEND) } },
	};
	int i, err, count;

	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < COUNT(cases); i++) {
		*use = (struct use){ .how = SENDTO, .type = SOCK_DGRAM };
		use->len = address_of(&use->to, cases[i].to, p);
		use->family = use->to.ss_family;
		for (count = 0; count < 4 && cases[i].rules[count].family; count++)
			;
		ASSERT_EQ(0, set_nets(self->fd, 0, cases[i].rules, count, 0));
		EXPECT_EQ(0, run(-1, act_use, 0)) TH_LOG("outside: %s", cases[i].name);
		err = actor_call(&self->member, act_use, 0);
		EXPECT_EQ(cases[i].expected, err) TH_LOG("%s", cases[i].name);
	}
}

/* Connect where it is allowed, disconnect, connect where it is not. */
static int act_reconnect(long type)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_storage to;
	socklen_t len = address_of(&to, "127.0.0.1",
				   type == SOCK_STREAM ? PORT_TCP : PORT_UDP);
	int fd = socket(AF_INET, type, 0), err;

	if (fd < 0 || connect(fd, (void *)&to, len) || connect(fd, &none, sizeof(none)))
		return ENOTRECOVERABLE;
	len = address_of(&to, "127.0.0.2", type == SOCK_STREAM ? PORT_TCP : PORT_UDP);
	err = connect(fd, (void *)&to, len) ? errno : 0;
	close(fd);
	return err;
}

TEST_F(nets, without_a_family)
{
	/* The control: what the kernel makes of it. */
	*use = (struct use){ .how = SENDTO, .family = AF_INET, .type = SOCK_DGRAM };
	use->len = address_of(&use->to, "127.0.0.1", PORT_UDP);
	use->to.ss_family = AF_UNSPEC;
	EXPECT_EQ(0, run(-1, act_use, 0));
	EXPECT_EQ(0, run(-1, act_reconnect, SOCK_STREAM));
	EXPECT_EQ(0, run(-1, act_reconnect, SOCK_DGRAM));
	ASSERT_EQ(0, enter(&self->member, self->fd));

	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
	ASSERT_EQ(0, SET(self->fd, host("127.0.0.1", PORT_UDP, SEND | SBPF_NET_UDP_CONNECT),
			 host("127.0.0.1", PORT_TCP, SBPF_NET_TCP_CONNECT)));
	EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
	events_reset();
	EXPECT_EQ(EACCES, actor_call(&self->member, act_reconnect, SOCK_STREAM));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_reconnect, SOCK_DGRAM));
	EXPECT_EQ(2, events_total());
	EXPECT_STREQ("127.0.0.2", event(SBPF_EVENT_DENIED, 1)->text);

	/* For IPv6 it is no address: there is none to send to. */
	use->family = AF_INET6;
	use->len = sizeof(use->to.ss_family);
	use->to.ss_family = AF_UNSPEC;
	EXPECT_EQ(EDESTADDRREQ, run(-1, act_use, 0));
	EXPECT_EQ(EDESTADDRREQ, actor_call(&self->member, act_use, 0));
	/* But it may become a socket of IPv4 before it is looked at again. */
	use->len = address_of(&use->to, "127.0.0.2", PORT_UDP);
	use->to.ss_family = AF_UNSPEC;
	EXPECT_EQ(EDESTADDRREQ, run(-1, act_use, 0));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));

	/* Binding so means 0.0.0.0, for IPv4. */
	*use = (struct use){ .how = BIND, .family = AF_INET, .type = SOCK_STREAM };
	use->len = address_of(&use->to, "0.0.0.0", PORT_FREE);
	use->to.ss_family = AF_UNSPEC;
	EXPECT_EQ(0, run(-1, act_use, 0));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
	ASSERT_EQ(0, SET(self->fd, host("0.0.0.0", PORT_FREE, SBPF_NET_TCP_BIND)));
	EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
	use->family = AF_INET6;
	use->len = sizeof(struct sockaddr_in6);
	EXPECT_EQ(EAFNOSUPPORT, run(-1, act_use, 0));
	EXPECT_EQ(EAFNOSUPPORT, actor_call(&self->member, act_use, 0));
}

/* Send to nowhere: 0 if the socket has got a port by that. */
static int act_send_unbound(long family)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_storage at = {};
	socklen_t len = sizeof(at);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (send(fd, "x", 1, 0) != -1 || errno != EDESTADDRREQ)
		return ENOTRECOVERABLE;
	if (family == AF_INET6 &&
	    (sendto(fd, "x", 1, 0, &none, sizeof(none.sa_family)) != -1 ||
	     errno != EDESTADDRREQ))
		return ENOTRECOVERABLE;
	if (getsockname(fd, (void *)&at, &len))
		return errno;
	close(fd);
	/* At the same place in an address of IPv6. */
	return ((struct sockaddr_in *)&at)->sin_port ? 0 : EDESTADDRREQ;
}

TEST_F(nets, unbound_sockets_get_no_port)
{
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(0, run(-1, act_send_unbound, AF_INET));
	EXPECT_EQ(0, run(-1, act_send_unbound, AF_INET6));
	EXPECT_EQ(EDESTADDRREQ, actor_call(&self->member, act_send_unbound, AF_INET));
	EXPECT_EQ(EDESTADDRREQ, actor_call(&self->member, act_send_unbound, AF_INET6));
}

TEST_F(nets, all_addresses_of_ipv6_are_those_of_ipv4_too)
{
	const uint32_t tcp = SBPF_NET_TCP_BIND | SBPF_NET_TCP_LISTEN;
	const struct { enum how how; int type; } uses[] = {
		{ BIND, SOCK_STREAM }, { LISTEN, SOCK_STREAM }, { BIND, SOCK_DGRAM },
	};
	struct sbpf_net_rule six = host("::", PORT_FREE, tcp | SBPF_NET_UDP_BIND);
	struct sbpf_net_rule four = host("0.0.0.0", PORT_FREE, tcp | SBPF_NET_UDP_BIND);
	int i;

	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < COUNT(uses); i++) {
		*use = (struct use){ .how = uses[i].how, .family = AF_INET6, .type = uses[i].type };
		use->len = address_of(&use->to, "::", PORT_FREE);
		EXPECT_EQ(0, run(-1, act_use, 0));
		ASSERT_EQ(0, SET(self->fd, six));
		EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
		use->v6only = true;
		/* Of UDP nobody asks once more when it is bound. */
		EXPECT_EQ(uses[i].type == SOCK_STREAM ? 0 : EACCES,
			  actor_call(&self->member, act_use, 0));
		use->v6only = false;
		ASSERT_EQ(0, SET(self->fd, six, four));
		EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
		ASSERT_EQ(0, SET(self->fd, four));
		EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
	}
	/* Bound while it was IPv6 only, as far as anybody could tell. */
	*use = (struct use){ .how = LISTEN, .family = AF_INET6, .type = SOCK_STREAM };
	use->len = address_of(&use->to, "::", PORT_FREE);
	ASSERT_EQ(0, SET(self->fd, six, host("0.0.0.0", PORT_FREE, SBPF_NET_TCP_BIND)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
}

/* Routes by which a message goes elsewhere first; and what announces this machine. */

static const unsigned char loose_route[] = { 131, 7, 4, 127, 0, 0, 2, 0 };

static int act_route(long by_message)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(loose_route))];
	} control = { { CMSG_LEN(sizeof(loose_route)), SOL_IP, IP_RETOPTS } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = &use->to, .msg_namelen = use->len, .msg_iov = &iov, .msg_iovlen = 1,
	};

	memcpy(CMSG_DATA(&control.head), loose_route, sizeof(loose_route));
	if (by_message) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
	} else if (setsockopt(fd, SOL_IP, IP_OPTIONS, loose_route, sizeof(loose_route))) {
		err = errno;
		close(fd);
		return err;
	}
	err = sendmsg(fd, &msg, 0) < 0 ? errno : 0;
	close(fd);
	return err;
}

/* Two, of which the second is the route. */
static int act_route6(long unused)
{
	struct { struct in6_pktinfo from; } plain = { { IN6ADDR_LOOPBACK_INIT, 0 } };
	struct { uint8_t head[4]; uint32_t reserved; struct in6_addr over; } route = {
		{ 0, 2, 2, 1 }, 0, IN6ADDR_LOOPBACK_INIT
	};
	char control[CMSG_SPACE(sizeof(plain)) + CMSG_SPACE(sizeof(route))] = "";
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = &use->to, .msg_namelen = use->len, .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *at = CMSG_FIRSTHDR(&msg);

	*at = (struct cmsghdr){ CMSG_LEN(sizeof(plain)), SOL_IPV6, IPV6_PKTINFO };
	memcpy(CMSG_DATA(at), &plain, sizeof(plain));
	at = CMSG_NXTHDR(&msg, at);
	*at = (struct cmsghdr){ CMSG_LEN(sizeof(route)), SOL_IPV6, IPV6_RTHDR };
	memcpy(CMSG_DATA(at), &route, sizeof(route));
	err = sendmsg(fd, &msg, 0) < 0 ? errno : 0;
	close(fd);
	return err;
}

/* Of two to the same address the kernel asks about the first. */
static int act_several(long unused)
{
	int fd = socket(use->family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	struct iovec iov = { "x", 1 };
	struct mmsghdr messages[2] = {};
	int i;

	for (i = 0; i < 2; i++)
		messages[i].msg_hdr = (struct msghdr){
			.msg_name = &use->to, .msg_namelen = use->len,
			.msg_iov = &iov, .msg_iovlen = 1,
		};
	err = sendmmsg(fd, messages, 2, 0) < 0 ? errno : 0;
	close(fd);
	return err;
}

static int act_join(long unused)
{
	const struct ip_mreqn group = {
		.imr_multiaddr.s_addr = htonl(0xefff0102), .imr_ifindex = 1
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	err = setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) ? errno : 0;
	close(fd);
	return err;
}

TEST_F(nets, what_no_address_tells)
{
	const struct {
		const char *name, *to;
		act_fn act;
		long arg;
		int family, protocol;
	} acts[] = {
		{ "source route", "127.0.0.1", act_route, 0, AF_INET, IPPROTO_RAW },
		{ "in a message", "127.0.0.1", act_route, 1, AF_INET, IPPROTO_RAW },
		{ "IPv6, in a message", "::1", act_route6, 0, AF_INET6, IPPROTO_RAW },
		{ "by the second of two", "127.0.0.1", act_several, 0, AF_INET, IPPROTO_RAW },
		{ "IPv6, by that", "::1", act_several, 0, AF_INET6, IPPROTO_RAW },
		{ "group", "127.0.0.1", act_join, 0, AF_INET, IPPROTO_IGMP },
	};
	const struct sbpf_net_rule all[] = {
		net("0.0.0.0", 0, 0, 65535, SEND, 0), net("::", 0, 0, 65535, SEND, 0)
	};
	int i, before[COUNT(acts)], err;

	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < COUNT(acts); i++) {
		*use = (struct use){ .how = SENDTO, .type = SOCK_DGRAM };
		use->family = acts[i].family;
		use->len = address_of(&use->to, acts[i].to, PORT_UDP);
		/* It may be sent, and then go nowhere. */
		before[i] = run(-1, acts[i].act, acts[i].arg);
		EXPECT_TRUE(before[i] != EACCES && before[i] != EPERM)
			TH_LOG("outside: %s: %s", acts[i].name, strerror(before[i]));
		ASSERT_EQ(0, set_nets(self->fd, 0, all, COUNT(all), 0));
		EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
		events_reset();
		err = actor_call(&self->member, acts[i].act, acts[i].arg);
		EXPECT_EQ(EACCES, err) TH_LOG("%s", acts[i].name);
		EXPECT_EQ(1, events_total()) TH_LOG("%s", acts[i].name);
		EXPECT_EQ(SBPF_OP_SOCKET_CREATE, event(SBPF_EVENT_DENIED, 0)->op);
		EXPECT_EQ(acts[i].family, event(SBPF_EVENT_DENIED, 0)->number);
		EXPECT_EQ(SOCK_RAW, event(SBPF_EVENT_DENIED, 0)->addr);
		EXPECT_EQ(acts[i].protocol, event(SBPF_EVENT_DENIED, 0)->len);
		ASSERT_EQ(0, set_nets(self->fd, 0, all, COUNT(all), SBPF_SOCKET_RAW));
		EXPECT_EQ(before[i], actor_call(&self->member, acts[i].act, acts[i].arg))
			TH_LOG("as raw sockets may: %s", acts[i].name);
	}
}

TEST_F(nets, any_free_port)
{
	ASSERT_EQ(0, enter(&self->member, self->fd));
	*use = (struct use){ .how = BIND, .family = AF_INET, .type = SOCK_STREAM };
	use->len = address_of(&use->to, "127.0.0.1", 0);
	ASSERT_EQ(0, SET(self->fd, net("127.0.0.1", 32, 1, 65535, SBPF_NET_TCP_BIND, 0)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
	ASSERT_EQ(0, SET(self->fd, host("127.0.0.1", 0, SBPF_NET_TCP_BIND)));
	EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
	/* Without binding. */
	*use = (struct use){ .how = LISTEN, .family = AF_INET, .type = SOCK_STREAM };
	EXPECT_EQ(0, run(-1, act_use, 0));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
	ASSERT_EQ(0, SET(self->fd, host("0.0.0.0", 0, SBPF_NET_TCP_LISTEN)));
	EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
	use->family = AF_INET6;
	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
	ASSERT_EQ(0, SET(self->fd, host("::", 0, SBPF_NET_TCP_LISTEN)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
	ASSERT_EQ(0, SET(self->fd, host("::", 0, SBPF_NET_TCP_LISTEN),
			 host("0.0.0.0", 0, SBPF_NET_TCP_LISTEN)));
	EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
}

TEST_F(nets, addresses_that_are_none)
{
	static const struct { enum how how; int type; } uses[] = {
		{ CONNECT, SOCK_STREAM }, { CONNECT, SOCK_DGRAM }, { BIND, SOCK_STREAM },
		{ SENDTO, SOCK_DGRAM },
	};
	static const struct { int family; const char *address; int len; } shorts[] = {
		{ AF_INET, "127.0.0.1", 1 }, { AF_INET, "127.0.0.1", 8 },
		{ AF_INET6, "::1", 1 }, { AF_INET6, "::1", 16 }, { AF_INET6, "::1", 23 },
	};
	int i, j, err;

	ASSERT_EQ(0, SET(self->fd, net("0.0.0.0", 0, 0, 65535, SBPF_NET_MAX - 1, 0),
			 net("::", 0, 0, 65535, SBPF_NET_MAX - 1, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < COUNT(uses); i++) {
		for (j = 0; j < COUNT(shorts); j++) {
			*use = (struct use){
				.how = uses[i].how, .family = shorts[j].family,
				.type = uses[i].type,
			};
			address_of(&use->to, shorts[j].address, PORT_TCP);
			use->len = shorts[j].len;
			err = run(-1, act_use, 0);
			EXPECT_EQ(EINVAL, err) TH_LOG("outside: way %d, address %d", i, j);
			err = actor_call(&self->member, act_use, 0);
			EXPECT_EQ(EINVAL, err) TH_LOG("way %d, address %d", i, j);
		}
		/* Of another family. */
		*use = (struct use){ .how = uses[i].how, .family = AF_INET, .type = uses[i].type };
		use->len = address_of(&use->to, "::1", PORT_TCP);
		EXPECT_EQ(EAFNOSUPPORT, run(-1, act_use, 0));
		EXPECT_EQ(EAFNOSUPPORT, actor_call(&self->member, act_use, 0));
	}
}

TEST_F(nets, multipath_tcp_is_tcp)
{
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

	if (fd < 0 && errno == EPROTONOSUPPORT)
		SKIP(return, "this kernel has no MPTCP");
	close(fd);
	ASSERT_EQ(0, enter(&self->member, self->fd));
	*use = (struct use){
		.how = CONNECT, .family = AF_INET, .type = SOCK_STREAM,
		.protocol = IPPROTO_MPTCP,
	};
	use->len = address_of(&use->to, "127.0.0.1", PORT_TCP);
	EXPECT_EQ(0, run(-1, act_use, 0));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
	EXPECT_EQ(1, events_total());
	ASSERT_EQ(0, SET(self->fd, host("127.0.0.1", PORT_TCP, SBPF_NET_TCP_CONNECT)));
	EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
	use->how = FASTOPEN;
	EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
	ASSERT_EQ(0, SET(self->fd, host("127.0.0.1", PORT_TCP + 1, SBPF_NET_TCP_CONNECT)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_use, 0));
}

/* Kinds of sockets without rules about addresses */

static int act_create(long unused)
{
	int fd = socket(use->family, use->type, use->protocol);

	return fd < 0 ? errno : close(fd);
}

TEST_F_TIMEOUT(nets, each_kind_of_socket, 120)
{
	static const struct {
		const char *name;
		int family, type, protocol;
		uint64_t bits;	/* any of these allows it */
	} kinds[] = {
		{ "raw", AF_INET, SOCK_RAW, IPPROTO_ICMP, SBPF_SOCKET_RAW },
		{ "raw UDP", AF_INET, SOCK_RAW, IPPROTO_UDP, SBPF_SOCKET_RAW },
		{ "raw IPv6", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, SBPF_SOCKET_RAW },
		{ "ping", AF_INET, SOCK_DGRAM, IPPROTO_ICMP, SBPF_SOCKET_PING },
		{ "ping IPv6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, SBPF_SOCKET_PING },
		{ "SCTP", AF_INET, SOCK_STREAM, IPPROTO_SCTP, SBPF_SOCKET_SCTP },
		{ "SCTP packets", AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP, SBPF_SOCKET_SCTP },
		{ "packet", AF_PACKET, SOCK_RAW, 0, SBPF_SOCKET_PACKET },
		{ "packet, old", AF_INET, SOCK_PACKET, 0, SBPF_SOCKET_PACKET },
		{ "routes", AF_NETLINK, SOCK_RAW, 0, SBPF_SOCKET_ROUTE | SBPF_SOCKET_NETLINK },
		{ "kobjects", AF_NETLINK, SOCK_DGRAM, 15, SBPF_SOCKET_NETLINK },
		{ "vsock", AF_VSOCK, SOCK_STREAM, 0, SBPF_SOCKET_VSOCK },
		{ "ALG", AF_ALG, SOCK_SEQPACKET, 0, SBPF_SOCKET_ALG },
		{ "Bluetooth", AF_BLUETOOTH, SOCK_RAW, 1, SBPF_SOCKET_BLUETOOTH },
		{ "CAN", AF_CAN, SOCK_RAW, 1, SBPF_SOCKET_CAN },
		{ "UDP-Lite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, SBPF_SOCKET_OTHER },
		{ "DCCP", AF_INET, SOCK_DCCP, IPPROTO_DCCP, SBPF_SOCKET_OTHER },
		{ "SMC", AF_INET, SOCK_STREAM, 256, SBPF_SOCKET_OTHER },
		{ "SMC, old", AF_SMC, SOCK_STREAM, 0, SBPF_SOCKET_OTHER },
		{ "RDS", AF_RDS, SOCK_SEQPACKET, 0, SBPF_SOCKET_OTHER },
		{ "TIPC", AF_TIPC, SOCK_STREAM, 0, SBPF_SOCKET_OTHER },
		{ "XDP", AF_XDP, SOCK_RAW, 0, SBPF_SOCKET_OTHER },
		{ "X.25", AF_X25, SOCK_SEQPACKET, 0, SBPF_SOCKET_OTHER },
	};
	const uint64_t all = SBPF_SOCKET_MAX - 1;
	uint64_t seen = 0, bit;
	int i, err, control;

	/* Who is in these groups may ping. */
	ASSERT_EQ(0, write_file("/proc/sys/net/ipv4/ping_group_range", "0 2147483647"));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < COUNT(kinds); i++) {
		*use = (struct use){
			.family = kinds[i].family, .type = kinds[i].type,
			.protocol = kinds[i].protocol,
		};
		/* Not every kernel has every protocol, but none answers EACCES. */
		control = run(-1, act_create, 0);
		EXPECT_NE(EACCES, control) TH_LOG("outside: %s", kinds[i].name);
		events_reset();
		ASSERT_EQ(0, set_nets(self->fd, 0, NULL, 0, all & ~kinds[i].bits));
		err = actor_call(&self->member, act_create, 0);
		EXPECT_EQ(EACCES, err) TH_LOG("without: %s", kinds[i].name);
		EXPECT_EQ(1, events_total());
		EXPECT_EQ(SBPF_OP_SOCKET_CREATE, event(SBPF_EVENT_DENIED, 0)->op);
		for (bit = 1; bit < SBPF_SOCKET_MAX; bit <<= 1) {
			if (!(kinds[i].bits & bit))
				continue;
			seen |= bit;
			ASSERT_EQ(0, set_nets(self->fd, 0, NULL, 0, bit));
			err = actor_call(&self->member, act_create, 0);
			EXPECT_EQ(control, err) TH_LOG("with: %s", kinds[i].name);
		}
		EXPECT_EQ(1, events_total()) TH_LOG("with: %s", kinds[i].name);
	}
	EXPECT_EQ(all, seen);
}

/* One that was there before its process entered. */
static int early = -1;

static int act_early_bind(long unused)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK };

	return bind(early, (void *)&address, sizeof(address)) ? errno : 0;
}

static int act_early_send(long unused)
{
	return send(early, "xxxxxxxxxxxxxxxx", 16, 0) < 0 ? errno : 0;
}

TEST_F(nets, sockets_that_were_there_before)
{
	actor_stop(&self->member);
	early = socket(AF_NETLINK, SOCK_RAW, 0);
	ASSERT_LE(0, early);
	ASSERT_EQ(0, actor_start(&self->member));
	EXPECT_EQ(0, actor_call(&self->member, act_early_bind, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_early_send, 0));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_early_bind, 0));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_early_send, 0));
	ASSERT_EQ(0, set_nets(self->fd, 0, NULL, 0, SBPF_SOCKET_ROUTE));
	EXPECT_EQ(0, actor_call(&self->member, act_early_send, 0));
	close(early);
}

/* Unix sockets */

#define PATH_STREAM	DIR "/stream"
#define PATH_DATAGRAM	DIR "/datagram"

static const struct unix_address {
	const char *name, *path;
	int type;
	enum sbpf_op op;
} unix_addresses[] = {
	{ "a path", PATH_STREAM, SOCK_STREAM, SBPF_OP_UNIX_STREAM_CONNECT },
	{ "packets at a path", DIR "/packet", SOCK_SEQPACKET, SBPF_OP_UNIX_STREAM_CONNECT },
	{ "datagrams at a path", PATH_DATAGRAM, SOCK_DGRAM, SBPF_OP_UNIX_MAY_SEND },
	{ "an abstract name", "@sbpf-nets", SOCK_STREAM, SBPF_OP_UNIX_STREAM_CONNECT },
	{ "datagrams at an abstract name", "@sbpf-datagrams", SOCK_DGRAM,
	  SBPF_OP_UNIX_MAY_SEND },
};

static socklen_t unix_address(struct sockaddr_un *un, const char *path)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	strcpy(un->sun_path, path);
	if (path[0] == '@')
		un->sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + strlen(path);
}

static int unix_serve(int type, const char *path)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	struct sockaddr_un un;
	socklen_t len = unix_address(&un, path);

	unlink(path);
	if (bind(fd, (void *)&un, len) || (type != SOCK_DGRAM && listen(fd, 64)))
		return -errno;
	return fd;
}

static int act_unix_serve(long i)
{
	int fd = unix_serve(unix_addresses[i].type, unix_addresses[i].path);

	return fd < 0 ? -fd : 0;
}

/* In a process that ends while this one has the socket. */
static int act_unix_serve_by_another(long i)
{
	pid_t pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	int status;

	if (pid < 0)
		return errno;
	if (!pid)
		_exit(act_unix_serve(i));
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static int act_unix_connect(long i)
{
	int fd = socket(AF_UNIX, unix_addresses[i].type | SOCK_CLOEXEC, 0), err;
	struct sockaddr_un un;
	socklen_t len = unix_address(&un, unix_addresses[i].path);

	err = connect(fd, (void *)&un, len) ? errno : 0;
	close(fd);
	return err;
}

static int act_unix_send(long i)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	struct sockaddr_un un;
	socklen_t len = unix_address(&un, unix_addresses[i].path);

	err = sendto(fd, "x", 1, MSG_DONTWAIT, (void *)&un, len) < 0 ? errno : 0;
	close(fd);
	return err == EAGAIN ? 0 : err;
}

static int act_unix_pair(long type)
{
	int fds[2];
	char text[1];

	if (socketpair(AF_UNIX, type, 0, fds) || send(fds[0], "x", 1, 0) != 1 ||
	    recv(fds[1], text, 1, 0) != 1)
		return errno;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static int set_unix(int sandbox, const char *path, uint32_t access, uint64_t rights)
{
	struct sbpf_path_rule paths[] = {
		{ .allow = SBPF_ACCESS_CREATE_SPECIAL | SBPF_ACCESS_REMOVE },
		{ .allow = access },
	};
	/* Creating a sandbox is an ioctl of a device. */
	struct sbpf_dev_rule dev = {
		.allow = SBPF_DEV_IOCTL, .type = S_IFCHR, .major = SBPF_DEV_ANY,
		.minor = SBPF_DEV_ANY, .ioctl_first = SBPF_IOC_CREATE,
		.ioctl_last = SBPF_IOC_CREATE,
	};
	struct sbpf_set_rules set = {
		.size = sizeof(set), .paths = (uintptr_t)paths, .rights = rights,
		.paths_count = path ? 2 : 1, .devs = (uintptr_t)&dev, .devs_count = 1,
	};
	int err;

	paths[0].fd = open(DIR, O_PATH | O_CLOEXEC);
	paths[1].fd = path ? open(path, O_PATH | O_CLOEXEC) : -1;
	err = sbpf_ioctl(sandbox, SBPF_IOC_SET_RULES, &set);
	close(paths[0].fd);
	if (path)
		close(paths[1].fd);
	return err;
}

TEST_F_TIMEOUT(nets, unix_sockets_of_others, 120)
{
	const uint64_t right = 1ULL << SBPF_RIGHT_UNIX;
	const struct unix_address *address;
	int i, err, fds[COUNT(unix_addresses)];

	for (i = 0; i < COUNT(unix_addresses); i++) {
		address = &unix_addresses[i];
		fds[i] = unix_serve(address->type, address->path);
		ASSERT_LE(0, fds[i]);
		EXPECT_EQ(0, run(-1, act_unix_connect, i)) TH_LOG("outside: %s", address->name);
	}
	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < COUNT(unix_addresses); i++) {
		address = &unix_addresses[i];
		ASSERT_EQ(0, set_unix(self->fd, NULL, 0, ~0ULL >> (64 - SBPF_RIGHT_MAX) & ~right));
		events_reset();
		err = actor_call(&self->member, act_unix_connect, i);
		EXPECT_EQ(EACCES, err) TH_LOG("%s", address->name);
		EXPECT_EQ(1, events_total());
		EXPECT_EQ(address->op, event(SBPF_EVENT_DENIED, 0)->op);
		EXPECT_STREQ(address->path, event(SBPF_EVENT_DENIED, 0)->text);
		if (address->type == SOCK_DGRAM) {
			EXPECT_EQ(EACCES, actor_call(&self->member, act_unix_send, i));
			EXPECT_EQ(2, events_total());
		}
		ASSERT_EQ(0, set_unix(self->fd, NULL, 0, right));
		err = actor_call(&self->member, act_unix_connect, i);
		EXPECT_EQ(0, err) TH_LOG("with the right: %s", address->name);
		if (address->path[0] == '@')
			continue;
		ASSERT_EQ(0, set_unix(self->fd, address->path,
				      (SBPF_ACCESS_MAX - 1) & ~SBPF_ACCESS_CONNECT, 0));
		EXPECT_EQ(EACCES, actor_call(&self->member, act_unix_connect, i));
		ASSERT_EQ(0, set_unix(self->fd, address->path, SBPF_ACCESS_CONNECT, 0));
		err = actor_call(&self->member, act_unix_connect, i);
		EXPECT_EQ(0, err) TH_LOG("with a rule: %s", address->name);
		if (address->type == SOCK_DGRAM)
			EXPECT_EQ(0, actor_call(&self->member, act_unix_send, i));
	}
	for (i = 0; i < COUNT(unix_addresses); i++) {
		close(fds[i]);
		unlink(unix_addresses[i].path);
	}
}

static int act_enter_nested(long unused)
{
	const struct sbpf_set_rules set = {
		.size = sizeof(set), .rights = 1ULL << SBPF_RIGHT_ABSTRACT
	};
	int fd = sandbox_create("rules", "inner", 0, SBPF_UNLIMITED), err;

	if (fd < 0)
		return -fd;
	/* Root of a sandbox has no capability here. */
	err = sbpf_ioctl(fd, SBPF_IOC_SET_RULES, (void *)&set) ?: act_no_new_privs(0) ?:
	      sandbox_enter(fd);
	close(fd);
	return err;
}

TEST_F_TIMEOUT(nets, unix_sockets_of_members, 120)
{
	const struct unix_address *address;
	struct actor server, inner;
	int i, err;

	ASSERT_EQ(0, actor_start(&server));
	ASSERT_EQ(0, actor_start(&inner));
	ASSERT_EQ(0, set_unix(self->fd, NULL, 0, 1ULL << SBPF_RIGHT_ABSTRACT));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	ASSERT_EQ(0, enter(&server, self->fd));
	ASSERT_EQ(0, enter(&inner, self->fd));
	for (i = 0; i < COUNT(unix_addresses); i++) {
		address = &unix_addresses[i];
		EXPECT_EQ(0, actor_call(&server, act_unix_serve, i)) TH_LOG("%s", address->name);
		err = actor_call(&self->member, act_unix_connect, i);
		EXPECT_EQ(0, err) TH_LOG("%s", address->name);
		if (address->type == SOCK_DGRAM)
			EXPECT_EQ(0, actor_call(&self->member, act_unix_send, i));
		EXPECT_EQ(0, actor_call(&inner, act_unix_connect, i));
		/* Nobody outside needs to be asked. */
		EXPECT_EQ(0, run(-1, act_unix_connect, i));
	}
	EXPECT_EQ(0, actor_call(&self->member, act_unix_pair, SOCK_STREAM));
	EXPECT_EQ(0, actor_call(&self->member, act_unix_pair, SOCK_DGRAM));
	EXPECT_EQ(0, actor_call(&self->member, act_unix_pair, SOCK_SEQPACKET));
	EXPECT_EQ(0, events_total());

	/* To a nested sandbox, the one around it is outside. */
	ASSERT_EQ(0, actor_call(&inner, act_enter_nested, 0));
	events_reset();
	for (i = 0; i < COUNT(unix_addresses); i++) {
		err = actor_call(&inner, act_unix_connect, i);
		EXPECT_EQ(EACCES, err) TH_LOG("outwards: %s", unix_addresses[i].name);
	}
	EXPECT_EQ(2, event(SBPF_EVENT_DENIED, 0)->layer);
	actor_stop(&server);
	/* Abstract ones, since the inner sandbox has no rules. */
	for (i = 3; i < COUNT(unix_addresses); i++) {
		EXPECT_EQ(0, actor_call(&inner, act_unix_serve, i));
		err = actor_call(&self->member, act_unix_connect, i);
		EXPECT_EQ(0, err) TH_LOG("inwards: %s", unix_addresses[i].name);
	}
	actor_stop(&inner);
	for (i = 0; i < COUNT(unix_addresses); i++)
		unlink(unix_addresses[i].path);
}

TEST_F(nets, a_unix_socket_is_of_who_created_it)
{
	struct actor server;
	int i;

	ASSERT_EQ(0, actor_start(&server));
	ASSERT_EQ(0, set_unix(self->fd, NULL, 0, 1ULL << SBPF_RIGHT_ABSTRACT));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	ASSERT_EQ(0, enter(&server, self->fd));
	for (i = 0; i < COUNT(unix_addresses); i++) {
		EXPECT_EQ(0, actor_call(&server, act_unix_serve_by_another, i));
		EXPECT_EQ(0, actor_call(&self->member, act_unix_connect, i));
	}
	actor_stop(&server);

	/* An outsider's that a member has got. */
	early = unix_serve(SOCK_STREAM, "@sbpf-nets");
	ASSERT_LE(0, early);
	ASSERT_EQ(0, actor_start(&server));
	ASSERT_EQ(0, enter(&server, self->fd));
	close(early);
	EXPECT_EQ(EACCES, actor_call(&self->member, act_unix_connect, 3));
	EXPECT_EQ(EACCES, actor_call(&server, act_unix_connect, 3));
	actor_stop(&server);
	EXPECT_EQ(ECONNREFUSED, actor_call(&self->member, act_unix_connect, 3));
	for (i = 0; i < COUNT(unix_addresses); i++)
		unlink(unix_addresses[i].path);
}

static int act_unix_automatic(long unused)
{
	const struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	err = bind(fd, (void *)&un, sizeof(un.sun_family)) ? errno : 0;
	close(fd);
	return err;
}

TEST_F(nets, abstract_names_are_everybodys)
{
	int fd;

	ASSERT_EQ(0, set_unix(self->fd, NULL, 0, ~0ULL >> (64 - SBPF_RIGHT_MAX) &
						~(1ULL << SBPF_RIGHT_ABSTRACT)));
	EXPECT_EQ(0, run(-1, act_unix_serve, 3));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	events_reset();
	EXPECT_EQ(EACCES, actor_call(&self->member, act_unix_serve, 3));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_OP_SOCKET_BIND, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_STREQ("@sbpf-nets", event(SBPF_EVENT_DENIED, 0)->text);
	/* It is still to be had; and one that the kernel finds is nobody else's. */
	fd = unix_serve(SOCK_STREAM, "@sbpf-nets");
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, actor_call(&self->member, act_unix_automatic, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_unix_serve, 0));
	ASSERT_EQ(0, set_unix(self->fd, NULL, 0, 1ULL << SBPF_RIGHT_ABSTRACT));
	EXPECT_EQ(0, actor_call(&self->member, act_unix_serve, 3));
	unlink(unix_addresses[0].path);
}

static int act_many_sockets(long rounds)
{
	int fds[200], i;

	while (rounds--) {
		for (i = 0; i < COUNT(fds); i++) {
			fds[i] = socket(AF_UNIX, i & 1 ? SOCK_STREAM : SOCK_DGRAM, 0);
			if (fds[i] < 0)
				return errno;
		}
		for (i = 0; i < COUNT(fds); i++)
			close(fds[i]);
	}
	return 0;
}

/* Whoever gets the memory of a member's socket is not taken for a member. */
TEST_F_TIMEOUT(nets, an_end_of_a_socket_is_noticed, 240)
{
	int i, fd;

	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(0, actor_call(&self->member, act_many_sockets, 1));
		EXPECT_EQ(0, act_many_sockets(1));
		fd = unix_serve(SOCK_STREAM, "@sbpf-nets");
		ASSERT_LE(0, fd);
		EXPECT_EQ(EACCES, actor_call(&self->member, act_unix_connect, 3));
		close(fd);
	}
	/* And nothing keeps the sandbox. */
	actor_stop(&self->member);
	close(self->fd);
	EXPECT_TRUE(sandboxes_gone());
	self->fd = dup(0);
	ASSERT_EQ(0, actor_start(&self->member));
}

/* The interface */

TEST_F_TIMEOUT(nets, mistakes_change_nothing, 240)
{
	struct sbpf_net_rule good = host("127.0.0.1", PORT_UDP, SEND), bad, *many;
	struct sbpf_set_rules set = { .size = sizeof(set), .nets = 16, .nets_count = 1 };
	int i;

	ASSERT_EQ(0, SET(self->fd, good));
	ASSERT_EQ(0, enter(&self->member, self->fd));
#define BAD(field, value)						\
	bad = good;							\
	bad.field = value;						\
	EXPECT_EQ(EINVAL, SET(self->fd, bad)) TH_LOG(#field)
	BAD(family, 0);
	BAD(family, AF_UNIX);
	BAD(prefix, 33);
	BAD(prefix, 31);
	BAD(prefix, 65535);
	BAD(prefix, 129; bad.family = AF_INET6);
	BAD(port_first, PORT_UDP + 1);
	BAD(allow, SBPF_NET_MAX);
	BAD(deny, 1U << 31);
	BAD(reserved, 1);
	BAD(address[4], 1);
	BAD(address[15], 1; bad.prefix = 32);
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	set.nets_count = SBPF_RULES_MAX + 1;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	set.nets_count = ~0U;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	/* One more than fits beside the one that there is. */
	many = calloc(SBPF_RULES_MAX, sizeof(*many));
	ASSERT_NE(NULL, many);
	for (i = 0; i < SBPF_RULES_MAX; i++)
		many[i] = net("10.0.0.0", 8, i, 65535, SEND, 0);
	EXPECT_EQ(E2BIG, set_nets(self->fd, SBPF_RULES_ADD, many, SBPF_RULES_MAX, 0));
	*use = (struct use){ .how = SENDTO, .family = AF_INET, .type = SOCK_DGRAM };
	use->len = address_of(&use->to, "127.0.0.1", PORT_UDP);
	EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
	/* As many as there may be about one address. */
	many[0] = good;
	EXPECT_EQ(0, set_nets(self->fd, 0, many, SBPF_RULES_MAX, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_use, 0));
	free(many);
}

TEST_F_TIMEOUT(nets, ten_thousand_rules_are_found, 240)
{
	enum { HOSTS = 10000 };
	struct sbpf_net_rule *rules = calloc(HOSTS, sizeof(*rules));
	char text[32];
	int i, err;

	ASSERT_NE(NULL, rules);
	for (i = 0; i < HOSTS; i++) {
		snprintf(text, sizeof(text), "127.1.%d.%d", i / 100, i % 100);
		rules[i] = host(text, 1000 + i, SBPF_NET_UDP_CONNECT);
	}
	ASSERT_EQ(0, set_nets(self->fd, 0, rules, HOSTS, 0));
	free(rules);
	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < HOSTS; i += i < HOSTS - 10 ? 97 : 1) {
		*use = (struct use){ .how = CONNECT, .family = AF_INET, .type = SOCK_DGRAM };
		snprintf(text, sizeof(text), "127.1.%d.%d", i / 100, i % 100);
		use->len = address_of(&use->to, text, 1000 + i);
		err = actor_call(&self->member, act_use, 0);
		EXPECT_EQ(0, err) TH_LOG("%s", text);
		use->len = address_of(&use->to, text, 1000 + i + 1);
		err = actor_call(&self->member, act_use, 0);
		EXPECT_EQ(EACCES, err) TH_LOG("%s", text);
	}
}

/* In memory that the process shares with the test. */
static struct progress {
	volatile unsigned long started;	/* how many changes */
	volatile unsigned long looks;	/* that tell something */
	volatile unsigned long both, none;
	volatile int error;
	volatile bool stop;
} *progress;

#define LOOKS	10000

static bool try(int fd, const struct sockaddr_storage *to, socklen_t len)
{
	if (!connect(fd, (const void *)to, len))
		return true;
	if (errno != EACCES)
		progress->error = errno;
	return false;
}

/*
 * Of two ports exactly one is allowed. While at most one change goes on, the first is
 * the same before and after the second only if nothing has changed in between.
 */
static int act_look(long unused)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_storage one, two;
	socklen_t len = address_of(&one, "127.0.0.1", PORT_UDP);
	bool before, between, after;
	unsigned long started;

	address_of(&two, "127.0.0.1", PORT_UDP + 1);
	while (!progress->stop) {
		started = progress->started;
		before = try(fd, &one, len);
		between = try(fd, &two, len);
		after = try(fd, &one, len);
		if (started != progress->started || before != after)
			continue;
		progress->looks++;
		if (before && between)
			progress->both++;
		if (!before && !between)
			progress->none++;
	}
	close(fd);
	return 0;
}

TEST_F_TIMEOUT(nets, replacing_rules_is_one_step, 240)
{
	const struct sbpf_net_rule one = host("127.0.0.1", PORT_UDP, SBPF_NET_UDP_CONNECT);
	const struct sbpf_net_rule two = host("127.0.0.1", PORT_UDP + 1, SBPF_NET_UDP_CONNECT);
	int i = 0;

	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, progress);
	actor_stop(&self->member);
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, SET(self->fd, one));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	ASSERT_EQ(0, actor_tell(&self->member, act_look, 0));
	while (progress->looks < LOOKS || i < 40) {
		progress->started++;
		ASSERT_EQ(0, SET(self->fd, i++ & 1 ? one : two));
	}
	progress->stop = true;
	EXPECT_EQ(0, actor_answer(&self->member));
	EXPECT_EQ(0, progress->error);
	EXPECT_EQ(0, progress->both);
	EXPECT_EQ(0, progress->none);
}

int main(int argc, char **argv)
{
	if (setup() || setup_rules())
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
