/* SPDX-License-Identifier: MIT */
/**
 * First instructions: from 32-bit protected mode without paging to C
 *
 * Two entries that differ in what EBX points to; other CPUs join from real mode.
 * The tables here map the first 4 GiB one to one, at 0, at the direct map and,
 * as far as it goes, at the image's address. They are given up by the boot CPU in
 * boot_switch, and by each other CPU in boot_ap64.
 */
#include <kernel/layout.h>
#include <offsets.inc>

#define CR0_PE   (1 << 0)
#define CR0_WP   (1 << 16)
#define CR0_PG   (1 << 31)
#define CR4_PAE  (1 << 5)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)

/* EDX of leaf 80000001h (SDM 2A, CPUID) */
#define CPUID_NX        (1 << 20)
#define CPUID_LONG_MODE (1 << 29)

/* Entries of page tables: present, writable (SDM 3A 4.5.4) */
#define TABLE      0x03
#define LARGE_PAGE 0x83

/* EDI: who comes; the first two are known to boot_main */
#define BOOT_BY_PVH        0
#define BOOT_BY_MULTIBOOT2 1
#define BOOT_AP            2

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
	movl $BOOT_BY_MULTIBOOT2, %edi
	jmp  boot_cpu

/* PVH (Xen docs/misc/pvh.pandoc): EBX = struct hvm_start_info */
	.globl boot_pvh
boot_pvh:
	movl $BOOT_BY_PVH, %edi

boot_cpu:
	cli
	cld
	rdtsc
	movl %eax, boot_tsc
	movl %edx, boot_tsc + 4
	movl %ebx, %ebp

	movl $0x80000000, %eax
	cpuid
	movl $text_long_mode, %esi
	cmpl $0x80000001, %eax
	jb   boot_failed
	movl $0x80000001, %eax
	cpuid
	andl $CPUID_LONG_MODE | CPUID_NX, %edx
	cmpl $CPUID_LONG_MODE | CPUID_NX, %edx
	jne  boot_failed

	/* the loader's CS may have the L bit set, which would count in long mode */
	lgdt boot_gdt_pointer
	ljmp $BOOT_CODE32, $boot_long_mode

/* All CPUs: EDI says what follows, there is no stack */
boot_long_mode:
	movl $BOOT_DATA, %eax
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
	ljmp $BOOT_CODE64, $1f
	.code64
1:	movabs $boot_start64, %rax
	jmp  *%rax
	.code32

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
text_long_mode: .asciz "panic: this CPU has no 64-bit mode with NX bit\n"

	.section .text.boot, "ax"
	.code64
boot_start64:
	cmpl $BOOT_AP, %edi
	je   boot_ap64
	movq $boot_stack_end + KERNEL_IMAGE_BASE, %rsp
	movl %edi, %edi                /* how, and what we were told */
	movl %ebp, %esi
	movq boot_tsc, %rdx
	xorl %ebp, %ebp
	call boot_main
	ud2

boot_ap64:
	xorl %edi, %edi
	xchgq boot_next, %rdi
	testq %rdi, %rdi
	jz   1f
	movq page_table_kernel + SPACE_CR3, %rax
	movq %rax, %cr3
	movq CPU_STACK(%rdi), %rsp
	xorl %ebp, %ebp
	call boot_ap_main
	ud2

1:	cli                            /* not wanted any more */
	hlt
	jmp  1b

/* boot_switch(root, stack, function): leave the tables and stack of the start */
	.globl boot_switch
boot_switch:
	movq %rdi, %cr3
	movq %rsi, %rsp
	xorl %ebp, %ebp
	call *%rdx
	ud2

/*
 * Where other CPUs start: copied to a page below 1 MiB, in real mode. The start-up
 * interrupt sets CS = page >> 4 and IP = 0 (SDM 3A 9.4.3), so that addresses are
 * relative to the page.
 */
	.section .rodata.trampoline, "a"
	.code16
	.globl trampoline_start, trampoline_end
trampoline_start:
	cli
	movw %cs, %ax
	movw %ax, %ds
	movl $BOOT_AP, %edi
	lgdtl trampoline_gdt - trampoline_start
	movl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl $BOOT_CODE32, $boot_long_mode
trampoline_gdt:
	.word boot_gdt_pointer - boot_gdt - 1
	.long boot_gdt
trampoline_end:

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

	.balign 4096
boot_pml4:
	.quad boot_pdpt + TABLE
	.org  boot_pml4 + 256 * 8
	.quad boot_pdpt + TABLE
	.org  boot_pml4 + 511 * 8
	.quad boot_pdpt_image + TABLE
boot_pdpt:
	.quad boot_pd + TABLE, boot_pd + 0x1000 + TABLE
	.quad boot_pd + 0x2000 + TABLE, boot_pd + 0x3000 + TABLE
	.org  boot_pdpt + 4096
boot_pdpt_image:
	.org  boot_pdpt_image + 510 * 8
	.quad boot_pd + TABLE
	.org  boot_pdpt_image + 4096
boot_pd:
	.set  page, 0
	.rept 4 * 512
	.quad page + LARGE_PAGE
	.set  page, page + 0x200000
	.endr

	.section .boot.bss, "aw", @nobits
	.balign 4096
	.skip 4096 * 2
boot_stack_end:
