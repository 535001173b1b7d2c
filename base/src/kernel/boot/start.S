/* SPDX-License-Identifier: MIT */
/**
 * First instructions: from 32-bit protected mode without paging to C
 *
 * Two entries that differ in what EBX points to; other CPUs join at boot_ap32.
 * The tables made here map the first 4 GiB one to one, at 0, at the direct map
 * and, as far as it goes, at the image's address. They are given up by the boot
 * CPU in direct_map.c, and by each other CPU below.
 */
#include <base/internal/abi.h>
#include <kernel/layout.h>

#define CR0_PE   (1 << 0)
#define CR0_WP   (1 << 16)
#define CR0_PG   (1 << 31)
#define CR4_PAE  (1 << 5)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)

/* Segments of boot_gdt */
#define BOOT_CODE32 0x08
#define BOOT_CODE64 0x18
#define BOOT_DATA   0x10

/* Multiboot2 header: Multiboot2 specification 1.6, 3.1.1 */
#define MULTIBOOT2_MAGIC   0xe85250d6
#define MULTIBOOT2_LOADED  0x36d76289   /* 3.2: EAX at entry */

	.section .boot.header, "a"
	.balign 8
multiboot2_header:
	.long MULTIBOOT2_MAGIC
	.long 0                          /* i386, protected mode */
	.long multiboot2_end - multiboot2_header
	.long -(MULTIBOOT2_MAGIC + 0 + (multiboot2_end - multiboot2_header))
	.balign 8
	.word 6, 0                       /* modules page-aligned, 3.1.11 */
	.long 8
	.balign 8
	.word 0, 0                       /* end */
	.long 8
multiboot2_end:

/* Xen public/elfnote.h: entry for PVH, 32-bit physical address */
#define XEN_ELFNOTE_PHYS32_ENTRY 18
	.section .boot.note, "a", @note
	.balign 4
	.long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.quad boot_pvh

	/* version of the system-call ABI: readelf -n */
	.balign 4
	.long 7, 4, 1
	.asciz "Ashlar"
	.balign 4
	.long ABI_VERSION

	.section .boot.text, "ax"
	.code32

/* Multiboot2: EBX = information structure */
	.globl boot_multiboot2
boot_multiboot2:
	cmpl $MULTIBOOT2_LOADED, %eax
	movl $text_loader, %esi
	jne  boot_failed
	movl $1, %edi
	jmp  boot_cpu

/* PVH (Xen docs/misc/pvh.pandoc): EBX = struct hvm_start_info */
	.globl boot_pvh
boot_pvh:
	xorl %edi, %edi

boot_cpu:
	cli
	cld
	movl $boot_stack_end, %esp
	rdtsc
	movl %eax, boot_tsc
	movl %edx, boot_tsc + 4
	movl %ebx, %ebp

	/* CPUID 80000001h EDX: bit 29 long mode, bit 20 no-execute (SDM 2A) */
	movl $0x80000000, %eax
	cpuid
	movl $text_long_mode, %esi
	cmpl $0x80000001, %eax
	jb   boot_failed
	movl $0x80000001, %eax
	cpuid
	btl  $29, %edx
	jnc  boot_failed
	movl $text_nx, %esi
	btl  $20, %edx
	jnc  boot_failed

	/* four directories of 2 MiB pages: present, writable, large */
	movl $boot_pd, %edx
	movl $0x83, %eax
1:	movl %eax, (%edx)
	movl $0, 4(%edx)
	addl $8, %edx
	addl $0x200000, %eax
	jnc  1b
	movl $boot_pd + 0x003, boot_pdpt
	movl $boot_pd + 0x1003, boot_pdpt + 8
	movl $boot_pd + 0x2003, boot_pdpt + 16
	movl $boot_pd + 0x3003, boot_pdpt + 24
	movl $boot_pd + 0x003, boot_pdpt_image + 510 * 8
	movl $boot_pdpt + 3, boot_pml4
	movl $boot_pdpt + 3, boot_pml4 + 256 * 8
	movl $boot_pdpt_image + 3, boot_pml4 + 511 * 8
	call boot_long_mode
	ljmp $BOOT_CODE64, $1f
	.code64
1:	movabs $boot_start64, %rax
	jmp  *%rax
	.code32

/* Another CPU, from the trampoline: flat segments, no stack */
	.globl boot_ap32
