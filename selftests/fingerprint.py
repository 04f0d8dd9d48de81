#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a program can find out about where it runs, one "KEY VALUE" per line.

What is different from run to run in any case (numbers of processes, addresses,
times, counters) is left out. How long system calls take is measured by "act latency".
FILE is one that the caller may read, OUTSIDE the number of a process of the same user.

usage: fingerprint.py FILE OUTSIDE
"""
import ctypes
import errno
import hashlib
import json
import mmap
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

FILE, OUTSIDE = sys.argv[1], int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p


def say(key, value):
    # One line each, whatever is in it.
    print(key, str(value).replace("\n", "|"))


def error(e):
    return errno.errorcode.get(e, str(e)) if e else "ok"


def attempt(act):
    """How an act ends, in a child, so that it leaves nothing behind."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            act()
            e = 0
        except OSError as x:
            e = x.errno
        os.write(w, error(e).encode())
        os._exit(0)
    os.close(w)
    got = os.read(r, 64).decode()
    os.close(r)
    status = os.waitpid(pid, 0)[1]
    return got or "status %d" % status


def call(number, *args):
    def act():
        if libc.syscall(number, *args) < 0:
            raise OSError(ctypes.get_errno(), "")
    return act


def read(path, size=-1):
    try:
        with open(path, "rb") as f:
            return f.read(size)
    except OSError as x:
        return error(x.errno).encode()


def digest(data):
    # An error is worth to be told from other contents.
    if data.decode(errors="replace") in errno.errorcode.values():
        return data.decode()
    return hashlib.sha256(data).hexdigest()[:16]


def link(path):
    try:
        return re.sub(r"^(pipe|socket):.*", r"\1", os.readlink(path))
    except OSError as x:
        return error(x.errno)


def listing(path):
    try:
        return ",".join(sorted(os.listdir(path)))
    except OSError as x:
        return error(x.errno)


# Of the process itself.
for line in read("/proc/self/status").decode().splitlines():
    key, value = line.split(":", 1)
    if not re.match("(NS)?[tT]g?id|.?[Pp]id|NS|Vm|Rss|Huge|nonvol|vol|Mems|Cpus|Sig[QP]|ShdPnd", key):
        say("status." + key, value.strip())
for name in sorted(os.listdir("/proc/self/ns")):
    say("ns." + name, link("/proc/self/ns/" + name))
for name in ("mountinfo", "cgroup", "limits", "uid_map", "gid_map", "setgroups", "attr/current",
             "personality", "oom_score_adj", "timerslack_ns", "loginuid", "coredump_filter"):
    say(name, digest(read("/proc/self/" + name)))
for name in sorted(os.listdir("/proc/self/fd"), key=int):
    if link("/proc/self/fd/" + name) != "/proc/%d/fd" % os.getpid():
        say("fd." + name, link("/proc/self/fd/" + name))
for name in sorted(os.environ):
    if name not in ("_", "SHLVL"):
        say("environment." + name, os.environ[name])
auxv = read("/proc/self/auxv")
say("auxv", [k for k, v in struct.iter_unpack("QQ", auxv)])
say("maps", sorted(set(re.findall(r"(/\S+|\[\w+\])$", read("/proc/self/maps").decode(), re.M))))
say("parent.comm", read("/proc/%d/comm" % os.getppid()).decode().strip())
say("parent.cmdline", read("/proc/%d/cmdline" % os.getppid()).replace(b"\0", b" ").decode(errors="replace"))
say("parent.exe", link("/proc/%d/exe" % os.getppid()))
say("session", os.getsid(0))
say("group", os.getpgrp())
say("cwd", os.getcwd())
say("root", os.stat("/")[:3])
say("umask", os.umask(0))
say("scheduler", (os.sched_getscheduler(0), os.getpriority(0, 0), sorted(os.sched_getaffinity(0))))
say("dumpable", libc.prctl(3))
say("seccomp", libc.prctl(21))
say("securebits", libc.prctl(27))
say("subreaper", link("/proc/self/exe"))
say("signals", [s for s in range(1, 32) if signal.getsignal(s) == signal.SIG_IGN])
say("rlimits", [resource.getrlimit(r) for r in range(16)])

# Of the machine.
say("modules", digest(read("/proc/modules")))
# Of what is the same for everybody how it is shown, and no more: it is long. Addresses
# are shown to some.
say("kallsyms", digest(b"\n".join(x.split(b" ", 1)[-1] for x in read("/proc/kallsyms", 1 << 20).splitlines())))
for path in ("/dev", "/sys/module", "/sys/class/misc", "/sys/kernel/btf", "/sys/fs/bpf", "/"):
    say("list." + path, digest(listing(path).encode()))
for path in ("/proc/misc", "/proc/devices", "/proc/filesystems", "/proc/cmdline",
             "/proc/sys/kernel/tainted", "/sys/kernel/security/lsm"):
    say(path, digest(read(path)))




# Of sbpf, asked by its own command.
def ask(*args):
    done = subprocess.run(("sbpf", "--json") + args, capture_output=True, text=True, check=False)
    return [json.loads(x) for x in (done.stdout + done.stderr).splitlines()]


say("sbpf.policies", [(p.get("policy"), p.get("sandboxes"), p.get("error")) for p in ask("policy", "list")])
say("sbpf.list", len(ask("list")))
with subprocess.Popen(("sbpf", "run", "--policy", "strict", "--name", "nested", "--", "sleep", "100"),
                      stderr=subprocess.DEVNULL) as nested:
    seen = []
    while nested.poll() is None and not (seen := ask("list")):
        time.sleep(0.1)
    say("sbpf.nested", [(s.get("layer"), s.get("parent"), s.get("policy")) for s in seen])
    ask("kill", "nested")

