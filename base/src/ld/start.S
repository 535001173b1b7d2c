/* SPDX-License-Identifier: MIT */
/*
 * First instruction of every component: RDI = message buffer, RSP = end of the
 * stack, which core mapped
 */
	.text
	.globl _start
	.type _start, @function
_start:
	xorl %ebp, %ebp
	call ld_main
	ud2
	.section .note.GNU-stack, "", @progbits
