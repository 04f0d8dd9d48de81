/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Where policies and the recorder are kept alive: pins in the BPF file system
 */
#ifndef _SBPF_PIN_H
#define _SBPF_PIN_H

#include <stdbool.h>
#include <stddef.h>

#define PIN_BPFFS	"/sys/fs/bpf"
#define PIN_DIR		PIN_BPFFS "/sbpf"

/** PIN_MOUNT_HINT: how to mount the BPF file system. */
#define PIN_MOUNT_HINT	"as root: mount -t bpf none " PIN_BPFFS

/** PIN_PATH_MAX: room for any path that these functions make. */
#define PIN_PATH_MAX	96

bool pin_available(void);
int pin_lock(void);
int pin_make_dir(const char *path);
char *pin_policy(char *path, const char *policy);

#endif /* _SBPF_PIN_H */
