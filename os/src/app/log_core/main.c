/* SPDX-License-Identifier: MIT */
/*
 * Core's log as a component sees it: to a terminal, or to LOG
 *
 *     config | to: terminal | every_ms: 50
 *
 * ROM "core_log" is the ring that core writes all lines to. A terminal gets all
 * of it. To LOG go lines of core and the kernel only, which have no label in
 * front: others would come back to the ring by LOG, and again.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/rom.h>
#include <os/config_number.h>
#include <session/terminal.h>
#include <util/minmax.h>
#include <util/string.h>

/** Form of the ring: doc/core.md */
struct ring {
	uint64_t magic;     /* "CORELOG1" */
	uint64_t size;      /* of the text's space */
	uint64_t head;      /* bytes ever written */
	uint64_t claimed;   /* may be overwritten: head, or beyond */
	uint64_t unused[4];
	char     text[];
};

enum { LINE = 200 };

static struct rom_module       rom;
static struct ring const      *ring;
static uint64_t                period, tail;
static bool                    to_terminal;
static struct terminal_session terminal;
static char                    line[LINE + 1];   /* that is being collected */
static size_t                  length;
static bool                    torn;             /* … without its beginning */

static enum error open_ring(struct env *env)
{
	enum error const error = rom_module_open(&rom, env, "core_log");
	if (error)
		return error;
	ring = rom.data;
	return rom.size > sizeof *ring && !memcmp(&ring->magic, "CORELOG1", 8)
	    && ring->size && ring->size <= rom.size - sizeof *ring
	     ? ERROR_OK : ERROR_CORRUPT;
}

/** Copy what is new, at most 'size' bytes; what was overwritten is skipped */
static size_t read_ring(char *text, size_t size)
{
	uint64_t const head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
	if (head - tail > ring->size) {
		tail = head - ring->size;
		torn = true;
	}
	size_t const n = min(size, (size_t)(head - tail));
	for (size_t i = 0; i < n; i++)
		text[i] = ring->text[(tail + i) % ring->size];
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	uint64_t const claimed = __atomic_load_n(&ring->claimed, __ATOMIC_RELAXED);
	return claimed - tail > ring->size ? 0 : n;
}

/* -- terminal: what it does not take stays in the ring -- */

static void to_the_terminal(void)
{
	char text[TERMINAL_CHUNK];
	size_t n;
	while ((n = read_ring(text, sizeof text - 1))) {
		uint32_t written = 0;
		text[n] = 0;
		if (terminal_write(terminal.cap, text, &written) || !written)
			return;
		tail += min((size_t)written, n);
	}
}

/* -- LOG -- */

static void end_line(void)
{
	line[length] = 0;
	if (length && line[0] != '[' && !torn)
		log_info("%s", line);
	length = 0;
	torn   = false;
}

static void to_log(void)
{
	char text[256];
	size_t n;
	while ((n = read_ring(text, sizeof text))) {
		for (size_t i = 0; i < n; i++) {
			if (text[i] == '\n')
				end_line();
			else if (length < LINE)
				line[length++] = text[i];
		}
		tail += n;
	}
}

static void tick(struct signal_handler *handler, uint64_t count)
{
	if (to_terminal)
		to_the_terminal();
	else
		to_log();
	error_ignore(signal_handler_at(handler, clock_us() + period), "own");
}

static struct signal_handler ticker = { .handle = tick };

enum error component_construct(struct env *env)
{
	to_terminal = hid_equals(env->config, "to", "terminal");
	period      = config_ms(env->config, "every_ms", 50, 1);
	enum error error = open_ring(env);
	if (!error) error = signal_handler_open(&ticker, env->ep);
	if (!error && to_terminal) {
		error = terminal_open(&terminal, env, NULL);
		if (!error) error = terminal_changed(terminal.cap, ticker.cap);
	}
	if (!error) error = signal_submit(ticker.cap);
	return error;
}
