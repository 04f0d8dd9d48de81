#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Do no harm: real work ends in a sandbox as it does natively, with the same results
# to the byte and the same exit status, under a policy that is asked about everything
# and allows it, and under the profile untrusted where that does not stand in the way.
# part: 2
# shellcheck disable=SC2016 # scripts are expanded by the shell that runs them
set -u
. "$(dirname "$0")/lib.sh"

check "a policy that allows all is loaded" sbpf policy load "$here/scripts/allow.bpf.o"
check "and that of the profile" sbpf policy load rules

work=$scratch/work
inputs=$scratch/inputs
mkdir -p "$inputs"

# A C project of several files.
mkdir "$inputs/project"
for i in {1..3}; do
	printf '#include <stdio.h>\nint f%d(int x)\n{\n\treturn printf("%%d\\n", x * %d) + x;\n}\n' \
		"$i" "$i" >"$inputs/project/f$i.c"
done
{
	printf 'int f%d(int x);\n' {1..3}
	printf 'int main(void)\n{\n\tint x = 1;\n'
	printf '\tx += f%d(x);\n' {1..3}
	printf '\treturn x & 0x7f;\n}\n'
} >"$inputs/project/main.c"
cat >"$inputs/project/Makefile" <<'MAKE'
CFLAGS := -O2 -Wall
OBJECTS := $(patsubst %.c,%.o,$(sort $(wildcard *.c)))
program: $(OBJECTS)
	$(CC) -o $@ $(OBJECTS)
clean:
	rm -f program $(OBJECTS)
MAKE

# in_place WHO NAME SCRIPT: runs it natively, then in both sandboxes, each time in a new
# copy of the inputs at the same path; what it prints and leaves must be the same. As
# root, user, or both.
in_place() {
	local name=$2 script=$3 who native as

	printf '%s\n' "$script" >"$scratch/script"
	for who in $1; do
		as=()
		[ "$who" = root ] || as=(with_user)
		native=$(run_in native)
		case $native in
		*'status 0'*) ok "$name: natively ($who)" ;;
		*) nok "$name: natively ($who)" "$native" ;;
		esac
		for how in allow untrusted; do
			same "$native" "$(run_in $how)" "$name: $how ($who)"
		done
	done
}

run_in() {
	local status=0

	rm -rf "$work"
	cp -a "$inputs" "$work"
	[ ${#as[@]} = 0 ] || chown -R user: "$work"
	(cd "$work" && "$1" bash "$scratch/script" 2>&1) || status=$?
	echo "status $status"
	# What it leaves behind, by kind, mode, name and contents.
	(cd "$work" && find . \( -type f -o -type l \) -printf '%M %u %p %l\n' | sort &&
		find . -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum
}

native() {
	"${as[@]}" "$@"
}

allow() {
	"${as[@]}" sbpf run --policy allow -- "$@"
}

# What these programs need beside what the profile gives.
untrusted() {
	"${as[@]}" sbpf run --profile untrusted --rw "$work" --exec "$work" \
		--ro "$scratch/script" --private-tmp yes --connect localhost --bind localhost -- "$@"
}

in_place user "gcc and make" 'cd project && make -s -j2 && { ./program | cksum; } && make -s clean && ls'

# Without the runner, whose start takes longer than the tests.
in_place user "python3, its own tests" 'set -o pipefail
TMPDIR=$PWD python3 -m unittest -q test.test_fileinput test.test_csv test.test_bisect \
	test.test_filecmp test.test_dbm_dumb test.test_epoll 2>&1 | sed "s/ in [0-9.]*s$//"'

in_place "root user" "git" '
export GIT_AUTHOR_DATE="2020-01-01T00:00:00Z" GIT_COMMITTER_DATE="2020-01-01T00:00:00Z" \
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null HOME=$PWD
git init -q -b main repo && cd repo && git config user.name n && git config user.email e@example &&
cp ../project/*.c . && git add . && git commit -qm one &&
git switch -qc side && echo side >side && git add . && git commit -qm two &&
git switch -q main && echo main >main && git add . && git commit -qm three &&
git merge -q --no-edit side && git log --format="%H %s" && git fsck --strict &&
git clone -q . ../clone && git -C ../clone rev-parse HEAD && cd .. && rm -rf repo clone'

in_place user "sqlite3" '
sqlite3 db "create table t(a integer primary key, b text);
with recursive c(x) as (select 1 union all select x + 1 from c where x < 2000)
insert into t select x, hex(x * x) from c; create index i on t(b);
begin; update t set b = b || a where a % 3 = 0; rollback; delete from t where a % 7 = 0;
pragma integrity_check; select count(*), sum(length(b)) from t;"
sqlite3 db .dump | sha256sum; rm -f db'

in_place root "redis and its benchmark" '
redis-server --port 7777 --bind 127.0.0.1 --save "" --daemonize no --dir "$PWD" >log &
for i in {1..200}; do redis-cli -p 7777 ping >pong 2>&1 && break; sleep 0.05; done
redis-benchmark -p 7777 -n 200 -c 5 -q -t set,get,incr,lpush >bench && tr "\r" "\n" <bench | grep -c "requests per second"
redis-cli -p 7777 set key value; redis-cli -p 7777 get key
redis-cli -p 7777 shutdown nosave; wait $!; status=$?; rm -f log pong bench; exit $status'

in_place root "nginx and a client" '
mkdir -p www && seq 2000 >www/file &&
cat >conf <<CONF
daemon off; pid $PWD/pid; error_log $PWD/log; worker_processes 1; user root;
events { worker_connections 64; }
http { access_log off; client_body_temp_path $PWD/t; proxy_temp_path $PWD/t; fastcgi_temp_path $PWD/t;
uwsgi_temp_path $PWD/t; scgi_temp_path $PWD/t;
server { listen 127.0.0.1:8088; root $PWD/www; } }
CONF
nginx -e "$PWD/log" -c "$PWD/conf" & server=$!
get() {
	exec 5<>/dev/tcp/127.0.0.1/8088 &&
	printf "GET /%s HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n" "$1" >&5 &&
	grep -av "^Date: \|^Last-Modified: \|^ETag: " <&5
}
for i in {1..200}; do (get file) >body 2>&1 && break; sleep 0.05; done
sha256sum <body; (get none) | head -n 1; rm -f body
kill -QUIT $server; wait $server; status=$?; rm -rf conf www t log pid; exit $status'

# All names, kinds, modes, owners, sizes and times but those of kernel headers, which are
# more than half; and the contents of a part.
in_place root "tar of /usr" 'set -o pipefail
tar --sort=name --exclude=/usr/src -cvvf /dev/null /usr 2>&1 | sha256sum
tar --sort=name -cf - /usr/lib/python3 /usr/share/zoneinfo /usr/share/bash-completion | sha256sum'

check "the policy that allows all can be unloaded" sbpf policy unload allow
check "and the other" sbpf policy unload rules
done_testing
