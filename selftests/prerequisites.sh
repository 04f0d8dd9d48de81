#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# prerequisites.sh KDIR KVER: can sbpf be built here? Called by make.
kdir=$1 kver=$2
bad=0

# missing WHAT REMEDY
missing() {
	echo "sbpf: $1" >&2
	echo "sbpf:     $2" >&2
	bad=1
}

# older VERSION MINIMUM
older() {
	[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" != "$2" ]
}

# Debian 12 has these too, but too old.
from="on Debian 12 from bookworm-backports (apt-get install -t bookworm-backports"

[ "$(uname -m)" = x86_64 ] || missing "sbpf is for x86-64 only, this is $(uname -m)" "there is none"

if [ ! -e "$kdir/Makefile" ]; then
	missing "there are no kernel headers in $kdir" \
		"apt-get install linux-headers-$kver, or set KDIR"
elif older "$kver" 6.12; then
	missing "kernel $kver is too old, sbpf needs 6.12 or newer" \
		"boot a newer kernel, or set KVER and KDIR; 'make demo' and 'make test' bring their own"
elif [ ! -e "$kdir/vmlinux" ]; then
	if [ "$kver" = "$(uname -r)" ] && [ -e /sys/kernel/btf/vmlinux ]; then
		missing "$kdir has no vmlinux to read the kernel's types (BTF) from" \
			"cp /sys/kernel/btf/vmlinux $kdir/"
	else
		missing "$kdir has no vmlinux to read the kernel's types (BTF) from" \
			"build the kernel with CONFIG_DEBUG_INFO_BTF=y, or boot it and run make then"
	fi
elif ! readelf -SW "$kdir/vmlinux" 2>/dev/null | grep -q '[[:space:]]\.BTF[[:space:]]' &&
     [ "$(od -An -tx2 -N2 "$kdir/vmlinux")" != ' eb9f' ]; then
	missing "$kdir/vmlinux has no BTF" "use a kernel with CONFIG_DEBUG_INFO_BTF=y"
elif ! grep -qsx CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y "$kdir/include/config/auto.conf"; then
	missing "kernel $kver has no direct calls by ftrace" \
		"use a kernel with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y, such as Debian's"
fi

for tool in gcc make readelf; do
	command -v $tool >/dev/null || missing "$tool is missing" "apt-get install build-essential"
done
command -v "${CLANG:-clang}" >/dev/null || missing "clang is missing" "apt-get install clang"
command -v pahole >/dev/null ||
	missing "pahole is missing" "apt-get install pahole (Debian 12: dwarves)"

version=$("${BPFTOOL:-bpftool}" version 2>/dev/null | sed -n 's/^bpftool v//p')
if [ -z "$version" ]; then
	missing "bpftool is missing" "apt-get install bpftool; $from bpftool)"
elif older "$version" 7.5; then
	missing "bpftool $version is too old, sbpf needs 7.5 or newer" \
		"$from bpftool)"
fi

if ! command -v pkg-config >/dev/null; then
	missing "pkg-config is missing" "apt-get install pkg-config"
else
	version=$(pkg-config --modversion libbpf 2>/dev/null)
	if [ -z "$version" ]; then
		missing "libbpf's headers are missing" "apt-get install libbpf-dev; $from libbpf-dev)"
	elif older "$version" 1.4; then
		missing "libbpf $version is too old, struct_ops in a module needs 1.4 or newer" \
			"$from libbpf-dev)"
	fi
	pkg-config --exists json-c ||
		missing "json-c's headers are missing" "apt-get install libjson-c-dev"
	pkg-config --exists inih ||
		missing "inih's headers are missing" "apt-get install libinih-dev"
	pkg-config --exists libcrypto ||
		missing "OpenSSL's headers are missing" "apt-get install libssl-dev"
fi
exit $bad
