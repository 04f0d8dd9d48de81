#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The examples of libsbpf, compiled as anybody would who has it installed, against the
# shared and against the static library; for root and for a user.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"

examples=/usr/share/doc/sbpf/examples
cd "$scratch" || exit
mkdir -m 777 served
echo 'served content' >served/file
port=7011

# What it exports and needs.
exported=$(nm -D --defined-only /usr/lib/libsbpf.so | grep -v ' A ' | sed 's/.* //' | grep -v '^sbpf_')
same "" "$exported" "nothing but sbpf_* is exported"
needed=$(nm -D --undefined-only /usr/lib/libsbpf.so | grep -E 'alloc|free|strdup|thread|fopen|printf')
same "" "$needed" "and nothing needs memory"
check "it has its name" sh -c 'readelf -d /usr/lib/libsbpf.so | grep -q "SONAME.*libsbpf.so.0"'

# shellcheck disable=SC2086 # lists of options
compile() {
	local flags libs

	flags=$(pkg-config --cflags libsbpf) libs=$(pkg-config --libs libsbpf)
	cc -Wall -Wextra -Werror -o "$2-shared" "$1" $flags $libs &&
		cc -Wall -Wextra -Werror -o "$2-static" "$1" $flags ${libs/-lsbpf/-l:libsbpf.a}
}
for example in server plugin; do
	check "$example can be compiled" compile "$examples/$example.c" $example
	check "$example needs the library" sh -c "ldd $example-shared | grep -q libsbpf.so.0"
	check "or not" sh -c "! ldd $example-static | grep libsbpf"
done

# Plug-ins, and a library that does not enter the sandbox.
plugin() {
	cat - >"$1.c" <<<"#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
$2"
	cc -shared -fPIC -o "$1.so" "$1.c"
}
answer='void answer(const char *text, char *to, size_t size)'
check "plug-ins can be compiled" plugin good "$answer { snprintf(to, size, \"<%s>\", text); }"
plugin evil "$answer { int fd = open(\"/etc/passwd\", O_RDONLY);
	snprintf(to, size, \"%s %s\", text, fd < 0 ? strerror(errno) : \"opened\"); }"
plugin slow "$answer { (void)text, (void)to, (void)size; for (;;) ; }"
plugin early "__attribute__((constructor)) static void early(void) {
	if (fork() >= 0 || errno != EAGAIN) _exit(9); }
	$answer { snprintf(to, size, \"%s\", text); }"
plugin not_entered "int sbpf_enter(int sandbox) { return sandbox < 0; }"

# Without the module, without the policy.
check "the module can be removed" unload_module 10
status 1 "without the module" ./plugin-shared ./good.so text
says 'cannot open /dev/sbpf: No such file' "it is said"
check "the module can be loaded" modprobe sbpf
status 1 "without the policy" ./plugin-shared ./good.so text
says 'cannot create a sandbox: No such file' "it is said"
check "which can be loaded" sbpf policy load rules

ask() {
	(
		exec 5<>/dev/tcp/127.0.0.1/$port && printf '%s\n' "$1" >&5 && cat <&5
	)
}

# serve COMMAND...: starts a server in the background.
serve() {
	: $((port++))
	: >ready
	"$@" served $port >ready 2>&1 &
	server=$!
	await 10 grep -q ready ready
}

# try WHO LIBRARY COMMAND...
try() {
	local as="$1, $2" kind=$2
	shift 2

	serve "$@" "./server-$kind"
	check "$as: a server starts" grep ready ready
	same "served content" "$(ask file)" "$as: serves"
	same "error: Permission denied" "$(ask /etc/passwd)" "$as: but what is elsewhere"
	same "error: Permission denied" "$(ask ../../../../etc/passwd)" "$as: whatever it is called"
	check "$as: and is in a sandbox" sh -c 'sbpf --json list | grep -q "\"name\": *\"server\""'
	check "$as: it is killed" sbpf kill server
	wait $server
	check "$as: a plug-in answers" "$@" "./plugin-$kind" ./good.so text
	same "<text>" "$output" "$as: as it should"
	check "$as: one that is curious" "$@" "./plugin-$kind" ./evil.so passwd
	same "passwd Permission denied" "$output" "$as: learns nothing"
	check "$as: one that forks early" "$@" "./plugin-$kind" ./early.so text
	status 1 "$as: one that does not end" "$@" "./plugin-$kind" ./slow.so text
	says 'Timer expired' "$as: is ended"
	settle
}
try root shared env
try user shared with_user
try user static with_user

# The same outside.
serve env LD_PRELOAD=./not_entered.so ./server-shared
check "without sandbox, a server starts" grep ready ready
same "root" "$(ask /etc/passwd | head -c 4)" "serves everything"
kill $server
wait $server
check "and a plug-in" env LD_PRELOAD=./not_entered.so ./plugin-shared ./evil.so passwd
same "passwd opened" "$output" "reads everything"

check "no sandbox is left" settle
check "rules can be unloaded" sbpf policy unload rules
done_testing
