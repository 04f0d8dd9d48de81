// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Tags: whose unix sockets are whose
 *
 * A socket does not tell which sandbox it was created in, and neither does its
 * process, which may be gone while another has the socket. So those that members
 * create are in a table from creation until they are freed.
 */
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "sandbox.h"
#include "tags.h"

#define TAGS_BITS 10

/**
 * struct tag - A socket that a member has created
 * @node: in its bucket
 * @sk: the socket; identity only
 * @sandbox: innermost sandbox of the member, held
 * @rcu: frees this after the last reader
 */
struct tag {
	struct hlist_node node;
	const struct sock *sk;
	struct sbpf_sandbox *sandbox;
	struct rcu_head rcu;
};

/* Tags by socket; @lock is for changes, lookups are under RCU. */
static struct {
	struct hlist_head tags;
	spinlock_t lock; /* of @tags */
} buckets[1 << TAGS_BITS] = {
	[0 ... (1 << TAGS_BITS) - 1] = { .lock = __SPIN_LOCK_UNLOCKED(buckets.lock) },
};

static u32 tag_bucket(const struct sock *sk)
{
	return hash_ptr(sk, TAGS_BITS);
}

static void tag_free(struct tag *tag)
{
	hlist_del_rcu(&tag->node);
	sbpf_sandbox_put(tag->sandbox);
	kfree_rcu(tag, rcu);
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
	u32 i = tag_bucket(sk);
	unsigned long flags;
	struct tag *tag;

	tag = kmalloc(sizeof(*tag), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!tag)
		return -ENOMEM;
	sbpf_sandbox_get(sandbox);
	tag->sk = sk;
	tag->sandbox = sandbox;
	spin_lock_irqsave(&buckets[i].lock, flags);
	hlist_add_head_rcu(&tag->node, &buckets[i].tags);
	spin_unlock_irqrestore(&buckets[i].lock, flags);
	return 0;
}

/**
 * sbpf_tags_remove - A socket is about to be freed
 * @sk: any socket
 *
 * Context: any but NMI; takes a lock only if there is a tag in the bucket.
 */
void sbpf_tags_remove(const struct sock *sk)
{
	u32 i = tag_bucket(sk);
	unsigned long flags;
	struct tag *tag;

	/* Whoever frees it knows that it is complete, thus in the table if at all. */
	if (hlist_empty(&buckets[i].tags))
		return;
	spin_lock_irqsave(&buckets[i].lock, flags);
	hlist_for_each_entry(tag, &buckets[i].tags, node) {
		if (tag->sk == sk) {
			tag_free(tag);
			break;
		}
	}
	spin_unlock_irqrestore(&buckets[i].lock, flags);
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
	const struct tag *tag;

	hlist_for_each_entry_rcu(tag, &buckets[tag_bucket(sk)].tags, node)
		if (tag->sk == sk)
			return sbpf_sandbox_within(tag->sandbox, sandbox);
	return false;
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

	for (i = 0; i < ARRAY_SIZE(buckets); i++) {
		spin_lock_irq(&buckets[i].lock);
		hlist_for_each_entry_safe(tag, next, &buckets[i].tags, node)
			tag_free(tag);
		spin_unlock_irq(&buckets[i].lock);
	}
}
