// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Capabilities: giving up those that are not needed
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caps.h"

#define BIT(cap)	(1ULL << (cap))

/*
 * Programs of policies take the first two; type information of a module, by its number,
 * the third: bpf_btf_get_fd_by_id() in kernel/bpf/syscall.c.
 */
#define LOADING		(BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_SYS_ADMIN))

static int caps_get(struct __user_cap_header_struct *header,
		    struct __user_cap_data_struct data[2])
{
	header->version = _LINUX_CAPABILITY_VERSION_3;
	header->pid = 0;
	return syscall(SYS_capget, header, data) ? -errno : 0;
}

/**
 * caps_loading - Whether this process has the capabilities that loading a policy takes
 *
 * Return: true if it has all of them.
 */
bool caps_loading(void)
{
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[2];

	return !caps_get(&header, data) &&
	       !(LOADING & ~(data[0].effective | (__u64)data[1].effective << 32));
}

/**
 * caps_keep_loading - Give up for good all privilege that loading a policy does not take
 *
 * Capabilities of all sets, and that of getting others by executing something.
 *
 * Return: 0 or -errno.
 */
int caps_keep_loading(void)
{
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[2];
	__u64 permitted;
	int cap, i, error;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	error = caps_get(&header, data);
	if (error)
		return error;
	/* Who may not do this (CAP_SETPCAP) gets none of them back without it, either. */
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(LOADING & BIT(cap)))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	permitted = (data[0].permitted | (__u64)data[1].permitted << 32) & LOADING;
	for (i = 0; i < 2; i++) {
		data[i].permitted = permitted >> 32 * i;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}
