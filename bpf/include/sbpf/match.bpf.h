/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - What a file or a memory mapping is, for policies
 *
 * All of this reads kernel objects directly, in a few instructions, and is
 * meant for operations that happen often.
 */
#ifndef _SBPF_MATCH_BPF_H
#define _SBPF_MATCH_BPF_H

#define S_IFMT		0170000
#define S_IFBLK		0060000
#define S_IFCHR		0020000
#define S_IFDIR		0040000
#define S_IFREG		0100000
#define S_IFLNK		0120000

#define PROC_SUPER_MAGIC 0x9fa0

/* Most directories above a file that sbpf_is_secret() looks at. */
#define SBPF_DEPTH_MAX	64

static __always_inline bool sbpf_is_regular(const struct inode *inode)
{
	return (inode->i_mode & S_IFMT) == S_IFREG;
}

/* memfd, shm without a name, and files that were deleted while open. */
static __always_inline bool sbpf_is_nameless(const struct inode *inode)
{
	return sbpf_is_regular(inode) && inode->__i_nlink == 0;
}

/*
 * The disks, and the character devices through which disks (sg, mtd), memory and
 * ports (mem, kmem, port) can be read.
 */
static __always_inline bool sbpf_is_raw_device(const struct inode *inode)
{
	unsigned int major, minor, type = inode->i_mode & S_IFMT;

	if (type == S_IFBLK)
		return true;
	if (type != S_IFCHR)
		return false;
	major = inode->i_rdev >> 20;
	minor = inode->i_rdev & 0xfffff;
	return major == 21 || major == 90 ||
	       (major == 1 && (minor == 1 || minor == 2 || minor == 4));
}

/* 6.14 renamed the array in which names of less than 32 bytes are kept. */
struct dentry___before_6_14 {
	unsigned char d_iname[32];
} __attribute__((preserve_access_index));

union shortname_store___since_6_14 {
	unsigned char string[32];
} __attribute__((preserve_access_index));

struct dentry___since_6_14 {
	union shortname_store___since_6_14 d_shortname;
} __attribute__((preserve_access_index));

/*
 * Offset of that array. To be called once, outside of loops: of the two
 * relocations only one can be made on a given kernel, and the barriers keep
 * the compiler from moving the other out of the branch that is never taken.
 */
static __always_inline unsigned long sbpf_name_offset(void)
{
	unsigned long offset;

	if (bpf_core_field_exists(struct dentry___before_6_14, d_iname)) {
		offset = bpf_core_field_offset(struct dentry___before_6_14, d_iname);
		barrier_var(offset);
	} else {
		offset = bpf_core_field_offset(struct dentry___since_6_14, d_shortname);
		barrier_var(offset);
	}
	return offset;
}

/*
 * Is @dentry called @literal, a string constant of less than 32 bytes?
 * @offset is from sbpf_name_offset().
 */
#define sbpf_named(dentry, offset, literal)					\
	((dentry)->d_name.len == sizeof(literal) - 1 &&				\
	 sbpf_name_equal((const void *)(dentry) + (offset), literal,		\
			 sizeof(literal) - 1))

static __always_inline bool sbpf_name_equal(const unsigned char *name,
					    const char *literal, unsigned int len)
{
	unsigned int i;

#pragma unroll
	for (i = 0; i < len; i++)
		if (name[i] != (unsigned char)literal[i])
			return false;
	return true;
}

/* Directories whose files are nobody's business, wherever they are. */
static __always_inline bool sbpf_is_secret_dir(const struct dentry *dentry,
					       unsigned long offset)
{
	return sbpf_named(dentry, offset, ".ssh") ||
	       sbpf_named(dentry, offset, ".gnupg") ||
	       sbpf_named(dentry, offset, ".aws") ||
	       sbpf_named(dentry, offset, ".kube") ||
	       sbpf_named(dentry, offset, ".docker") ||
	       sbpf_named(dentry, offset, ".mozilla") ||
	       sbpf_named(dentry, offset, ".password-store");
}

/* Files in a directory etc, or at the root of a file system mounted there. */
static __always_inline bool sbpf_is_secret_etc(const struct dentry *dentry,
					       unsigned long offset)
{
	const struct dentry *parent = dentry->d_parent;

	if (!sbpf_named(dentry, offset, "shadow") &&
	    !sbpf_named(dentry, offset, "shadow-") &&
	    !sbpf_named(dentry, offset, "gshadow") &&
	    !sbpf_named(dentry, offset, "gshadow-") &&
	    !sbpf_named(dentry, offset, "sudoers"))
		return false;
	return sbpf_named(parent, offset, "etc") || parent == parent->d_parent;
}

/*
 * Is this a file that holds secrets of the machine or of its user: passwords,
 * keys, kernel memory, browser profiles? By the names of the file and of the
 * directories above it on its own file system, which bind mounts and chroot do
 * not change. Too deep to tell counts as secret.
 *
 * First letters are read once and decide most cases: a read through a pointer
 * that the verifier does not trust costs several instructions.
 */
static __always_inline bool sbpf_is_secret(const struct file *file)
{
	const struct dentry *dentry = file->f_path.dentry, *parent;
	unsigned long offset = sbpf_name_offset();
	unsigned char first = *((const unsigned char *)dentry + offset);
	int depth;

	if ((first == 's' || first == 'g') && sbpf_is_secret_etc(dentry, offset))
		return true;
	if (first == 'k' && sbpf_named(dentry, offset, "kcore"))
		return true;
	for (depth = 0; depth < SBPF_DEPTH_MAX; depth++) {
		if (first == '.' && sbpf_is_secret_dir(dentry, offset))
			return true;
		parent = dentry->d_parent;
		if (parent == dentry)
			return false;
		dentry = parent;
		first = *((const unsigned char *)dentry + offset);
	}
	return true;
}

/* /proc/PID/mem, opened for writing: writes even into memory mapped read-only. */
static __always_inline bool sbpf_is_proc_mem(const struct file *file)
{
	return (file->f_mode & FMODE_WRITE) &&
	       file->f_inode->i_sb->s_magic == PROC_SUPER_MAGIC &&
	       sbpf_named(file->f_path.dentry, sbpf_name_offset(), "mem");
}

extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

/*
 * Does an inode of /proc tell about a task outside the sandbox? About one that is
 * gone it tells nothing.
 */
static __always_inline bool sbpf_is_proc_outside(struct sbpf_sandbox *sandbox,
						 const struct inode *inode)
{
	const struct proc_inode *proc =
		(void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
	struct task_struct *task;
	struct pid *pid = BPF_CORE_READ(proc, pid);
	bool outside;

	if (!pid)
		return false;
	task = bpf_task_from_pid(BPF_CORE_READ(pid, numbers[0].nr));
	if (!task)
		return false;
	outside = !bpf_sbpf_sandbox_contains(sandbox, task);
	bpf_task_release(task);
	return outside;
}

/* Does a mapping with protection @prot break "writable or executable, not both"? */
static __always_inline bool sbpf_is_wx(unsigned long prot)
{
	return (prot & (PROT_WRITE | PROT_EXEC)) == (PROT_WRITE | PROT_EXEC);
}

/*
 * Would @prot make memory executable whose contents the program may have
 * written: anonymous, private and modified, or shared and writable?
 */
static __always_inline bool sbpf_is_written_exec(const struct vm_area_struct *vma,
						 unsigned long prot)
{
	if (!(prot & PROT_EXEC) || (vma->vm_flags & VM_EXEC))
		return false;
	return !vma->vm_file || vma->anon_vma ||
	       (vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) ==
		       (VM_SHARED | VM_MAYWRITE);
}

#endif /* _SBPF_MATCH_BPF_H */
