/* SPDX-License-Identifier: MIT */
/** IO_MEM service: device memory, each range for one session */

/* public */
#include <rpc/io_mem.h>
#include <base/log.h>
#include <util/align.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "component/dataspace.h"
#include "modules.h"
#include "session.h"
#include "service/claim.h"
#include "service/services.h"

struct io_mem {
	struct core_session session;
	struct claim        claim;
	struct dataspace    ds;
};

static struct avl_tree claims;

/* I/O APICs, local APICs: whoever writes there can stop or reset any CPU */
#define IOAPIC_BASE 0xfec00000ul
#define APIC_BASE   0xfee00000ul
#define APIC_SIZE   0x00100000ul
#define PHYS_END    (1ul << 52)

static enum error dataspace(struct rpc_object *self, dataspace_cap_t *ds)
{
	struct io_mem *const io = object_self(self);
	ds->cap = io->ds.object.rpc.cap;
	return ERROR_OK;
}

/** Who drives devices may tell them where memory is */
static enum error physical_address(struct rpc_object *self,
                                   dataspace_cap_t cap, uint64_t *address)
{
	struct dataspace const *const ds = dataspace_find(cap);
	if (!ds)
		return cap_alive(cap.cap) ? ERROR_INVALID : ERROR_GONE;
	if (!ds->contiguous)
		return ERROR_DENIED;
	*address = ds->extent.phys;
	return ERROR_OK;
}

static struct io_mem_ops const ops = {
	.dataspace = dataspace,
	.physical  = physical_address,
};

static bool apart(uint64_t base, uint64_t size, uint64_t apics)
{
	return base >= apics + APIC_SIZE || base + size <= apics;
}

static bool permitted(uint64_t base, uint64_t size)
{
	return base < PHYS_END && size <= PHYS_END - base
	    && !modules_ram_overlaps(base, size)
	    && apart(base, size, IOAPIC_BASE) && apart(base, size, APIC_BASE);
}

static enum error create(struct core_session *session,
                         struct session_request const *request)
{
	struct io_mem *const io =
		container_of(session, struct io_mem, session);
	uint64_t const base = hid_uint(request->args, "base", 0);
	uint64_t const size = hid_uint(request->args, "size", 0);
	bool const combined =
		hid_bool(request->args, "write_combined", false);
	if (!size || size > PHYS_END)
		return ERROR_INVALID;

	uint64_t const low  = align_down(base, PAGE_SIZE);
	uint64_t const high = align_up(base + size, PAGE_SIZE);
	if (!permitted(low, high - low)
	 || !claim_open(&claims, &io->claim, low, high - low)) {
		log_error("core: %s is denied device memory 0x%lx + 0x%lx",
		          session->label, base, size);
		return ERROR_DENIED;
	}
	return dataspace_open_fixed(&io->ds, &session->arena, low, high - low,
	                            true, combined ? KERNEL_MAP_WRITE_COMBINED
	                                           : KERNEL_MAP_UNCACHED);
}

static bool destroy(struct core_session *session)
{
	struct io_mem *const io =
		container_of(session, struct io_mem, session);
	if (!dataspace_close(&io->ds))
		return false;
	claim_close(&claims, &io->claim);
	return true;
}

struct core_service const io_mem_service = {
	.name     = "IO_MEM",
	.size     = sizeof(struct io_mem),
	.dispatch = io_mem_dispatch,
	.ops      = &ops,
	.create   = create,
	.destroy  = destroy,
};
