#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the verifier must reject, and that it accepts the same without the fault.
# part: 2
cd "$(dirname "$0")/../verifier" || exit 1
exec ./load ./*.bpf.o
