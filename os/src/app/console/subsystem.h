/* SPDX-License-Identifier: MIT */
/**
 * Subsystems: what runs in the console's sandbox, and with which changes
 *
 *     + subsystem ticker | about: counts, by the timer | start: yes
 *       + start ticker | ram: 1M | caps: 60
 *         + binary …
 *
 * A subsystem has one or several components ("parts"). Name means either: that
 * of a subsystem stands for all of its parts. From the console's configuration
 * and the user's changes results the configuration of the sandbox, as a whole.
 */
#pragma once

#include <base/env.h>

struct hid;

enum { SUBSYSTEM_NAME = 32, SUBSYSTEM_VALUE = 64, SUBSYSTEM_CHANGES = 8,
       SUBSYSTEM_ROUTES = 4 };

struct change { char tag[SUBSYSTEM_NAME], value[SUBSYSTEM_VALUE]; };

/** One component, that is, start node */
struct part {
	char              name[SUBSYSTEM_NAME];
	char              subsystem[SUBSYSTEM_NAME];
	struct hid const *start;    /* in the console's configuration */
	struct change     changes[SUBSYSTEM_CHANGES];
	unsigned          n_changes;
	struct change     routes[SUBSYSTEM_ROUTES];  /* service, component */
	unsigned          n_routes;
	unsigned          version;  /* counts restarts by the user */
	bool              on_first; /* as configured */
	bool              on;
	bool              stopped;  /* by itself; the console's to use */
};

/** Read the configuration, start the sandbox. Returns as sandbox_configure */
enum error subsystem_open(struct env *env, void (*changed)(void)) MUST_USE;

/** Iterate over all parts; NULL: the first, then the next */
struct part *subsystem_next(struct part *part);

struct part *subsystem_part(char const *name);

/** Number of parts that 'name' stands for; 0: there is no such subsystem */
unsigned subsystem_count(char const *name);

/**
 * Start or end all parts that 'name' stands for
 *
 * What they had comes back to the console's accounts. Returns NOT_FOUND, else
 * as sandbox_configure.
 */
enum error subsystem_switch(char const *name, bool on) MUST_USE;

/** End and start them again, whatever their state. Returns as subsystem_switch */
enum error subsystem_restart(char const *name) MUST_USE;

/**
 * Change an attribute of a component's start node (ram, caps, priority,
 * cpu_quota) or, any other one, of its own configuration
 *
 * Returns NOT_FOUND, LIMIT, INVALID (malformed), NO_RAM, NO_CAPS (more quota
 * than there is), else as sandbox_configure.
 */
enum error subsystem_set(char const *name, char const *tag, char const *value)
	MUST_USE;

/**
 * Route the component's sessions of 'service' to the component 'server'
 *
 * Returns NOT_FOUND (either component), LIMIT, else as sandbox_configure.
 */
enum error subsystem_route(char const *name, char const *service,
                           char const *server) MUST_USE;

/** Number of the component's start: another one if it was started again */
uint64_t subsystem_start_number(char const *name);

/** Everything as the configuration has it. Returns as sandbox_configure */
enum error subsystem_reset(void) MUST_USE;

/** State of the sandbox, as sandbox_report writes it; until the next call */
struct hid const *subsystem_state(void);
