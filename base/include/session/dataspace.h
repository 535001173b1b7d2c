/* SPDX-License-Identifier: MIT */
/** Memory object of core, named by whoever has a capability for it */
#pragma once

#include <base/rpc.h>

/** Size in bytes, a multiple of 4096, and whether it may be written. Returns GONE */
RPC enum error dataspace_info(dataspace_cap_t ds, OUT uint64_t *size,
                              OUT bool *writable);

/** Whether nobody can change its content any more (pd_ram_seal). Returns GONE */
RPC enum error dataspace_sealed(dataspace_cap_t ds, OUT bool *sealed);
