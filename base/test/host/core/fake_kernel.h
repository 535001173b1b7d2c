/* SPDX-License-Identifier: MIT */
/**
 * A kernel for core on the host: it keeps books and checks them
 *
 * Names are small numbers. Each domain has a pool whose memory is counted, so
 * that core has to donate. Frames that the kernel or a mapping uses must not be
 * free in core's allocator; fake_check says whether that holds.
 */
#pragma once

#include <base/cap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAKE_RAM = 32 << 20, FAKE_BASE = 0x100000 };

/** Begin anew with this boot image (may be NULL) at the end of RAM */
void fake_reset(void const *image, size_t size);

/** Frame mapped at 'virt' in a domain; 0: none */
uint64_t fake_mapped(cap_t pd, uint64_t virt, unsigned *flags);

/** Size of the largest mapping that was asked for */
uint64_t fake_largest(void);

/** Number of kernel objects and mappings that are left */
unsigned fake_objects(void);
unsigned fake_mappings(void);

/** Times a thread was resumed, a signal submitted */
unsigned fake_unparked(void), fake_submitted(void);

/** Whether callers see AGAIN when core has done a part of its work */
void fake_stepwise(bool on);

/** What others do while core has done a part of its work; NULL: nothing */
void fake_between(void (*others)(void));

/** Let it take so many steps to destroy an object */
void fake_heavy(cap_t object, unsigned steps);

/** Label of a portal or a thread's faults */
uint64_t fake_label(cap_t portal);

/** Let core handle a fault of a kernel's thread; whether it goes on */
bool fake_fault(cap_t thread, uint64_t vector, uint64_t address,
                uint64_t error_code);

/** The same, once: it may have to fault again, as core goes on in steps */
bool fake_fault_once(cap_t thread, uint64_t vector, uint64_t address,
                     uint64_t error_code);

/** Percent of the CPU that a group was given, and all of them */
unsigned fake_quota(unsigned group), fake_quotas(void);

/** An object that is not core's: a signal, or a foreign portal */
cap_t fake_foreign(void);

/** False: a frame is free although it is used */
bool fake_check(void);
