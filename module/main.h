/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - What all rooms share
 */
#ifndef _SBPF_MAIN_H
#define _SBPF_MAIN_H

struct workqueue_struct;

/* Where sandboxes are killed and destroyed. */
extern struct workqueue_struct *sbpf_wq;
/* Where the kernel is had set limits, which may take long. */
extern struct workqueue_struct *sbpf_limits_wq;

#endif /* _SBPF_MAIN_H */
