// SPDX-License-Identifier: GPL-2.0-only
/* Attacks by sockets, System V and POSIX IPC. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "threats.h"

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static struct sockaddr_in6 mapped_loopback(int port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
	return address;
}

/* Of a socket with a path, or of an abstract one. */
static socklen_t unix_name(struct sockaddr_un *name, const char *text)
{
	memset(name, 0, sizeof(*name));
	name->sun_family = AF_UNIX;
	memcpy(name->sun_path + (*text != '/'), text, strlen(text));
	return offsetof(struct sockaddr_un, sun_path) + strlen(text) + 1;
}

static int unix_connect(int type, const char *text)
{
	int fd = socket(AF_UNIX, type, 0);
	struct sockaddr_un name;
	socklen_t len = unix_name(&name, text);

	return connect(fd, (void *)&name, len) ? -1 : fd;
}

static int unix_send(const char *text)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct sockaddr_un name;
	socklen_t len = unix_name(&name, text);

	return result(sendto(fd, "evil", 4, 0, (void *)&name, len));
}

/* What a service that has more rights than we do answers. */
static int asks(int fd)
{
	char text[sizeof(SECRET)] = "";

	return result(fd) ?: result(recv(fd, text, sizeof(text) - 1, MSG_WAITALL)) ?:
	       strcmp(text, SECRET) ? ENODATA : 0;
}

#define LIST "threats"

/* Mechanism: local system services. */

ATTACK(local_system_services, unix_path, BOTH, "unix_stream_connect:EACCES:/run/bus")
{
	return result(unix_connect(SOCK_STREAM, BUS));
}

ATTACK(local_system_services, unix_abstract, BOTH, "unix_stream_connect:EACCES:" ABSTRACT)
{
	return result(unix_connect(SOCK_STREAM, ABSTRACT));
}

ATTACK(local_system_services, datagram_path, BOTH, "unix_may_send:EACCES:/run/log")
{
	return unix_send(LOG);
}

ATTACK(local_system_services, datagram_abstract, BOTH, "unix_may_send:EACCES:" ABSTRACT_LOG)
{
	return unix_send(ABSTRACT_LOG);
}

ATTACK(local_system_services, datagram_connected, BOTH, "unix_may_send:EACCES:/run/log")
{
	int fd = unix_connect(SOCK_DGRAM, LOG);

	return result(fd) ?: result(write(fd, "evil", 4));
}

ATTACK(local_system_services, shared_memory, BOTH, "ipc_permission:EACCES:")
{
	return shmat(stage.shm, NULL, 0) == (void *)-1 ? errno : 0;
}

ATTACK(local_system_services, shared_memory_status, BOTH, "ipc_permission:EACCES:")
{
	struct shmid_ds status;

	return result(shmctl(stage.shm, IPC_STAT, &status));
}

ATTACK(local_system_services, messages_sent, BOTH, "ipc_permission:EACCES:")
{
	struct { long type; char text[4]; } message = { 1, "evil" };

	return result(msgsnd(stage.msg, &message, 4, IPC_NOWAIT));
}

ATTACK(local_system_services, messages_received, BOTH, "ipc_permission:EACCES:")
{
	struct { long type; char text[4]; } message;

	/* There is none. */
	return msgrcv(stage.msg, &message, 4, 0, IPC_NOWAIT) < 0 && errno != ENOMSG ? errno : 0;
}

ATTACK(local_system_services, semaphores, BOTH, "ipc_permission:EACCES:")
{
	struct sembuf up = { 0, 1, IPC_NOWAIT };

	return result(semop(stage.sem, &up, 1));
}

ATTACK(local_system_services, semaphores_set, BOTH, "ipc_permission:EACCES:")
{
	return result(semctl(stage.sem, 0, SETVAL, 7));
}

ATTACK(local_system_services, shared_memory_removed, BOTH, "ipc_permission:EACCES:")
{
	return result(shmctl(stage.shm, IPC_RMID, NULL));
}

ATTACK(local_system_services, messages_removed, BOTH, "ipc_permission:EACCES:")
{
	return result(msgctl(stage.msg, IPC_RMID, NULL));
}

ATTACK(local_system_services, semaphores_removed, BOTH, "ipc_permission:EACCES:")
{
	return result(semctl(stage.sem, 0, IPC_RMID));
}

ATTACK(local_system_services, mode_set, BOTH, "ipc_permission:EACCES:")
{
	struct msqid_ds status = { .msg_perm.uid = getuid(), .msg_perm.mode = 0600 };

	return result(msgctl(stage.msg, IPC_SET, &status));
}

ATTACK(local_system_services, posix_queue_removed, BOTH, "path_unlink:EACCES:sbpf-threats")
{
	return result(mq_unlink(QUEUE));
}

ATTACK(local_system_services, all_shared_memory, BOTH, "ipc_permission:EACCES:")
{
	struct shm_info info;

	return result(shmctl(0, SHM_INFO, (void *)&info));
}

ATTACK(local_system_services, all_messages, BOTH, "ipc_permission:EACCES:")
{
	struct msginfo info;

	return result(msgctl(0, MSG_INFO, (void *)&info));
}

ATTACK(local_system_services, all_semaphores, BOTH, "ipc_permission:EACCES:")
{
	struct seminfo info;

	return result(semctl(0, 0, SEM_INFO, &info));
}

ATTACK(local_system_services, list_of_shared_memory, BOTH, "file_open:EACCES:/sysvipc/shm")
{
	char text[64];

	return read_text("/proc/sysvipc/shm", text, sizeof(text));
}

ATTACK(local_system_services, posix_queue, BOTH, "file_open:EACCES:sbpf-threats")
{
	mqd_t queue = mq_open(QUEUE, O_RDWR);

	return result(queue) ?: result(mq_send(queue, "evil", 4, 0));
}

ATTACK(local_system_services, posix_queue_created, BOTH, "path_mknod:EACCES:/sbpf-evil")
{
	int err = result(mq_open("/sbpf-evil", O_RDWR | O_CREAT, 0666, NULL));

	mq_unlink("/sbpf-evil");
	return err;
}

ATTACK(local_system_services, posix_shared_memory, BOTH, "file_open:EACCES:/dev/shm/sbpf-threats")
{
	return result(shm_open(QUEUE, O_RDWR, 0));
}

/* Malicious process 8: serves the screen, and takes the keys. */

ATTACK(remote_desktop, bind, BOTH, "socket_bind:EACCES:")
{
	struct sockaddr_in address = loopback(5900);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result(bind(fd, (void *)&address, sizeof(address)));
}

ATTACK(remote_desktop, bind_ipv6, BOTH, "socket_bind:EACCES:")
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(5900) };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	return result(bind(fd, (void *)&address, sizeof(address)));
}

ATTACK(remote_desktop, listen, BOTH, "socket_listen:EACCES:")
{
	return result(listen(socket(AF_INET, SOCK_STREAM, 0), 1));
}

ATTACK(remote_desktop, udp, BOTH, "socket_bind:EACCES:")
{
	struct sockaddr_in address = loopback(5900);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return result(bind(fd, (void *)&address, sizeof(address)));
}

ATTACK(remote_desktop, display_server, BOTH, "unix_stream_connect:EACCES:" ABSTRACT)
{
	return result(unix_connect(SOCK_STREAM, ABSTRACT));
}

/* A machine without such a device says so after all checks. */
#define TAKES(way, path)							\
	ATTACK(remote_desktop, way, BOTH, "file_open:EACCES:" path)		\
	{									\
		int fd = open(T path, O_RDONLY | O_NONBLOCK);			\
										\
		return fd < 0 && errno != ENXIO && errno != ENODEV ? errno : 0;	\
	}

TAKES(screen, "/bin/screen")
TAKES(framebuffer, "/bin/fb0")
TAKES(keys, "/bin/input")

/* Malicious process 9: talks to anybody. */

ATTACK(botnet, tcp, BOTH, "socket_connect:EACCES:127.0.0.1")
{
	struct sockaddr_in address = loopback(stage.tcp);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result(connect(fd, (void *)&address, sizeof(address)));
}

ATTACK(botnet, tcp_over_ipv6, BOTH, "socket_connect:EACCES:127.0.0.1")
{
	struct sockaddr_in6 address = mapped_loopback(stage.tcp);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	return result(connect(fd, (void *)&address, sizeof(address)));
}

ATTACK(botnet, tcp_any_address, BOTH, "socket_connect:EACCES:")
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(stage.tcp) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result(connect(fd, (void *)&address, sizeof(address)));
}

ATTACK(botnet, tcp_fast_open, BOTH,
       "socket_sendmsg:EACCES:127.0.0.1|socket_connect:EACCES:127.0.0.1")
{
	struct sockaddr_in address = loopback(stage.tcp);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result(sendto(fd, "evil", 4, MSG_FASTOPEN, (void *)&address, sizeof(address)));
}

ATTACK(botnet, tcp_fast_open_connect, BOTH, "socket_connect:EACCES:127.0.0.1")
{
	struct sockaddr_in address = loopback(stage.tcp);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on));
	return result(connect(fd, (void *)&address, sizeof(address))) ?:
	       result(write(fd, "evil", 4));
}

ATTACK(botnet, multipath_tcp, BOTH, "socket_connect:EACCES:127.0.0.1")
{
	struct sockaddr_in address = loopback(stage.tcp);
	int fd = socket(AF_INET, SOCK_STREAM, 262);

	return result(fd) ?: result(connect(fd, (void *)&address, sizeof(address)));
}

ATTACK(botnet, udp, BOTH, "socket_sendmsg:EACCES:127.0.0.1")
{
	struct sockaddr_in address = loopback(stage.udp);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return result(sendto(fd, "evil", 4, 0, (void *)&address, sizeof(address)));
}

ATTACK(botnet, udp_message, BOTH, "socket_sendmsg:EACCES:127.0.0.1")
{
	struct sockaddr_in address = loopback(stage.udp);
	struct iovec iov = { "evil", 4 };
	const struct msghdr msg = {
		.msg_name = &address, .msg_namelen = sizeof(address),
		.msg_iov = &iov, .msg_iovlen = 1,
	};

	return result(sendmsg(socket(AF_INET, SOCK_DGRAM, 0), &msg, 0));
}

ATTACK(botnet, udp_connected, BOTH, "socket_connect:EACCES:127.0.0.1")
{
	struct sockaddr_in address = loopback(stage.udp);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return result(connect(fd, (void *)&address, sizeof(address))) ?:
	       result(write(fd, "evil", 4));
}

ATTACK(botnet, udp_over_ipv6, BOTH, "socket_sendmsg:EACCES:127.0.0.1")
{
	struct sockaddr_in6 address = mapped_loopback(stage.udp);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	return result(sendto(fd, "evil", 4, 0, (void *)&address, sizeof(address)));
}

ATTACK(botnet, udp_many, BOTH, "socket_sendmsg:EACCES:127.0.0.1")
{
	struct sockaddr_in address = loopback(stage.udp);
	struct iovec iov = { "evil", 4 };
	struct mmsghdr messages[2] = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), i;

	for (i = 0; i < 2; i++)
		messages[i].msg_hdr = (struct msghdr){
			.msg_name = &address,
			.msg_namelen = sizeof(address),
			.msg_iov = &iov,
			.msg_iovlen = 1,
		};
	return result(sendmmsg(fd, messages, 2, 0));
}

ATTACK(botnet, ping, BOTH, "socket_create:EACCES:")
{
	return result(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
}

ATTACK(botnet, raw, ROOT, "socket_create:EACCES:|capable:EPERM:")
{
	return result(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
}

ATTACK(botnet, packet, ROOT, "socket_create:EACCES:|capable:EPERM:")
{
	return result(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
}

ATTACK(botnet, netlink, BOTH, "socket_create:EACCES:")
{
	return result(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

/* Linux 7.3 has it no more. */
ATTACK(botnet, udp_lite, BOTH | NEWER, "socket_create:EACCES:")
{
	int err = result(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE));

	return err == EPROTONOSUPPORT ? ENOSYS : err;
}

ATTACK(botnet, socket_filter, ROOT, "socket_create:EACCES:|capable:EPERM:")
{
	return result(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
}

/* What goes by way of somebody else, or tells others that we are here. */

#define OPTION(way, who, family, level, option, value...)			\
	ATTACK(botnet, way, who, "socket_create:EACCES:")			\
	{									\
		const typeof(value) set = value;				\
		int fd = socket(family, SOCK_DGRAM, 0);				\
										\
		return result(setsockopt(fd, level, option, &set, sizeof(set)));\
	}

/* Loose, over 127.0.0.2. */
struct route4 { unsigned char bytes[8]; };
OPTION(source_route, ROOT, AF_INET, SOL_IP, IP_OPTIONS,
       (struct route4){ { IPOPT_LSRR, 7, 4, 127, 0, 0, 2, 0 } })
/* One segment, of the kind for mobile hosts, over ::1. */
struct route6 { struct ip6_rthdr head; uint32_t reserved; struct in6_addr over; };
OPTION(source_route_ipv6, BOTH, AF_INET6, SOL_IPV6, IPV6_RTHDR,
       (struct route6){ { 0, 2, 2, 1 }, 0, IN6ADDR_LOOPBACK_INIT })
/* IPV6_FLOWLABEL_MGR; <linux/in6.h> does not go with the C library's. */
struct label {
	struct in6_addr to;
	uint32_t label;
	uint8_t action, share;
	uint16_t flags, expires, linger;
	uint32_t pad;
};
OPTION(flow_label, BOTH, AF_INET6, SOL_IPV6, 32,
       (struct label){ .to = IN6ADDR_LOOPBACK_INIT, .share = 2, .flags = 1 })
OPTION(group_joined, BOTH, AF_INET, SOL_IP, IP_ADD_MEMBERSHIP,
       (struct ip_mreqn){ .imr_multiaddr.s_addr = htonl(0xefff0102), .imr_ifindex = 1 })
OPTION(group_joined_ipv6, BOTH, AF_INET6, SOL_IPV6, IPV6_ADD_MEMBERSHIP,
       (struct ipv6_mreq){ { { { 0xff, 1, [15] = 99 } } }, 1 })

#undef LIST
#define LIST "escapes"

/* Somebody who does it for us. */

ATTACK(deputy, asked_by_path, BOTH, "unix_stream_connect:EACCES:/run/bus")
{
	return asks(unix_connect(SOCK_STREAM, BUS));
}

ATTACK(deputy, asked_by_abstract_name, BOTH, "unix_stream_connect:EACCES:" ABSTRACT)
{
	return asks(unix_connect(SOCK_STREAM, ABSTRACT));
}

ATTACK(deputy, asked_by_descriptor, BOTH, "unix_stream_connect:EACCES:/bus")
{
	return result(chdir(T "/run")) ?: asks(unix_connect(SOCK_STREAM, "/proc/self/cwd/bus"));
}

ATTACK(deputy, asked_by_link, BOTH, "unix_stream_connect:EACCES:/run/bus")
{
	return result(symlink(BUS, WORK "/bus")) ?: asks(unix_connect(SOCK_STREAM, WORK "/bus"));
}

/* Whoever connects to the old name gets to us. */
ATTACK(deputy, replaced, BOTH, "path_unlink:EACCES:/run/log")
{
	return result(unlink(LOG));
}

ATTACK(deputy, abstract_name_taken, BOTH, "socket_bind:EACCES:@sbpf-threats-display")
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un name;
	socklen_t len = unix_name(&name, "sbpf-threats-display");

	return result(bind(fd, (void *)&name, len)) ?: result(listen(fd, 1));
}
