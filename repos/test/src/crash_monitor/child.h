/* SPDX-License-Identifier: MIT */
/**
 * A component on trial: the monitor is its parent, and sees how it ends
 *
 * It gets a configuration, a program, its own quota, and sessions of ROM, IO_MEM
 * and what 'forward' names, all paid by itself.
 */
#pragma once

#include <base/entrypoint.h>
#include <session/cpu.h>
#include <session/log.h>
#include <session/pd.h>
#include <session/rom.h>

enum { CHILD_SESSIONS = 512, CHILD_CONFIG = 4096 };

struct child_args {
	char const *label, *binary;
	char const *cpu;               /* text of the CPU session */
	char const *forward;           /* further service, or "any" */
	char const *elf;               /* damage to the program, "": none */
	uint64_t    seed;              /* … for the random kind */
	uint64_t    ram, caps;
	uint32_t    cpu_index, cpus;
};

struct child {
	struct env           *env;
	struct signal_handler event;   /* set 'handle': it ended, or watches */
	bool                  running, exited, reverse;
	bool                  watches; /* asked to be told of a new configuration */
	int                   value;   /* of its exit */

	struct rpc_object     parent, config;
	dataspace_cap_t       config_ds;
	char                 *config_text;
	size_t                config_size;
	struct pd_session     pd;
	struct cpu_session    cpu;
	struct log_session    log;
	struct rom_session    binary;
	char                  label[64], forward[32], cpu_text[32];
	struct session        session[CHILD_SESSIONS];
	struct { uint64_t ram, caps; } donation[CHILD_SESSIONS];  /* the child's */
};

/** Once, before the first start */
enum error child_init(struct child *child, struct env *env) MUST_USE;

/** Start it with the text that is in config_text; 'what' failed otherwise */
enum error child_start(struct child *child, struct child_args const *args,
                       char const **what) MUST_USE;

/** Whether one of its threads was stopped, and by what */
bool child_fault(struct child *child, struct cpu_fault *fault);

/** End it and take back all that it had */
void child_stop(struct child *child);

/* -- elf.c -- */

/** Serve a damaged copy of the program of ROM 'name'; once */
enum error elf_init(struct env *env, char const *name) MUST_USE;

/** Damage the copy in the way 'kind', or at random. Returns NOT_FOUND */
enum error elf_damage(char const *kind, uint64_t seed, rom_cap_t *rom) MUST_USE;
