#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges attacks.

judge.py OUTSIDE INSIDE EVENTS: the first two are what attack.c printed without
sbpf and in a sandbox, the third is what "sbpf --json events" printed then.
Prints "ok", "nok" or "skip", a tab, a description, a tab and details.
"""
import json
import sys

ROOT = 2 << 8
NEWER = 1 << 3
WITH_CAPABILITIES = 3


def lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return [json.loads(line) for line in file]


def say(verdict, what, details=""):
    print(verdict, what, details, sep="\t")


def operation(event):
    return "limit" if "limit" in event["flags"] else event["op"]


def object_of(event):
    keys = "path", "address", "target_comm", "description", "kind", "resource"
    return " ".join(str(event[key]) for key in keys if key in event)


def meant(alternative):
    """Operation, errno of the event, its object, errno that the attack gets."""
    parts = alternative.split(":")
    return parts + [parts[1]] * (4 - len(parts))


def judge(alternatives, inside, denials):
    """Nothing if all is well, else what is not."""
    got = inside["errno"]
    for key in "tree", "system", "victim":
        if key in inside:
            return f"denied or not, something has changed: {key}: {inside[key]}"
    if got == "0":
        return "it works in the sandbox"
    told = [(operation(e), e["errno"], object_of(e)) for e in denials]
    for op, errno, what, result in alternatives:
        if got != result:
            continue
        if op == "-" and not denials:
            return ""
        if any(t[0] == op and t[1] == errno and what in t[2] for t in told):
            return ""
    return f"{got}, not one of {alternatives}; events: {told}"


def fields(event):
    """The fields that every denial has."""
    return event["sandbox"] > 0 and event["policy"] and event["seq"] > 0 and event["pid"] > 0


def main():
    outside, inside, events = (lines(path) for path in sys.argv[1:4])
    inside = {(r["attack"], r["pass"]): r for r in inside}
    first = min(r["from"] for r in inside.values())
    denied = [e for e in events if e["type"] == "denied"]
    denials = [e for e in denied if e["seq"] > first]

    def verdict(what, key, alternatives):
        span = range(inside[key]["from"] + 1, inside[key]["to"] + 1)
        wrong = judge(alternatives, inside[key], [e for e in denials if e["seq"] in span])
        say("nok" if wrong else "ok", what, wrong)

    for control in outside:
        what = control["attack"]
        key = what, control["pass"]
        if control["errno"] == "ENOSYS" and control["who"] & NEWER:
            say("skip", what, "this kernel does not have it")
        elif control["errno"] != "0":
            say("nok", what, f"without sbpf the attack fails: {control['errno']}")
        # What is done to sbpf itself is told whoever does it.
        elif any(control["from"] < e["seq"] <= control["to"] for e in denied):
            say("nok", what, "it is denied without a sandbox")
        elif key not in inside:
            say("nok", what, "was not tried in the sandbox")
        elif control["denied"] == "hole":
            if inside[key]["errno"] == "0":
                say("skip", what, "works in a sandbox too, as threat-model.rst says")
            else:
                say("nok", what, "does not work any more: " + inside[key]["errno"])
        else:
            alternatives = [meant(text) for text in control["denied"].split("|")]
            verdict(what, key, alternatives)
            # What root would do by a capability may have been denied before it came to more.
            more = [a for a in alternatives if a[0] != "capable"]
            key = what, WITH_CAPABILITIES
            if key in inside:
                verdict(what + " with all capabilities", key, more)
            elif control["who"] & ROOT and more and more != alternatives:
                say("nok", what, "was not tried in the sandbox with all capabilities")
    sandboxes = {e["sandbox"] for e in denials}
    complete = denials and all(fields(e) for e in denials) and len(sandboxes) == 1
    say("ok" if complete else "nok", "the events have all fields and are of one sandbox",
        f"sandboxes {sandboxes}")
    lost = [e for e in events if e["type"] == "lost"]
    say("nok" if lost else "ok", "no event was lost", lost)


main()
