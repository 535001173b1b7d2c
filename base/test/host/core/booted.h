/* SPDX-License-Identifier: MIT */
/**
 * Core, booted on the fake kernel, and books of all that it may lose
 */
#pragma once

#include <base/rpc.h>

struct thread;

/** The boot image: 'ld', 'init', and a module that is damaged */
enum { IMAGE_SIZE = 5 * 4096 };
extern char image[IMAGE_SIZE];

extern parent_cap_t parent;      /* init's */
extern pd_cap_t     init_pd;

/** Start core and init, once */
void boot(void);

struct thread *init_thread(void);

/** Session of init at core */
enum error open_text(char const *service, char const *label, char const *text,
                     uint64_t ram, uint64_t caps, uint32_t *id, cap_t *cap) MUST_USE;

struct books { uint64_t ram, caps, free, pool; unsigned objects, mappings; };
struct books books(void);

/** Check that all came back since 'before' */
void balanced(struct books const *before);
