#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Somebody's program: has an account in memory, and tells it when asked to.

Prints its number, where its memory is, and the descriptor of a userfaultfd(2) that
is to fill a page of its own. For each line that it reads it prints the account.
"""
import ctypes
import fcntl
import mmap
import os
import struct
import sys

UFFDIO_API, UFFDIO_REGISTER, MISSING = 0xc018aa3f, 0xc020aa00, 1

libc = ctypes.CDLL(None, use_errno=True)
account = ctypes.create_string_buffer(b"balance 100")
page = mmap.mmap(-1, mmap.PAGESIZE)
where = ctypes.addressof(ctypes.c_char.from_buffer(page))
fault = libc.syscall(323, os.O_CLOEXEC)
fcntl.ioctl(fault, UFFDIO_API, struct.pack("QQQ", 0xaa, 0, 0))
fcntl.ioctl(fault, UFFDIO_REGISTER, struct.pack("QQQQ", where, mmap.PAGESIZE, MISSING, 0))
print(os.getpid(), ctypes.addressof(account), where, fault, flush=True)
for line in sys.stdin:
    print(account.value.decode(), flush=True)
