/* SPDX-License-Identifier: MIT */
/**
 * FPU state: x87, SSE, and with XSAVE what fits into a page of AVX, AVX-512
 *
 * SDM 1, chapter 13. The choice is made by the boot CPU and holds for all.
 */

/* Public */
#include <util/minmax.h>
#include <util/string.h>

/* Internal */
#include <kernel/panic.h>

/* Local */
#include "cpuid.h"
#include "init.h"

/* State components of XCR0 (SDM 1, 13.1) */
enum { STATE_X87_SSE = 0x3, STATE_AVX = 0x4, STATE_AVX512 = 0xe0 };

/* FXSAVE's image (SDM 1, table 10-2) */
enum { FXSAVE_SIZE = 512, FXSAVE_CONTROL = 0, FXSAVE_MXCSR = 24 };

/* MXCSR's bits that all CPUs have (10.2.3); others are #GP, as DAZ may be */
enum { MXCSR_BITS = 0xffbf };

static uint32_t components;

static void xcr0_write(uint32_t value)
{
	__asm__ volatile ("xsetbv" :: "c" (0), "a" (value), "d" (0));
}

/** Most components whose state fits into a page: each set contains the next */
static void choose(void)
{
	static uint32_t const sets[] = {
		STATE_X87_SSE | STATE_AVX | STATE_AVX512,
		STATE_X87_SSE | STATE_AVX, STATE_X87_SSE };
	uint32_t const offered = cpuid(0xd, 0).r[CPUID_AX];

	for (unsigned i = 0; i < array_length(sets); i++) {
		if (sets[i] & ~offered)
			continue;
		xcr0_write(sets[i]);
		components = sets[i];
		if (cpuid(0xd, 0).r[CPUID_BX] <= PAGE_SIZE)
			return;
	}
	panic("this CPU lacks: a usable XSAVE");
}

void fpu_init(void)
{
	if (cpu_features.xsave && !components)
		choose();
	if (components)
		xcr0_write(components);
	fpu_disable();
}

void fpu_state_init(void *state)
{
	/* All exceptions masked: SDM 1, 8.1.5 and 10.2.3 */
	uint16_t const control = 0x037f;
	uint32_t const mxcsr   = 0x1f80;
	memcpy((char *)state + FXSAVE_CONTROL, &control, sizeof control);
	memcpy((char *)state + FXSAVE_MXCSR, &mxcsr, sizeof mxcsr);
}

void fpu_save(void *state)
{
	if (components)
		__asm__ volatile ("xsave64 (%0)" :: "r" (state),
		                  "a" (components), "d" (0) : "memory");
	else
		__asm__ volatile ("fxsave64 (%0)" :: "r" (state) : "memory");
}

void fpu_load(void const *state)
{
	if (components)
		__asm__ volatile ("xrstor64 (%0)" :: "r" (state),
		                  "a" (components), "d" (0) : "memory");
	else
		__asm__ volatile ("fxrstor64 (%0)" :: "r" (state) : "memory");
}

/** In XSAVE's header, what was taken over does not have its initial state */
void fpu_import(void *state, void const *image)
{
	uint32_t mxcsr;
	memcpy(state, image, FXSAVE_SIZE);
	memcpy(&mxcsr, (char *)state + FXSAVE_MXCSR, sizeof mxcsr);
	mxcsr &= MXCSR_BITS;
	memcpy((char *)state + FXSAVE_MXCSR, &mxcsr, sizeof mxcsr);
	if (components)
		((char *)state)[FXSAVE_SIZE] |= STATE_X87_SSE;
}
