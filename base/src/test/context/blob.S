/* SPDX-License-Identifier: MIT */
/*
 * Foreign code: read-only data of the test, copied to CODE of the other space
 */

	.section .rodata
	.globl blob, blob_end
	.balign 64
blob:

	/* calls without end, counted */
	.globl blob_count
blob_count:
	inc %rbx
	syscall
	jmp blob_count

	.globl blob_call
blob_call:
	syscall
	jmp blob_call

	.globl blob_spin
blob_spin:
	inc %rbx
	mov %rbx, 0x500000
	jmp blob_spin

	/* access to RDI; RAX is what was read */
	.globl blob_read
blob_read:
	mov (%rdi), %rax
	syscall

	.globl blob_write
blob_write:
	mov %rsi, (%rdi)
	syscall

	.globl blob_jump
blob_jump:
	jmp *%rdi

	.globl blob_push
blob_push:
	push %rax
	syscall

	/* words at the bases */
	.globl blob_bases
blob_bases:
	mov %fs:8, %rax
	mov %gs:16, %rbx
	syscall

	/* fill registers of the FPU from RAX, and look at them until they change */
	.globl blob_fpu
blob_fpu:
	movq %rax, %xmm0
	movq %rax, %xmm7
	movq %rax, %xmm15
	push %rax
	fildll (%rsp)
	pop %rcx
1:	syscall
2:	mov $2000, %rcx
3:	movq %xmm0, %rdx
	cmp %rdx, %r8
	jne 4f
	movq %xmm7, %rdx
	cmp %rdx, %r8
	jne 4f
	movq %xmm15, %rdx
	cmp %rdx, %r8
	jne 4f
	dec %rcx
	jnz 3b
	jmp 1b
4:	ud2

	/* what user mode may not do, 16 bytes each */
	.globl blob_bad
	.balign 16
blob_bad:
	xor %edx, %edx
	div %edx
	.balign 16
	int3
	.balign 16
	ud2
	.balign 16
	hlt
	.balign 16
	int $0x80
	.balign 16
	sysenter
	.balign 16
	cli
	.balign 16
	in $0x60, %al
	.balign 16
	mov %cr3, %rax
	.balign 16
	wrmsr
	.balign 16
	swapgs
	.balign 16
	wrgsbase %rax
	.balign 16
	mov $0x33, %eax
	mov %ax, %ss
	.balign 16
	int $0x20
	.balign 16
	xsetbv
blob_end:

	.section .note.GNU-stack, "", @progbits
