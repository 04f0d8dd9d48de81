#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the verifier must reject, and that it accepts the same without the fault.
# part: 2
shopt -s extglob
cd "$(dirname "$0")/../verifier" || exit 1
objects=(./*.bpf.o)
if ! modprobe -q tcp_dctcp; then
	echo "# this kernel has no tcp_dctcp: kfuncs of other modules are not tried"
	objects=(./!(module*).bpf.o)
fi
exec ./load "${objects[@]}"
