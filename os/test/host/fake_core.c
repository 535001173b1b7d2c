/* SPDX-License-Identifier: MIT */
/* Core and base library for the sandbox's host test */

#include "fake_core.h"
#include <base/entrypoint.h>
#include <base/heap.h>
#include <base/log.h>
#include <base/resource.h>
#include <base/service.h>
#include <rpc/parent.h>
#include <rpc/rom.h>
#include <session/cpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <util/align.h>
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

enum { HANDLERS = 200, SESSIONS = 4000, CAPS = 200000 };

struct fake_session {
	bool     used, pending, news;
	enum error reason;
	uint64_t ram, caps;
	cap_t    cap;                    /* last given */
};

struct fake_pd fake_pds[FAKE_PDS];
struct env     fake_env;
uint64_t       fake_time;
char           fake_log[4096], fake_parent_label[SESSION_LABEL];
uint32_t       fake_cpu_first, fake_cpu_count;
char           fake_parent_text[SESSION_ARGS], fake_limits[SESSION_ARGS];
struct affinity fake_affinity, fake_own_affinity;
enum error     fake_change_answer;
bool           fake_fault, fake_slow;
enum error     fake_resource_answer = ERROR_DENIED;
uint64_t       fake_asked_ram, fake_asked_caps;

/* names of capabilities: 1 … PDs, 500 … of tests, 1000 … handlers, 2000 … others */
enum { FIRST_HANDLER = 1000, FIRST_OTHER = 2000 };

static struct signal_handler *handlers[HANDLERS];
static uint64_t               handler_at[HANDLERS];
static unsigned               submitted[CAPS];
static int                    held[CAPS];
static struct fake_session    sessions[SESSIONS];
static uint32_t               n_sessions = SESSIONS;    /* behind: never used */
static int                    allocated;
static cap_t                  next_cap = FIRST_OTHER;
static unsigned               cpus, objects;

void fake_reset(void)
{
	for (unsigned i = 0; i < FAKE_PDS; i++)
		fake_pds[i] = (struct fake_pd) { 0 };
	for (unsigned i = 0; i < HANDLERS; i++)
		handlers[i] = NULL;
	for (unsigned i = 0; i < n_sessions; i++)
		sessions[i] = (struct fake_session) { 0 };
	n_sessions = 1;
	for (unsigned i = 0; i < next_cap; i++)
		held[i] = 0, submitted[i] = 0;
	fake_pds[0] = (struct fake_pd) { .used = true, .ram = FAKE_RAM,
	                                 .caps = FAKE_CAPS };
	fake_env   = (struct env) { .pd = { 1 } };
	fake_time  = 1000;
	next_cap   = FIRST_OTHER;
	allocated  = 0;
	cpus       = objects = 0;
	fake_fault = fake_slow = false;
	fake_resource_answer = ERROR_DENIED;
	fake_log[0] = 0;
}

/* -- capabilities and signals -- */

void cap_keep(cap_t cap) { held[cap] += cap != 0; }
void cap_drop(cap_t cap) { held[cap] -= cap != 0; }

int fake_held(void)
{
	int sum = 0;
	for (unsigned i = 1; i < next_cap; i++)
		sum += abs(held[i]);
	return sum;
}

unsigned fake_signals(cap_t cap)
{
	unsigned const count = submitted[cap];
	submitted[cap] = 0;
	return count;
}

enum error signal_submit(signal_cap_t signal)
{
	if (!signal.cap)
		return ERROR_INVALID;
	submitted[signal.cap]++;
	return ERROR_OK;
}

enum error signal_handler_open(struct signal_handler *handler,
                               struct entrypoint *ep)
{
	for (unsigned i = 0; i < HANDLERS; i++) {
		if (handlers[i])
			continue;
		handlers[i]   = handler;
		handler_at[i] = UINT64_MAX;
		handler->cap  = (signal_cap_t) { FIRST_HANDLER + i };
		submitted[FIRST_HANDLER + i] = 0;
		return ERROR_OK;
	}
	return ERROR_NO_CAPS;
}

void signal_handler_close(struct signal_handler *handler)
{
	if (handler->cap.cap)
		handlers[handler->cap.cap - FIRST_HANDLER] = NULL;
	handler->cap.cap = 0;
}

enum error signal_handler_at(struct signal_handler *handler, uint64_t us)
{
	handler_at[handler->cap.cap - FIRST_HANDLER] = us;
	return ERROR_OK;
}

