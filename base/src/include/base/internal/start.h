/* SPDX-License-Identifier: MIT */
/**
 * How components start: core to 'ld'; the address-space layout
 */
#pragma once

#include <base/internal/boot.h>

/* Layout of a component: below ATTACH_BASE are things that core places */
#define LAYOUT_NULL_END     0x0000000000010000UL /* never attached */
#define LAYOUT_LD_BASE      0x0000000000200000UL /* 'ld' is linked here */
#define LAYOUT_UTCB_BASE    0x0000000000380000UL /* first thread's UTCB … */
#define LAYOUT_UTCB_MAX     64                   /* … one page a thread */
#define LAYOUT_STACK_BASE   0x00000000003d0000UL /* guard, then first stack */
#define LAYOUT_ATTACH_BASE  0x0000000000400000UL /* placed by the region map */
#define LAYOUT_ATTACH_END   0x00007f0000000000UL
#define LAYOUT_TRACE_BASE   0x00007f8000000000UL /* trace buffers … */
#define LAYOUT_TRACE_SIZE   0x0000000000010000UL /* … one slot a UTCB */

/**
 * First message of a component: words in the UTCB of its first thread, in this
 * order, when 'ld' is entered with RDI = the UTCB's address
 */
enum start_word {
	START_PARENT,     /* cap_t: the parent interface */
	START_PD,         /* cap_t: own PD session */
	START_CPU,        /* cap_t: own CPU session */
	START_LOG,        /* cap_t: own LOG session */
	START_BINARY,     /* cap_t: ROM session of the program */
	START_THREAD,     /* cap_t: first thread */
	START_TSC_HZ,     /* ticks a second */
	START_SEED,       /* entropy for hashes and the like */
	START_N_CPUS,     /* CPUs of the affinity space */
	START_WORDS,
};

/** Label of the signal by which the parent asks for attention (pd_attention) */
enum { ATTENTION_LABEL = 1 };
