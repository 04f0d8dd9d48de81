#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Owns a policy: loads it, pins nothing, and waits for its end.

owner.py FILE: prints "registered" when the policy of the object FILE is in force,
which it is for as long as this process lives.
"""
import ctypes
import signal
import sys

bpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
for name in ("bpf_object__open", "bpf_object__next_map", "bpf_map__attach_struct_ops"):
    getattr(bpf, name).restype = ctypes.c_void_p


def need(result):
    if not result:
        sys.exit(f"owner: error {ctypes.get_errno()}")
    return ctypes.c_void_p(result)


obj = need(bpf.bpf_object__open(sys.argv[1].encode()))
if bpf.bpf_object__load(obj):
    sys.exit("owner: the policy cannot be loaded")
STRUCT_OPS = 26  # BPF_MAP_TYPE_STRUCT_OPS
policy = need(bpf.bpf_object__next_map(obj, None))
while bpf.bpf_map__type(policy) != STRUCT_OPS:
    policy = need(bpf.bpf_object__next_map(obj, policy))
need(bpf.bpf_map__attach_struct_ops(policy))
print("registered", flush=True)
signal.pause()
