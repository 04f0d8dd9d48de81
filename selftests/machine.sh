#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The machine that builds and tests sbpf: one Debian 13 root directory that
# holds the tool chain, the headers of the kernels under test, QEMU, and that is
# also the guest's root file system. The host needs debootstrap and rsync only.
#
#   machine.sh setup           make or bring up to date the root and the disk
#   machine.sh build KERNEL    the same, then build this tree against KERNEL
#                              (6.12, newest or debug); prints the directory
#                              with what a boot needs: kernel, initrd, layer.tar
#   machine.sh lint            judge the source text of this tree
#   machine.sh in CMD...       run CMD inside the root, this tree at /srv
#   machine.sh remove          delete all of it
#
# Everything lives in SBPF_CACHE (default /var/cache/sbpf), nothing in the tree.
# Mounts are made in private namespaces, so an interrupted run leaves none.
set -euo pipefail

tree=$(cd "$(dirname "$0")/.." && pwd)
cache=${SBPF_CACHE:-/var/cache/sbpf}
mirror=${SBPF_MIRROR:-http://deb.debian.org/debian}
security=${SBPF_SECURITY_MIRROR:-${mirror%/}-security}
root=$cache/root
# A clone elsewhere has its own products.
key=$(printf %s "$tree" | sha256sum | cut -c1-12)

# What compiles the project and the debug kernel ...
build_packages="make gcc libc6-dev clang bpftool libbpf-dev libelf-dev zlib1g-dev
	libjson-c-dev libinih-dev pkg-config pahole linux-source-6.12 bc bison flex
	libssl-dev xz-utils"
# ... what judges it ...
lint_packages="sparse cppcheck shellcheck perl python3 python3-docutils"
# ... what runs the guest ...
guest_packages="qemu-system-x86 busybox-static e2fsprogs kmod"
# ... and the real programs that end up in a sandbox there.
user_packages="gdb strace iproute2 openssl sudo procps psmisc less acl attr
	bash-completion libcap2-bin libseccomp-dev netbase nginx nodejs redis-server
	sqlite3 git libpython3.13-testsuite poppler-utils"

say() { echo "sbpf: $*" >&2; }
die() { say "$1"; [ -z "${2:-}" ] || say "$2"; exit 1; }

# Where the output of long steps goes; its end is shown when a step fails.
log=$cache/setup.log
logged() {
	echo "+ $*" >>"$log"
	"$@" >>"$log" 2>&1 && return
	tail -n 20 "$log" >&2
	return 1
}

# One process at a time changes what FILE stands for. The lock goes with the fd,
# so taking the next one gives up the previous.
lock() {
	mkdir -p "${1%/*}"
	exec 9>"$1"
	flock -n 9 && return
	say "waiting for another set-up or build (${1%/*})"
	flock 9
}

# Become a command in the root: the cache at /mnt, $SBPF_BIND (or the tree) at
# /srv, the pristine root (nothing mounted in it) at /media.
enter() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	exec unshare --mount --propagation private sh -c '
		root=$1 cache=$2 bind=$3; shift 3
		mount --bind "$root" "$root/media" &&
		mount --bind "$cache" "$root/mnt" &&
		mount --bind "$bind" "$root/srv" &&
		mount --rbind /dev "$root/dev" &&
		mount -t proc proc "$root/proc" &&
		mount -t tmpfs tmpfs "$root/tmp" &&
		exec chroot "$root" /usr/bin/env -i \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
			LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" \
			DEBIAN_FRONTEND=noninteractive "$@"' \
		sh "$root" "$cache" "${SBPF_BIND:-$tree}" "$@" 9>&-
}
inside() { (enter "$@"); }

