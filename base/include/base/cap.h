/* SPDX-License-Identifier: MIT */
/**
 * Capability names
 *
 * A name is valid within one protection domain: the low half is an index, the
 * high half its generation, so that a name whose capability was freed stays
 * dead even when the index is used again. 0 is no capability.
 *
 * Interfaces wrap it into a one-word struct each ('rom_cap_t'), so that the
 * compiler refuses a capability of another interface.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t cap_t;

/** Any object that can be called, where its interface does not matter */
typedef struct { cap_t cap; } object_cap_t;

/** Something that can be signalled: submitting is all a receiver can do with it */
typedef struct { cap_t cap; } signal_cap_t;

/** Memory object of core: attach it, ask for its size, pass it on */
typedef struct { cap_t cap; } dataspace_cap_t;

/** Thread of this or another component */
typedef struct { cap_t cap; } thread_cap_t;

/** Foreign code, to be run: base/context.h */
typedef struct { cap_t cap; } context_cap_t;

/* What a component is started with; their headers are in session/ */
typedef struct { cap_t cap; } parent_cap_t;
typedef struct { cap_t cap; } pd_cap_t;
typedef struct { cap_t cap; } cpu_cap_t;
typedef struct { cap_t cap; } rm_cap_t;
typedef struct { cap_t cap; } log_cap_t;
typedef struct { cap_t cap; } rom_cap_t;

/** Whether a and b name the same object: one name per object and domain */
#define cap_same(a, b) ((a).cap == (b).cap)

/**
 * Keep a capability that the current RPC brought, beyond the operation's end
 *
 * Without it the entrypoint drops all received ones after the reply. It is the
 * keeper's from then on. No effect on a capability that the call did not bring.
 */
void cap_keep(cap_t cap);

/** Give back one reception of a name; the last makes it dead. 0 is ignored */
void cap_drop(cap_t cap);

/** Whether the name is alive */
bool cap_alive(cap_t cap);
