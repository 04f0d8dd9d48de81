/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Symbols: functions of the kernel that it does not export
 */
#ifndef _SBPF_SYMBOLS_H
#define _SBPF_SYMBOLS_H

int sbpf_symbols_init(void);
unsigned long sbpf_symbols_find(const char *name);
unsigned long sbpf_symbols_entry(const char *name);

#endif /* _SBPF_SYMBOLS_H */
