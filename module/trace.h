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
DEFINE_EVENT(sbpf_operation, sbpf_control,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));
DEFINE_EVENT(sbpf_operation, sbpf_load,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));
DEFINE_EVENT(sbpf_operation, sbpf_error,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));
DEFINE_EVENT(sbpf_operation, sbpf_note,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));
DEFINE_EVENT(sbpf_operation, sbpf_sandbox,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));
DEFINE_EVENT(sbpf_operation, sbpf_write,
	TP_PROTO(const struct sbpf_event *event), TP_ARGS(event));

#define SBPF_TRACE_CHANNELS							\
	{ SBPF_CHANNEL_BPF, "bpf" },						\
	{ SBPF_CHANNEL_PROCESS_VM, "process_vm" },				\
	{ SBPF_CHANNEL_PTRACE, "ptrace" },					\
	{ SBPF_CHANNEL_REGISTERS, "registers" },				\
	{ SBPF_CHANNEL_PROC_MEM, "proc_mem" },					\
	{ SBPF_CHANNEL_USERFAULTFD, "userfaultfd" },				\
	{ SBPF_CHANNEL_OTHER, "other" },					\
	{ SBPF_CHANNEL_LOAD, "load" }

#define SBPF_TRACE_MAPPINGS							\
	{ SBPF_MAPPING_UNKNOWN, "unknown" },					\
	{ SBPF_MAPPING_NONE, "none" },						\
	{ SBPF_MAPPING_FILE, "file" },						\
	{ SBPF_MAPPING_HEAP, "heap" },						\
	{ SBPF_MAPPING_STACK, "stack" },					\
	{ SBPF_MAPPING_ANONYMOUS, "anonymous" }

/* A write into the memory of a process by another party. */
TRACE_EVENT(mem_write,
	TP_PROTO(const struct sbpf_write_record *record),
	TP_ARGS(record),
	TP_STRUCT__entry(
		__field(u64, seq)
		__field(u64, time_ns)
		__field(u64, sandbox)
		__field(u64, target_sandbox)
		__field(u64, addr)
		__field(u64, len)
		__field(u32, channel)
		__field(s32, error)
		__field(u32, pid)
		__field(u32, tgid)
		__field(u32, uid)
		__field(u32, target_pid)
		__field(u32, target_tgid)
		__field(u32, target_uid)
		__field(u32, request)
		__field(u32, program_id)
		__field(u32, mapping)
		__field(u32, prot)
		__array(u8, tag, 8)
		__array(char, writer, 16)
		__array(char, target_comm, 16)
		__string(program, record->program)
		__string(path, record->path)
	),
	TP_fast_assign(
		__entry->seq = record->seq;
		__entry->time_ns = record->time_ns;
		__entry->sandbox = record->sandbox;
		__entry->target_sandbox = record->target_sandbox;
		__entry->addr = record->addr;
		__entry->len = record->len;
		__entry->channel = record->channel;
		__entry->error = record->error;
		__entry->pid = record->pid;
		__entry->tgid = record->tgid;
		__entry->uid = record->uid;
		__entry->target_pid = record->target_pid;
		__entry->target_tgid = record->target_tgid;
		__entry->target_uid = record->target_uid;
		__entry->request = record->request;
		__entry->program_id = record->program_id;
		__entry->mapping = record->mapping;
		__entry->prot = record->prot;
		memcpy(__entry->tag, record->tag, sizeof(record->tag));
		memcpy(__entry->writer, record->comm, sizeof(record->comm));
		memcpy(__entry->target_comm, record->target_comm,
		       sizeof(record->target_comm));
		__assign_str(program);
		__assign_str(path);
	),
	TP_printk("seq=%llu time_ns=%llu channel=%s errno=%d pid=%u tgid=%u comm=%s uid=%u sandbox=%llu program=%s program_id=%u tag=%*phN target_pid=%u target_tgid=%u target_comm=%s target_uid=%u target_sandbox=%llu request=0x%x addr=0x%llx len=%llu mapping=%s prot=%u path=%s",
		  __entry->seq, __entry->time_ns,
		  __print_symbolic(__entry->channel, SBPF_TRACE_CHANNELS), __entry->error,
		  __entry->pid, __entry->tgid, __entry->writer,
		  __entry->uid, __entry->sandbox, __get_str(program),
		  __entry->program_id, 8, __entry->tag, __entry->target_pid,
		  __entry->target_tgid, __entry->target_comm, __entry->target_uid,
		  __entry->target_sandbox, __entry->request, __entry->addr,
		  __entry->len,
		  __print_symbolic(__entry->mapping, SBPF_TRACE_MAPPINGS),
		  __entry->prot, __get_str(path))
);

#endif /* _SBPF_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
