// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Init and exit, in order
 *
 * What registers with the BPF core goes away with the module and pins it while
 * in use; so exit finds no policy, no hook, no sandbox and no descriptor left,
 * only work items that are finishing.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "device.h"
#include "dispatch.h"
#include "hooks.h"
#include "kfuncs.h"
#include "ledger.h"
#include "loads.h"
#include "main.h"
#include "member.h"
#include "memwrite.h"
#include "policy.h"
#include "remote.h"
#include "sandbox.h"
#include "symbols.h"
#include "tags.h"

struct workqueue_struct *sbpf_wq;
struct workqueue_struct *sbpf_limits_wq;

static int __init sbpf_init(void)
{
	int err;

	/* What members do with the CPUs must not delay their end. */
	sbpf_wq = alloc_workqueue("sbpf", WQ_UNBOUND | WQ_HIGHPRI, 0);
	sbpf_limits_wq = alloc_workqueue("sbpf_limits", WQ_UNBOUND, 0);
	err = sbpf_wq && sbpf_limits_wq ? sbpf_tags_init() : -ENOMEM;
	if (err)
		goto free_wq;
	err = sbpf_sandbox_init();
	if (err)
		goto exit_tags;
	err = sbpf_member_init();
	if (err)
		goto exit_sandbox;
	err = sbpf_symbols_init();
	if (!err)
		err = sbpf_hooks_init(sbpf_dispatch_calls);
	if (err)
		goto exit_member;
	err = sbpf_ledger_init();
	if (err)
		goto exit_hooks;
	sbpf_memwrite_init();
	sbpf_remote_init();
	err = sbpf_loads_init();
	if (err)
		goto exit_ledger;
	/* Neither can be undone, but both die with the module. */
	err = sbpf_kfuncs_init();
	if (!err)
		err = sbpf_policy_init();
	if (err) {
		pr_err("cannot register with the BPF core: error %d%s\n", err,
		       err == -ENODATA ? " (the module was built without BTF)" : "");
		goto exit_ledger;
	}
	err = sbpf_ledger_start();
	if (!err)
		err = sbpf_device_init();
	if (err)
		goto exit_ledger;
	if (SBPF_RESOURCES_MISSING)
		pr_notice("bytes are not counted and cannot be limited: this kernel was built without CONFIG_TASK_XACCT\n");
	/* Whoever has opened a device by now has the module: from here on it stays. */
	sbpf_ledger_device_init();
	return 0;

exit_ledger:
	sbpf_ledger_stop();
	sbpf_remote_exit();
	sbpf_memwrite_exit();
	sbpf_ledger_exit();
exit_hooks:
	sbpf_hooks_exit();
exit_member:
	sbpf_member_exit();
exit_sandbox:
	sbpf_sandbox_exit();
exit_tags:
	sbpf_tags_exit();
free_wq:
	if (sbpf_limits_wq)
		destroy_workqueue(sbpf_limits_wq);
	if (sbpf_wq)
		destroy_workqueue(sbpf_wq);
	return err;
}

static void __exit sbpf_exit(void)
{
	sbpf_ledger_device_exit();
	sbpf_device_exit();
	destroy_workqueue(sbpf_limits_wq);
	destroy_workqueue(sbpf_wq);
	sbpf_ledger_stop();
	sbpf_remote_exit();
	sbpf_memwrite_exit();
	sbpf_ledger_exit();
	sbpf_hooks_exit();
	/* Callbacks of this module's own caches and structures. */
	rcu_barrier();
	sbpf_member_exit();
	sbpf_sandbox_exit();
	sbpf_tags_exit();
}

module_init(sbpf_init);
module_exit(sbpf_exit);

MODULE_DESCRIPTION("Sandboxes with policies in BPF");
MODULE_AUTHOR("The sbpf authors");
MODULE_LICENSE("GPL");
