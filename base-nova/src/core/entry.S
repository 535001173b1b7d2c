/* SPDX-License-Identifier: MIT */
/*
 * First instruction of core: RDI = message buffer, RSP = end of the stack
 */
	.text
	.globl _start
	.type _start, @function
_start:
	xorl %ebp, %ebp
	call nova_start
	ud2

	.section .note.GNU-stack, "", @progbits
