/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Capabilities: giving up those that are not needed
 */
#ifndef _SBPF_CAPS_H
#define _SBPF_CAPS_H

#include <stdbool.h>

bool caps_loading(void);
int caps_keep_loading(void);

#endif /* _SBPF_CAPS_H */