# How acts end.
page = 4096


def memory(flags, prot, later=None, fd=-1):
    def act():
        a = libc.mmap(None, page, prot, flags, fd, 0)
        if a == ctypes.c_void_p(-1).value:
            raise OSError(ctypes.get_errno(), "")
        if later is not None and libc.mprotect(ctypes.c_void_p(a), page, later):
            raise OSError(ctypes.get_errno(), "")
    return act


def memfd_exec():
    fd = os.memfd_create("x")
    with open("/bin/true", "rb") as f:
        os.write(fd, f.read())
    pid = os.fork()
    if not pid:
        try:
            os.execve(fd, ["true"], {})
        except OSError as x:
            os._exit(x.errno)
    e = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if e:
        raise OSError(e, "")


def connect(family, kind, address):
    def act():
        socket.socket(family, kind).connect(address)
    return act


def opens(path, flags):
    return lambda: os.close(os.open(path, flags))


private, anonymous = mmap.MAP_PRIVATE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
outside = "/proc/%d/" % OUTSIDE
acts = {
    "open.file": opens(FILE, os.O_RDONLY),
    "open.nothing": opens("/nowhere", os.O_RDONLY),
    "open.passwd": opens("/etc/passwd", os.O_RDONLY),
    "open.shadow": opens("/etc/shadow", os.O_RDONLY),
    "open.kmsg": opens("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK),
    "open.mem": opens("/dev/mem", os.O_RDONLY),
    "open.disk": opens("/dev/vda", os.O_RDONLY),
    "open.tmp": opens("/tmp", os.O_TMPFILE | os.O_RDWR),
    "open.neither": opens("/dev/null", 3),
    "connect.tcp": connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 1)),
    "connect.udp": connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 1)),
    "connect.unix": connect(socket.AF_UNIX, socket.SOCK_STREAM, "/nowhere"),
    "connect.abstract": connect(socket.AF_UNIX, socket.SOCK_STREAM, "\0nowhere"),
    "socket.raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "socket.netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
    "socket.bind": lambda: socket.socket().bind(("127.0.0.1", 0)),
    "memory.wx": memory(anonymous, 7),
    "memory.x": memory(anonymous, 5),
    "memory.w.x": memory(anonymous, 3, 5),
    "memory.r.x": memory(anonymous, 1, 5),
    "memory.memfd": memfd_exec,
    "memory.personality": call(135, 0x0400000),
    "outside.kill": lambda: os.kill(OUTSIDE, 0),
    "outside.signal": lambda: os.kill(OUTSIDE, signal.SIGCONT),
    "outside.tgkill": call(234, OUTSIDE, OUTSIDE, 0),
    "outside.pidfd": lambda: signal.pidfd_send_signal(os.pidfd_open(OUTSIDE), 0),
    "outside.ptrace": call(101, 0x4206, OUTSIDE, 0, 0),
    "outside.readv": call(310, OUTSIDE, 0, 0, 0, 0, 0),
    "outside.kcmp": call(312, OUTSIDE, os.getpid(), 0, 0, 0),
    "outside.getsid": lambda: os.getsid(OUTSIDE),
    "outside.getpgid": lambda: os.getpgid(OUTSIDE),
    "outside.getscheduler": lambda: os.sched_getscheduler(OUTSIDE),
    "outside.getaffinity": lambda: os.sched_getaffinity(OUTSIDE),
    "parent.getsid": lambda: os.getsid(os.getppid()),
    "outside.priority": lambda: os.setpriority(os.PRIO_PROCESS, OUTSIDE, 0),
    "outside.scheduler": lambda: os.sched_setscheduler(OUTSIDE, os.SCHED_OTHER, os.sched_param(0)),
    "outside.affinity": lambda: os.sched_setaffinity(OUTSIDE, os.sched_getaffinity(OUTSIDE)),
    "outside.prlimit": lambda: resource.prlimit(OUTSIDE, 7, resource.prlimit(OUTSIDE, 7)),
    **{"outside." + name: opens(outside + name, os.O_RDONLY) for name in (
        "status", "stat", "comm", "cmdline", "maps", "mem", "environ", "auxv", "io", "syscall",
        "stack", "limits", "mountinfo", "fd", "task", "oom_score")},
    **{"outside.link." + name: (lambda n: lambda: os.readlink(outside + n))(name) for name in (
        "exe", "cwd", "root", "ns/pid")},
    "init.kill": lambda: os.kill(1, 0),
    "init.maps": opens("/proc/1/maps", os.O_RDONLY),
    "trace.me": call(101, 0, 0, 0, 0),
    "namespace.user": call(272, 0x10000000),
    "namespace.mount": call(272, 0x00020000),
    "namespace.pid": call(272, 0x20000000),
    "chroot": lambda: os.chroot("/"),
    "bpf": call(321, 0, 0, 0),
    "perf": call(298, 0, 0, -1, -1, 0),
    "userfaultfd": call(323, 0),
    "io_uring": call(425, 1, ctypes.create_string_buffer(120)),
    "keyctl": call(250, 0, -3, 0),
    "syslog": call(103, 10, 0, 0),
    "handle": call(303, -100, b"/", ctypes.create_string_buffer(struct.pack("Ii", 0, 0), 8),
                   ctypes.create_string_buffer(4), 0),
    "umount": call(166, b"/nowhere", 0),
    "mount": call(165, b"none", b"/nowhere", b"tmpfs", 0, 0),
    "reboot": call(169, 0, 0, 0, 0),
    "delete_module": call(176, b"nothing", 0),
    "setuid": lambda: os.setuid(os.getuid()),
    "fork": lambda: None,
}
for name, act in acts.items():
    say("act." + name, attempt(act))
