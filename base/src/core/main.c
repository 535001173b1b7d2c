/* SPDX-License-Identifier: MIT */
/**
 * Core's start: memory, log, boot modules, init
 *
 * A boot image that lacks something is reported, and core then serves nobody.
 */

/* public */
#include <base/log.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "entrypoint.h"
#include "clock.h"
#include "log.h"
#include "main.h"
#include "modules.h"
#include "component/pd.h"
#include "pool.h"
#include "root.h"

/* core's own: log, drainer, and kernel memory for names beyond what the
   accounts of sessions pay, at least */
enum { RESERVE = 512 * 1024, RESERVE_MAX = 16 * 1024 * 1024 };

/* kernel memory from the beginning: a few hundred objects before it grows */
enum { POOL_FRAMES = 48 };

static struct account account;
static struct arena   arena = { .account = &account };

static void add_memory(void)
{
	struct boot_info const *const info = kernel_boot_info();
	for (uint32_t i = 0; i < info->n_ranges && i < BOOT_RANGES; i++)
		if (info->ranges[i].type == BOOT_RAM)
			ranges_add(&physical, info->ranges[i].base,
			           info->ranges[i].size);
	root_set_ram_total(physical.free);
}

/** Core's share; the rest is init's */
static uint64_t reserve(void)
{
	uint64_t const share = physical.free / 160 & -(uint64_t)PAGE_SIZE;
	return share < RESERVE ? RESERVE
	     : share > RESERVE_MAX ? RESERVE_MAX : share;
}

static enum error open_core(void)
{
	account.ram_limit  = reserve();
	account.caps_limit = 64;
	core_pool = (struct pool) { .pd = kernel_core_pd(), .arena = &arena };

	enum error error = pool_donate(&core_pool, POOL_FRAMES);
	if (!error)
		error = log_init();
	if (!error)
		error = entrypoint_open();
	if (!error)
		error = log_start();
	return error;
}

/** RAM that is neither init's nor part of the boot image */
static uint64_t kept(void)
{
	struct boot_info const *const info = kernel_boot_info();
	uint64_t size = account.ram_limit;
	for (uint32_t i = 0; i < info->n_ranges; i++)
		if (info->ranges[i].type == BOOT_KERNEL)
			size += info->ranges[i].size;
	return size;
}

static void banner(void)
{
	struct boot_info const *const info = kernel_boot_info();
	log_info("core: %lu MiB RAM, %u CPU%s, TSC %lu MHz",
	         root_ram_total() >> 20, info->n_cpus,
	         info->n_cpus == 1 ? "" : "s", info->tsc_hz / 1000000);
}

static enum error start(void)
{
	enum error error = open_core();
	if (error)
		return error;
	banner();
	error = modules_init();
	if (!error)
		error = component_init();
	if (!error)
		error = root_start(root_ram_total() - account.ram_limit,
		                   root_ram_total() / PAGE_SIZE);
	if (!error)
		log_info("core: init starts %lu TSC ticks after the kernel;"
		         " %lu KiB are kept",
		         clock_tsc() - kernel_boot_info()->tsc_entry,
		         kept() >> 10);
	return error;
}

void core_main(void)
{
	add_memory();
	enum error const error = start();
	if (error) {
		log_error("core: no init: %s", error_text(error));
		log_flush();
	}
	entrypoint_run();
}
