/* SPDX-License-Identifier: MIT */
/**
 * Heap: small pieces of memory, all charged to one account
 */
#pragma once

#include <base/env.h>

struct heap;

/** 'size' zeroed bytes, 16-aligned, or NULL: that account is empty. 0 bytes are legal */
void *heap_alloc(struct heap *heap, size_t size);

/** Give back what heap_alloc returned for the same size; NULL is ignored */
void heap_free(struct heap *heap, void *p, size_t size);

/** Bytes in use, the heap's own meta data included */
size_t heap_used(struct heap const *heap);

/**
 * A heap of its own, with at most 'limit' bytes of env's account
 *
 * NULL: no RAM. heap_close frees everything in it.
 */
struct heap *heap_open(struct env *env, size_t limit);
void heap_close(struct heap *heap);

/* -- dataspaces -- */

/** Zeroed memory from the component's account. Returns NO_RAM, NO_CAPS */
enum error ram_alloc(struct env *env, size_t size, dataspace_cap_t *ds) MUST_USE;
void ram_free(struct env *env, dataspace_cap_t ds);

/** Attach all of 'ds' to the own address space. Returns as rm_attach */
enum error ram_attach(struct env *env, dataspace_cap_t ds, bool write, void **at) MUST_USE;

/**
 * Attach the first 'size' bytes of what another handed out, up to the end of the page
 *
 * Who hands out memory and says how large it is may lie: CORRUPT if there is less,
 * if 'size' is 0, or if it is no dataspace. Otherwise returns as rm_attach.
 */
enum error ram_attach_part(struct env *env, dataspace_cap_t ds, uint64_t size,
                           bool write, void **at) MUST_USE;
void ram_detach(struct env *env, void *at);
