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
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "limits.h"
#include "sandbox.h"
#include "tags.h"

#define TAGS_BITS 13

/**
 * struct tag - A socket or file that a member has created
 * @node: in its bucket
 * @key: the socket or file; identity only
 * @sandbox: innermost sandbox of the member, held
 * @rcu: frees this after the last reader
 */
struct tag {
	struct hlist_node node;
	const void *key;
	struct sbpf_sandbox *sandbox;
	struct rcu_head rcu;
};

/**
 * struct tags_bucket - Tags of some keys
 * @tags: the tags; looked up under RCU
 * @lock: for changes
 */
struct tags_bucket {
	struct hlist_head tags;
	spinlock_t lock; /* of @tags */
};

static struct tags_bucket sockets[1 << TAGS_BITS];
static struct tags_bucket files[1 << TAGS_BITS];

bool sbpf_tags_wanted;

static u32 tag_bucket(const void *key)
{
	return hash_ptr(key, TAGS_BITS);
}

static void tag_free(struct tag *tag)
{
	hlist_del_rcu(&tag->node);
	sbpf_sandbox_put(tag->sandbox);
	kfree_rcu(tag, rcu);
}

static int tag_add(struct tags_bucket *table, const void *key,
		   struct sbpf_sandbox *sandbox)
{
	struct tags_bucket *bucket = &table[tag_bucket(key)];
	unsigned long flags;
	struct tag *tag;

	tag = kmalloc(sizeof(*tag), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!tag)
		return -ENOMEM;
	sbpf_sandbox_get(sandbox);
	tag->key = key;
	tag->sandbox = sandbox;
	spin_lock_irqsave(&bucket->lock, flags);
	hlist_add_head_rcu(&tag->node, &bucket->tags);
	spin_unlock_irqrestore(&bucket->lock, flags);
	return 0;
}

/* Under rcu_read_lock(), or the lock of its bucket. */
static struct tag *tag_find(struct tags_bucket *table, const void *key)
{
	struct tag *tag;

	hlist_for_each_entry_rcu(tag, &table[tag_bucket(key)].tags, node, true)
		if (tag->key == key)
			return tag;
	return NULL;
}

/*
 * What was charged for it is taken back, if it is a file. Whoever frees it knows that it
 * is complete, thus in the table if at all; that of others stops no interrupts.
 */
static void tag_remove(struct tags_bucket *table, const void *key)
{
	struct tags_bucket *bucket = &table[tag_bucket(key)];
	unsigned long flags;
	struct tag *tag;

	guard(rcu)();
	tag = tag_find(table, key);
	if (likely(!tag))
		return;
	spin_lock_irqsave(&bucket->lock, flags);
	if (table == files)
		sbpf_limits_uncharge(tag->sandbox, NULL, SBPF_RESOURCE_OPEN_FILES, 1);
	tag_free(tag);
	spin_unlock_irqrestore(&bucket->lock, flags);
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
	return tag_add(sockets, sk, sandbox);
}

/**
 * sbpf_tags_remove - A socket is about to be freed
 * @sk: any socket
 *
 * Context: any but NMI; takes a lock only if it has a tag.
 */
void sbpf_tags_remove(const struct sock *sk)
{
	tag_remove(sockets, sk);
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
	return tag_add(files, file, sandbox);
}

/**
 * sbpf_tags_remove_file - A file is about to be freed: take back its charge
 * @file: any file
 *
 * Context: any but NMI; takes a lock only if it has a tag.
 */
void sbpf_tags_remove_file(const struct file *file)
{
	tag_remove(files, file);
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
	const struct tag *tag = tag_find(sockets, sk);

	return tag && sbpf_sandbox_within(tag->sandbox, sandbox);
}

/**
 * sbpf_tags_flush - Forget all sockets
 *
 * Once nobody tells any more that they are freed. Those that live on are nobody's.
 *
 * Context: process; nobody adds or removes meanwhile.
 */
void sbpf_tags_flush(void)
{
	struct hlist_node *next;
	struct tag *tag;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sockets); i++) {
		spin_lock_irq(&sockets[i].lock);
		hlist_for_each_entry_safe(tag, next, &sockets[i].tags, node)
			tag_free(tag);
		spin_unlock_irq(&sockets[i].lock);
	}
}

/**
 * sbpf_tags_init - Set the locks up
 *
 * So that all of a table are of one class to lockdep, which has not room for as many.
 *
 * Context: module init.
 */
void __init sbpf_tags_init(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sockets); i++) {
		spin_lock_init(&sockets[i].lock);
		spin_lock_init(&files[i].lock);
	}
}
