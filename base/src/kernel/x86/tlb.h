/* SPDX-License-Identifier: MIT */
/**
 * Tags of translations, between page_table.c and tlb.c
 */
#pragma once

#include <kernel/page_table.h>

/** Set cr3 and a fresh tag */
void tlb_tag_init(struct page_table *, uint64_t root_phys);

/** Forget what all CPUs have cached of the space; returns when none uses it */
void tlb_shoot(struct page_table *);
