// SPDX-License-Identifier: GPL-2.0-only
/* A program that was linked to look for a library where anybody can put it. */
int main(void)
{
	return 0;
}
