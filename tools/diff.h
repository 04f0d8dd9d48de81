/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - "diff": what was changed in a private view of files
 */
#ifndef _SBPF_DIFF_H
#define _SBPF_DIFF_H

#include "store.h"
#include "tree.h"

int diff_lower(const struct store_layer *layer, struct stat *st);
int diff_walk(const struct store *store, struct tree_visitor *visitor);
int diff_count(const struct store *store, __u64 *count);
int diff_failed(const struct tree_visitor *visitor, int error);

#endif /* _SBPF_DIFF_H */
