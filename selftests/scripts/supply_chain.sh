#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Supply chain: where the administrator asks for it, a policy is refused that was not signed
# by whom the administrator trusts, or was changed since; and where policies are sealed,
# any, however it is loaded.
# part: 4
set -u
. "$(dirname "$0")/lib.sh"
row=supply_chain

trusted=/etc/sbpf/trusted
sealed=/sys/module/sbpf/parameters/policies_sealed
mine=$scratch/mine.bpf.o

registered() {
	sbpf --json policy list | grep -q "\"$1\""
}
# sign NAME FILE: by the key of that name.
sign() {
	openssl cms -sign -binary -outform DER -signer "$scratch/$1.pem" -inkey "$scratch/$1.key" \
		-in "$2" -out "$2.p7s" "${@:3}"
}
# refused DESCRIPTION REGEX COMMAND...: it fails, says that, and nothing was registered.
refused() {
	status 1 "$1" "${@:3}"
	says "$2" "$1: it is said why"
	status 1 "$1: it is not registered" registered minimal
}

for name in author stranger; do
	check "a key of the $name" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -subj "/CN=the same name" -set_serial 1 -days 3650 \
		-keyout "$scratch/$name.key" -out "$scratch/$name.pem"
done
cp $policies/minimal.bpf.o "$mine"

# The control: nobody asked for signatures.
check "unsigned, where nobody asks, it is loaded" sbpf policy load "$mine"
check "and unloaded" sbpf policy unload minimal
check "check says that nobody asks" sh -c "sbpf check | grep 'signatures: not asked for'"

install -d -m 755 $trusted
refused "an empty directory trusts nobody" "not signed" sbpf policy load "$mine"
install -m 644 "$scratch/author.pem" $trusted
check "check counts who is trusted" sh -c "sbpf check | grep 'one of 1 cert'"
refused "unsigned" "not signed" sbpf policy load "$mine"
refused "unsigned, one of those that come with sbpf" "not signed" sbpf policy load minimal
status 125 "unsigned, on the way of sbpf run" sbpf run --policy minimal -- true

check "signed by the author" sign author "$mine"
check "signed by whom is trusted, it is loaded" sbpf policy load "$mine"
check "it is there" registered minimal
check "and can replace itself" sbpf policy update minimal "$mine"
cp "$mine" "$scratch/other.bpf.o"
status 1 "what is not signed replaces nothing" \
	sbpf policy update minimal "$scratch/other.bpf.o"
same 2 "$(sbpf --json policy show minimal | json "o[0]['generation']")" \
	"the one before is in force"
check "unloaded" sbpf policy unload minimal

# One byte of a program, in the middle of a signed file.
cp "$mine" "$scratch/good"
printf '\x5a' | dd of="$mine" bs=1 seek=$(($(stat -c %s "$mine") / 2)) conv=notrunc status=none
refused "changed" "changed, or not signed" sbpf policy load "$mine"
cat "$scratch/good" >"$mine"
printf '\0' >>"$mine"
refused "something was added" "changed, or not signed" sbpf policy load "$mine"
cat "$scratch/good" >"$mine"

# Signatures that are some, but not the right one.
check "signed by a stranger, of the same name and number" sign stranger "$mine"
refused "signed by a stranger, whose certificate comes with it" "changed, or not signed" \
	sbpf policy load "$mine"
check "signed without attributes" sign stranger "$mine" -noattr -nocerts
refused "signed by a stranger without attributes" "changed, or not signed" sbpf policy load "$mine"
check "signed by both" sign author "$mine" -signer "$scratch/stranger.pem" \
	-inkey "$scratch/stranger.key"
refused "signed by a stranger as well" "changed, or not signed" sbpf policy load "$mine"
echo other >"$scratch/text"
sign author "$scratch/text" -nodetach
cp "$scratch/text.p7s" "$mine.p7s"
refused "a signature of something else, which it holds" "changed, or not signed" \
	sbpf policy load "$mine"
openssl cms -digest_create -binary -outform DER -in "$mine" -out "$mine.p7s"
refused "a digest, which anyone can make" "changed, or not signed" sbpf policy load "$mine"
# A list of signatures with none in it (RFC 5652: SignedData, version 1, no digests).
printf '\x30\x23\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x16\x30\x14\x02\x01\x01\x31\x00\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\x31\x00' \
	>"$mine.p7s"
