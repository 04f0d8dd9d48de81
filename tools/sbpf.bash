# SPDX-License-Identifier: GPL-2.0-only
#
# Completion of sbpf(1) for bash
# shellcheck shell=bash

_sbpf_policies()
{
	sbpf policy list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_sbpf_shipped()
{
	local file

	for file in /usr/lib/sbpf/policies/*.bpf.o; do
		[ -e "$file" ] || continue
		file=${file##*/}
		echo "${file%.bpf.o}"
	done
}

_sbpf_profiles()
{
	sbpf profile list 2>/dev/null | awk '{ print $1 }'
}

# Options of "sbpf run"; those that take a value come with an = sign.
_sbpf_run_options()
{
	sbpf run --help | sed -n 's/^  \(--[a-z-]*\) [A-Z].*/\1=/p; s/^  \(--[a-z-]*\)[[ ].*/\1/p'
}

_sbpf_sandboxes()
{
	sbpf list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_sbpf_views()
{
	sbpf diff 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_sbpf_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_sbpf_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -X "$1" -- \
		"${COMP_WORDS[COMP_CWORD]}"; compgen -d -- "${COMP_WORDS[COMP_CWORD]}")
}

# The command of "sbpf run" begins at word $1: complete it as if it stood alone.
_sbpf_command()
{
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "$1"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif ((COMP_CWORD == $1)); then
		mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
	else
		_sbpf_files ''
	fi
}

_sbpf()
{
	local common='--json --verbose --help' i=1 verb operands options
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == -* ]]; do
		((i++))
	done
	if ((i == COMP_CWORD)); then
		_sbpf_words "check policy profile run list show stats kill thaw events ledger guard diff commit discard
			$common --version"
		return
	fi
	verb=${COMP_WORDS[i++]}
	if [[ $verb == policy ]]; then
		if ((i == COMP_CWORD)); then
			_sbpf_words "load unload update list show --help"
			return
		fi
		verb+=" ${COMP_WORDS[i++]}"
	elif [[ $verb == profile ]]; then
		if ((i == COMP_CWORD)); then
			_sbpf_words "list show check --help"
			return
		fi
		verb+=" ${COMP_WORDS[i++]}"
	fi

	if [[ $verb == run ]]; then
		options=$(_sbpf_run_options | xargs)
		while ((i < COMP_CWORD)); do
			case ${COMP_WORDS[i]} in
			--) _sbpf_command $((i + 1)); return ;;
			-*) [[ " $options " != *" ${COMP_WORDS[i]}= "* ]] || ((i++)); ((i++)) ;;
			*) _sbpf_command "$i"; return ;;
			esac
		done
	fi
	case $prev in
	--policy) _sbpf_words "$(_sbpf_policies; _sbpf_shipped)"; return ;;
	--sandbox) _sbpf_words "$(_sbpf_sandboxes)"; return ;;
	--count|--timeout) return ;;
	--profile) _sbpf_words "$(_sbpf_profiles)"; _sbpf_files '!*.conf'; return ;;
	--ro|--rw|--exec|--deny|--overlay|--unix|--device|--deny-device) _sbpf_files ''; return ;;
	--mode) _sbpf_words "enforce complain"; return ;;
	--on-loss) _sbpf_words "deny kill"; return ;;
	--private-tmp) _sbpf_words "yes no"; return ;;
	esac
	[[ " $options " != *" $prev= "* ]] || return

	operands=$((COMP_CWORD - i))
	case $verb in
	run)
		if [[ $cur == -* ]]; then
			_sbpf_words "${options//=/} $common --"
		else
			_sbpf_command "$COMP_CWORD"
		fi ;;
	ledger) _sbpf_words "--follow --pid --count --timeout $common" ;;
	guard)
		if [[ $cur == -* ]]; then
			_sbpf_words "$common"
		elif [[ $prev == = || $cur == = ]]; then
			[[ $cur != = ]] || cur=
			mapfile -t COMPREPLY < <(compgen -W "off log confine deny" -- "$cur")
		else
			compopt -o nospace 2>/dev/null
			_sbpf_words "all= bpf= process_vm= ptrace= registers= proc_mem= userfaultfd= other= load="
		fi ;;
	events) _sbpf_words "--follow --sandbox --count --timeout $common" ;;
	*)
		if [[ $cur == -* ]]; then
			_sbpf_words "$common"
			[ "$verb" != commit ] || COMPREPLY+=(--force)
			[ "$verb" != show ] || COMPREPLY+=(--rules)
			[[ $verb != policy\ @(load|update) ]] || COMPREPLY+=(--confined)
			return
		fi
		case $verb:$operands in
		'policy load:0') _sbpf_words "$(_sbpf_shipped)"; _sbpf_files '!*.o' ;;
		profile\ show:0|profile\ check:*) _sbpf_words "$(_sbpf_profiles)"; _sbpf_files '!*.conf' ;;
		'policy update:1') _sbpf_files '!*.o' ;;
		policy\ unload:0|policy\ update:0|policy\ show:0) _sbpf_words "$(_sbpf_policies)" ;;
		show:0|kill:0|thaw:0) _sbpf_words "$(_sbpf_sandboxes)" ;;
		diff:*|commit:*|discard:*) _sbpf_words "$(_sbpf_views)" ;;
		esac ;;
	esac
}

complete -F _sbpf sbpf
