/* SPDX-License-Identifier: MIT */
/*
 * Ways into the kernel and out of it
 *
 * The fast path of IPC is here as a whole: call and reply on one CPU, without
 * capabilities, when the callee waits (or the caller is known), nobody else
 * concerned has a say in it, and neither uses the FPU. It has no side effects
 * before 'commit'; whenever something is unusual, it goes to C (syscall_entry),
 * which does the same and everything else.
 *
 * RSP points to the running thread's struct ec there, not to a stack. NMI,
 * machine check and double fault have stacks of their own.
 */

#include <kernel/layout.h>
#include <offsets.inc>
#include <kernel/supervisor.h>
#include <kernel/vector.h>

#define MSR_FS_BASE   0xc0000100
#define MSR_GS_BASE   0xc0000101

	.text

/* Some registers of a thread, to and from where they are kept */
.macro save ec, regs:vararg
	.irp reg, \regs
	mov %\reg, EC_\reg(\ec)
	.endr
.endm

.macro load ec, regs:vararg
	.irp reg, \regs
	mov EC_\reg(\ec), %\reg
	.endr
.endm

/* Save what the C calling convention calls preserved, IP and flags */
.macro save_preserved ec
	mov %rcx, EC_IP(\ec)
	mov %r11, EC_FLAGS(\ec)
	save \ec, rbx, rbp, r12, r13, r14, r15
	mov %gs:CPU_USER_SP, %rcx
	mov %rcx, EC_SP(\ec)
.endm

/* RCX: FPU state of either thread, 0 if there is none */
.macro test_fpu callee
	mov %gs:CPU_FPU, %rcx
	or  EC_FPU(\callee), %rcx
.endm

/*
 * From EC in RSP to EC in RBP: time, FS base, address space. With PCIDs, the space
 * is published before its tag is read (tlb.c). Clobbers RAX, RCX, RDX, R13 … R15
 */
.macro switch_thread
	rdtsc
	shl $32, %rdx
	or  %rdx, %rax
	add %rax, EC_TIME(%rsp)
	sub %rax, EC_TIME(%rbp)
	mov EC_FS(%rbp), %eax
	mov EC_FS + 4(%rbp), %edx
	mov $MSR_FS_BASE, %ecx
	wrmsr

	mov EC_SPACE(%rbp), %r13
	cmp %gs:CPU_SPACE, %r13
	je  2f
	mov SPACE_CR3(%r13), %rcx
	test $0xfff, %ecx
	jz  1f
	mov %r13, %r14
	xchg %r14, %gs:CPU_SPACE
	mov %ecx, %r14d
	and $TLB_TAG_MASK, %r14d
	mov SPACE_TAG(%r13), %r15
	cmp %r15, %gs:CPU_TLB_TAG(, %r14, 8)
	mov %r15, %gs:CPU_TLB_TAG(, %r14, 8)
	jne 1f
	bts $63, %rcx                        /* keep what is cached */
1:	mov %r13, %gs:CPU_SPACE
	mov %rcx, %cr3
2:
.endm

	.globl entry_syscall
	.balign 64
entry_syscall:
	cmp $SYS_YIELD, %dl
	jae .Lnot_ipc
	swapgs
	mov %rsp, %gs:CPU_USER_SP
	mov %gs:CPU_CURRENT, %rsp
	save_preserved %rsp
.Lipc:
	/* window not larger than what is reserved, words ≤ 64, no capabilities */
	cmp %dh, EC_RESERVED(%rsp)
	jb  .Lslow
	cmp $65 << ABI_WORDS_SHIFT, %edx
	jae .Lslow
	test %dl, %dl
	jnz .Lreply

	/* look up the portal: name is compared first and last (cap.h) */
	mov %edi, %ebx
	mov %edi, %r13d
	and $CAP_DIR_MASK, %ebx
	shr $3, %ebx
	add EC_CAPS(%rsp), %rbx
	mov (%rbx), %rbx
	and $CAP_PAGE_MASK, %r13d
	shl $6, %r13d
	cmp %rdi, CAP_NAME(%rbx, %r13)
	jne .Lslow
	testb $RIGHT_CALL, CAP_RIGHTS(%rbx, %r13)
	jz  .Lslow
	mov CAP_OBJECT(%rbx, %r13), %r14
	cmp %rdi, CAP_NAME(%rbx, %r13)
	jne .Lslow

	/* its thread waits for calls, on this CPU; depth; FPU */
	mov PORTAL_EC(%r14), %rbp
	mov %gs:CPU_SELF, %rcx
	cmp %rcx, EC_RECEPTIVE(%rbp)
	jne .Lslow
	mov EC_DEPTH(%rsp), %ebx
	cmp $EC_DEPTH_MAX, %ebx
	jae .Lslow
	test_fpu %rbp
	jnz .Lslow

	/* commit */
	inc %ebx
	mov %ebx, EC_DEPTH(%rbp)
	mov %dh, EC_WINDOW(%rsp)
	mov %rcx, EC_RECEPTIVE(%rbp)         /* 0: not any more */
	mov EC_DONOR(%rsp), %rbx
	mov %rbx, EC_DONOR(%rbp)
	mov %rsp, EC_CALLER(%rbp)
	mov %rbp, EC_CALLEE(%rsp)
	movb $EC_CALL, EC_STATE(%rsp)
	movb $EC_RUN, EC_STATE(%rbp)
	movb $0, EC_SIGNALLED(%rbp)
	mov PORTAL_LABEL(%r14), %rdi

	/* switch from EC in RSP to EC in RBP; message in DX, SI, AX, R8 … R10 */
.Lswitch:
	mov %rbp, %gs:CPU_CURRENT
	and $0x00ff0000, %edx                /* words: no error, no signal */
	cmp $ABI_REGISTER_WORDS << ABI_WORDS_SHIFT, %edx
	ja  .Lcopy
.Lcopied:
	mov %rax, %rbx
	mov %edx, %r12d
	switch_thread
	mov %rbx, %rax
	mov %r12d, %edx
	supervisor_fast %rbp
	mov EC_IP(%rbp), %rcx
	mov EC_FLAGS(%rbp), %r11
	mov EC_SP(%rbp), %rsp
	load %rbp, rbx, r12, r13, r14, r15, rbp
	swapgs
	sysretq

	/* reply: no signal waits, and the SC that runs is the caller's */
.Lreply:
	cmpl $0, EC_PENDING(%rsp)
	jne .Lslow
	mov EC_CALLER(%rsp), %rbp
	test %rbp, %rbp
	jz  .Lslow
	mov %gs:CPU_SC, %rbx
	cmp EC_DONOR(%rsp), %rbx
	jne .Lslow
	test_fpu %rbp
	jnz .Lslow

	/* commit */
	mov %dh, EC_WINDOW(%rsp)
	mov %gs:CPU_SELF, %rbx
	mov %rbx, EC_RECEPTIVE(%rsp)
	mov %rcx, EC_CALLER(%rsp)            /* 0 */
	movb $EC_WAIT, EC_STATE(%rsp)
	movb $EC_RUN, EC_STATE(%rbp)
	cmpb %cl, EC_FAULT(%rbp)
	je  .Lswitch

	/* the caller is in a fault: it gets no message, but all its registers */
	movb %cl, EC_FAULT(%rbp)
	mov %rbp, %gs:CPU_CURRENT
	switch_thread
	mov %rbp, %rdi
	mov %gs:CPU_STACK, %rsp
	jmp .Lrestore

	/* words beyond the registers: between the message buffers */
.Lcopy:
	mov %rsi, %rbx
	mov %rdi, %r12
	mov %edx, %ecx
	shr $ABI_WORDS_SHIFT, %ecx
	sub $ABI_REGISTER_WORDS, %ecx
	mov EC_UTCB(%rsp), %rsi
	mov EC_UTCB(%rbp), %rdi
	add $UTCB_WORDS, %rsi
	add $UTCB_WORDS, %rdi
	rep movsq
	mov %rbx, %rsi
	mov %r12, %rdi
	jmp .Lcopied

.Lnot_ipc:
	swapgs
	jne .Lother
	and %gs:CPU_CONTENDED, %edx          /* all bits or none: RDX is OK */
	jne .Lother
	swapgs
	sysretq
.Lother:
	mov %rsp, %gs:CPU_USER_SP
	mov %gs:CPU_CURRENT, %rsp
	save_preserved %rsp
.Lslow:
	mov %rsp, %rbp
	save %rbp, rax, rdx, rsi, rdi, r8, r9, r10
	mov %gs:CPU_STACK, %rsp
	mov %rbp, %rdi
	call syscall_entry

	/* to user mode, whoever is to run */
	.globl entry_return
