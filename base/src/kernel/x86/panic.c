/* SPDX-License-Identifier: MIT */
/**
 * The end: the first CPU to panic speaks, all others are stopped by an NMI
 */

/* Internal */
#include <kernel/cpu.h>
#include <kernel/panic.h>
#include <kernel/vector.h>

/* Local */
#include "init.h"

/** 0: all is well, else 1 + APIC id of the CPU that speaks */
static uint32_t speaker;

static _Noreturn void stop(void)
{
	for (;;)
		__asm__ volatile ("cli; hlt");
}

/** One CPU gets beyond this, once */
static void begin(void)
{
	uint32_t expected = 0;
	uint32_t const self = 1 + cpu_own_apic_id();
	if (!__atomic_compare_exchange_n(&speaker, &expected, self, false,
	                                 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		stop();
	apic_send_nmi_others();
	console_print("panic: ");
}

void panic(char const *format, ...)
{
	begin();
	va_list arguments;
	va_start(arguments, format);
	console_vprint(format, arguments);
	va_end(arguments);
	console_put('\n');
	stop();
}

void panic_trap(struct trap_frame const *f)
{
	uint64_t cr2, cr3;
	__asm__ volatile ("mov %%cr2, %0; mov %%cr3, %1" : "=r" (cr2), "=r" (cr3));
	begin();
	console_print("exception %lu, error %lx, at %lx (APIC id %u)\n",
	              f->vector, f->error_code, f->ip, speaker - 1);
	console_print("  ax %016lx bx %016lx cx %016lx dx %016lx\n",
	              f->ax, f->bx, f->cx, f->dx);
	console_print("  si %016lx di %016lx bp %016lx sp %016lx\n",
	              f->si, f->di, f->bp, f->sp);
	console_print("  r8 %016lx r9 %016lx 10 %016lx 11 %016lx\n",
	              f->r8, f->r9, f->r10, f->r11);
	console_print("  12 %016lx 13 %016lx 14 %016lx 15 %016lx\n",
	              f->r12, f->r13, f->r14, f->r15);
	console_print("  cs %04lx ss %04lx flags %lx cr2 %lx cr3 %lx\n",
	              f->cs, f->ss, f->flags, cr2, cr3);
	stop();
}

void panic_nmi(struct trap_frame const *f)
{
	static uint32_t count;
	if (__atomic_load_n(&speaker, __ATOMIC_ACQUIRE))
		stop();
	uint32_t const n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
	console_print("kernel: NMI %u at %lx\n", n, f->ip);
}
