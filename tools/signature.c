// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Signatures of policies: by whom the administrator trusts
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "out.h"
#include "signature.h"

#define TRUST_HINT	"certificates in " SIGNATURE_TRUSTED " are PEM, and they and the "	\
			"directory are root's, writable by nobody else"
#define SIGN_HINT	"openssl cms -sign -binary -outform DER -signer CERTIFICATE -inkey KEY " \
			"-in FILE -out FILE" SIGNATURE_SUFFIX

/* What the library counts bytes in is an int. */
#define SIZE_LIMIT	(1U << 30)

/* Only the administrator says who is trusted. */
static bool of_root(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_uid == 0 && !(st.st_mode & 022);
}

/* Add the certificates of one file, at least one: 0 or -errno. */
static int read_certificates(struct stack_st_X509 *trusted, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int before = sk_X509_num(trusted);
	X509 *certificate;
	FILE *file;

	if (fd < 0)
		return -errno;
	file = of_root(fd) ? fdopen(fd, "r") : NULL;
	if (!file) {
		close(fd);
		return -EPERM;
	}
	while ((certificate = PEM_read_X509(file, NULL, NULL, NULL)))
		if (!sk_X509_push(trusted, certificate))
			X509_free(certificate);
	fclose(file);
	return sk_X509_num(trusted) > before ? 0 : -EBADMSG;
}

/* All trusted certificates: 0; -ENOENT if signatures are not asked for; or -errno, reported. */
static int read_trusted(struct stack_st_X509 *trusted)
{
	DIR *dir = opendir(SIGNATURE_TRUSTED);
	const struct dirent *entry;
	int error = 0;

	if (!dir) {
		error = -errno;
		if (error != -ENOENT)
			out_error(TRUST_HINT, "cannot use " SIGNATURE_TRUSTED ": %s",
				  strerror(-error));
		return error;
	}
	if (!of_root(dirfd(dir))) {
		error = -EPERM;
		out_error(TRUST_HINT, "cannot use " SIGNATURE_TRUSTED ": %s", strerror(-error));
	}
	while (!error && (errno = 0, entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		error = read_certificates(trusted, dirfd(dir), entry->d_name);
		if (error)
			out_error(TRUST_HINT, "cannot use " SIGNATURE_TRUSTED "/%s: %s",
				  entry->d_name, strerror(-error));
	}
	if (!error && errno) {
		error = -errno;
		out_error(NULL, "cannot read " SIGNATURE_TRUSTED ": %s", strerror(-error));
	}
	closedir(dir);
	/* It exists, so it was asked for. */
	return error == -ENOENT ? -EAGAIN : error;
}

/* Whether a detached signature of @data is by trusted keys alone, one at least. */
static bool verifies(struct stack_st_X509 *trusted, const void *data, size_t size,
		     const void *signature, size_t signature_size)
{
	BIO *content = BIO_new_mem_buf(data, size);
	BIO *der = BIO_new_mem_buf(signature, signature_size);
	CMS_ContentInfo *cms = content && der ? d2i_CMS_bio(der, NULL) : NULL;
	/*
	 * By the very certificates that are trusted, not by any that the signature brings;
	 * and for as long as they are there: no clock is asked. What nobody has signed
	 * verifies, too.
	 */
	bool valid = cms && sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) > 0 &&
		     CMS_verify(cms, trusted, NULL, content, NULL,
				CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY) == 1;

	CMS_ContentInfo_free(cms);
	BIO_free(der);
	BIO_free(content);
	return valid;
}

static struct stack_st_X509 *new_list(void)
{
	/* No file or variable of the environment has a say in this. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	return sk_X509_new_null();
}

/**
 * signature_check - Refuse a policy that is not signed, where signatures are asked for
 * @file: path of the policy, for messages
 * @data: what is in the file
 * @size: its size in bytes
 * @signature: what is in the file of its signature; NULL if there is none
 * @signature_size: its size in bytes
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int signature_check(const char *file, const void *data, size_t size, const void *signature,
		    size_t signature_size)
{
	struct stack_st_X509 *trusted = new_list();
	int error = trusted ? read_trusted(trusted) : -ENOMEM;

	if (error == -ENOENT)
		error = 0;
	else if (error == -ENOMEM)
		error = out_error(NULL, "cannot check signatures: %s", strerror(ENOMEM));
	else if (error)
		error = EXIT_FAILURE;
	else if (!signature)
		error = out_error(SIGN_HINT, "not signed, which " SIGNATURE_TRUSTED
				  " asks for: %s", file);
	else if (size > SIZE_LIMIT || signature_size > SIZE_LIMIT ||
		 !verifies(trusted, data, size, signature, signature_size))
		error = out_error(SIGN_HINT, "changed, or not signed by anyone in "
				  SIGNATURE_TRUSTED ": %s", file);
	sk_X509_pop_free(trusted, X509_free);
	return error;
}

/**
 * signature_trusted - How many certificates are trusted?
 *
 * Reports what is wrong with them.
 *
 * Return: the number, -ENOENT if signatures are not asked for, or another -errno.
 */
int signature_trusted(void)
{
	struct stack_st_X509 *trusted = new_list();
	int result = trusted ? read_trusted(trusted) : -ENOMEM;

	if (!result)
		result = sk_X509_num(trusted);
	sk_X509_pop_free(trusted, X509_free);
	return result;
}
