/* SPDX-License-Identifier: MIT */
/*
 * Kernel that only pretends: it prints MESSAGE on COM1 and does END
 *
 * It starts by PVH (QEMU's -kernel) and by multiboot2 (GRUB), in 32-bit mode
 * without paging, and never sets up anything.  END is one of halt, triple
 * (fault), reset, off, leave (isa-debug-exit with value 21) and echo (sends
 * back what comes in).
 */

#define COM1   0x3f8

	.section .note.pvh, "a", @note
	.long 4, 4, 18                  /* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long start

	.section .head, "a"
	.balign 8
multiboot2:
	.long 0xe85250d6, 0, end_of_header - multiboot2
	.long -(0xe85250d6 + 0 + (end_of_header - multiboot2))
	.short 0, 0
	.long 8
end_of_header:

	.text
	.code32
	.globl start
start:
	mov $stack, %esp
	mov $message, %esi
boot_start64:                           /* where a debugger begins */
1:	lodsb
	test %al, %al
	jz END
	call put
	jmp 1b

put:                                    /* send %al */
	mov %al, %bl
	mov $COM1 + 5, %edx
1:	pause
	in %dx, %al
	test $0x20, %al
	jz 1b
	mov %bl, %al
	mov $COM1, %edx
	out %al, %dx
	ret

echo:
	mov $COM1 + 5, %edx
1:	pause
	in %dx, %al
	test $1, %al
	jz 1b
	mov $COM1, %edx
	in %dx, %al
	call put
	jmp echo

leave:
	mov $21, %eax
	out %eax, $0xf4
	jmp halt

reset:
	mov $6, %al
	mov $0xcf9, %edx
	out %al, %dx
	jmp halt

off:                                    /* PIIX4 power management, S5 */
	mov $0x80000000 | (1 << 11) | (3 << 8) | 0x40, %eax
	mov $0xcf8, %edx
	out %eax, %dx
	mov $0xcfc, %edx
	mov $0x601, %eax
	out %eax, %dx                   /* registers at port 0x600 */
	mov $0x80000000 | (1 << 11) | (3 << 8) | 0x80, %eax
	mov $0xcf8, %edx
	out %eax, %dx
	mov $0xcfc, %edx
	mov $1, %al
	out %al, %dx                    /* switched on */
	mov $0x2000, %ax
	mov $0x604, %edx
	out %ax, %dx
	jmp halt

triple:
	lidt no_idt
	int3

halt:
	cli
1:	hlt
	jmp 1b

no_idt:
	.short 0
	.long 0

message:
	.asciz MESSAGE

	.bss
	.space 256
stack:
	.section .note.GNU-stack, "", @progbits
