// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The module, as one translation unit
 *
 * The verifier compares types by their identity in BTF, and a struct_ops type
 * must be in a module's BTF once. With several units pahole gets types that two of
 * them know in different detail twice, task_struct and file among them (seen
 * with pahole 1.30 and Linux 7.3). With one there is nothing to merge.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "cgroup.c"
#include "device.c"
#include "devs.c"
#include "dispatch.c"
#include "event.c"
#include "hooks.c"
#include "kfuncs.c"
#include "kfuncs_rules.c"
#include "ledger.c"
#include "limits.c"
#include "loads.c"
#include "main.c"
#include "member.c"
#include "memwrite.c"
#include "nets.c"
#include "policy.c"
#include "ranges.c"
#include "remote.c"
#include "rules.c"
#include "sandbox.c"
#include "stats.c"
#include "symbols.c"
#include "tags.c"
#include "usage.c"
#include "visits.c"
