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
#include <core/control.h>
#include <kernel/panic.h>

/* Local */
#include "cpuid.h"
#include "init.h"

/* State components of XCR0 (SDM 1, 13.1) */
enum { STATE_X87_SSE = 0x3, STATE_AVX = 0x4, STATE_AVX512 = 0xe0 };

/* FXSAVE's image (SDM 1, table 10-2); then comes XSAVE's header */
enum { FXSAVE_SIZE = 512, FXSAVE_CONTROL = 0, FXSAVE_MXCSR = 24,
       FXSAVE_MXCSR_MASK = 28 };

/* MXCSR's bits that all CPUs have: those of a CPU that tells no mask (11.6.6) */
enum { MXCSR_BITS = 0xffbf };

static uint32_t components;
static uint32_t mxcsr_bits;     /* others are #GP */
uint32_t fpu_size = FXSAVE_SIZE;

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
		fpu_size = cpuid(0xd, 0).r[CPUID_BX];
		if (fpu_size <= PAGE_SIZE)
			return;
	}
	panic("this CPU lacks: a usable XSAVE");
}

void fpu_init(void)
{
	static _Alignas(16) uint32_t image[FXSAVE_SIZE / sizeof(uint32_t)];
	__asm__ volatile ("fxsave64 (%0)" :: "r" (image) : "memory");
	uint32_t const mask = image[FXSAVE_MXCSR_MASK / sizeof *image];
	mxcsr_bits = mask ? mask : MXCSR_BITS;

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

/** What was written is loaded without #GP, and counts: in XSAVE's header */
static void accept(void *state, uint32_t written)
{
	uint32_t *const word = state;
	word[FXSAVE_MXCSR / sizeof *word] &= mxcsr_bits;
	word[FXSAVE_SIZE / sizeof *word]  |= components & written;
}

void fpu_import(void *state, void const *image)
{
	memcpy(state, image, FXSAVE_SIZE);
	accept(state, STATE_X87_SSE);
}

void fpu_line(void *line, void const *state, uint64_t offset)
{
	memset(line, 0, KERNEL_FPU_LINE);
	if (state)
		memcpy(line, (char const *)state + offset, KERNEL_FPU_LINE);
	else if (!offset)
		fpu_state_init(line);
}

/** What was never saved is 0: the initial state of all but the first line */
void fpu_set_line(void *state, uint64_t offset, void const *line)
{
	if (offset == FXSAVE_SIZE)
		return;
	memcpy((char *)state + offset, line, KERNEL_FPU_LINE);
	accept(state, components);
}
