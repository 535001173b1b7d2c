/* SPDX-License-Identifier: MIT */
/**
 * Reset of the machine, in the ways that PCs know, one after the other
 */

/* Internal */
#include <kernel/cpu.h>
#include <kernel/panic.h>
#include <kernel/port.h>
#include <kernel/timer.h>

/* Local */
#include "init.h"

/* Reset control register of PCI chipsets (Intel 82371SB data sheet, 2.5.5) */
enum { RESET_CONTROL = 0xcf9, RESET_HARD = 0x02, RESET_NOW = 0x04 };

/* Keyboard controller: pulse output line 0 (Intel 8042 data sheet) */
enum { KEYBOARD_COMMAND = 0x64, KEYBOARD_PULSE_RESET = 0xfe };

enum { WAIT_US = 10000 };

void machine_reset(void)
{
	port_out8(RESET_CONTROL, RESET_HARD);
	port_out8(RESET_CONTROL, RESET_HARD | RESET_NOW);
	timer_wait(WAIT_US);
	port_out8(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
	timer_wait(WAIT_US);

	/* An exception without a table is a shutdown (SDM 3A 6.15, #DF) */
	struct { uint16_t limit; uint64_t base; }
		__attribute__((packed)) const nothing = { 0, 0 };
	__asm__ volatile ("lidt %0; int3" :: "m" (nothing));
}
