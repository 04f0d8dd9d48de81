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
	local common='--json --verbose --help' i=1 verb operands
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == -* ]]; do
		((i++))
	done
	if ((i == COMP_CWORD)); then
		_sbpf_words "check policy run list show kill events diff commit discard $common
			--version"
		return
	fi
	verb=${COMP_WORDS[i++]}
	if [[ $verb == policy ]]; then
		if ((i == COMP_CWORD)); then
			_sbpf_words "load unload update list show --help"
			return
		fi
		verb+=" ${COMP_WORDS[i++]}"
	fi

	if [[ $verb == run ]]; then
		while ((i < COMP_CWORD)); do
			case ${COMP_WORDS[i]} in
			--policy|--pids|--name|--ro|--rw|--exec|--deny|--overlay) ((i += 2)) ;;
			--) _sbpf_command $((i + 1)); return ;;
			-*) ((i++)) ;;
			*) _sbpf_command "$i"; return ;;
			esac
		done
	fi
	case $prev in
	--policy) _sbpf_words "$(_sbpf_policies; _sbpf_shipped)"; return ;;
	--sandbox) _sbpf_words "$(_sbpf_sandboxes)"; return ;;
	--pids|--name|--count|--timeout) return ;;
	--ro|--rw|--exec|--deny|--overlay) _sbpf_files ''; return ;;
	esac

	operands=$((COMP_CWORD - i))
	case $verb in
	run)
		if [[ $cur == -* ]]; then
			_sbpf_words "--policy --ro --rw --exec --deny --overlay --private-pids --pids
				--name --complain --kill-on-loss --stealth --wait --no-new-privs
				$common --"
		else
			_sbpf_command "$COMP_CWORD"
		fi ;;
	events) _sbpf_words "--follow --sandbox --count --timeout $common" ;;
	*)
		if [[ $cur == -* ]]; then
			_sbpf_words "$common"
			[ "$verb" != commit ] || COMPREPLY+=(--force)
			return
		fi
		case $verb:$operands in
		'policy load:0') _sbpf_words "$(_sbpf_shipped)"; _sbpf_files '!*.o' ;;
		'policy update:1') _sbpf_files '!*.o' ;;
		policy\ unload:0|policy\ update:0|policy\ show:0) _sbpf_words "$(_sbpf_policies)" ;;
		show:0|kill:0) _sbpf_words "$(_sbpf_sandboxes)" ;;
		diff:*|commit:*|discard:*) _sbpf_words "$(_sbpf_views)" ;;
		esac ;;
	esac
}

complete -F _sbpf sbpf