static bool run_one(unsigned i)
{
	if (!handlers[i])
		return false;
	if (handler_at[i] <= fake_time) {
		handler_at[i] = UINT64_MAX;
		submitted[FIRST_HANDLER + i]++;
	}
	unsigned const count = fake_signals(FIRST_HANDLER + i);
	if (count)
		handlers[i]->handle(handlers[i], count);
	return count;
}

void fake_run(void)
{
	for (bool again = true; again;) {
		again = false;
		for (unsigned i = 0; i < HANDLERS; i++)
			again |= run_one(i);
	}
}

uint64_t clock_us(void) { return fake_time; }

/* -- objects -- */

enum error rpc_object_open(struct rpc_object *object, struct entrypoint *ep)
{
	if (object->cap)
		return ERROR_CONFLICT;
	if (!fake_pds[0].caps)
		return ERROR_NO_CAPS;
	fake_pds[0].caps--;
	objects++;
	object->cap = next_cap++;
	return ERROR_OK;
}

void rpc_object_close(struct rpc_object *object)
{
	fake_pds[0].caps += object->cap != 0;
	objects          -= object->cap != 0;
	object->cap = 0;
}

enum error parent_dispatch(struct rpc_object *object, struct rpc_message *m)
{
	return ERROR_REFUSED;
}

enum error rom_dispatch(struct rpc_object *object, struct rpc_message *m)
{
	return ERROR_REFUSED;
}

/* -- memory -- */

void *heap_alloc(struct heap *heap, size_t size)
{
	allocated += (int)size;
	return calloc(1, size + !size);
}

void heap_free(struct heap *heap, void *p, size_t size)
{
	if (p)
		allocated -= (int)size;
	free(p);
}

int fake_allocated(void) { return allocated; }

static struct { size_t size; void *at; } dataspaces[CAPS];

enum error ram_alloc(struct env *env, size_t size, dataspace_cap_t *ds)
{
	size = align_up(size, 4096);
	if (size > fake_pds[0].ram || !fake_pds[0].caps)
		return ERROR_NO_RAM;
	fake_pds[0].ram -= size;
	fake_pds[0].caps--;
	ds->cap = next_cap++;
	dataspaces[ds->cap].size = size;
	dataspaces[ds->cap].at   = calloc(1, size);
	return ERROR_OK;
}

void ram_free(struct env *env, dataspace_cap_t ds)
{
	if (!ds.cap)
		return;
	fake_pds[0].ram += dataspaces[ds.cap].size;
	fake_pds[0].caps++;
	free(dataspaces[ds.cap].at);
	dataspaces[ds.cap].size = 0;
}

enum error ram_attach(struct env *env, dataspace_cap_t ds, bool write, void **at)
{
	*at = dataspaces[ds.cap].at;
	return ERROR_OK;
}

void ram_detach(struct env *env, void *at) { }

/* -- PD and CPU sessions -- */

static struct fake_pd *pd_of(pd_cap_t pd) { return &fake_pds[pd.cap - 1]; }

/** Move what a session costs from the own account; false: there is not enough */
static bool pay(uint64_t ram, uint64_t caps)
{
	if (ram > fake_pds[0].ram || caps > fake_pds[0].caps)
		return false;
	fake_pds[0].ram  -= ram;
	fake_pds[0].caps -= caps;
	return true;
}

enum error pd_open(struct pd_session *s, struct env *env,
                   struct session_args const *args)
{
	for (unsigned i = 1; i < FAKE_PDS; i++) {
		if (fake_pds[i].used)
			continue;
		if (!pay(48 * 1024, 6))
			return ERROR_NO_RAM;
		fake_pds[i] = (struct fake_pd) { .used = true,
			.paid_ram = 48 * 1024, .paid_caps = 6 };
		string_copy(fake_pds[i].label, SESSION_LABEL, args->label);
		s->cap.cap = i + 1;
		return ERROR_OK;
	}
	return ERROR_NO_RAM;
}

void pd_close(struct pd_session *s)
{
	if (!s->cap.cap)
		return;
	struct fake_pd *const pd = pd_of(s->cap);
	fake_pds[0].ram  += pd->ram + pd->paid_ram;
	fake_pds[0].caps += pd->caps + pd->paid_caps;
	*pd = (struct fake_pd) { 0 };
	s->cap.cap = 0;
}

enum error pd_reference(pd_cap_t child, pd_cap_t pd)
{
	pd_of(child)->referenced = true;
	return ERROR_OK;
}

enum error pd_transfer(pd_cap_t from, pd_cap_t to, uint64_t ram, uint64_t caps)
{
	struct fake_pd *const a = pd_of(from), *const b = pd_of(to);
	if (!a->used || !b->used)
		return ERROR_INVALID;
	if (ram > a->ram)
		return ERROR_NO_RAM;
	if (caps > a->caps)
		return ERROR_NO_CAPS;
	a->ram  -= ram;
	a->caps -= caps;
	b->ram  += ram;
	b->caps += caps;
	return ERROR_OK;
}

