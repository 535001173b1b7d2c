/* SPDX-License-Identifier: MIT */

/* public */
#include <base/heap.h>
#include <base/hid.h>
#include <util/string.h>

/* local */
#include "config.h"
#include "route.h"

enum { DEFAULT_RAM = 1 << 20, DEFAULT_CAPS = 50 };

void config_free(struct sandbox *sandbox, struct sandbox_config *config)
{
	struct heap *const heap = sandbox->env->heap;
	heap_free(heap, config->nodes, config->count * sizeof(struct hid));
	heap_free(heap, config->text, config->size);
	words_free(&config->inherited, heap);
	routes_free(config->routes, heap);
	*config = (struct sandbox_config) { 0 };
}

enum error config_copy(struct sandbox *sandbox, struct hid const *top,
                       struct sandbox_config *config)
{
	config->size  = top->size;
	config->count = top->below + (size_t)1;
	config->text  = heap_alloc(sandbox->env->heap, config->size);
	config->nodes = heap_alloc(sandbox->env->heap,
	                           config->count * sizeof(struct hid));
	if (!config->text || !config->nodes)
		return ERROR_NO_RAM;
	memcpy(config->text, top->text, config->size);
	memcpy(config->nodes, top, config->count * sizeof(struct hid));
	uintptr_t const old = (uintptr_t)top->text, new = (uintptr_t)config->text;
	for (size_t i = 0; i < config->count; i++)
		config->nodes[i].text = (char *)((uintptr_t)top[i].text - old + new);
	return ERROR_OK;
}

/** What is not in a start node */
static enum error config_read(struct sandbox *sandbox,
                              struct sandbox_config *c)
{
	struct heap *const heap = sandbox->env->heap;
	struct hid const *const top = c->nodes;
	struct hid const *const means  = hid_next(top, NULL, "default");
	struct hid const *const routes = hid_next(top, NULL, "default-route");
	c->ram      = hid_uint(means, "ram", DEFAULT_RAM);
	c->caps     = hid_uint(means, "caps", DEFAULT_CAPS);
	c->ram_max  = hid_uint(means, "ram_max", 0);
	c->caps_max = hid_uint(means, "caps_max", 0);
	c->beat_period = hid_uint(hid_next(top, NULL, "heartbeat"), "every_ms",
	                          0) * 1000;
	c->lists_sessions = hid_bool(hid_next(top, NULL, "report"), "sessions",
	                             false);
	enum error const error = words_read(&c->inherited, heap,
		hid_next(top, NULL, "parent-provides"));
	return error || !routes ? error : routes_read(&c->routes, heap, routes);
}

enum error config_open(struct sandbox *sandbox, struct hid const *top,
                       struct sandbox_config *config)
{
	*config = (struct sandbox_config) { 0 };
	enum error error = config_copy(sandbox, top, config);
	if (!error)
		error = config_read(sandbox, config);
	if (error)
		config_free(sandbox, config);
	return error;
}
