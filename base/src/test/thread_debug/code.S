/* SPDX-License-Identifier: MIT */
/*
 * What threads execute while they are looked at
 */

	.text

	/* registers of a known pattern, for ever: RAX is RDI, RBX one more, … */
	.globl code_pattern, code_pattern_loop
code_pattern:
	lea 0(%rdi), %rax
	lea 1(%rdi), %rbx
	lea 2(%rdi), %rcx
	lea 3(%rdi), %rdx
	lea 4(%rdi), %rsi
	lea 6(%rdi), %rbp
	lea 8(%rdi), %r8
	lea 9(%rdi), %r9
	lea 10(%rdi), %r10
	lea 11(%rdi), %r11
	lea 12(%rdi), %r12
	lea 13(%rdi), %r13
	lea 14(%rdi), %r14
	lea 15(%rdi), %r15
	add $5, %rdi
	stc
code_pattern_loop:
	jmp code_pattern_loop

	/* store all registers but RSP at RSP, then wait there */
	.globl code_store, code_stored
code_store:
	mov %rax, (%rsp)
	mov %rbx, 8(%rsp)
	mov %rcx, 16(%rsp)
	mov %rdx, 24(%rsp)
	mov %rsi, 32(%rsp)
	mov %rdi, 40(%rsp)
	mov %rbp, 48(%rsp)
	mov %r8,  64(%rsp)
	mov %r9,  72(%rsp)
	mov %r10, 80(%rsp)
	mov %r11, 88(%rsp)
	mov %r12, 96(%rsp)
	mov %r13, 104(%rsp)
	mov %r14, 112(%rsp)
	mov %r15, 120(%rsp)
	movq $1, 128(%rsp)
code_stored:
	jmp code_stored

	/* one byte each */
	.globl code_nops
code_nops:
	.rept 64
	nop
	.endr
	jmp code_nops

	/* breakpoints, counted at RDI */
	.globl code_breakpoint
code_breakpoint:
	incq (%rdi)
	int3
	jmp code_breakpoint

	/* a byte at RSI goes to RDI, plus one */
	.globl code_read
code_read:
	movzbl (%rsi), %eax
	inc %rax
	mov %rax, (%rdi)
1:	jmp 1b

	.globl code_undefined
code_undefined:
	ud2

	.section .note.GNU-stack, "", @progbits
