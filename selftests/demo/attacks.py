#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does what a malicious program would do, and says how it went.

attacks.py VICTIM PORT: VICTIM is the number of a process, PORT where somebody
listens on this machine. Prints a line per attack: its name, "yes" or "no" for
whether it succeeded, and what was gained or what stood in the way.
"""
import errno
import mmap
import os
import signal
import socket
import subprocess
import sys

victim, port = int(sys.argv[1]), int(sys.argv[2])
MANY = 100


def read_shadow():
    with open("/etc/shadow", encoding="utf-8") as file:
        return f"{len(file.readlines())} accounts"


def gdb():
    out = subprocess.run(["gdb", "-nx", "-q", "-batch", "-p", str(victim),
                          "-ex", "info registers rip"],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    for line in out.stdout.splitlines():
        if line.startswith("rip "):
            return "rip " + line.split()[1]
    for code in errno.EPERM, errno.EACCES:
        if "ptrace: " + os.strerror(code) in out.stderr:
            raise OSError(code, "ptrace")
    raise RuntimeError(out.stderr)


def fork_bomb():
    """Not without end where nothing else ends it."""
    children = []
    gate, release = os.pipe()
    try:
        for _ in range(MANY):
            child = os.fork()
            if not child:
                os.close(release)
                os.read(gate, 1)
                os._exit(0)
            children.append(child)
    except OSError as error:
        raise OSError(error.errno, f"after {len(children)} processes") from error
    finally:
        os.close(release)
        for child in children:
            os.waitpid(child, 0)
    return f"{MANY} processes"


def writable_code():
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory[:1] = b"\xc3"
    return "4096 bytes"


def connect():
    with socket.create_connection(("127.0.0.1", port), timeout=10):
        return f"port {port}"


def kill():
    os.kill(victim, signal.SIGKILL)
    return f"process {victim}"


for attack in read_shadow, gdb, fork_bomb, writable_code, connect, kill:
    try:
        print(attack.__name__, "yes", attack(), flush=True)
    except OSError as error:
        what = errno.errorcode[error.errno]
        if attack is fork_bomb:
            what += " " + error.strerror
        print(attack.__name__, "no", what, flush=True)
