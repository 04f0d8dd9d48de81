// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Symbols: functions of the kernel that it does not export
 *
 * Modules may not look symbols up, but a kprobe does, by name. That is slow, as it
 * checks every place in the kernel where code is changed; so one that is never
 * armed finds the function that looks symbols up, and that the rest.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

#include "symbols.h"
#include "trampoline.h"

/* The kernel's kallsyms_lookup_name() and ftrace_location(). */
static unsigned long lookup __initdata;
static unsigned long location __initdata;

/**
 * sbpf_symbols_find - Find a function of the kernel
 * @name: its name
 *
 * Context: module init, after sbpf_symbols_init(); may sleep.
 *
 * Return: its address, to be called by sbpf_trampoline_find() only; or 0.
 */
unsigned long __init sbpf_symbols_find(const char *name)
{
	return (unsigned long)sbpf_trampoline_find((unsigned long)name, lookup);
}

/**
 * sbpf_symbols_entry - Find where ftrace writes into a function
 * @name: its name
 *
 * Context: module init, after sbpf_symbols_init(); may sleep.
 *
 * Return: the address, or 0 if there is no such function or ftrace cannot hook it.
 */
unsigned long __init sbpf_symbols_entry(const char *name)
{
	unsigned long function = sbpf_symbols_find(name);

	return function ? (unsigned long)sbpf_trampoline_find(function, location) : 0;
}

/**
 * sbpf_symbols_init - Find what finds the others
 *
 * Context: module init; may sleep.
 *
 * Return: 0, or -EOPNOTSUPP if the kernel does not tell.
 */
int __init sbpf_symbols_init(void)
{
	struct kprobe probe = {
		.symbol_name = "kallsyms_lookup_name",
		.flags = KPROBE_FLAG_DISABLED,
	};
	int err;

	err = register_kprobe(&probe);
	if (err) {
		pr_err("cannot look up functions of the kernel: error %d\n", err);
		return -EOPNOTSUPP;
	}
	lookup = (unsigned long)probe.addr;
	unregister_kprobe(&probe);
	location = sbpf_symbols_find("ftrace_location");
	if (location)
		return 0;
	pr_err("this kernel has no ftrace_location()\n");
	return -EOPNOTSUPP;
}
