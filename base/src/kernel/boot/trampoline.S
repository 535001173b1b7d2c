/* SPDX-License-Identifier: MIT */
/**
 * Where other CPUs start: copied to a page below 1 MiB, in real mode
 *
 * The start-up interrupt sets CS = page >> 4 and IP = 0 (SDM 3A 9.4.3), so all
 * addresses are relative to the page; only the descriptor table's own address
 * depends on it, and is taken from CS.
 */
	.section .rodata.trampoline, "a"
	.code16
	.globl trampoline_start, trampoline_end
	.balign 16
trampoline_start:
	cli
	movw %cs, %ax
	movw %ax, %ds
	movzwl %ax, %eax
	shll $4, %eax
	addl $(gdt - trampoline_start), %eax
	movl %eax, gdt_pointer + 2 - trampoline_start
	lgdtl gdt_pointer - trampoline_start
	movl %cr0, %eax
	andl $0x9fffffff, %eax         /* caches on: CD, NW are set by INIT */
	orl  $1, %eax
	movl %eax, %cr0
	movw $0x10, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	ljmpl $0x08, $boot_ap32

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff       /* code, 32 bit, as boot_gdt */
	.quad 0x00cf93000000ffff       /* data */
gdt_pointer:
	.word gdt_pointer - gdt - 1
	.long 0
trampoline_end:
