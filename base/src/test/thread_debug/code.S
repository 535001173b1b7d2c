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

	/*
	 * FPU registers from and to RDI: 512 bytes as FXSAVE64 has them, then upper
	 * halves of YMM if the word behind them is not 0. The next one tells the end.
	 */
#define HIGH  512
#define WIDE  768
#define DONE  776
#define STORE 784   /* where fpu_store shall put them */

	.macro fpu_load_all
	fxrstor64 (%rdi)
	cmpq $0, WIDE(%rdi)
	je 1f
	.irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vinsertf128 $1, HIGH + 16 * \i(%rdi), %ymm\i, %ymm\i
	.endr
1:	movq $1, DONE(%rdi)
	.endm

	.globl fpu_load, fpu_store, fpu_break
fpu_load:
	fpu_load_all
1:	jmp 1b

	/* at a breakpoint with them, afterwards they are stored */
fpu_break:
	fpu_load_all
	int3
	mov STORE(%rdi), %rdi
fpu_store:
	fxsave64 (%rdi)
	cmpq $0, WIDE(%rdi)
	je 1f
	.irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vextractf128 $1, %ymm\i, HIGH + 16 * \i(%rdi)
	.endr
1:	movq $1, DONE(%rdi)
2:	jmp 2b

	/* an ordinary function */
	.globl fpu_fill
fpu_fill:
	fpu_load_all
	ret

	.section .note.GNU-stack, "", @progbits
