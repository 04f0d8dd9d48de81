#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Prints what run.sh measured: a table, the budgets, and all of it as JSON.

usage: report.py [--strict] [--json FILE] DIRECTORY

DIRECTORY has a file per column with lines "operation instructions errno".
Exit status 1 with --strict if a budget is missed.
"""
import json
import os
import sys

COLUMNS = ("native", "idle", "outside", "minimal", "strict", "rules5", "rules100",
           "rules10000", "live", "landlock", "seccomp", "again")

# What two measurements of the same thing may differ by.
SAME = 0.003
# The same before and after many things came and went: 8,000 mounts made and undone, without
# the module, leave the kernel's allocator of memory per CPU so that fork+exit is 1.003 and
# execve 1.004 of what it was.
AFTER = 0.006
# Operations that no policy mediates.
UNMEDIATED = ("getppid", "pread", "pwrite", "store", "stat")
OUTSIDE_MAX = 1.01
OPEN_STRICT_MAX = 1.08
# Into the memory of another process: each is put on record while the module is loaded.
RECORDED = "process_vm_writev"
RECORDED_MAX = 1.25
# Instructions more than native, with any number of path rules: 400 for the rules, and
# the same 430 in all with the accounts that are kept of what a sandbox uses.
OPEN_RULES_MAX = 430
# What nobody is asked about costs the same to an instruction, with any number of rules.
RULES = ("rules5", "rules100", "rules10000")
FREE = ("stat", "pread")
FREE_MAX = 1
# How many more when the nearest rule is 25 or 45 directories above, instead of 5, and the
# same was opened before: as many for both, which is not what 20 and 40 steps cost.
DEEP = ("open+close-25", "open+close-45")
DEEP_MAX = 150
# To ask what one uses, or has left: by the page, by other ways; the cheapest of those
# against it. (sbpf_self_stat, which is printed too, copies all that there is to know.)
PAGE = ("sbpf_self_usage", "sbpf_self_left")
OTHERS = ("getrusage", "clock_gettime", "/proc/self/status", "pids.current")
PAGE_MIN = 20
# With many sandboxes: hooks against those with one; what is batched against one by one;
# what a sandbox takes; a life of one against fork+exit.
LIVE_SAME = 0.05
BATCH_MIN = 10
SANDBOX_MAX = 4096
LIFE_MAX = 2


def read(directory):
    """Returns rows: {operation: {column: (instructions, errno)}}, in order."""
    rows = {}
    for column in COLUMNS:
        with open(os.path.join(directory, column), encoding="ascii") as lines:
            for line in lines:
                name, instructions, error = line.split()
                rows.setdefault(name, {})[column] = (float(instructions), int(error))
    for name, row in rows.items():
        missing = [column for column in COLUMNS if column not in row]
        if missing:
            sys.exit(f"report.py: {name} was not measured in {', '.join(missing)}")
    return rows


def ratio(row, column):
    return row[column][0] / row["native"][0]


def read_pairs(directory, name):
    """Returns what many.c or page.c has printed: {name: number}."""
    with open(os.path.join(directory, name), encoding="ascii") as lines:
        return {name: float(number) for name, number in (line.split() for line in lines)}


def table(rows, cell):
    print(f"{'':18}" + "".join(f"{column:>11}" for column in COLUMNS))
    for name, row in rows.items():
        cells = []
        for column in COLUMNS:
            mark = "*" if row[column][1] else " "
            cells.append(f"{cell(row, column):>10}{mark}")
        print(f"{name:18}" + "".join(cells).rstrip())
    print()


def judge_profile(rows, directory):
    """Returns that which is about opening a file under the default profile."""
    with open(os.path.join(directory, "untrusted"), encoding="ascii") as lines:
        name, instructions, error = lines.read().split()
    native = rows[name]["native"][0]
    more = float(instructions) - native
    return [{"budget": f"{name} with the profile untrusted at most {OPEN_RULES_MAX} "
                       f"instructions more ({more:.0f})", "operation": name,
             "column": "untrusted", "low": None,
             "high": (native + OPEN_RULES_MAX) / native,
             "ratio": round(float(instructions) / native, 5),
             "met": error == "0" and more <= OPEN_RULES_MAX}]


def judge_page(page):
    """Returns those that are about asking what one uses."""
    cheapest = min(page[name] for name in OTHERS)
    return [{"budget": f"by the page at least {PAGE_MIN} x fewer than by the cheapest other "
                       "way", "operation": name, "column": "page", "low": PAGE_MIN,
             "high": None, "ratio": round(cheapest / page[name], 5),
             "met": cheapest / page[name] >= PAGE_MIN} for name in PAGE]


def judge_many(rows, many):
    """Returns those that are about many sandboxes and rules."""
    fork = rows["fork+exit"]["native"][0]
    checks = []

    def check(budget, name, ratio, low, high):
        checks.append({"budget": budget, "operation": name, "column": "many", "low": low,
                       "high": high, "ratio": round(ratio, 5),
                       "met": (low is None or ratio >= low) and
                              (high is None or ratio <= high)})

    for name, row in rows.items():
        check("the same with 10,000 sandboxes as with one, within 5 %", name,
              row["live"][0] / row["rules5"][0], 1 - LIVE_SAME, 1 + LIVE_SAME)
    # One by one a record is always whole.
    for name, single in (("list", "list"), ("stats", "list"), ("rules", "rules")):
        check("10,000 one by one at least 10 x those batched", name,
              many[f"{single}-one-by-one"] / many[f"{name}-batched"], BATCH_MIN, None)
    for name in ("list", "stats"):
        check("the same with a process in each", f"inhabited-{name}",
              many["inhabited-list-one-by-one"] / many[f"inhabited-{name}-batched"],
              BATCH_MIN, None)
    check("memory of a sandbox, its descriptor included, at most 4 KiB", "create",
          many["memory-MemAvailable"] / SANDBOX_MAX, None, 1)
    check("creation and destruction at most 2 x fork+exit", "create+destroy",
          many["create+destroy"] / fork, None, LIFE_MAX)
    return checks


def judge(rows):
    """Returns the budgets: a list of dictionaries."""
    checks = []

    def check(budget, name, column, low, high):
        value = ratio(rows[name], column)
        checks.append({"budget": budget, "operation": name, "column": column,
                       "low": low, "high": high, "ratio": round(value, 5),
                       "met": (low is None or value >= low) and value <= high})

    for name in rows:
        check("repeatable: native again 1.000 x", name, "again", 1 - AFTER, 1 + AFTER)
    others = [name for name in rows if name != RECORDED]
    for name in others:
        check("idle module 1.000 x", name, "idle", 1 - SAME, 1 + SAME)
    check("a write into another process, on record, at most 1.250 x", RECORDED, "idle",
          None, RECORDED_MAX)
    for name in others:
        check("unsandboxed task at most 1.010 x", name, "outside", None, OUTSIDE_MAX)
    check("open+close under strict at most 1.080 x", "open+close", "strict", None,
          OPEN_STRICT_MAX)
    for column in RULES:
        native = rows["open+close"]["native"][0]
        check(f"open+close under rules at most {OPEN_RULES_MAX} instructions more",
              "open+close", column, None, (native + OPEN_RULES_MAX) / native)
        more = rows["open+close"][column][0] - rows["open+close"]["native"][0]
        for name in DEEP:
            native = rows[name]["native"][0]
            check(f"however deep at most {DEEP_MAX} instructions more", name, column, None,
                  (native + more + DEEP_MAX) / native)
        for name in FREE:
            native = rows[name]["native"][0]
            check(f"under rules within {FREE_MAX} instruction", name, column,
                  (native - FREE_MAX) / native, (native + FREE_MAX) / native)
    for name in UNMEDIATED:
        for column in ("outside", "minimal", "strict", "rules10000"):
            check("not mediated 1.000 x", name, column, 1 - SAME, 1 + SAME)
    return checks


def print_checks(checks):
    budgets = list(dict.fromkeys(check["budget"] for check in checks))
    for budget in budgets:
        group = [check for check in checks if check["budget"] == budget]
        missed = [check for check in group if not check["met"]]
        if not missed:
            worst = max(group, key=lambda check: abs(check["ratio"] - 1))
            print(f"pass  {budget}: {len(group)} of {len(group)}, farthest "
                  f"{worst['operation']} {worst['ratio']:.3f} x")
        else:
            print(f"MISS  {budget}: {len(group) - len(missed)} of {len(group)}; missed by "
                  + ", ".join(f"{check['operation']} {check['ratio']:.3f} x"
                              for check in missed))


def main():
    args = sys.argv[1:]
    strict = "--strict" in args
    if strict:
        args.remove("--strict")
    output = None
    if len(args) == 3 and args[0] == "--json":
        output = args[1]
        args = args[2:]
    if len(args) != 1:
        sys.exit(__doc__)
    rows = read(args[0])
    many = read_pairs(args[0], "many")
    page = read_pairs(args[0], "page")
    checks = (judge(rows) + judge_profile(rows, args[0]) + judge_many(rows, many) +
              judge_page(page))

    print(f"Linux {os.uname().release}, instructions per operation\n")
    table(rows, lambda row, column: f"{row[column][0]:,.0f}")
    print("Ratio to native\n")
    table(rows, lambda row, column: f"{ratio(row, column):.3f}")
    if any(error for row in rows.values() for _, error in row.values()):
        print("* denied: the cost of the denial\n")
    print("10,000 sandboxes, 10,000 rules: instructions for one, or bytes\n")
    for name, number in many.items():
        print(f"{name:22}{number:>11,.0f}")
    print("\nTo ask what one uses: instructions\n")
    for name, number in page.items():
        print(f"{name:22}{number:>11,.0f}")
    print()
    print_checks(checks)

    if output:
        everything = json.dumps({
            "unit": "instructions per operation",
            "kernel": os.uname().release,
            "columns": COLUMNS,
            "operations": {
                name: {column: {"instructions": value,
                                "ratio": round(ratio(row, column), 5),
                                "denied": bool(error)}
                       for column, (value, error) in row.items()}
                for name, row in rows.items()},
            "many": many,
            "page": page,
            "budgets": checks,
        })
        if output == "-":
            print(everything)
        else:
            with open(output, "w", encoding="ascii") as file:
                print(everything, file=file)
    sys.exit(1 if strict and not all(check["met"] for check in checks) else 0)


main()
