#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Judges the source text of the tree it lies in; any finding fails. "machine.sh
# lint" runs it in a copy of the tree: lint.sh OLDER-KERNEL NEWER-KERNEL
set -uo pipefail
{
	cd "$(dirname "$0")/.." || exit
	source=/usr/src/linux-source-6.12
	findings=0

	# check WHAT COMMAND...: whatever COMMAND prints is a finding.
	check() {
		local what=$1 out
		shift
		echo "lint: $what" >&2
		out=$("$@" 2>&1) && [ -z "$out" ] && return
		printf '%s\n' "${out:-$* failed and said nothing}"
		: $((++findings))
	}

	mapfile -t files < <(find . -path ./build -prune -o -type f -print | sort)
	mapfile -t scripts < <(grep -lE '^#!.*/(ba)?sh|^# shellcheck shell' "${files[@]}")

	licences() {
		for f in "${files[@]}"; do
			head -n 5 "$f" | grep -q 'SPDX-License-Identifier: ' ||
				echo "$f: no SPDX-License-Identifier in its first lines"
		done
	}

	# style IGNORED DIRECTORY...: checkpatch, but for what it says of a patch
	# as such, and but for the IGNORED types of findings.
	style() {
		local ignored=FILE_PATH_CHANGES,$1 of
		shift
		# trace.h is written in a language of its own.
		mapfile -t of < <(find "$@" -name '*.[ch]' ! -name trace.h)
		# Without a kernel tree it complains about that, too.
		perl "$source/scripts/checkpatch.pl" --no-tree --no-summary --terse \
			--strict --show-types --ignore "$ignored" -f "${of[@]}" 2>/dev/null |
			grep -E '^[^ ]+:[0-9]+: |^Unknown|rror:'
		true
	}
	# Lists of operations are macros that take a macro, and more macros with
	# parts of names as arguments, which span lines, or whole functions; one
	# security function returns ENOSYS; static_assert() and NOKPROBE_SYMBOL() follow a definition
	# immediately; RCU of tasks is BPF's to use, which we are an extension of;
	# hooks.c defines strncpy for a header that calls it.
	kernel_only=COMPLEX_MACRO,MACRO_ARG_REUSE,MACRO_ARG_PRECEDENCE,LINE_SPACING
	kernel_only+=,MULTISTATEMENT_MACRO_USE_DO_WHILE,TRAILING_SEMICOLON
	kernel_only+=,RCU_TASKS_TRACE,STRNCPY,CONSTANT_COMPARISON
	kernel_only+=,LEADING_SPACE,BRACKET_SPACE,MACRO_WITH_FLOW_CONTROL,ENOSYS
	kernel_only+=,MACRO_ARG_UNUSED
	# User space and BPF have neither the kernel's types, attributes, macros and
	# string functions, nor its negative errno; kfuncs are extern, what user
	# space sets in a BPF program is volatile; a command's name is often that of
	# its function; texts and options may be split and repeat a word.
	elsewhere=COMPLEX_MACRO,MACRO_ARG_REUSE,MACRO_ARG_PRECEDENCE,LINE_SPACING
	elsewhere+=,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_FALLTHROUGH
	elsewhere+=,BIT_MACRO,ARRAY_SIZE,STRCPY,STRNCPY,STRLCPY,CAMELCASE
	elsewhere+=,USE_NEGATIVE_ERRNO,ENOSYS,AVOID_EXTERNS,VOLATILE
	elsewhere+=,EMBEDDED_FUNCTION_NAME,SPLIT_STRING,MISSING_SPACE,REPEATED_WORD
	elsewhere+=,STATIC_CONST_CHAR_ARRAY
	# Tests are tables made by macros, whose arguments span lines; so do the
	# initialisers given to LIBBPF_OPTS().
	elsewhere+=,PARENTHESIS_ALIGNMENT
	elsewhere+=,LEADING_SPACE,BRACKET_SPACE,SUSPECT_CODE_INDENT,MACRO_WITH_FLOW_CONTROL
	elsewhere+=,TRAILING_SEMICOLON,MULTISTATEMENT_MACRO_USE_DO_WHILE,MACRO_ARG_UNUSED

	# warnings VERSION [VARIABLE...]: findings in the kernel's own headers and
	# in generated files are not ours; kfuncs are declared nowhere, as only
	# BPF programs call them.
	warnings() {
		local kdir=/usr/lib/modules/$1/build log=build/lint.log
		shift
		make -s clean KDIR="$kdir" >/dev/null 2>&1
		mkdir -p build
		make -s module KDIR="$kdir" W=1 "$@" >"$log" 2>&1 || tail -n 20 "$log"
		grep -E -A 5 '(^|/)module/[^ ]*:[0-9]+:.*(warning|error)|specified, but' "$log" |
			grep -vE "symbol '(bpf_sbpf|sbpf_hook)_[a-z_]+' was not declared|: note: in included"
		true
	}

	# The threat model has every row that it must have, every row has tests, and
	# every test a row.
	rows() {
		local model=Documentation/threat-model.rst row name list

		while IFS= read -r row; do
			case $row in
			'#'*) list=$row ;;
			?*)
				name=${row#[0-9]. }
				name=${name##*: }
				name=${name%%[,(]*}
				name=${name% }
				row=${row%: *}
				[[ $list != *Escapes* ]] || name=
				awk -v row="$row" -v test="\`\`${name// /_}.*\`\`" -v named="$name" '
					/^[^ ]|^$/ { here = $0 == row || index($0, row "  ") == 1 }
					here && (named == "" || index($0, test)) { found = 1 }
					END { exit !found }' "$model" ||
					echo "$model: no row ${row@Q}${name:+ with tests of its name}"
				;;
			esac
		done <selftests/threats/rows

		# Not where a macro is given the row.
		grep -ohE 'ATTACK\([a-z_]+, [a-z_]+,' selftests/threats/*.c |
			sed 's/ATTACK(//; s/,.*//' | sort -u | while read -r row; do
			grep -q "\`\`$row\.\*\`\`" "$model" || echo "$model: no row for attacks $row.*"
		done
		for row in $(grep -ohE "\`\`[a-z_]+\.\*\`\`" "$model" | sort -u | tr -d '\`.*'); do
			grep -rqE "(ATTACK|TEST_F(_TIMEOUT)?)\($row,|\"$row\.|^row=$row\$" \
				selftests/threats selftests/verifier selftests/scripts \
				selftests/*_test.c ||
				echo "$model: no test $row.*"
		done
	}

	# The command asks the module by libsbpf only; policies are loaded by libbpf.
	requests() {
		grep -nE 'SBPF_IOC_|\bioctl\(' tools/*.c
		true
	}

	# The page about the verifier has every kfunc and operation, and what it names as
	# rejected is there: a program, by whatever macro it is made, or a generated test.
	assumptions() {
		local page=Documentation/verifier-assumptions.rst empty name there

		while IFS= read -r name; do
			grep -q "^\`\`$name()\`\`" "$page" || echo "$page: no row for $name()"
		done < <(sed -n 's/^BTF_ID_FLAGS(func, \(bpf_sbpf_[a-z_]*\).*/\1/p' module/kfuncs.c)
		# A word of the page, or the beginning of one before a *.
		while IFS= read -r name; do
			grep -oE '[a-z_]+\*?' "$page" | sort -u | awk -v name="$name" '
				$0 == name || (sub(/\*$/, "") && index(name, $0) == 1) { found = 1 }
				END { exit !found }' || echo "$page: no operation $name"
		done < <(sed -n 's/^\tX(\([a-z_]*\),.*/\1/p' module/uapi/ops.h)
		empty=$(mktemp -d)
		touch "$empty/vmlinux.h"
		there=$(for name in selftests/verifier/*.bpf.c; do
			echo "${name##*/}"
			cpp -I "$empty" -I bpf/include -I module/uapi "$name"
		done
		grep -H '^TEST_F' selftests/generated_test.c)
		rm -r "$empty"
		# Names in the last column of the tables.
		while IFS= read -r name; do
			grep -qw "$name" <<<"$there" || echo "$page: rejected is no $name"
		done < <(sed -n 's/^.\{82\}  //p' "$page" | grep -oE "\`\`[a-z_]+\`\`" |
			tr -d '\`' | sort -u)
	}

	check "licences" licences
	check "requests to the module" requests
	check "rows of the threat model" rows
	check "rows about the verifier" assumptions
	check "checkpatch of the module" style $kernel_only module
	check "checkpatch of the rest" style $elsewhere bpf tools selftests
	check "kernel-doc" perl "$source/scripts/kernel-doc" -none module/*.[ch] \
		module/uapi/*.h bpf/include/sbpf/*.h tools/lib/*.h
	# 2317: it does not see that a trap or another function calls a function.
	check "shellcheck" shellcheck -x -P SCRIPTDIR -e SC2317 "${scripts[@]}"
	# Of the kernels, Debian packages the script that sparse needs for the
	# older one only.
	check "W=1 on $2" warnings "$2"
	check "W=1 and sparse on $1" warnings "$1" C=2
	check "cppcheck" cppcheck --quiet --enable=warning,performance,portability \
		--inline-suppr --check-level=exhaustive -Imodule -i tools/events.bpf.c tools
	check "gcc -fanalyzer" make -s -C tools BUILD="$PWD/build/analyzer" \
		CFLAGS='-O1 -g -fanalyzer -Werror'
	check "documentation" make -s -C Documentation BUILD="$PWD/build"

	if [ $findings != 0 ]; then
		echo "lint: findings in $findings of the checks above" >&2
		exit 1
	fi
	exit 0
}
