#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-doc.sh [--members] FILE [NAME...]
#
# Renders the kernel-doc of FILE, or only that of the functions and types NAME,
# as plain reStructuredText with a section for each. With --members NAME is one
# structure, whose members get a section each.
#
# The kernel's script of that name does the reading; what it prints is meant for
# Sphinx, of which docutils alone knows no directive. Fails on any warning.
set -eu

: "${KERNEL_DOC:=$(find /usr/src/linux-source-*/scripts/kernel-doc 2>/dev/null | sort -V | tail -n 1)}"
[ -n "$KERNEL_DOC" ] || {
	echo "kernel-doc.sh: no scripts/kernel-doc in /usr/src: install linux-source, or set KERNEL_DOC" >&2
	exit 1
}
members=0
if [ "$1" = --members ]; then
	members=1
	shift
fi
file=$1
shift
functions=
for name; do
	functions="$functions -function $name"
done

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# The version of Sphinx decides about details of the format. The exit status
# says nothing about warnings.
# shellcheck disable=SC2086 # a list of words
"$KERNEL_DOC" -rst -sphinx-version 3.0 $functions "$file" >"$out/rst" 2>"$out/err" || :
if [ -s "$out/err" ] || [ ! -s "$out/rst" ]; then
	cat "$out/err" >&2
	exit 1
fi

awk -v members=$members '
function section(title) {
	print ""
	print title
	gsub(/./, "~", title)
	print title
	print ""
}
function literal(code) {
	gsub(/, */, ", ", code)
	print "::"
	print ""
	print "  " code
	print ""
}

# Heads a function or a type by its name, and its one-line summary.
/^\.\. c:/ {
	kind = $2
	sub(/^c:/, "", kind)
	sub(/::$/, "", kind)
	code = $0
	sub(/^\.\. c:[a-z]*:: /, "", code)
	if (!members && kind == "function") {
		sub(/^__bpf_kfunc /, "", code)
		gsub(/\* /, "*", code)
		sub(/ \(/, "(", code)
		name = code
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
		section(name)
		literal(code ";")
	} else if (!members) {
		section(kind " " code)
	}
	summary = 1
	next
}
summary && NF {
	summary = 0
	sub(/^ */, "")
	if (!members)
		print $0 (/[.?!]$/ ? "" : ".")
	next
}
!members { print; next }

# A structure whose members are sections: its description goes first.
/^  \*\*Definition\*\*/ { part = "definition"; next }
/^  \*\*Members\*\*/ { part = "members"; next }
/^\*\*Description\*\*/ { part = ""; next }
/^\.\. container::/ { next }
part == "definition" {
	if (match($0, /\(\*[a-z_]+\)/)) {
		name = substr($0, RSTART + 2, RLENGTH - 3)
		sub(/\(\*[a-z_]+\)/, name)
	} else {
		name = $NF
		sub(/[[;].*/, "", name)
	}
	sub(/^ */, "")
	prototype[name] = $0
	next
}
part == "members" {
	if (/^  ``/) {
		name = $1
		gsub(/`/, "", name)
		names[++count] = name
	} else {
		sub(/^    /, "")
		text[name] = text[name] $0 "\n"
	}
	next
}
{ print }
END {
	for (i = 1; i <= count; i++) {
		section(names[i])
		literal(prototype[names[i]])
		printf "%s", text[names[i]]
	}
}' "$out/rst" | cat -s
