/* SPDX-License-Identifier: MIT */
/* Misdeeds that the CPU notices: the thread must stop there */

#include "culprit.h"

static enum error divide(struct env *env)
{
	unsigned volatile zero = 0;
	__asm__ volatile ("divl %0" : : "r"(zero), "a"(1), "d"(0) : "cc");
	return ERROR_OK;
}

static enum error read_null(struct env *env)
{
	int volatile *volatile p = NULL;
	(void)*p;
	return ERROR_OK;
}

static enum error write_text(struct env *env)
{
	*(char volatile *)(void *)write_text = 0;
	return ERROR_OK;
}

static enum error jump(struct env *env)
{
	__asm__ volatile ("call *%0" : : "r"(0x123456789000ul) : "memory");
	return ERROR_OK;
}

static enum error execute_data(struct env *env)
{
	static unsigned char code[] = { 0xc3 };
	__asm__ volatile ("call *%0" : : "r"(code) : "memory");
	return ERROR_OK;
}

static enum error noncanonical(struct env *env)
{
	/* return to an address that is none: #GP or #SS, in user mode */
	__asm__ volatile ("push %0; ret" : : "r"(0x800000000000ul) : "memory");
	return ERROR_OK;
}

static enum error kernel_read(struct env *env)
{
	(void)*(int volatile *)0xffffffff80100000ul;
	return ERROR_OK;
}

static enum error kernel_write(struct env *env)
{
	*(int volatile *)0xffff800000000000ul = 1;
	return ERROR_OK;
}

static enum error kernel_jump(struct env *env)
{
	__asm__ volatile ("call *%0" : : "r"(0xffffffff80100000ul) : "memory");
	return ERROR_OK;
}

static enum error invalid_opcode(struct env *env)
{
	__asm__ volatile ("ud2");
	return ERROR_OK;
}

static enum error privileged(struct env *env)
{
	__asm__ volatile ("cli; hlt");
	return ERROR_OK;
}

static enum error io(struct env *env)
{
	__asm__ volatile ("outb %b0, %w1" : : "a"(0xfe), "d"(0x64));
	return ERROR_OK;
}

static enum error interrupt(struct env *env)
{
	__asm__ volatile ("int $0x20");
	return ERROR_OK;
}

static enum error breakpoint(struct env *env)
{
	__asm__ volatile ("int3");
	return ERROR_OK;
}

static enum error alignment(struct env *env)
{
	/* load of a non-canonical address: #GP rather than #PF */
	(void)*(int volatile *)0xdead000000000000ul;
	return ERROR_OK;
}

static uint64_t deep(uint64_t n)
{
	uint64_t volatile frame[64];
	frame[n % 64] = n;
	return frame[n % 64] + (n ? deep(n - 1) : 0) + frame[0] * 0;
}

static enum error stack_overflow(struct env *env)
{
	return deep(1ul << 40) ? ERROR_OK : ERROR_GONE;
}

static enum error stack_nowhere(struct env *env)
{
	__asm__ volatile ("mov $0x5000, %%rsp; push %%rax" : : : "memory");
	return ERROR_OK;
}

static enum error trap_flag(struct env *env)
{
	__asm__ volatile ("pushf; orq $0x100, (%%rsp); popf; nop" : : : "memory");
	return ERROR_OK;
}

static enum error single_step_syscall(struct env *env)
{
	/* the trap flag must not survive into the kernel */
	__asm__ volatile ("pushf; orq $0x100, (%%rsp); popf; mov $2, %%edx; syscall"
		: : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
		      "memory");
	return ERROR_OK;
}

static enum error endless(struct env *env)
{
	bool volatile forever = true;
	while (forever)
		__asm__ volatile ("");
	return ERROR_OK;
}

struct misdeed const fault_misdeeds[] = {
	{ "divide", divide }, { "null", read_null }, { "write_text", write_text },
	{ "jump", jump }, { "execute_data", execute_data },
	{ "noncanonical", noncanonical }, { "kernel_read", kernel_read },
	{ "kernel_write", kernel_write }, { "kernel_jump", kernel_jump },
	{ "invalid_opcode", invalid_opcode }, { "privileged", privileged },
	{ "io", io }, { "interrupt", interrupt }, { "breakpoint", breakpoint },
	{ "alignment", alignment }, { "stack_overflow", stack_overflow },
	{ "stack_nowhere", stack_nowhere }, { "trap_flag", trap_flag },
	{ "single_step_syscall", single_step_syscall }, { "endless", endless },
};
unsigned const n_fault_misdeeds = sizeof fault_misdeeds / sizeof *fault_misdeeds;
