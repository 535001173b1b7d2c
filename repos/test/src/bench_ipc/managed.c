/* SPDX-License-Identifier: MIT */
/* A fault that a component answers: its handler attaches a page */

#include <base/heap.h>
#include <base/thread.h>
#include <session/rm.h>
#include "bench.h"

enum { WARM = 100, ROUNDS = 1000 };

static struct {
	struct thread     user;
	struct rm_session rm;
	char volatile    *at;
	struct sample     sample;
	enum error        error;
} managed;

static void touch(struct thread *thread)
{
	for (unsigned i = 0; i < WARM + ROUNDS && !managed.error; i++) {
		sample_begin(&managed.sample);
		*managed.at = 1;
		if (i >= WARM)
			sample_end(&managed.sample);
		managed.error = rm_detach(managed.rm.cap, 0);
	}
}

static enum error answer(dataspace_cap_t page)
{
	rm_cap_t const rm = managed.rm.cap;
	enum rm_access access;
	uint64_t address;
	enum error error = rm_fault(rm, &address, &access);
	if (!error)
		error = rm_attach(rm, page, address, 0, 4096, RM_WRITE | RM_FIXED,
		                  &address);
	return error ? error : rm_resume(rm);
}

static enum error open_managed(struct env *env, signal_cap_t fault)
{
	dataspace_cap_t ds;
	void *at = NULL;
	enum error error = rm_open(&managed.rm, env, &(struct session_args) {
		.text = "rm | size: 64K" });
	if (!error) error = rm_dataspace(managed.rm.cap, &ds);
	if (!error) error = rm_fault_handler(managed.rm.cap, fault);
	if (!error) error = ram_attach(env, ds, true, &at);
	managed.at = at;
	return error;
}

/** The calling thread is the handler */
enum error bench_managed(struct env *env)
{
	signal_cap_t fault;
	dataspace_cap_t page = { 0 };
	enum error error = thread_signal(env, &fault);
	if (!error) error = open_managed(env, fault);
	if (!error) error = ram_alloc(env, 4096, &page);
	if (!error) error = thread_open(&managed.user, env, &(struct thread_args) {
		.entry = touch, .name = "user" });
	for (unsigned i = 0; i < WARM + ROUNDS && !error; i++) {
		signal_wait(fault);
		error = answer(page);
	}
	if (error)
		return error;
	thread_join(&managed.user);
	sample_print("fault_managed", &managed.sample);
	return managed.error;
}
