/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Tracepoints
 *
 * Each hands the whole struct sbpf_event to raw and BPF listeners and prints
 * what matters of it to text listeners.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sbpf

#if !defined(_SBPF_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SBPF_TRACE_H

#include <linux/tracepoint.h>

#include "event.h"
#include "hooks.h"

#define SBPF_TRACE_OP(name, NAME) { SBPF_OP_##NAME, #name },

DECLARE_EVENT_CLASS(sbpf_operation,
	TP_PROTO(const struct sbpf_event *event),
	TP_ARGS(event),
	TP_STRUCT__entry(
		__field(u64, seq)
		__field(u64, sandbox)
		__field(u64, generation)
		__field(u64, number)
		__field(u64, addr)
		__field(u64, len)
		__field(u64, ino)
		__field(u32, dev)
		__field(u32, layer)
		__field(u32, op)
		__field(u32, flags)
		__field(s32, error)
		__field(u32, pid)
		__field(u32, tgid)
		__field(u32, target_pid)
		__field(u16, port)
		__field(u16, resource)
		__array(char, comm, 16)
		__array(char, target_comm, 16)
		__string(policy, event->policy)
		__string(text, event->text)
	),
	TP_fast_assign(
		__entry->seq = event->seq;
		__entry->sandbox = event->sandbox;
		__entry->generation = event->policy_generation;
		__entry->number = event->number;
		__entry->addr = event->addr;
		__entry->len = event->len;
		__entry->ino = event->ino;
		__entry->dev = event->dev;
		__entry->layer = event->layer;
		__entry->op = event->op;
		__entry->flags = event->flags;
		__entry->error = event->error;
		__entry->pid = event->pid;
		__entry->tgid = event->tgid;
		__entry->target_pid = event->target_pid;
		__entry->port = event->port;
		__entry->resource = event->resource;
		memcpy(__entry->comm, event->comm, sizeof(event->comm));
		memcpy(__entry->target_comm, event->target_comm,
		       sizeof(event->target_comm));
		__assign_str(policy);
		__assign_str(text);
	),
	TP_printk("seq=%llu sandbox=%llu layer=%u policy=%s generation=%llu op=%s errno=%d flags=0x%x pid=%u tgid=%u comm=%s target_pid=%u target_comm=%s number=0x%llx addr=0x%llx len=%llu dev=%u:%u ino=%llu port=%u resource=%u text=%s",
		  __entry->seq, __entry->sandbox, __entry->layer,
		  __get_str(policy), __entry->generation,
		  __print_symbolic(__entry->op,
			SBPF_OPS(SBPF_TRACE_OP) { SBPF_OP_MAX, "-" }),
		  __entry->error, __entry->flags, __entry->pid, __entry->tgid,
		  __entry->comm, __entry->target_pid, __entry->target_comm,
		  __entry->number, __entry->addr, __entry->len,
		  __entry->dev >> 20, __entry->dev & 0xfffff, __entry->ino,
		  __entry->port, __entry->resource,
		  __get_str(text))
);

DEFINE_EVENT(sbpf_operation, sbpf_denied,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));
DEFINE_EVENT(sbpf_operation, sbpf_error,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));
DEFINE_EVENT(sbpf_operation, sbpf_note,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));
DEFINE_EVENT(sbpf_operation, sbpf_sandbox,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));
DEFINE_EVENT(sbpf_operation, sbpf_write,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));

#endif /* _SBPF_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
