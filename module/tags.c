// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Tags: whose unix sockets and open files are whose
 *
 * A socket does not tell which sandbox it was created in, and neither does its
 * process, which may be gone while another has the socket. So those that members
 * create are in a table from creation until they are freed. The same goes for files
 * of members while there is a limit to them.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "limits.h"
#include "sandbox.h"
#include "tags.h"

/**
 * struct tag - A socket or file that a member has created
 * @node: in its table
 * @key: the socket or file; identity only
 * @sandbox: innermost sandbox of the member, held
 * @rcu: frees this after the last reader
 */
struct tag {
	struct rhash_head node;
	const void *key;
	struct sbpf_sandbox *sandbox;
	struct rcu_head rcu;
};

/* They grow with what is in them: every file of the system is looked for when it ends. */
static struct rhashtable sockets;
static struct rhashtable files;

bool sbpf_tags_wanted;

static u32 tag_hash(const void *key, u32 length, u32 seed)
{
	return hash_64(*(const unsigned long *)key ^ seed, 32);
}

static int tag_differs(struct rhashtable_compare_arg *arg, const void *tag)
{
	return ((const struct tag *)tag)->key != *(const void **)arg->key;
}

static const struct rhashtable_params tag_params = {
	.head_offset = offsetof(struct tag, node),
	.key_offset = offsetof(struct tag, key),
	.key_len = sizeof_field(struct tag, key),
	.hashfn = tag_hash,
	.obj_cmpfn = tag_differs,
	.automatic_shrinking = true,
};

static int tag_add(struct rhashtable *table, const void *key, struct sbpf_sandbox *sandbox)
{
	struct tag *tag;

	tag = kmalloc(sizeof(*tag), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!tag)
		return -ENOMEM;
	tag->key = key;
	tag->sandbox = sandbox;
	sbpf_sandbox_get(sandbox);
	if (!rhashtable_insert_fast(table, &tag->node, tag_params))
		return 0;
	sbpf_sandbox_put(sandbox);
	kfree(tag);
	return -ENOMEM;
}

/* Under rcu_read_lock(). */
static struct tag *tag_find(struct rhashtable *table, const void *key)
{
	return rhashtable_lookup(table, &key, tag_params);
}

/*
 * What was charged for it is taken back, if it is a file. Under rcu_read_lock(). Who
 * frees a socket and sbpf_tags_flush() may both have found it: one of them takes it out.
 */
static void tag_drop(struct rhashtable *table, struct tag *tag)
{
	if (rhashtable_remove_fast(table, &tag->node, tag_params))
		return;
	if (table == &files)
		sbpf_limits_uncharge(tag->sandbox, NULL, SBPF_RESOURCE_OPEN_FILES, 1);
	sbpf_sandbox_put(tag->sandbox);
	kfree_rcu(tag, rcu);
}

/*
 * Whoever frees it knows that it is complete, thus in the table if at all; that of others
 * stops no interrupts.
 */
static void tag_remove(struct rhashtable *table, const void *key)
{
	struct tag *tag;

	guard(rcu)();
	tag = tag_find(table, key);
	if (unlikely(tag))
		tag_drop(table, tag);
}

/**
 * sbpf_tags_add - A member has created a unix socket
 * @sk: the socket
 * @sandbox: innermost sandbox of the member
 *
 * Context: any but NMI; the member keeps @sandbox.
 *
 * Return: 0 or -ENOMEM.
 */
int sbpf_tags_add(const struct sock *sk, struct sbpf_sandbox *sandbox)
{
	return tag_add(&sockets, sk, sandbox);
}

/**
 * sbpf_tags_remove - A socket is about to be freed
 * @sk: any socket
 *
 * Context: any but NMI; takes a lock only if it has a tag.
 */
void sbpf_tags_remove(const struct sock *sk)
{
	tag_remove(&sockets, sk);
}

/**
 * sbpf_tags_add_file - A member opens a file that was charged
 * @file: the file
 * @sandbox: innermost sandbox of the member, charged with all around it
 *
 * The sandbox keeps the hook that tells the end of files.
 *
 * Context: any but NMI; the member keeps @sandbox.
 *
 * Return: 0 or -ENOMEM.
 */
int sbpf_tags_add_file(const struct file *file, struct sbpf_sandbox *sandbox)
{
	return tag_add(&files, file, sandbox);
}

/**
 * sbpf_tags_remove_file - A file is about to be freed: take back its charge
 * @file: any file
 *
 * Context: any but NMI; takes a lock only if it has a tag.
 */
void sbpf_tags_remove_file(const struct file *file)
{
	tag_remove(&files, file);
}

/**
 * sbpf_tags_within - Has a member of a sandbox created this socket?
 * @sk: a unix socket
 * @sandbox: the sandbox; its own members and those of what is nested in it count
 *
 * Context: any, under rcu_read_lock().
 *
 * Return: whether one has.
 */
bool sbpf_tags_within(const struct sock *sk, const struct sbpf_sandbox *sandbox)
{
	const struct tag *tag = tag_find(&sockets, sk);

	return tag && sbpf_sandbox_within(tag->sandbox, sandbox);
}

/**
 * sbpf_tags_flush - Forget all sockets
 *
 * Once nobody tells any more that they are freed, but for who was on the way to it. Those
 * that live on are nobody's.
 *
 * Context: process; nobody adds meanwhile.
 */
void sbpf_tags_flush(void)
{
	struct rhashtable_iter iter;
	struct tag *tag;

	rhashtable_walk_enter(&sockets, &iter);
	rhashtable_walk_start(&iter);
	/* An error is no end: the table grew or shrank, and it begins anew. */
	while ((tag = rhashtable_walk_next(&iter)))
		if (!IS_ERR(tag))
			tag_drop(&sockets, tag);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

/**
 * sbpf_tags_init - Set the tables up
 *
 * Context: module init.
 *
 * Return: 0 or -ENOMEM.
 */
int __init sbpf_tags_init(void)
{
	int err = rhashtable_init(&sockets, &tag_params);

	if (err)
		return err;
	err = rhashtable_init(&files, &tag_params);
	if (err)
		rhashtable_destroy(&sockets);
	return err;
}

/**
 * sbpf_tags_exit - Undo sbpf_tags_init(); the tables are empty
 *
 * Context: module exit.
 */
void sbpf_tags_exit(void)
{
	rhashtable_destroy(&files);
	rhashtable_destroy(&sockets);
}
