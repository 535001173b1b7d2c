/* SPDX-License-Identifier: MIT */
/*
 * From the stack of a base thread to the one that musl made, and back at the end
 *
 * libc_stack_call(RDI stack, RSI function, RDX argument, RCX where to put the
 * way back): keeps the registers that a function preserves on the first stack.
 */
	.text
	.globl libc_stack_call, libc_stack_leave
	.hidden libc_stack_call, libc_stack_leave
	.type libc_stack_call, @function
	.type libc_stack_leave, @function
libc_stack_call:
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	mov  %rsp, (%rcx)
	mov  %rdi, %rsp
	and  $-16, %rsp
	mov  %rdx, %rdi
	xor  %ebp, %ebp
	call *%rsi
	ud2                     /* a thread of musl ends by SYS_exit */

libc_stack_leave:
	mov  %rdi, %rsp
	pop  %r15
	pop  %r14
	pop  %r13
	pop  %r12
	pop  %rbx
	pop  %rbp
	ret
	.section .note.GNU-stack, "", @progbits