make_root() {
	[ -d "$root" ] && return
	say "making a Debian 13 root in $root (once, about a minute)"
	command -v debootstrap >/dev/null && command -v rsync >/dev/null || {
		logged apt-get update &&
		logged apt-get install -y --no-install-recommends debootstrap rsync
	} || die "debootstrap and rsync are missing" "run: apt-get install debootstrap rsync"
	[ -e /usr/share/keyrings/debian-archive-trixie-stable.gpg ] ||
		die "this machine does not have the keys of Debian 13" \
		    "run: apt-get install debian-archive-keyring"
	rm -rf --one-file-system "$root.new"
	mkdir -p "$root.new/etc/dpkg/dpkg.cfg.d"
	# The root can be made again, so it need not be synced; nor does anyone
	# read documentation in it.
	cat >"$root.new/etc/dpkg/dpkg.cfg.d/sbpf" <<-EOT
	force-unsafe-io
	path-exclude=/usr/share/doc/*
	path-exclude=/usr/share/locale/*
	path-exclude=/usr/share/info/*
	path-exclude=/usr/share/man/??/*
	path-exclude=/usr/share/man/??_??/*
	path-exclude=/usr/share/qemu/edk2-*
	EOT
	logged unshare --mount --propagation private \
		debootstrap --variant=minbase --arch=amd64 trixie "$root.new" "$mirror" ||
		die "debootstrap failed, see $log" \
		    "check that $mirror can be reached (or set SBPF_MIRROR), then run the same command again"
	mv "$root.new" "$root"
}

# Kernel packages carry their version in their name: the newest that a meta
# package of any suite (or only those whose version starts with $1) leads to.
kernel_version() {
	inside apt-cache show linux-headers-cloud-amd64 |
		sed -n 's/^Depends:.*linux-headers-\([0-9][^ ,]*cloud-amd64\).*/\1/p' |
		grep "^${1//./\\.}" | sort -V | tail -n 1
}

