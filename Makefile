# SPDX-License-Identifier: GPL-2.0-only
#
# make, make install     build and install natively, for the kernel that KDIR
#                        holds the headers of (default: the running one)
# make uninstall, clean
# make demo              the story of sbpf, told in a virtual machine
# make test              all tests, in a virtual machine (KERNEL=6.12|newest)
# make test-debug        the same on a kernel that checks itself
# make bench             what sbpf costs, in instructions; fails if that is too much
# make lint              everything that judges source text
# make doc               Documentation/ as HTML in build/doc/html
# make shell             a root shell in the virtual machine, module loaded
#
# What runs in a virtual machine needs root and nothing installed beforehand:
# see selftests/machine.sh. The native build wants Debian 13's tools, or Debian
# 12's with bookworm-backports, and says what is missing.

PREFIX ?= /usr
ifndef KVER
KDIR ?= /lib/modules/$(shell uname -r)/build
KVER := $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null || uname -r)
endif
KDIR ?= /lib/modules/$(KVER)/build
KERNEL ?= 6.12

BUILD := $(CURDIR)/build
CLANG ?= clang
BPFTOOL ?= bpftool
# Since 6.19 the kernel's own types embed structures by their tag.
BPF_CFLAGS := -g -O2 -Wall -Wextra -Werror -Wno-unused-parameter \
	-fms-extensions -Wno-microsoft-anon-tag -mcpu=v3 \
	-target bpf -D__TARGET_ARCH_x86 \
	-I$(BUILD) -I$(CURDIR)/bpf/include -I$(CURDIR)/module/uapi
# Types of the kernel to build for; the module's own BTF is made from them too.
VMLINUX := $(KDIR)/vmlinux

MODDIR := $(DESTDIR)/lib/modules/$(KVER)/updates
INCDIR := $(DESTDIR)$(PREFIX)/include/sbpf
LIBDIR := $(DESTDIR)$(PREFIX)/lib/sbpf
BINDIR := $(DESTDIR)$(PREFIX)/bin
EXAMPLEDIR := $(DESTDIR)$(PREFIX)/share/doc/sbpf/examples
MANDIR := $(DESTDIR)$(PREFIX)/share/man/man1
COMPDIR := $(DESTDIR)$(PREFIX)/share/bash-completion/completions

# What the makefiles of tools/ and selftests/ may use. The former makes
# $(BUILD)/sbpf, the latter installs itself into $(DESTDIR)$(PREFIX)/lib/sbpf.
export BUILD CLANG BPFTOOL BPF_CFLAGS KDIR KVER PREFIX DESTDIR

