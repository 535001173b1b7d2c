/* SPDX-License-Identifier: MIT */
/*
 * void fuzz_call(struct fuzz_call *): one system call with all registers given
 *
 * Flags and stack pointer, too, may be nonsense meanwhile. What the kernel has to
 * preserve holds known values, and 'broken' tells whether it does afterwards.
 */

#define DX      0
#define DI      8
#define SI      16
#define AX      24
#define R8      32
#define R9      40
#define R10     48
#define FLAGS   56
#define SP      64
#define BROKEN  72

#define MARK_BX  $0x1b1b1b1b1b1b1b1b
#define MARK_12  $0x1212121212121212
#define MARK_13  $0x1313131313131313
#define MARK_14  $0x1414141414141414

	.text
	.globl fuzz_call
fuzz_call:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	push %rdi
	mov %rsp, %r15
	lea 0x5555(%r15), %rbp
	movabs MARK_BX, %rbx
	movabs MARK_12, %r12
	movabs MARK_13, %r13
	movabs MARK_14, %r14
	mov DX(%rdi), %rdx
	mov SI(%rdi), %rsi
	mov AX(%rdi), %rax
	mov R8(%rdi), %r8
	mov R9(%rdi), %r9
	mov R10(%rdi), %r10
	mov SP(%rdi), %rcx
	test %rcx, %rcx
	cmovz %rsp, %rcx
	push FLAGS(%rdi)
	mov DI(%rdi), %rdi
	popfq
	mov %rcx, %rsp
	syscall
	xor %r15, %rsp
	mov %rsp, %rcx
	mov %r15, %rsp
	push $0x202
	popfq
	pop %r11
	mov %rdx, DX(%r11)
	mov %rdi, DI(%r11)
	mov %rsi, SI(%r11)
	mov %rax, AX(%r11)
	mov %r8,  R8(%r11)
	mov %r9,  R9(%r11)
	mov %r10, R10(%r11)

	/* stack pointer: as it was, its XOR with R15 is in RCX */
	mov SP(%r11), %rax
	test %rax, %rax
	cmovz %r15, %rax
	xor %r15, %rax
	xor %rcx, %rax
	lea 0x5555(%r15), %rcx
	xor %rcx, %rbp
	or  %rbp, %rax
	movabs MARK_BX, %rcx
	xor %rcx, %rbx
	or  %rbx, %rax
	movabs MARK_12, %rcx
	xor %rcx, %r12
	or  %r12, %rax
	movabs MARK_13, %rcx
	xor %rcx, %r13
	or  %r13, %rax
	movabs MARK_14, %rcx
	xor %rcx, %r14
	or  %r14, %rax
	mov %rax, BROKEN(%r11)
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

	.section .note.GNU-stack, "", @progbits