entry_return:
	cmpl $0, %gs:CPU_AGAIN
	jne .Lagain
	mov %gs:CPU_CURRENT, %rdi
.Lrestore:
	load %rdi, rax, rbx, rdx, rsi, rbp, r8, r9, r10, r12, r13, r14, r15
	supervisor_full %rdi
	cmpb $0, EC_FULL(%rdi)
	jne .Lfull
	mov EC_IP(%rdi), %rcx
	mov EC_FLAGS(%rdi), %r11
	mov EC_SP(%rdi), %rsp
	load %rdi, rdi
	swapgs
	sysretq

.Lfull:
	movb $0, EC_FULL(%rdi)
	pushq $SELECTOR_USER_DATA
	pushq EC_SP(%rdi)
	pushq EC_FLAGS(%rdi)
	pushq $SELECTOR_USER_CODE
	pushq EC_IP(%rdi)
	load %rdi, rcx, r11, rdi
	swapgs
	iretq

	/* SYSCALL of foreign code: no number tells which registers are preserved */
	.globl entry_foreign
	.balign 64
entry_foreign:
	swapgs
	mov %rsp, %gs:CPU_USER_SP
	mov %gs:CPU_CURRENT, %rsp
	save %rsp, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	save_preserved %rsp
	movb $1, EC_FULL(%rsp)
	mov %rsp, %rdi
	mov %gs:CPU_STACK, %rsp
	call context_syscall
	jmp entry_return

	supervisor_entries

/* User code may have set DF, and AC, which would suspend SMAP (SDM 3A 4.6) */
.macro kernel_flags
	pushq $2
	popfq
.endm

.Lagain:
	call sched_next
	mov %rax, %rdi
	jmp .Lrestore

	/* traps; on the stack: vector, error code, IP, CS, flags, SP, SS */
trap:
	kernel_flags
	cmpb $SELECTOR_KERNEL_CODE, 24(%rsp)
	je  .Ltrap_kernel
	swapgs
	push %rdi
	mov %gs:CPU_CURRENT, %rdi
	save %rdi, rax, rbx, rcx, rdx, rsi, rbp
	save %rdi, r8, r9, r10, r11, r12, r13, r14, r15
	pop EC_rdi(%rdi)
	pop %rsi
	pop %rdx
	pop EC_IP(%rdi)
	pop %rax
	pop EC_FLAGS(%rdi)
	pop EC_SP(%rdi)
	movb $1, EC_FULL(%rdi)
	mov %gs:CPU_STACK, %rsp
	call trap_user
	jmp entry_return

	/*
	 * Interrupt of the idle CPU, a bug, or on a stack of its own, at any
	 * moment: is GS the kernel's?
	 */
trap_any:
	kernel_flags
.Ltrap_kernel:
	.irp reg, rax, rbx, rcx, rdx, rsi, rdi, rbp
	push %\reg
	.endr
	.irp reg, r8, r9, r10, r11, r12, r13, r14, r15
	push %\reg
	.endr
	mov $MSR_GS_BASE, %ecx
	rdmsr
	xor %ebx, %ebx
	test %edx, %edx
	js  1f
	swapgs
	inc %ebx
1:	mov %rsp, %rdi
	call trap_kernel
	test %ebx, %ebx
	jz  2f
	swapgs
2:	.irp reg, r15, r14, r13, r12, r11, r10, r9, r8
	pop %\reg
	.endr
	.irp reg, rbp, rdi, rsi, rdx, rcx, rbx, rax
	pop %\reg
	.endr
	add $16, %rsp
	iretq

	/* one stub of 16 bytes for each vector */
	.globl entry_stubs
	.balign 16
entry_stubs:
	vector = 0
	.rept 256
	.balign 16
	.if vector != 8 && (vector < 10 || vector > 14) && vector != 17 \
	    && vector != 21 && vector != 29 && vector != 30
	pushq $0
	.endif
	.if vector < 128
	pushq $vector
	.else
	pushq $vector - 256                  /* one byte: see trap_vector */
	.endif
	.if vector == VECTOR_NMI || vector == VECTOR_DOUBLE_FAULT || vector == VECTOR_MACHINE_CHECK
	jmp trap_any
	.else
	jmp trap
	.endif
	vector = vector + 1
	.endr

	.section .note.GNU-stack, "", @progbits
