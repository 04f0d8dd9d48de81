#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes into the memory of target.py by each channel that is not BPF's.

inject.py PID ADDRESS PAGE USERFAULTFD: tells of each, one per line, "yes" or the error.
"""
import ctypes
import errno
import fcntl
import mmap
import os
import struct
import sys

PERF_EVENT_OPEN, PIDFD_GETFD = 298, 438
POKEDATA, GETREGS, SETREGS, ATTACH, DETACH = 5, 12, 13, 16, 17
UFFDIO_COPY = 0xc028aa03

pid, address, page, fault = map(int, sys.argv[1:])
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def good(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return result


def traced(act):
    good(libc.ptrace(ATTACH, pid, None, None))
    os.waitpid(pid, 0)
    try:
        act()
    finally:
        libc.ptrace(DETACH, pid, None, None)


def process_vm():
    text = ctypes.create_string_buffer(b"EVIL", 4)
    here = struct.pack("QQ", ctypes.addressof(text), 4)
    there = struct.pack("QQ", address, 4)
    good(libc.process_vm_writev(pid, here, 1, there, 1, 0))


def ptrace():
    word = int.from_bytes(b"EVILnce ", "little")
    traced(lambda: good(libc.ptrace(POKEDATA, pid, address, word)))


def registers():
    values = ctypes.create_string_buffer(27 * 8)

    def act():
        good(libc.ptrace(GETREGS, pid, None, values))
        good(libc.ptrace(SETREGS, pid, None, values))
    traced(act)


def proc_mem():
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(address)
        memory.write(b"EVIL")


def userfaultfd():
    own = good(libc.syscall(PIDFD_GETFD, os.pidfd_open(pid), fault, 0))
    text = mmap.mmap(-1, mmap.PAGESIZE)
    here = ctypes.addressof(ctypes.c_char.from_buffer(text))
    fcntl.ioctl(own, UFFDIO_COPY, struct.pack("QQQQq", page, here, mmap.PAGESIZE, 0, 0))


def other():
    """Sets a breakpoint into the target's libc, as a uprobe, and removes it."""
    function = ctypes.cast(libc.getppid, ctypes.c_void_p).value
    with open("/proc/self/maps", encoding="ascii") as maps:
        for line in maps:
            area, _, offset, _, _, *path = line.split()
            start, end = (int(text, 16) for text in area.split("-"))
            if start <= function < end:
                break
    with open("/sys/bus/event_source/devices/uprobe/type", encoding="ascii") as file:
        kind = int(file.read())
    name = ctypes.create_string_buffer(path[0].encode())
    event = struct.pack("IIQQQQQIIQQ", kind, 72, 0, 0, 0, 0, 0, 0, 0,
                        ctypes.addressof(name), function - start + int(offset, 16))
    os.close(good(libc.syscall(PERF_EVENT_OPEN, event, pid, -1, -1, 0)))


for channel in process_vm, ptrace, registers, proc_mem, userfaultfd, other:
    try:
        channel()
        print(channel.__name__, "yes")
    except OSError as error:
        print(channel.__name__, errno.errorcode[error.errno])