boot_ap32:
	movl $boot_ap_stack_end, %esp
	/* many come at a time: one after the other */
1:	lock btsl $0, boot_ap_lock - KERNEL_IMAGE_BASE
	jnc  2f
	pause
	jmp  1b
2:	call boot_long_mode
	ljmp $BOOT_CODE64, $3f
	.code64
3:	movabs $boot_ap64, %rax
	jmp  *%rax
	.code32

/*
 * Our own segments come first: the loader's CS may have the L bit set, and then
 * this would be 64-bit code the moment that long mode is on.
 */
boot_long_mode:
	lgdt boot_gdt_pointer
	ljmp $BOOT_CODE32, $1f
1:	movl $BOOT_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $boot_pml4, %eax
	movl %eax, %cr3
	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $MSR_EFER, %ecx
	rdmsr
	orl  $(EFER_LME | EFER_NXE), %eax
	wrmsr
	movl $(CR0_PG | CR0_WP | CR0_PE), %eax
	movl %eax, %cr0
	ret

/* Write the text at ESI to COM1 and stop */
boot_failed:
	movl $0x3fd, %edx              /* line status: bit 5, holding empty */
	movl $100000, %ecx
1:	inb  %dx, %al
	pause
	testb $0x20, %al
	loopz 1b
	lodsb
	movl $0x3f8, %edx
	testb %al, %al
	jz   2f
	outb %al, %dx
	jmp  boot_failed
2:	cli
	hlt
	jmp  2b

text_loader:    .asciz "panic: not started by a Multiboot2 loader\n"
text_long_mode: .asciz "panic: this CPU has no 64-bit mode\n"
text_nx:        .asciz "panic: this CPU has no no-execute bit (NX)\n"

	.section .text.boot, "ax"
	.code64
boot_start64:
	movq $boot_stack_end + KERNEL_IMAGE_BASE, %rsp
	movl %edi, %edi                /* how, and what we were told */
	movl %ebp, %esi
	movq boot_tsc, %rdx
	xorl %ebp, %ebp
	call boot_main
	ud2

/* APIC id in EDX: CPUID 0Bh if there, else 01h EBX[31:24] (SDM 3A 9.4.5) */
boot_ap64:
	xorl %eax, %eax
	cpuid
	cmpl $0xb, %eax
	jb   1f
	movl $0xb, %eax
	xorl %ecx, %ecx
	cpuid
	testl %ebx, %ebx
	jnz  2f
1:	movl $1, %eax
	cpuid
	shrl $24, %ebx
	movl %ebx, %edx
2:
	/* its struct cpu is the one with this number */
	xorl %ecx, %ecx
3:	cmpl $CPUS_MAX, %ecx
	jae  5f
	movq cpu_table(, %rcx, 8), %rdi
	addl $1, %ecx
	testq %rdi, %rdi
	jz   3b
	cmpl CPU_APIC_ID(%rdi), %edx
	jne  3b

	movq boot_root, %rax
	movq %rax, %cr3
	movq CPU_STACK(%rdi), %rsp
	movl $0, boot_ap_lock
	xorl %ebp, %ebp
	call boot_ap_main
	ud2

5:	/* not wanted: let the next one try */
	movl $0, boot_ap_lock
6:	cli
	hlt
	jmp  6b

/* boot_switch(root, stack, function): leave the tables and stack of the start */
	.globl boot_switch
boot_switch:
	movq %rdi, %cr3
	movq %rsi, %rsp
	xorl %ebp, %ebp
	call *%rdx
	ud2

	.section .data.boot, "aw"
	.balign 8
boot_ap_lock:
	.long 0

	.section .boot.data, "aw"
	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff       /* code, 32 bit (SDM 3A 3.4.5) */
	.quad 0x00cf93000000ffff       /* data */
	.quad 0x00af9b000000ffff       /* code, 64 bit */
boot_gdt_pointer:
	.word boot_gdt_pointer - boot_gdt - 1
	.long boot_gdt, 0
	.balign 8
boot_tsc:
	.quad 0

	.section .boot.bss, "aw", @nobits
	.balign 4096
boot_pml4:       .skip 4096
boot_pdpt:       .skip 4096
boot_pdpt_image: .skip 4096
boot_pd:         .skip 4 * 4096
boot_stack:      .skip 4096 * 2
boot_stack_end:
boot_ap_stack:   .skip 64
boot_ap_stack_end:
