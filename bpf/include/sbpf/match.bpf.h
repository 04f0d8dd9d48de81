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
#define S_IFREG		0100000

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

/* The disks, and the devices through which memory and ports can be read. */
static __always_inline bool sbpf_is_raw_device(const struct inode *inode)
{
	unsigned int major, minor, type = inode->i_mode & S_IFMT;

	if (type == S_IFBLK)
		return true;
	if (type != S_IFCHR)
		return false;
	major = inode->i_rdev >> 20;
	minor = inode->i_rdev & 0xfffff;
	return major == 1 && (minor == 1 || minor == 2 || minor == 4);
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

/* The name of @dentry; only its first 32 bytes, and only if it is not longer. */
static __always_inline const unsigned char *sbpf_name(const struct dentry *dentry)
{
	const struct dentry___before_6_14 *before = (const void *)dentry;
	const struct dentry___since_6_14 *since = (const void *)dentry;

	if (bpf_core_field_exists(before->d_iname))
		return before->d_iname;
	return since->d_shortname.string;
}

/* Is @dentry called @literal, a string constant of less than 32 bytes? */
#define sbpf_named(dentry, literal)						\
	((dentry)->d_name.len == sizeof(literal) - 1 &&				\
	 sbpf_name_equal(sbpf_name(dentry), literal, sizeof(literal) - 1))

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
static __always_inline bool sbpf_is_secret_dir(const struct dentry *dentry)
{
	const unsigned char *name = sbpf_name(dentry);

	if (name[0] != '.')
		return false;
	return sbpf_named(dentry, ".ssh") || sbpf_named(dentry, ".gnupg") ||
	       sbpf_named(dentry, ".aws") || sbpf_named(dentry, ".kube") ||
	       sbpf_named(dentry, ".docker") || sbpf_named(dentry, ".mozilla") ||
	       sbpf_named(dentry, ".password-store");
}

/* Files in a directory etc, or at the root of a file system mounted there. */
static __always_inline bool sbpf_is_secret_etc(const struct dentry *dentry)
{
	const struct dentry *parent = dentry->d_parent;
	const unsigned char *name = sbpf_name(dentry);

	if (name[0] != 's' && name[0] != 'g')
		return false;
	if (!sbpf_named(dentry, "shadow") && !sbpf_named(dentry, "shadow-") &&
	    !sbpf_named(dentry, "gshadow") && !sbpf_named(dentry, "gshadow-") &&
	    !sbpf_named(dentry, "sudoers"))
		return false;
	return sbpf_named(parent, "etc") || parent == parent->d_parent;
}

/*
 * Is this a file that holds secrets of the machine or of its user: passwords,
 * keys, kernel memory, browser profiles? By the names of the file and of the
 * directories above it on its own file system, which bind mounts and chroot do
 * not change. Too deep to tell counts as secret.
 */
static __always_inline bool sbpf_is_secret(const struct file *file)
{
	const struct dentry *dentry = file->f_path.dentry, *parent;
	int depth;

	if (sbpf_is_secret_etc(dentry) || sbpf_named(dentry, "kcore"))
		return true;
	for (depth = 0; depth < SBPF_DEPTH_MAX; depth++) {
		if (sbpf_is_secret_dir(dentry))
			return true;
		parent = dentry->d_parent;
		if (parent == dentry)
			return false;
		dentry = parent;
	}
	return true;
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
