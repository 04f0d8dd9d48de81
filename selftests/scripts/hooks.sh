#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Hooks are calls that ftrace writes into the kernel's security functions. They
# must hold, or say that they do not, whatever else is done to ftrace and to
# these functions.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"

enabled=/proc/sys/kernel/ftrace_enabled
tracing=/sys/kernel/tracing

# Without ftrace nothing would be enforced. Newer kernels cannot do without.
if sysctl -q -w kernel.ftrace_enabled=0 2>/dev/null; then
	status 1 "check says that ftrace is off" sbpf check
	says 'no .*ftrace' "and why"
	says 'remedy:.*ftrace_enabled=1' "and the remedy"
	status 1 "strict cannot be loaded then" sbpf policy load strict
	check "and is not registered" sh -c "! sbpf --json policy list | grep strict"
	check "the kernel log names the remedy" sh -c "dmesg | grep 'sbpf: .*ftrace_enabled=1'"
	check "no hook stays attached" sh -c "sbpf check | grep -q 'hooks: none'"
	check "ftrace can be switched on" sh -c "echo 1 >$enabled"
else
	same 1 "$(cat $enabled)" "ftrace cannot be switched off on this kernel"
fi

check "strict can be loaded then" sbpf policy load strict
check "outside /etc/shadow can be read" cat /etc/shadow
check "inside it is denied" shadow_denied strict
status 1 "ftrace can no longer be switched off" bash -c "echo 0 >$enabled"
says 'busy|not supported' "the kernel refuses it"
same 1 "$(cat $enabled)" "and it is on"
check "inside it is still denied" shadow_denied strict

# Tracers on the same functions, and both of them at once.
check "the function tracer starts" \
	sh -c "echo 'security_*' >$tracing/set_ftrace_filter && echo function >$tracing/current_tracer"
check "while the function tracer runs it is denied" shadow_denied strict
check "the tracer has seen it" grep -q security_file_open $tracing/trace
check "a kprobe is attached" sh -c "echo 'p:sbpf_test security_file_open' >>$tracing/kprobe_events &&
	echo 1 >$tracing/events/kprobes/sbpf_test/enable"
check "with a kprobe there too it is denied" shadow_denied strict
check "outside it can be read with both" cat /etc/shadow
check "the function tracer stops" sh -c "echo nop >$tracing/current_tracer && echo >$tracing/set_ftrace_filter"
check "with the kprobe alone it is denied" shadow_denied strict
check "a graph tracer starts" \
	sh -c "echo 'security_*' >$tracing/set_ftrace_filter && echo function_graph >$tracing/current_tracer"
check "while the graph tracer runs it is denied" shadow_denied strict
check "the graph tracer stops" sh -c "echo nop >$tracing/current_tracer && echo >$tracing/set_ftrace_filter"
check "the kprobe goes" sh -c "echo 0 >$tracing/events/kprobes/sbpf_test/enable && echo >$tracing/kprobe_events"
check "without any it is denied" shadow_denied strict

# The one thing that excludes the other, said by whoever comes second.
mount=/sys/fs/bpf/sbpf-test-fentry
status 255 "a fentry program cannot be attached to a hooked function" \
	bpftool prog loadall "$here/scripts/fentry.bpf.o" $mount autoattach
check "and is not" sh -c "! bpftool link list | grep -q tracing"
rm -rf $mount
check "it is denied as before" shadow_denied strict
check "strict can be unloaded" sbpf policy unload strict
check "it can be read again" await 10 sh -c "sbpf check | grep -q 'hooks: none'"
check "now a fentry program can be attached" \
	bpftool prog loadall "$here/scripts/fentry.bpf.o" $mount autoattach
status 1 "strict cannot be loaded while it is" sbpf policy load strict
says 'fentry|dmesg' "the reason is said"
check "the kernel log has it" sh -c "dmesg | grep 'sbpf: .*fentry'"
check "strict is not registered" sh -c "! sbpf --json policy list | grep strict"
check "the fentry program goes" rm -r $mount
check "then strict can be loaded" await 10 sbpf policy load strict
check "and is in force" shadow_denied strict
check "strict is unloaded" sbpf policy unload strict
done_testing