install_packages() {
	local want version image pkg
	want=$(sha256sum <<<"$build_packages $lint_packages $guest_packages
		$user_packages $mirror $security")
	[ "$(cat "$root/etc/sbpf-stamp" 2>/dev/null)" = "$want" ] && return

	say "installing packages (a few minutes; details in $log)"
	rm -f "$root/etc/sbpf-stamp"
	cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
	cat >"$root/etc/apt/sources.list" <<-EOT
	deb $mirror trixie main
	deb $mirror trixie-updates main
	deb $mirror trixie-backports main
	deb $security trixie-security main
	EOT
	logged inside apt-get update || return
	V612=$(kernel_version 6.12) && VNEW=$(kernel_version '') || return
	# shellcheck disable=SC2086 # lists of words
	logged inside env INITRD=No apt-get install -y --no-install-recommends \
		$build_packages $lint_packages $guest_packages $user_packages \
		"linux-headers-$V612" "linux-headers-$VNEW" || return
	# Images are unpacked rather than installed, which would drag in a boot
	# loader's world. (6.12's headers depend on the image all the same.)
	for version in "$V612" "$VNEW"; do
		[ ! -e "$root/usr/lib/modules/$version/kernel" ] || continue
		say "unpacking kernel $version"
		# How many packages an image is depends on its version.
		for pkg in image binary modules; do
			inside apt-cache show "linux-$pkg-$version" >/dev/null 2>&1 || continue
			logged inside sh -c "cd /tmp && apt-get download linux-$pkg-$version &&
				dpkg-deb -x linux-$pkg-*.deb /tmp/x && cp -a /tmp/x/. /" || return
		done
		logged inside depmod "$version" || return
	done
	echo "$V612" >"$root/etc/sbpf-6.12"
	echo "$VNEW" >"$root/etc/sbpf-newest"
	# The few files of the kernel's source that lint and the tests use.
	logged inside bash -c 'cd /usr/src && tar -xf linux-source-6.12.tar.xz \
		linux-source-6.12/.clang-format \
		linux-source-6.12/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch,kernel-doc} \
		linux-source-6.12/tools/testing/selftests/{kselftest.h,kselftest_harness.h}' || return
	inside id user >/dev/null 2>&1 ||
		logged inside useradd -m -u 1000 -s /bin/bash user || return
	echo sbpf >"$root/etc/hostname"
	printf '127.0.0.1 localhost sbpf\n::1 localhost\n' >"$root/etc/hosts"
	logged inside apt-get clean || return
	rm -rf "$root"/var/lib/apt/lists/*
	echo "$want" >"$root/etc/sbpf-stamp"
}

# The guest's disk. Runs write to throw-away snapshots of it, and one that is
# replaced lives on for the runs that have it open.
make_disk() {
	[ "$cache/guest.ext4" -nt "$root/etc/sbpf-stamp" ] && return
	say "making the guest's disk"
	rm -f "$cache/guest.new"
	# No journal and nothing to initialise later: less work at each boot,
	# and no kernel thread that disturbs measurements.
	logged inside mke2fs -q -t ext4 -O ^has_journal -m 0 \
		-E lazy_itable_init=0,nodiscard -d /media /mnt/guest.new \
		"$(($(du -sm "$root" | cut -f1) + 2048))M" ||
		die "making the guest's disk failed, see $log" \
		    "check the free space of $cache, then run the same command again"
	mv "$cache/guest.new" "$cache/guest.ext4"
}

# The debug kernel: an order of magnitude slower to build than all the rest.
make_debug_kernel() {
	local dir=$cache/debug want
	want=$(stat -c %s "$root/usr/src/linux-source-6.12.tar.xz")
	want+=" $(sha256sum <"$tree/selftests/debug.config")"
	lock "$cache/debug.lock"
	[ "$(cat "$dir/sbpf-stamp" 2>/dev/null)" = "$want" ] && return
	say "building the debug kernel (once, 15 to 30 minutes; follow it in $log)"
	rm -rf "$dir"
	mkdir -p "$dir"
	cp "$tree/selftests/debug.config" "$dir.config"
	# shellcheck disable=SC2016 # expanded inside
	logged inside bash -euc 'cd /mnt/debug
		tar --strip-components=1 -xf /usr/src/linux-source-6.12.tar.xz
		make -s tinyconfig
		scripts/kconfig/merge_config.sh -m .config ../debug.config
		make -s olddefconfig
		sed "/^CONFIG_.*=y$/!d" ../debug.config | while read -r line; do
			grep -qxF "$line" .config || { echo "$line was not taken"; exit 1; }
		done
		nice make -j"$(nproc)" bzImage modules
		# Building a module needs the kernel image, no object of it.
		find . -path ./scripts -prune -o -name "*.[oa]" -type f -exec rm {} +' ||
		die "building the debug kernel failed, see $log" \
		    "check the free space of $cache, then run the same command again"
	echo "$want" >"$dir/sbpf-stamp"
}

setup() {
	[ "$(id -u)" = 0 ] || die "set-up needs root (chroot, mount)" "run it again as root"
	mkdir -p "$cache/tmp"
	lock "$cache/lock"
	make_root
	install_packages ||
		die "installing packages failed, see $log" \
		    "check the network and the free space of $cache, then run the same command again"
	make_disk
}

# For a kernel's short name: sets version; kdir and image, paths inside the root;
# modules, the directory of its list of modules.
kernel() {
	case $1 in
	6.12|newest)
		version=$(cat "$root/etc/sbpf-$1")
		modules=$root/usr/lib/modules/$version
		kdir=/usr/lib/modules/$version/build
		# Where the image is depends on Debian's packaging of the day.
		image=/boot/vmlinuz-$version
		[ -e "$root$image" ] || image=/usr/lib/modules/$version/vmlinuz ;;
	debug)
		make_debug_kernel
		version=$(cat "$cache/debug/include/config/kernel.release")
		kdir=/mnt/debug
		modules=$cache/debug
		image=/mnt/debug/arch/x86/boot/bzImage ;;
	*) die "no kernel is called '$1'" "the kernels are 6.12, newest and debug" ;;
	esac
}

# First stage of the guest: finds the disk, adds the project, hands over. Debian
# builds virtio_blk as a module, the rest of what a boot needs is built in.
make_initrd() {
	local dir=$1
	# shellcheck disable=SC2016 # expanded inside
	inside bash -euc '
		mkdir -p /tmp/i/{bin,dev,disk,modules} && cd /tmp/i
		cp /usr/bin/busybox bin/
		n=10
		modprobe -S "$1" --show-depends virtio_blk 2>/dev/null |
			while read -r how file _; do
			[ "$how" = insmod ] || continue
			n=$((n + 1))
			case $file in
			*.xz) xz -dc "$file" >modules/$n.ko ;;
			*.zst) zstd -qdc "$file" >modules/$n.ko ;;
			*) cp "$file" modules/$n.ko ;;
			esac
		done
		cat >init <<-"EOT"
		#!/bin/busybox sh
		set -e
		for m in /modules/*.ko; do [ ! -e $m ] || busybox insmod $m; done
		busybox mount -t devtmpfs dev /dev
		busybox mount -t ext4 -o noatime /dev/vda /disk
		busybox tar -xf /dev/vdb -C /disk
		busybox mkdir -p /disk/share
		[ ! -b /dev/vdc ] || busybox mount -t ext4 -o ro /dev/vdc /disk/share
		busybox mount -t tmpfs -o mode=755 run /disk/run
		busybox cp /guest /command /disk/run/
		exec busybox switch_root /disk /run/guest
		EOT
		chmod 755 init
		find . | busybox cpio -o -H newc >/mnt/"$2"' \
		initrd "$version" "${dir#"$cache"/}/initrd.new" 2>>"$log" &&
		mv "$dir/initrd.new" "$dir/initrd"
}

# Bring a copy of the tree up to date; prints what changed. By contents, and
# without times: what differs gets the time of now, so make rebuilds it whatever
# its age. Products, which stay, are what git ignores.
copy_tree() {
	mkdir -p "$1"
	echo "$tree" >"$cache/build/$key/from"
	rsync -rlpc --delete-after --out-format=%n --exclude=/.git \
		--filter=':- .gitignore' "$tree/" "$1/"
}

build() {
	local dir=$cache/build/$key/$1 src dest changed stamp
	setup
	kernel "$1"
	lock "$dir/lock"
	src=$dir/src dest=$dir/dest
	changed=$(copy_tree "$src")
	stamp="$version $(sha256sum <"$root/etc/sbpf-stamp") $(sha256sum <"$tree/selftests/machine.sh")"
	if [ -z "$changed" ] && [ "$(cat "$dir/stamp" 2>/dev/null)" = "$stamp" ]; then
		echo "$dir"
		return
	fi
	rm -f "$dir/stamp"
	say "building against kernel $version"
	make_initrd "$dir" || die "making the initrd failed, see $log"
	rm -rf "$dest"
	# As in the guest, so that the layer can be unpacked over it. depmod
	# wants to see the kernel's own modules as well.
	mkdir -p "$dest/usr/lib/modules/$version"
	ln -s usr/lib "$dest/lib"
	[ ! -d "$modules/kernel" ] ||
		cp -al "$modules/kernel" "$dest/usr/lib/modules/$version/"
	cp "$modules"/modules.{order,builtin,builtin.modinfo} "$dest/usr/lib/modules/$version/"
	inside make -s --no-print-directory -C "/mnt/${src#"$cache"/}" -j"$(nproc)" \
		KDIR="$kdir" DESTDIR="/mnt/${dest#"$cache"/}" \
		install install-tests >&2 ||
		die "the build failed" "the first error above says where"
	tar -C "$dest" --owner=0 --group=0 --exclude="./usr/lib/modules/$version/kernel" \
		-cf "$dir/layer.new" ./usr
	mv "$dir/layer.new" "$dir/layer.tar"
	inside cp "$image" "/mnt/${dir#"$cache"/}/vmlinuz.new" &&
		mv "$dir/vmlinuz.new" "$dir/vmlinuz"
	echo "$stamp" >"$dir/stamp"
	echo "$dir"
}

lint() {
	local src=$cache/build/$key/lint
	setup
	lock "$src/lock"
	src+=/src
	rm -rf "$src"
	copy_tree "$src" >/dev/null
	enter "/mnt/${src#"$cache"/}/selftests/lint.sh" \
		"$(cat "$root/etc/sbpf-6.12")" "$(cat "$root/etc/sbpf-newest")"
}

# In braces, so that this file may change while it runs.
{
	case "${1:-}" in
	setup) setup ;;
	build) build "${2:?KERNEL}" ;;
	lint) lint ;;
	in) shift; enter "$@" ;;
	remove) rm -rf --one-file-system "${cache:?}" ;;
	*) sed -n '3,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
	exit
}
