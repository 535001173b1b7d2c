/* SPDX-License-Identifier: MIT */
/**
 * IO_PORT service: core executes the accesses, each port is one session's
 *
 * Ports that decide over the whole machine are nobody's (the 8254 is not among
 * them: it is used at boot only, and its interrupt is masked); two that devices
 * share with a way to reset it are given away, but not that way. Who opens the
 * ports of the first serial line gets it: from then on neither core nor the kernel
 * writes there, but for a kernel panic.
 */

/* public */
#include <rpc/io_port.h>
#include <base/log.h>
#include <util/container_of.h>
#include <util/minmax.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "log.h"
#include "session.h"
#include "service/claim.h"
#include "service/services.h"

enum { COM1 = 0x3f8, PORTS = 0x10000 };

struct io_port {
	struct core_session session;
	struct claim        claim;
};

static struct avl_tree claims;

/* -- what nobody gets -- */

struct range { uint64_t base, size; };

static bool overlap(struct range const *r, uint64_t base, uint64_t size)
{
	return base < r->base + r->size && r->base < base + size;
}

/** Whether one of the ports is core's own */
static bool reserved(uint64_t base, uint64_t size)
{
	struct boot_power const *const power = &kernel_boot_info()->power;
	struct range const ranges[] = {
		{ 0x20, 2 }, { 0xa0, 2 }, { 0x4d0, 2 }, /* 8259A interrupts */
		{ 0x61, 1 }, { 0x92, 1 },               /* NMI; reset, A20 */
		/* ACPI 6.5, 4.8.3: sleep states, system management mode */
		{ power->control_a, power->control_a ? 2 : 0 },
		{ power->control_b, power->control_b ? 2 : 0 },
		{ power->smi_command, power->smi_command ? 1 : 0 },
	};
	for (unsigned i = 0; i < array_length(ranges); i++)
		if (ranges[i].size && overlap(&ranges[i], base, size))
			return true;
	return false;
}

/** The byte among the PCI configuration ports that resets the machine */
static bool reset_control(uint64_t port, unsigned width)
{
	struct range const reset = { 0xcf9, 1 };
	return overlap(&reset, port, width) && !(port == 0xcf8 && width == 4);
}

/** Commands of the keyboard controller that pulse or set its reset output */
static bool keyboard_reset(uint64_t port, unsigned width, uint32_t value)
{
	enum { SET_OUTPUT = 0xd1, PULSE = 0xf0 };
	struct range const command = { 0x64, 1 };
	uint8_t const byte = (uint8_t)value;
	return overlap(&command, port, width)
	       && (width > 1 || byte == SET_OUTPUT || byte >= PULSE);
}

/* -- access -- */

static bool permitted(struct io_port const *io, uint16_t port, unsigned width)
{
	return (width == 1 || width == 2 || width == 4)
	    && port >= io->claim.base
	    && port + width <= io->claim.base + io->claim.size
	    && !reset_control(port, width);
}

static enum error read(struct rpc_object *self, uint16_t port, uint8_t width,
                       uint32_t *value)
{
	if (!permitted(object_self(self), port, width))
		return ERROR_DENIED;
	uint8_t byte;
	uint16_t half;
	switch (width) {
	case 1:
		__asm__ volatile ("inb %1, %0" : "=a"(byte) : "Nd"(port));
		*value = byte;
		break;
	case 2:
		__asm__ volatile ("inw %1, %0" : "=a"(half) : "Nd"(port));
		*value = half;
		break;
	default:
		__asm__ volatile ("inl %1, %0" : "=a"(*value) : "Nd"(port));
	}
	return ERROR_OK;
}

static void out_byte(uint16_t port, uint8_t value)
{
	__asm__ volatile ("outb %0, %1" :: "a"(value), "Nd"(port));
}

static enum error write(struct rpc_object *self, uint16_t port, uint8_t width,
                        uint32_t value)
{
	if (!permitted(object_self(self), port, width)
	 || keyboard_reset(port, width, value))
		return ERROR_DENIED;
	switch (width) {
	case 1:
		out_byte(port, (uint8_t)value);
		break;
	case 2:
		__asm__ volatile ("outw %0, %1"
		                  :: "a"((uint16_t)value), "Nd"(port));
		break;
	default:
		__asm__ volatile ("outl %0, %1" :: "a"(value), "Nd"(port));
	}
	return ERROR_OK;
}

static enum error write_bytes(struct rpc_object *self, uint16_t port,
                              char const *data)
{
	if (!permitted(object_self(self), port, 1))
		return ERROR_DENIED;
	for (; *data; data++)
		if (!keyboard_reset(port, 1, (uint8_t)*data))
			out_byte(port, (uint8_t)*data);
	return ERROR_OK;
}

static struct io_port_ops const ops = {
	.read        = read,
	.write       = write,
	.write_bytes = write_bytes,
};

static enum error create(struct core_session *session,
                         struct session_request const *request)
{
	struct io_port *const io =
		container_of(session, struct io_port, session);
	uint64_t const base = hid_uint(request->args, "base", PORTS);
	uint64_t const size = hid_uint(request->args, "size", 0);
	if (!size || base >= PORTS || size > PORTS - base)
		return ERROR_INVALID;
	if (reserved(base, size)
	 || !claim_open(&claims, &io->claim, base, size)) {
		log_error("core: %s is denied ports 0x%lx + 0x%lx",
		          session->label, base, size);
		return ERROR_DENIED;
	}
	if (base <= COM1 && COM1 < base + size)
		log_give_away();
	return ERROR_OK;
}

static bool destroy(struct core_session *session)
{
	claim_close(&claims,
	            &container_of(session, struct io_port, session)->claim);
	return true;
}

struct core_service const io_port_service = {
	.name     = "IO_PORT",
	.size     = sizeof(struct io_port),
	.dispatch = io_port_dispatch,
	.ops      = &ops,
	.create   = create,
	.destroy  = destroy,
};
