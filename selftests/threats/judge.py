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


def lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return [json.loads(line) for line in file]


def say(verdict, what, details=""):
    print(verdict, what, details, sep="\t")


def object_of(event):
    keys = "path", "address", "target_comm", "description", "kind"
    return " ".join(str(event[key]) for key in keys if key in event)


def meant(alternative):
    """Operation, errno of the event, its object, errno that the attack gets."""
    parts = alternative.split(":")
    return parts + [parts[1]] * (4 - len(parts))


def judge(outside, inside, denials):
    """Nothing if all is well, else what is not."""
    got = inside["errno"]
    for key in "tree", "system", "victim":
        if key in inside:
            return f"denied or not, something has changed: {key}: {inside[key]}"
    if got == "0":
        return "it works in the sandbox"
    told = [(e["op"], e["errno"], object_of(e)) for e in denials]
    for alternative in outside["denied"].split("|"):
        op, errno, what, result = meant(alternative)
        # What root would do by a capability is denied before it comes to the object.
        if inside["who"] & ROOT and got in ("EPERM", "EACCES") and ("capable", "EPERM", "") in told:
            return ""
        if got != result:
            continue
        if op == "-" and not denials:
            return ""
        if any(t[0] == op and t[1] == errno and what in t[2] for t in told):
            return ""
    return f"{got}, not {outside['denied']}; events: {told}"


def fields(event):
    """The fields that every denial has."""
    return event["sandbox"] > 0 and event["policy"] and event["seq"] > 0 and event["pid"] > 0


def main():
    outside, inside, events = (lines(path) for path in sys.argv[1:4])
    inside = {r["attack"]: r for r in inside}
    first = min(r["from"] for r in inside.values())
    denied = [e for e in events if e["type"] == "denied"]
    denials = [e for e in denied if e["seq"] > first]
    for control in outside:
        what = control["attack"]
        if control["errno"] == "ENOSYS" and control["who"] & NEWER:
            say("skip", what, "this kernel does not have it")
        elif control["errno"] != "0":
            say("nok", what, f"without sbpf the attack fails: {control['errno']}")
        elif what not in inside:
            say("nok", what, "was not tried in the sandbox")
        elif control["denied"] == "hole":
            if inside[what]["errno"] == "0":
                say("skip", what, "works in a sandbox too, as threat-model.rst says")
            else:
                say("nok", what, "does not work any more: " + inside[what]["errno"])
        else:
            span = range(inside[what]["from"] + 1, inside[what]["to"] + 1)
            wrong = judge(control, inside[what], [e for e in denials if e["seq"] in span])
            # What is done to sbpf itself is told whoever does it.
            if any(control["from"] < e["seq"] <= control["to"] for e in denied):
                wrong = "it is denied without a sandbox"
            say("nok" if wrong else "ok", what, wrong)
    sandboxes = {e["sandbox"] for e in denials}
    complete = denials and all(fields(e) for e in denials) and len(sandboxes) == 1
    say("ok" if complete else "nok", "the events have all fields and are of one sandbox",
        f"sandboxes {sandboxes}")
    lost = [e for e in events if e["type"] == "lost"]
    say("nok" if lost else "ok", "no event was lost", lost)


main()
