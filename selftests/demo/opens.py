#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Opens a file until another one appears, and counts how that went.

opens.py FILE STOP COUNTS: keeps in COUNTS, one per line, how often each outcome
occurred, in the order of their first occurrence.
"""
import errno
import os
import sys

file, stop, result = sys.argv[1:]
counts = {}
out = os.open(result, os.O_WRONLY | os.O_CREAT, 0o644)


def report():
    text = "".join(f"{name} {n}\n" for name, n in counts.items())
    os.pwrite(out, text.encode(), 0)


n = 0
# Looking for STOP is no open, so that no policy is asked about it.
while n % 16 or not os.path.exists(stop):
    n += 1
    try:
        os.close(os.open(file, os.O_RDONLY))
        name = "success"
    except OSError as error:
        name = errno.errorcode[error.errno]
    counts[name] = counts.get(name, 0) + 1
    if counts[name] == 1 or n % 16 == 0:
        report()
report()
