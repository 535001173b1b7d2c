/* SPDX-License-Identifier: MIT */
/**
 * The two 8259s of a PC: masked for good, out of the way of exceptions
 *
 * Intel 8259A data sheet, ICW1 … ICW4. Their spurious interrupts (IRQ 7, 15)
 * cannot be masked, so they get vectors of their own.
 */

/* Internal */
#include <kernel/port.h>

/* Local */
#include "init.h"

enum { MASTER = 0x20, SLAVE = 0xa0, VECTORS = 0x20 };

void pic_disable(void)
{
	port_out8(MASTER, 0x11);           /* ICW1: edge, cascade, ICW4 */
	port_out8(SLAVE, 0x11);
	port_out8(MASTER + 1, VECTORS);    /* ICW2 */
	port_out8(SLAVE + 1, VECTORS + 8);
	port_out8(MASTER + 1, 0x04);       /* ICW3: slave at input 2 */
	port_out8(SLAVE + 1, 0x02);
	port_out8(MASTER + 1, 0x01);       /* ICW4: 8086 */
	port_out8(SLAVE + 1, 0x01);
	port_out8(MASTER + 1, 0xff);       /* OCW1: all masked */
	port_out8(SLAVE + 1, 0xff);
}
