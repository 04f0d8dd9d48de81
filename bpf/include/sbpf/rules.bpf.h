/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Asking the rules that a sandbox's owner has given it, for policies
 */
#ifndef _SBPF_RULES_BPF_H
#define _SBPF_RULES_BPF_H

/* enum sbpf_access of the module's <sbpf/sbpf.h>, which says what each means. */
#define SBPF_ACCESS_READ_FILE		(1U << 0)
#define SBPF_ACCESS_READ_DIR		(1U << 1)
#define SBPF_ACCESS_WRITE		(1U << 2)
#define SBPF_ACCESS_TRUNCATE		(1U << 3)
#define SBPF_ACCESS_EXECUTE		(1U << 4)
#define SBPF_ACCESS_MAP_EXEC		(1U << 5)
#define SBPF_ACCESS_CREATE_FILE		(1U << 6)
#define SBPF_ACCESS_CREATE_DIR		(1U << 7)
#define SBPF_ACCESS_CREATE_SYMLINK	(1U << 8)
#define SBPF_ACCESS_CREATE_SPECIAL	(1U << 9)
#define SBPF_ACCESS_CREATE_DEVICE	(1U << 10)
#define SBPF_ACCESS_REMOVE		(1U << 11)
#define SBPF_ACCESS_REFER		(1U << 12)
#define SBPF_ACCESS_METADATA		(1U << 13)
#define SBPF_ACCESS_IOCTL		(1U << 14)

/* Not for programs that may sleep. */
extern int bpf_sbpf_open_access(struct sbpf_sandbox *sandbox, struct file *file) __ksym;
extern int bpf_sbpf_path_access(struct sbpf_sandbox *sandbox, const struct path *path,
				__u32 access) __ksym;
extern int bpf_sbpf_vma_access(struct sbpf_sandbox *sandbox, struct vm_area_struct *vma,
			       __u32 access) __ksym;
extern int bpf_sbpf_remove_access(struct sbpf_sandbox *sandbox, const struct path *dir,
				  struct dentry *dentry) __ksym;
extern int bpf_sbpf_link_access(struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
				const struct path *new_dir) __ksym;
extern int bpf_sbpf_rename_access(struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
				  const struct path *new_dir, struct inode *new_inode,
				  __u32 flags) __ksym;

/* What creating an object of this mode wants of its directory. */
static __always_inline __u32 sbpf_create_access(__u32 mode)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
		return SBPF_ACCESS_CREATE_FILE;
	case S_IFCHR:
	case S_IFBLK:
		return SBPF_ACCESS_CREATE_DEVICE;
	default:
		return SBPF_ACCESS_CREATE_SPECIAL;
	}
}

#endif /* _SBPF_RULES_BPF_H */
