/* SPDX-License-Identifier: MIT */
/* Misdeeds that the CPU notices: the thread must stop there */

#include <base/heap.h>
#include <session/rm.h>
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
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): on purpose */
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

static enum error wild_address(struct env *env)
{
	/* load of a non-canonical address: #GP rather than #PF */
	(void)*(int volatile *)0xdead000000000000ul;
	return ERROR_OK;
}

/** Each frame is used by the next call, so that none can be left out */
static __attribute__((noinline)) uint64_t deep(uint64_t volatile *caller, uint64_t n)
{
	uint64_t volatile frame[64] = { 0 };
	frame[n % 64] = n + caller[0];
	uint64_t const below = n ? deep(frame, n - 1) : 0;
	return frame[n % 64] + below;
}

static enum error stack_overflow(struct env *env)
{
	uint64_t volatile start = 0;
	return deep(&start, 1ul << 40) ? ERROR_OK : ERROR_GONE;
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

static enum error control_register(struct env *env)
{
	__asm__ volatile ("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
	return ERROR_OK;
}

static enum error model_register(struct env *env)
{
	/* LSTAR: where system calls go */
	__asm__ volatile ("wrmsr" : : "a"(0), "d"(0), "c"(0xc0000082));
	return ERROR_OK;
}

static enum error swap_gs(struct env *env)
{
	__asm__ volatile ("swapgs");
	return ERROR_OK;
}

static enum error kernel_selector(struct env *env)
{
	/* return to the kernel's code segment, to a good address */
	__asm__ volatile ("pushq $0x8; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
		: : : "rax", "memory");
	return ERROR_OK;
}

static enum error kernel_iret(struct env *env)
{
	__asm__ volatile ("mov %%rsp, %%rax; pushq $0x10; push %%rax; pushf;"
		"pushq $0x8; lea 1f(%%rip), %%rax; push %%rax; iretq; 1:"
		: : : "rax", "memory");
	return ERROR_OK;
}

static enum error gate(struct env *env)
{
	/* double fault, as if it were the CPU that calls it */
	__asm__ volatile ("int $8");
	return ERROR_OK;
}

static enum error sysenter(struct env *env)
{
	__asm__ volatile ("sysenter" : : : "rcx", "rdx", "memory");
	return ERROR_OK;
}

static enum error x87(struct env *env)
{
	static uint16_t const control = 0x37f & ~4u;
	__asm__ volatile ("fninit; fldcw %0; fld1; fldz; fdivrp; fwait"
		: : "m"(control));
	return ERROR_OK;
}

static enum error nested_task(struct env *env)
{
	/* the flag makes IRET fail where it is not cleared */
	__asm__ volatile ("pushf; orq $0x4000, (%%rsp); popf; mov $2, %%edx; syscall;"
		"mov $0x4000000, %%ecx; 1: dec %%ecx; jnz 1b; ud2"
		: : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
		      "memory");
	return ERROR_OK;
}

static enum error stack_syscall(struct env *env)
{
	/* the kernel must not touch the stack of a system call's caller */
	__asm__ volatile ("mov $0x800000000000, %%rsp; mov $2, %%edx; syscall;"
		"mov $65 << 16, %%edx; syscall; ud2"
		: : : "memory");
	return ERROR_OK;
}

static enum error detach_self(struct env *env)
{
	error_ignore(rm_detach(env->rm, (uint64_t)(void *)detach_self),
	             "there is no way back");
	return ERROR_OK;
}

static enum error free_self(struct env *env)
{
	dataspace_cap_t ds;
	void *at;
	enum error error = ram_alloc(env, 4096, &ds);
	if (!error)
		error = ram_attach(env, ds, true, &at);
	if (error)
		return error;
	*(uint32_t volatile *)at = 1;
	ram_free(env, ds);
	*(uint32_t volatile *)at = 2;
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
	{ "wild_address", wild_address }, { "stack_overflow", stack_overflow },
	{ "stack_nowhere", stack_nowhere }, { "trap_flag", trap_flag },
	{ "single_step_syscall", single_step_syscall },
	{ "control_register", control_register },
	{ "model_register", model_register }, { "swap_gs", swap_gs },
	{ "kernel_selector", kernel_selector }, { "kernel_iret", kernel_iret },
	{ "gate", gate }, { "sysenter", sysenter },
	{ "x87", x87 }, { "nested_task", nested_task },
	{ "stack_syscall", stack_syscall }, { "detach_self", detach_self },
	{ "free_self", free_self }, { "endless", endless },
};
unsigned const n_fault_misdeeds = sizeof fault_misdeeds / sizeof *fault_misdeeds;
