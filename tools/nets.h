/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Addresses as people write them
 */
#ifndef _SBPF_TOOLS_NETS_H
#define _SBPF_TOOLS_NETS_H

#include "rules.h"

/**
 * enum net_kind - What an address is for
 * @NET_CONNECT: to connect and send to
 * @NET_BIND: to bind to and listen at
 * @NET_DENY_CONNECT: not to
 * @NET_DENY_BIND: not to
 */
enum net_kind {
	NET_CONNECT,
	NET_BIND,
	NET_DENY_CONNECT,
	NET_DENY_BIND,
};

/** NET_SYNTAX: what nets_add() takes. */
#define NET_SYNTAX	"[tcp:|udp:]ADDRESS[/PREFIX][:PORT[-PORT]]"

int nets_add(struct rules *rules, enum net_kind kind, const char *text, struct fault *fault);

#endif /* _SBPF_TOOLS_NETS_H */
