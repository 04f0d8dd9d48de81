/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Usage: the page in which members read what their sandbox uses
 */
#ifndef _SBPF_USAGE_H
#define _SBPF_USAGE_H

struct sbpf_sandbox;
struct sbpf_stat;
struct vm_area_struct;
struct work_struct;

void sbpf_usage_stat(struct sbpf_sandbox *sandbox, struct sbpf_stat *stat);
int sbpf_usage_map(struct sbpf_sandbox *sandbox, struct vm_area_struct *vma);
void sbpf_usage_refresh(struct work_struct *work);
void sbpf_usage_free(struct sbpf_sandbox *sandbox);

#endif /* _SBPF_USAGE_H */