says_none=$(openssl cms -cmsout -print -inform DER -in "$mine.p7s" 2>&1 | grep -A 1 signerInfos)
same yes "$([[ $says_none = *EMPTY* ]] && echo yes)" "a message that nobody has signed"
refused "signed by nobody" "changed, or not signed" sbpf policy load "$mine"
: >"$mine.p7s"
refused "an empty signature" "changed, or not signed" sbpf policy load "$mine"
head -c 100000 /dev/urandom >"$mine.p7s"
refused "no signature" "changed, or not signed" sbpf policy load "$mine"

# Who is trusted is the administrator's to say.
sign author "$mine"
chown 1000 $trusted/author.pem
refused "a certificate that a user can change" "cannot use" sbpf policy load "$mine"
chown 0 $trusted/author.pem
chmod 777 $trusted
refused "a directory that others can change" "cannot use" sbpf policy load "$mine"
chmod 755 $trusted
echo garbage >$trusted/garbage
refused "a certificate that is none" "cannot use.*garbage" sbpf policy load "$mine"
rm $trusted/garbage

# A loader that has its capabilities by the command alone has no way around that.
install -m 755 "$(command -v sbpf)" /var/tmp/sbpf-load
setcap cap_bpf,cap_perfmon,cap_sys_admin=ep /var/tmp/sbpf-load
chmod 755 /sys/fs/bpf
install -d -o 2001 -m 755 $pins
as_loader() {
	setpriv --reuid=2001 --regid=2001 --clear-groups --inh-caps=-all --bounding-set=+all \
		/var/tmp/sbpf-load "$@"
}
cp "$mine" /var/tmp/unsigned.bpf.o
refused "unsigned, by a loader" "not signed" as_loader policy load /var/tmp/unsigned.bpf.o
cp "$mine.p7s" /var/tmp/unsigned.bpf.o.p7s
check "signed, by a loader" as_loader policy load /var/tmp/unsigned.bpf.o
check "unloaded by the loader" as_loader policy unload minimal
rm -rf /var/tmp/sbpf-load /var/tmp/unsigned.bpf.o* ${pins:?}
chmod 700 /sys/fs/bpf

mkdir "$scratch/etc"
echo 'openssl_conf = no' >"$scratch/etc/openssl.cnf"
check "the environment has no say" env OPENSSL_CONF="$scratch/etc/openssl.cnf" \
	SSL_CERT_DIR="$scratch" sbpf policy load "$mine"
check "unloaded again" sbpf policy unload minimal

# Who has the capabilities loads without the command: unless policies are sealed. Another
# policy keeps the recorder of events.
cp $policies/audit.bpf.o "$scratch/audit.bpf.o"
sign author "$scratch/audit.bpf.o"
check "another policy is loaded" sbpf policy load "$scratch/audit.bpf.o"
echo Y >$sealed
refused "sealed, though signed" "refuses the policy" sbpf policy load "$mine"
bpftool struct_ops register "$mine" >/dev/null 2>&1
status 1 "sealed, by another loader" registered minimal
output=$(dmesg | tail -n 20)
says "policy minimal: refused, policies are sealed" "sealed: the kernel says so"
echo N >$sealed
bpftool struct_ops register "$mine" /sys/fs/bpf >/dev/null 2>&1
check "the control: not sealed, by another loader" registered minimal
echo Y >$sealed
status 1 "sealed, in the place of one" sbpf policy update minimal "$mine"
check "sealed: who is there stays" registered minimal
status 2 "sealed: it decides" \
	sbpf run --policy minimal -- sh -c 'echo changed >>/etc/hostname'
says "Permission denied" "sealed: it decides as before"
output=$(sbpf --json events)
says "policies sealed" "sealing is an event"
says "policy minimal refused, policies are sealed" "and so is who is refused"
status 1 "root in a sandbox does not break the seal" \
	sbpf run --policy minimal -- python3 -c "open('$sealed', 'r+').write('N')"
same Y "$(cat $sealed)" "it is sealed"
echo N >$sealed

rm -rf /etc/sbpf
rm -f /sys/fs/bpf/minimal
check "the other policy is unloaded" sbpf policy unload audit
check "unregistered" sh -c "! sbpf --json policy list | grep minimal"
done_testing
