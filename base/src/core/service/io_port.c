/* SPDX-License-Identifier: MIT */
/**
 * IO_PORT service: core executes the accesses, each port is one session's
 *
 * Who opens the ports of the first serial line gets it: from then on neither
 * core nor the kernel writes there, but for a kernel panic.
 */

/* public */
#include <rpc/io_port.h>
#include <base/log.h>
#include <util/container_of.h>

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

static struct list claims;

static bool permitted(struct io_port const *io, uint16_t port, unsigned width)
{
	return (width == 1 || width == 2 || width == 4)
	    && port >= io->claim.base
	    && port + width <= io->claim.base + io->claim.size;
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
	if (!permitted(object_self(self), port, width))
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
	if (!claim_open(&claims, &io->claim, base, size)) {
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
	claim_close(&container_of(session, struct io_port, session)->claim);
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