enum error pd_start(pd_cap_t pd, cpu_cap_t cpu, parent_cap_t parent,
                    log_cap_t log, rom_cap_t binary)
{
	struct fake_pd *const p = pd_of(pd);
	if (p->started)
		return ERROR_CONFLICT;
	p->started = true;
	p->parent  = parent.cap;
	p->log     = log.cap;
	p->binary  = binary.cap;
	return ERROR_OK;
}

enum error pd_account(pd_cap_t pd, struct pd_account *account)
{
	*account = (struct pd_account) { .ram_limit = pd_of(pd)->ram,
	                                 .caps_limit = pd_of(pd)->caps };
	return ERROR_OK;
}

enum error pd_present(pd_cap_t pd, pd_cap_t own, cpu_cap_t cpu)
{
	pd_of(pd)->seen_pd  = own.cap;
	pd_of(pd)->seen_cpu = cpu.cap;
	return ERROR_OK;
}

enum error pd_attention(pd_cap_t pd, signal_cap_t *attention)
{
	if (!pd_of(pd)->started)
		return ERROR_NOT_FOUND;
	attention->cap = next_cap++;
	held[attention->cap]++;
	return ERROR_OK;
}

enum error cpu_open(struct cpu_session *s, struct env *env,
                    struct session_args const *args)
{
	if (!pay(16 * 1024, 4))
		return ERROR_NO_RAM;
	s->cap.cap = next_cap++;
	cpus++;
	return ERROR_OK;
}

void cpu_close(struct cpu_session *s)
{
	if (!s->cap.cap)
		return;
	fake_pds[0].ram  += 16 * 1024;
	fake_pds[0].caps += 4;
	cpus--;
	s->cap.cap = 0;
}

enum error cpu_fault_handler(cpu_cap_t cpu, signal_cap_t handler)
{
	return ERROR_OK;
}

enum error cpu_fault(cpu_cap_t cpu, struct cpu_fault *fault, char name[32])
{
	if (!fake_fault)
		return ERROR_AGAIN;
	fake_fault = false;
	*fault = (struct cpu_fault) { .vector = 14 };
	string_copy(name, 32, "first");
	return ERROR_OK;
}

enum error cpu_time(cpu_cap_t cpu, uint64_t *us)
{
	*us = 5;
	return ERROR_OK;
}

/* -- the own parent -- */

enum error parent_session(parent_cap_t parent, char const *service,
                          char const *label, char const *text,
                          struct parent_donation const *donation,
                          signal_cap_t changed, uint32_t *id, bool *pending,
                          object_cap_t *session)
{
	string_copy(fake_parent_label, sizeof fake_parent_label, label);
	fake_cpu_first = donation->cpu_first;
	string_copy(fake_parent_text, sizeof fake_parent_text, text);
	fake_cpu_count = donation->cpu_count;
	if (string_ends(label, "missing"))
		return ERROR_NOT_FOUND;
	if (donation->ram < 6 * 1024)
		return ERROR_DONATE_RAM;
	for (uint32_t i = 1; i < SESSIONS; i++) {
		if (sessions[i].used)
			continue;
		if (!pay(donation->ram, donation->caps))
			return ERROR_NO_RAM;
		sessions[i] = (struct fake_session) { .used = true,
			.ram = donation->ram, .caps = donation->caps,
			.pending = fake_slow
			           || string_equal(service, "Slow") };
		n_sessions = max(n_sessions, i + 1);
		*id      = i;
		*pending = sessions[i].pending;
		session->cap = 0;
		if (!*pending) {
			session->cap = sessions[i].cap = next_cap++;
			held[session->cap]++;
		}
		return ERROR_OK;
	}
	return ERROR_LIMIT;
}

enum error parent_session_state(parent_cap_t parent, uint32_t id,
                                object_cap_t *session)
{
	struct fake_session *const s = &sessions[id];
	if (!s->used)
		return ERROR_NOT_FOUND;
	if (s->pending)
		return ERROR_AGAIN;
	if (!s->reason) {
		session->cap = s->cap = next_cap++;
		held[session->cap]++;
	}
	return s->reason;
}

enum error parent_changed(parent_cap_t parent, uint32_t *id)
{
	for (uint32_t i = 1; i < SESSIONS; i++)
		if (sessions[i].used && sessions[i].news) {
			sessions[i].news = false;
			*id = i;
			return ERROR_OK;
		}
	return ERROR_AGAIN;
}

