/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Device: /dev/sbpf and the descriptors of sandboxes
 */
#ifndef _SBPF_DEVICE_H
#define _SBPF_DEVICE_H

int __init sbpf_device_init(void);
void sbpf_device_exit(void);

#endif /* _SBPF_DEVICE_H */
