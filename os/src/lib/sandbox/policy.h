/* SPDX-License-Identifier: MIT */
/**
 * Policy: what a start node says, read once, when it is taken over
 *
 * Nothing is looked up in the configuration's text while sessions are opened.
 */
#pragma once

#include <base/error.h>
#include <base/hid.h>
#include <os/sandbox.h>

struct heap;
struct routes;

/** Words that are the names of nodes "service" at any depth. Returns NO_RAM */
enum error words_read(struct sandbox_words *words, struct heap *heap,
                      struct hid const *node) MUST_USE;
void words_free(struct sandbox_words *words, struct heap *heap);
bool words_contain(struct sandbox_words const *words, char const *word);

/** A quota that the node does not name */
#define POLICY_DEFAULT UINT64_MAX

struct policy {
	uint64_t       ram, caps, ram_max, caps_max;  /* or POLICY_DEFAULT */
	uint32_t       priority, cpu_first, cpu_count;
	uint32_t       cpu_quota;       /* percent; 0: none of its own */
	uint32_t       config;          /* its number below the node; 0: none */
	bool           waits;           /* exhausted: wait */
	bool           exit_propagate, exit_restart, fault_restart, fault_keep;
	bool           heartbeat;
	uint32_t       binary, binary_length;   /* in the node's text; 0: none */
	uint64_t       beats;           /* that may be missed */
	struct sandbox_words   provides;
	struct routes *routes;          /* NULL: the default ones */
};

/**
 * Read 'start'. Returns NO_RAM; INVALID, which is logged with line and node, for
 * what the schema cannot tell
 */
enum error policy_read(struct policy *policy, struct heap *heap,
                       struct hid const *start) MUST_USE;
void policy_free(struct policy *policy, struct heap *heap);

/** Its inline configuration; NULL: none. 'start' is what it was read from */
static inline struct hid const *policy_config(struct policy const *policy,
                                              struct hid const *start)
{
	return policy->config ? start + policy->config : NULL;
}
