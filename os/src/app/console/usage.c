/* SPDX-License-Identifier: MIT */
/*
 * Usage
 *
 * The own children are known from the sandbox; what a nested init started comes
 * as its report, which is a ROM for the console ("+ nested <name> | rom: …").
 */

/* public */
#include <base/hid.h>
#include <base/rom.h>
#include <session/cpu.h>
#include <session/pd.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "subsystem.h"
#include "usage.h"

enum { NESTED = 4, SHORT = 100 * 1000 };

/** Report of a nested init */
struct nested {
	char              name[SUBSYSTEM_NAME], rom[SUBSYSTEM_NAME];
	struct rom_reader reader;
	bool              open;
};

struct sample {
	char     path[USAGE_PATH];
	uint64_t cpu_us;
	unsigned share;
};

static struct env   *the_env;
static struct nested nested[NESTED];
static unsigned      n_nested;
static struct usage  rows[USAGE_ROWS];
static unsigned      n_rows;
static struct sample samples[USAGE_ROWS];
static unsigned      n_samples;
static uint64_t      sampled_at;

static struct sample const *sample_of(char const *path)
{
	for (unsigned i = 0; i < n_samples; i++)
		if (string_equal(samples[i].path, path))
			return &samples[i];
	return NULL;
}

static struct usage *row_new(char const *path)
{
	static struct usage overflow;
	struct usage *const row =
		n_rows < USAGE_ROWS ? &rows[n_rows++] : &overflow;
	*row = (struct usage) { 0 };
	string_copy(row->path, sizeof row->path, path);
	struct sample const *const sample = sample_of(path);
	row->share = sample ? sample->share : 0;
	return row;
}

static void row_fill(struct usage *row, struct hid const *child)
{
	string_copy(row->state, sizeof row->state, "off");
	hid_string(child, "state", row->state, sizeof row->state);
	if (hid_has(child, "exit"))
		format_text(row->note, sizeof row->note, "value %lu",
		            hid_uint(child, "exit", 0));
	hid_string(child, "reason", row->note, sizeof row->note);
	hid_string(child, "fault", row->note, sizeof row->note);
	row->ram_used   = hid_uint(child, "ram_used", 0);
	row->ram_limit  = hid_uint(child, "ram", 0);
	row->caps_used  = hid_uint(child, "caps_used", 0);
	row->caps_limit = hid_uint(child, "caps", 0);
	row->cpu_us     = hid_uint(child, "time_us", 0);
}

static struct hid const *named(struct hid const *state, char const *name)
{
	struct hid const *child = NULL;
	while ((child = hid_next(state, child, "child")))
		if (hid_equals(child, "name", name))
			break;
	return child;
}

/** The console itself */
static void read_own(void)
{
	struct pd_account account = { 0 };
	struct usage *const row = row_new("console");
	string_copy(row->state, sizeof row->state, "running");
	error_ignore(pd_account(the_env->pd, &account), "reads as nothing");
	error_ignore(cpu_time(the_env->cpu, &row->cpu_us), "as above");
	row->ram_used   = account.ram_used;
	row->ram_limit  = account.ram_limit;
	row->caps_used  = account.caps_used;
	row->caps_limit = account.caps_limit;
}

static void read_nested(struct nested *n)
{
	struct hid const *state, *child = NULL;
	if (!n->open)
		n->open = rom_reader_open(&n->reader, the_env, n->rom, NULL)
		          == ERROR_OK;
	if (!n->open || rom_reader_update(&n->reader, &state) != ERROR_OK)
		return;
	while ((child = hid_next(state, child, "child"))) {
		char name[SUBSYSTEM_NAME] = "?", path[USAGE_PATH];
		hid_name(child, name, sizeof name);
		format_text(path, sizeof path, "%s -> %s", n->name, name);
		row_fill(row_new(path), child);
	}
}

struct usage const *usage_read(unsigned *n)
{
	struct hid const *const state = subsystem_state();
	n_rows = 0;
	read_own();
	for (struct part *part = NULL; (part = subsystem_next(part));) {
		row_fill(row_new(part->name),
		         part->on ? named(state, part->name) : NULL);
		for (unsigned i = 0; part->on && i < n_nested; i++)
			if (string_equal(nested[i].name, part->name))
				read_nested(&nested[i]);
	}
	*n = n_rows;
	return rows;
}

struct usage const *usage_of(char const *path)
{
	for (unsigned i = 0; i < n_rows; i++)
		if (string_equal(rows[i].path, path))
			return &rows[i];
	return NULL;
}

void usage_sample(void)
{
	static struct sample next[USAGE_ROWS];
	uint64_t const now = clock_us(), passed = now - sampled_at;
	unsigned n;
	usage_read(&n);
	if (passed < SHORT)
		return;
	for (unsigned i = 0; i < n; i++) {
		struct sample const *const last = sample_of(rows[i].path);
		/* a component that was restarted begins anew */
		uint64_t const before =
			last && last->cpu_us <= rows[i].cpu_us ? last->cpu_us : 0;
		string_copy(next[i].path, sizeof next[i].path, rows[i].path);
		next[i].cpu_us = rows[i].cpu_us;
		next[i].share  = (unsigned)((rows[i].cpu_us - before) * 1000
		                            / passed);
	}
	memcpy(samples, next, sizeof samples);
	n_samples  = n;
	sampled_at = now;
}

struct usage_free usage_free(void)
{
	struct pd_account account = { 0 };
	error_ignore(pd_account(the_env->pd, &account), "reads as nothing");
	return (struct usage_free) {
		.ram  = account.ram_limit - account.ram_used,
		.caps = account.caps_limit - account.caps_used };
}

unsigned usage_depth(char const *path)
{
	unsigned depth = 1;
	for (; *path; path++)
		depth += string_starts(path, " -> ");
	return depth;
}

enum error usage_open(struct env *env)
{
	the_env    = env;
	sampled_at = clock_us();
	for (struct hid const *n = NULL; (n = hid_next(env->config, n, "nested"));)
		if (n_nested < NESTED
		 && hid_name(n, nested[n_nested].name, SUBSYSTEM_NAME)
		 && hid_string(n, "rom", nested[n_nested].rom, SUBSYSTEM_NAME))
			n_nested++;
	return ERROR_OK;
}
