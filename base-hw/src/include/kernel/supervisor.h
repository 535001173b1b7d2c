/* SPDX-License-Identifier: MIT */
/**
 * Core's threads run in supervisor mode
 *
 * They have a code segment of their own, which tells them from the kernel when
 * an interrupt comes, run with the user's GS and with interrupts on, and enter
 * the kernel by a call of entry_core, with the registers of a system call.
 * SYSRET cannot return to them, so IRET does.
 */
#pragma once

#ifdef __ASSEMBLER__

.macro supervisor_fast ec
	cmpb $0, EC_SUPERVISOR(\ec)
	jne .Lcore_fast
.endm

.macro supervisor_full ec
	cmpb $0, EC_SUPERVISOR(\ec)
	jne .Lcore_full
.endm

.macro push_core_frame ec
	pushq $SELECTOR_KERNEL_DATA
	pushq EC_SP(\ec)
	pushq EC_FLAGS(\ec)
	pushq $SELECTOR_CORE_CODE
	pushq EC_IP(\ec)
.endm

.macro supervisor_entries
.Lcore_fast:
	mov %gs:CPU_STACK, %rsp
	push_core_frame %rbp
	load %rbp, rbx, r12, r13, r14, r15, rbp
	swapgs
	iretq

.Lcore_full:
	movb $0, EC_FULL(%rdi)
	push_core_frame %rdi
	load %rdi, rcx, r11, rdi
	swapgs
	iretq

	/* as SYSCALL: RCX is where to return to, R11 the flags */
	.globl entry_core
entry_core:
	pop %rcx
	pushfq
	pop %r11
	cli
	pushq $SELECTOR_KERNEL_CODE          /* idle is the kernel, not core */
	pushq $1f
	lretq
1:	swapgs
	mov %rsp, %gs:CPU_USER_SP
	mov %gs:CPU_CURRENT, %rsp
	save_preserved %rsp
	cmp $SYS_YIELD, %dl
	jb  .Lipc
	jmp .Lslow
.endm

#else

/* 'call entry_core' is as long */
enum { SUPERVISOR_CORE = 1, SUPERVISOR_ENTRY_LENGTH = 5 };

#endif