void fake_lose(cap_t cap)
{
	for (unsigned i = 1; i < SESSIONS; i++)
		if (sessions[i].used && sessions[i].cap == cap) {
			sessions[i].reason = ERROR_GONE;
			sessions[i].news   = true;
		}
}

void fake_answer(enum error error)
{
	for (unsigned i = 1; i < n_sessions; i++)
		if (sessions[i].used && sessions[i].pending) {
			sessions[i].pending = false;
			sessions[i].news    = true;
			sessions[i].reason  = error;
		}
}

enum error parent_upgrade(parent_cap_t parent, uint32_t id, uint64_t ram,
                          uint64_t caps)
{
	if (!pay(ram, caps))
		return ERROR_NO_RAM;
	sessions[id].ram  += ram;
	sessions[id].caps += caps;
	return ERROR_OK;
}

enum error parent_change(parent_cap_t parent, uint32_t id, char const *text)
{
	if (!fake_change_answer)
		string_copy(fake_parent_text, sizeof fake_parent_text, text);
	return fake_change_answer;
}

enum error parent_move(parent_cap_t parent, uint32_t id, uint32_t cpu_first,
                       uint32_t cpu_count)
{
	if (!fake_change_answer)
		fake_affinity = (struct affinity) { cpu_first, cpu_count };
	return fake_change_answer;
}

enum error session_move(struct session *session, struct affinity affinity)
{
	if (!fake_change_answer)
		fake_own_affinity = affinity;
	return fake_change_answer;
}

enum error session_change(struct session *session, char const *text)
{
	if (!fake_change_answer)
		string_copy(fake_limits, sizeof fake_limits, text);
	return fake_change_answer;
}

enum error parent_close(parent_cap_t parent, uint32_t id)
{
	fake_pds[0].ram  += sessions[id].ram;
	fake_pds[0].caps += sessions[id].caps;
	sessions[id] = (struct fake_session) { 0 };
	return ERROR_OK;
}

enum error parent_resource_request(parent_cap_t parent, uint64_t ram,
                                   uint64_t caps, signal_cap_t available)
{
	fake_asked_ram  = ram;
	fake_asked_caps = caps;
	return fake_resource_answer;
}

enum resource_mode resource_ask(struct env *env, enum resource_mode mode)
{
	return RESOURCE_WAIT;
}

/* -- services of the embedder -- */

enum error service_session_open(struct service *service, struct env *env,
                                struct session_request *request,
                                struct session_object **session)
{
	if (request->ram < 4096)
		return ERROR_DONATE_RAM;
	*session = heap_alloc(env->heap, sizeof **session);
	(*session)->service = service;
	return rpc_object_open(&(*session)->object, env->ep);
}

void service_session_upgrade(struct session_object *session, size_t ram,
                             size_t caps)
{
	session->opaque[0] += ram;
}

void service_session_close(struct session_object *session)
{
	rpc_object_close(&session->object);
	heap_free(fake_env.heap, session, sizeof *session);
}

uint64_t fake_total_ram(void)
{
	uint64_t sum = cpus * 16 * 1024;
	for (unsigned i = 0; i < FAKE_PDS; i++)
		sum += fake_pds[i].ram + fake_pds[i].paid_ram;
	for (unsigned i = 0; i < n_sessions; i++)
		sum += sessions[i].ram;
	for (unsigned i = 0; i < next_cap; i++)
		sum += dataspaces[i].size;
	return sum;
}

uint64_t fake_total_caps(void)
{
	uint64_t sum = cpus * 4 + objects;
	for (unsigned i = 0; i < FAKE_PDS; i++)
		sum += fake_pds[i].caps + fake_pds[i].paid_caps;
	for (unsigned i = 0; i < n_sessions; i++)
		sum += sessions[i].caps;
	for (unsigned i = 0; i < next_cap; i++)
		sum += dataspaces[i].size != 0;
	return sum;
}

/* -- log -- */

#define LOG(name) \
	void name(char const *format, ...) \
	{ \
		size_t const length = strlen(fake_log); \
		va_list list; \
		va_start(list, format); \
		if (length + 200 < sizeof fake_log) { \
			format_print(fake_log + length, 199, format, list); \
			string_append(fake_log, sizeof fake_log, "\n"); \
		} \
		va_end(list); \
	}

LOG(log_info)
LOG(log_warning)
LOG(log_error)

char const *error_text(enum error error)
{
#define SENTENCE(name, text) text,
	static char const *const texts[] = { ERRORS(SENTENCE) };
	return texts[error];
}
