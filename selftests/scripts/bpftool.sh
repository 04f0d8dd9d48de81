#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Policies registered by plain bpftool. It crashes afterwards on struct_ops types
# that live in a module (it looks the type up in the kernel's own BTF), so what
# counts is what has happened, not how it ended.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"

# registered NAME: is it in force?
registered() {
	sbpf --json policy list | json "[p for p in o if p['policy'] == '$1']" >/dev/null
}
gone() {
	! registered "$1"
}

mkdir -p $pins
for name in minimal audit strict; do
	bpftool struct_ops register "$policies/$name.bpf.o" $pins >"$scratch/out" 2>&1
	check "$name is registered" registered "$name"
done
check "each is pinned under the name of its map" \
	sh -c "[ \$(ls $pins | wc -l) = 3 ]"
check "strict is in force" shadow_denied strict
check "and controls nobody else" cat /etc/shadow

# A link of bpftool is a link: the command can replace what is behind it.
check "the command shows it" sbpf policy show strict
check "the command replaces it" sbpf policy update strict "$policies/strict.bpf.o"
check "as its next generation" sh -c "sbpf --json policy show strict | grep -Eq '\"generation\": *2'"
check "the replacement is in force" shadow_denied strict

# A second of the same name is refused and leaves no trace.
mkdir -p $pins-again
bpftool struct_ops register "$policies/strict.bpf.o" $pins-again >"$scratch/out" 2>&1
check "a second strict is not pinned" sh -c "! ls $pins-again | grep ."
same 1 "$(sbpf --json policy list | grep -c '"strict"')" "a second strict is not registered"
rmdir $pins-again

check "bpftool sees the links" sh -c "[ \$(bpftool link list | grep -c struct_ops) = 3 ]"
check "unlinking the pins" rm -r $pins
for name in minimal audit strict; do
	check "unregisters $name" await 10 gone "$name"
done
check "no hook is attached any more" await 10 sh -c "sbpf check | grep -q 'hooks: none'"
done_testing
