/* SPDX-License-Identifier: MIT */
/*
 * First instruction of core: RDI = message buffer, RSP = end of the stack
 */
	.text
	.globl _start
	.type _start, @function
_start:
	xorl %ebp, %ebp
	call core_enter
	ud2

	.section .note.GNU-stack, "", @progbits
