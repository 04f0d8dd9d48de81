// SPDX-License-Identifier: GPL-2.0-only
/* A library that nobody has asked for. */
#include <unistd.h>

__attribute__((constructor)) static void evil(void)
{
	_exit(42);
}
