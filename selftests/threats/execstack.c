// SPDX-License-Identifier: GPL-2.0-only
/* A program that was linked to have an executable stack, and runs code on it. */
int main(void)
{
	/* Returns 42. */
	volatile unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };

	return ((int (*)(void))(unsigned long)code)();
}