policies := $(patsubst bpf/%.bpf.c,$(BUILD)/bpf/%.bpf.o,$(wildcard bpf/*.bpf.c))
generated := $(BUILD)/vmlinux.h $(BUILD)/kernel_config.h
headers := $(wildcard bpf/include/sbpf/*.h module/uapi/*.h)

.DELETE_ON_ERROR:
.PHONY: all module tools tests install install-tests uninstall clean \
	prerequisites demo test test-debug bench lint doc shell FORCE

all: module $(policies) tools

# Each check says what is missing and how to get it.
prerequisites:
	@selftests/prerequisites.sh "$(KDIR)" "$(KVER)"

# Everything that was made from another kernel's types is made again.
$(BUILD)/kernel: FORCE | prerequisites
	@mkdir -p $(BUILD)
	@echo '$(realpath $(VMLINUX))' | cmp -s - $@ || echo '$(realpath $(VMLINUX))' >$@

$(BUILD)/vmlinux.h: $(BUILD)/kernel $(wildcard $(VMLINUX))
	$(BPFTOOL) btf dump file $(VMLINUX) format c >$@

# How this kernel differs from others, read from its types; used by compat.h.
# A line that is in its types, and the macro that says so.
HAVE_EXIT_GROUP_DEAD := btf_trace_sched_process_exit).*,.*,.*bool
HAVE_CLONE_FLAGS_64 := btf_trace_task_newtask).*, u64
HAVE_PCPU_HOT := ^struct pcpu_hot {
HAVE_PERF_EVENT_ATTR := perf_event_open)(struct perf_event_attr
HAVE_FTRACE_OPS_FUNC_IP := ftrace_ops_func_t)(struct ftrace_ops \*, long unsigned int
HAVE_KPROBE_WRITE_CTX := bool kprobe_write_ctx;
HAVE_INODE_STATE := ^struct inode_state_flags {
HAVE_RCU_GP_SEQ := ^struct rcu_gp_seq {
HAVE_KERNFS_PARENT_RCU := struct kernfs_node \*__parent;
# What struct sbpf_mount in compat.h mirrors.
MOUNT := struct mount { struct hlist_node mnt_hash; struct mount *mnt_parent; \
	struct dentry *mnt_mountpoint; struct vfsmount mnt;
# What struct sbpf_kfunc_modules mirrors.
KFUNC_MODULES := struct bpf_kfunc_btf { struct btf *btf; struct module *module; u16 offset; }; \
	struct bpf_kfunc_btf_tab { struct bpf_kfunc_btf descs[256]; u32 nr_descs; };
$(BUILD)/kernel_config.h: $(BUILD)/vmlinux.h Makefile
	@[ "$$(sed -n '/^struct mount {/,/vfsmount mnt;/p' $< | xargs)" = '$(strip $(MOUNT))' ] || \
		{ echo 'sbpf: this kernel has another struct mount than module/compat.h' >&2; exit 1; }
	@[ "$$(sed -n '/^struct bpf_kfunc_btf {/,/^};/p;/^struct bpf_kfunc_btf_tab {/,/^};/p' $< | xargs)" = \
		'$(strip $(KFUNC_MODULES))' ] || \
		{ echo 'sbpf: this kernel has another struct bpf_kfunc_btf_tab than module/compat.h' >&2; exit 1; }
	@{ echo '/* Made by Makefile */'; \
	! grep -q '$(HAVE_EXIT_GROUP_DEAD)' $< || echo '#define SBPF_HAVE_EXIT_GROUP_DEAD'; \
	! grep -q '$(HAVE_CLONE_FLAGS_64)' $< || echo '#define SBPF_HAVE_CLONE_FLAGS_64'; \
	! grep -q '$(HAVE_PCPU_HOT)' $< || echo '#define SBPF_HAVE_PCPU_HOT'; \
	! grep -q '$(HAVE_PERF_EVENT_ATTR)' $< || echo '#define SBPF_HAVE_PERF_EVENT_ATTR'; \
	! grep -q '$(HAVE_FTRACE_OPS_FUNC_IP)' $< || echo '#define SBPF_HAVE_FTRACE_OPS_FUNC_IP'; \
	! grep -q '$(HAVE_KPROBE_WRITE_CTX)' $< || echo '#define SBPF_HAVE_KPROBE_WRITE_CTX'; \
	! grep -q '$(HAVE_INODE_STATE)' $< || echo '#define SBPF_HAVE_INODE_STATE'; \
	! grep -q '$(HAVE_RCU_GP_SEQ)' $< || echo '#define SBPF_HAVE_RCU_GP_SEQ'; \
	! grep -q '$(HAVE_KERNFS_PARENT_RCU)' $< || echo '#define SBPF_HAVE_KERNFS_PARENT_RCU'; \
	echo '#define SBPF_MOUNT_MEMBERS' $$(sed -n '/^struct mount {/,/mnt_ns;/p' $< | \
		sed '1,/vfsmount mnt;/d'); \
	} >$@

# Linking leaves the DWARF behind, 90 % of the file.
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(BUILD)/vmlinux.h $(headers) Makefile
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@.full
	$(BPFTOOL) gen object $@ $@.full
	@rm $@.full

# Without BTF the module would load and be of no use to any policy.
module: $(generated)
	@set -o pipefail; $(MAKE) -C $(KDIR) M=$(CURDIR) modules 2>&1 | tee $(BUILD)/module.log
	@! grep -q 'Skipping BTF generation' $(BUILD)/module.log || \
		{ echo 'sbpf: the kernel build made no BTF for the module' >&2; exit 1; }
	@for s in .BTF .BTF_ids; do \
		readelf -SW sbpf.ko | grep -q "[[:space:]]$$s[[:space:]]" || \
		{ echo "sbpf: sbpf.ko has no $$s section: is pahole (package dwarves or pahole) installed?" >&2; \
		rm -f sbpf.ko; exit 1; }; done
module: SHELL := /bin/bash

tools: $(BUILD)/vmlinux.h
	$(MAKE) -C tools

tests: $(BUILD)/vmlinux.h $(policies) tools
	[ ! -e selftests/Makefile ] || $(MAKE) -C selftests

install: all
	install -D -m 644 sbpf.ko $(MODDIR)/sbpf.ko
	depmod $(if $(DESTDIR),-b $(DESTDIR)) $(KVER)
	install -d $(LIBDIR)/policies $(LIBDIR)/profiles $(INCDIR)
	install -m 644 $(policies) $(LIBDIR)/policies
	install -m 644 tools/profiles/*.conf $(LIBDIR)/profiles
	install -m 644 $(headers) $(INCDIR)
	install -D -m 755 $(BUILD)/sbpf $(BINDIR)/sbpf
	install -m 644 tools/lib/libsbpf.h $(INCDIR)
	install -D -m 644 $(BUILD)/libsbpf.so $(DESTDIR)$(PREFIX)/lib/libsbpf.so.0
	ln -sf libsbpf.so.0 $(DESTDIR)$(PREFIX)/lib/libsbpf.so
	install -m 644 $(BUILD)/libsbpf.a $(DESTDIR)$(PREFIX)/lib/libsbpf.a
	install -D -m 644 $(BUILD)/libsbpf.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/libsbpf.pc
	install -d $(EXAMPLEDIR)
	install -m 644 tools/lib/examples/*.c $(EXAMPLEDIR)
	install -D -m 644 tools/sbpf.1 $(MANDIR)/sbpf.1
	install -D -m 644 tools/sbpf.bash $(COMPDIR)/sbpf

# For the virtual machine only. vmlinux.h is what an author would make with
# bpftool.
install-tests: tests
	install -D -m 644 $(BUILD)/vmlinux.h $(INCDIR)/vmlinux.h
	[ ! -e selftests/Makefile ] || $(MAKE) -C selftests install

uninstall:
	rm -rf $(LIBDIR) $(INCDIR) $(EXAMPLEDIR)
	rm -f $(MODDIR)/sbpf.ko $(BINDIR)/sbpf $(MANDIR)/sbpf.1 $(COMPDIR)/sbpf \
		$(addprefix $(DESTDIR)$(PREFIX)/lib/,libsbpf.so libsbpf.so.0 libsbpf.a \
			pkgconfig/libsbpf.pc)
	depmod $(if $(DESTDIR),-b $(DESTDIR)) $(KVER)

clean:
	[ ! -d $(KDIR) ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	for d in tools selftests; do $(MAKE) -C $$d clean || exit; done
	rm -rf $(BUILD)

demo:
	@selftests/vm.sh -- /usr/lib/sbpf/selftests/demo.sh

test:
	@selftests/test.sh --kernel $(KERNEL)

test-debug:
	@selftests/test.sh --kernel debug --timeout 14400

# The table goes to the terminal, the line of JSON after it into a file.
bench:
	@mkdir -p $(BUILD); set -o pipefail; \
	selftests/vm.sh --kernel $(KERNEL) --icount --timeout 3600 -- \
		/usr/lib/sbpf/selftests/bench/run.sh --strict --json - | \
		awk -v file=$(BUILD)/bench.json '/^{/ { print >file; next } 1'
	@selftests/vm.sh --kernel $(KERNEL) --icount --timeout 3600 -- env WORK=0.5 ROUNDS=3 \
		/usr/lib/sbpf/selftests/run.sh neighbours
	@echo 'as JSON: $(BUILD)/bench.json'
bench: SHELL := /bin/bash

lint:
	@selftests/machine.sh lint

doc:
	@selftests/machine.sh setup
	@selftests/machine.sh in make -s -C /srv/Documentation

shell:
	@selftests/vm.sh --kernel $(KERNEL) --timeout 86400 --tty -- \
		bash -c 'modprobe sbpf; exec bash -l'
