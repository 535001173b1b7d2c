/* SPDX-License-Identifier: MIT */
/**
 * Ranges of a machine's resource that belong to one session each
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <util/avl.h>

/** Embedded in the session; zeroed memory claims nothing */
struct claim { struct avl_node node; uint64_t base, size; };

/** Claim [base, + size); false: empty, wraps around, or overlaps another */
bool claim_open(struct avl_tree *claims, struct claim *claim, uint64_t base,
                uint64_t size);
void claim_close(struct avl_tree *claims, struct claim *claim);
