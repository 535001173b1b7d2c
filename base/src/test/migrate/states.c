/* SPDX-License-Identifier: MIT */
/* One thread in one state moves */

/* public */
#include <base/heap.h>
#include <rpc/rm.h>
#include <util/container_of.h>
#include <util/string.h>

/* local */
#include "migrate.h"

enum { LOW = 16, HIGH = 100,
       MANY = 30000000 };       /* rounds of counting: many quanta */

/* what the thread that moves does, and where */
static bool volatile     stop;
static uint64_t volatile count;
static unsigned volatile at;

static struct worker worker;

static void start(void (*run)(struct worker *))
{
	stop  = false;
	count = 0;
	workers_open(&worker, 1, LOW, run);
	wait_for(count, "it does not start");
}

static void end(void)
{
	stop = true;
	workers_join(&worker, 1);
}

static void move(uint32_t cpu)
{
	check_ok(thread_move(worker.thread.cap, cpu));
}

/**
 * It has come to the CPU that it was sent to last, and goes on there
 *
 * On its way it may have been there before; who is paused has heard of all moves.
 */
static void arrives(uint32_t cpu)
{
	check_ok(thread_pause(worker.thread.cap));
	check_ok(thread_resume(worker.thread.cap));
	wait_for(at == apic_id(cpu), "sent to CPU %u, runs on %u", apic_id(cpu), at);
	uint64_t const before = count;
	wait_for(count > before + 2, "stands still at %lu", count);
	check(at == apic_id(cpu), "left CPU %u for %u", apic_id(cpu), at);
}

/* -- runs -- */

static void look_around(struct worker *w)
{
	while (!stop) {
		at = here();
		count++;
	}
}

void moves_running(void)
{
	uint64_t us[2];
	start(look_around);
	check_ok(thread_time(worker.thread.cap, &us[0]));
	for (uint32_t i = 0; i < test_rounds(40); i++) {
		move(i % test_cpus);
		arrives(i % test_cpus);
		check_ok(thread_time(worker.thread.cap, &us[1]));
		check(us[1] >= us[0] && us[1] - us[0] < 1000000000,
		      "its time went from %lu to %lu", us[0], us[1]);
		us[0] = us[1];
	}
	for (uint32_t i = 0; i < 3000; i++)
		move(i % test_cpus);
	arrives(2999 % test_cpus);
	end();
}

/** All XMM registers are in use while it moves */
static void keep_registers(struct worker *w)
{
	struct { uint64_t word[16][2]; } in, out;
	for (unsigned i = 0; i < 32; i++)
		in.word[i / 2][i % 2] = 0x0123456789abcdef * (i + 1);
	while (!stop) {
		uint64_t spin = 20000;
		__asm__ volatile (
			".irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
			"movups 16 * \\i(%1), %%xmm\\i\n.endr\n"
			"1: dec %0\n jnz 1b\n"
			".irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
			"movups %%xmm\\i, 16 * \\i(%2)\n.endr"
			: "+r"(spin) : "r"(&in), "r"(&out)
			: "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
			  "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
			  "xmm12", "xmm13", "xmm14", "xmm15");
		check(!memcmp(&in, &out, sizeof in), "registers got lost");
		at = here();
		count++;
	}
}

void moves_registers(void)
{
	start(keep_registers);
	for (uint32_t i = 0; i < test_rounds(20); i++) {
		for (uint32_t k = 0; k < 50; k++)
			move((i + k) % test_cpus);
		move(i % test_cpus);
		arrives(i % test_cpus);
	}
	end();
}

/* -- waits -- */

static signal_cap_t volatile alarm;
static uint64_t volatile     alarms;

static void wait_for_alarms(struct worker *w)
{
	signal_cap_t signal;
	check_ok(thread_signal(test_env, &signal));
	alarm = signal;
	for (alarms = 0; !stop; ) {
		struct signal_handler timer = { .cap = signal };
		uint64_t const due = clock_us() + 300;
		check_ok(signal_handler_at(&timer, due));
		count++;
		check(signal_wait(signal) == 1, "not one signal for one timeout");
		check(clock_us() >= due, "too early");
		at = here();
		alarms++;
	}
	thread_signal_close(test_env, &signal);
}

/** A timeout comes once, wherever its thread waits for it meanwhile */
void moves_waiting(void)
{
	start(wait_for_alarms);
	for (uint32_t i = 0; i < test_rounds(200); i++) {
		uint64_t const before = alarms;
		for (uint32_t k = 0; k <= i % 4; k++)
			move((i + k) % test_cpus);
		wait_for(alarms > before + 1, "timeout %lu is lost", alarms);
	}
	move(test_cpus - 1);
	arrives(test_cpus - 1);
	end();
}

/* -- stands still -- */

void moves_paused(void)
{
	start(look_around);
	for (uint32_t i = 0; i < test_rounds(40); i++) {
		check_ok(thread_pause(worker.thread.cap));
		uint64_t const before = count;
		move(i % test_cpus);
		test_sleep(500);
		check(count == before, "it runs while it is paused");
		check_ok(thread_resume(worker.thread.cap));
		arrives(i % test_cpus);
	}
	end();
}

static uint64_t watched;

static void look_at_memory(struct worker *w)
{
	while (!stop) {
		(void)*(uint64_t const volatile *)watched;
		at = here();
		count++;
	}
}

/** Whoever waits for memory goes on where he was sent meanwhile, once it is there */
void moves_parked(void)
{
	struct rm_session rm;
	dataspace_cap_t memory, managed;
	uint64_t address;
	enum rm_access access;
	signal_cap_t signal;
	check_ok(rm_open(&rm, test_env, &(struct session_args) {
		.text = "rm | size: 4096" }));
	check_ok(thread_signal(test_env, &signal));
	check_ok(rm_fault_handler(rm.cap, signal));
	check_ok(rm_dataspace(rm.cap, &managed));
	check_ok(ram_alloc(test_env, 4096, &memory));
	check_ok(rm_attach(rm.cap, memory, 0, 0, 0, RM_FIXED, &address));
	check_ok(rm_attach(test_env->rm, managed, 0, 0, 0, 0, &watched));
	start(look_at_memory);
	for (uint32_t i = 0; i < test_rounds(40); i++) {
		check_ok(rm_detach(rm.cap, 0));
		while (rm_fault(rm.cap, &address, &access))
			signal_wait(signal);
		uint64_t const before = count;
		for (uint32_t k = 0; k < i % 4; k++)
			move((i + k) % test_cpus);
		check_ok(rm_attach(rm.cap, memory, 0, 0, 0, RM_FIXED, &address));
		check(count == before, "it goes on without memory");
		if (i % 2)
			move(i % test_cpus);
		check_ok(rm_resume(rm.cap));
		if (i % 2 == 0)
			move(i % test_cpus);
		arrives(i % test_cpus);
	}
	end();
	check_ok(rm_detach(test_env->rm, watched));
	cap_drop(managed.cap);
	rm_close(&rm);
	ram_free(test_env, memory);
	thread_signal_close(test_env, &signal);
}

__asm__ (".text\n.type code_count, @function\ncode_count:\n"
         "1: mov $1, %eax\n xor %ecx, %ecx\n cpuid\n shr $24, %ebx\n"
         "mov %ebx, 8(%rdi)\n incq (%rdi)\n jmp 1b\n"
         ".size code_count, . - code_count\n");
extern char const code_count[];

/** A thread begins where it was sent before it was started */
void moves_new(void)
{
	static uint64_t stack[64];
	uint64_t volatile words[2];
	for (uint32_t i = 0; i < 2 * test_cpus; i++) {
		thread_cap_t cap;
		uint64_t utcb;
		words[0] = words[1] = 0;
		check_ok(cpu_thread_create(test_env->cpu, test_env->pd, "new", 0,
		                           LOW, &cap, &utcb));
		for (uint32_t k = 0; k <= i; k++)
			check_ok(thread_move(cap, k % test_cpus));
		check_ok(thread_start(cap, (uint64_t)code_count,
		                      (uint64_t)(stack + 64), (uint64_t)words));
		wait_for(words[0] > 100, "does not run");
		check(words[1] == apic_id(i % test_cpus), "began on CPU %lu",
		      words[1]);
		check_ok(thread_kill(cap));
		cap_drop(cap.cap);
	}
}

/* -- ends -- */

void moves_killed(void)
{
	static void (*const what[])(struct worker *) = { look_around,
		wait_for_alarms };
	for (uint32_t i = 0; i < test_rounds(60); i++) {
		start(what[i % 2]);
		for (uint32_t k = 0; k <= i % 5; k++)
			move((i + k) % test_cpus);
		if (i % 3 == 0)
			check_ok(thread_pause(worker.thread.cap));
		move(i % test_cpus);
		thread_close(&worker.thread);
		uint64_t const before = count;
		test_sleep(200);
		check(count == before, "it runs on after its end");
		if (i % 2) {
			signal_cap_t signal = alarm;
			thread_signal_close(test_env, &signal);
		}
	}
}

/* -- sessions -- */

enum { MEMBERS = 3 };

static unsigned volatile seen[MEMBERS];
static struct worker     members[MEMBERS];

static void look_from(struct thread *thread)
{
	struct worker *const w = container_of(thread, struct worker, thread);
	while (!stop) {
		seen[w - members] = here();
		thread_yield();
	}
}

static void join_session(struct env *env, unsigned member, uint32_t cpu)
{
	members[member] = (struct worker) { .index = member };
	check_ok(thread_open(&members[member].thread, env, &(struct thread_args) {
		.entry = look_from, .name = "member", .cpu = cpu,
		.priority = LOW }));
}

static void are_at(unsigned members_now, uint32_t first, uint32_t cpus)
{
	for (unsigned i = 0; i < members_now; i++)
		wait_for(seen[i] == apic_id(first + i % cpus),
		         "member %u of a session at CPU %u runs on %u", i, first,
		         seen[i]);
}

/** All threads follow the session's affinity, and later ones begin there */
void moves_sessions(void)
{
	struct cpu_session cpu;
	uint32_t const last = test_cpus - 1;
	uint32_t now;
	struct env env = *test_env;
	check_ok(cpu_open(&cpu, test_env, &(struct session_args) {
		.affinity = { 0, test_cpus }, .ram = 65536 }));
	env.cpu = cpu.cap;
	stop = false;
	join_session(&env, 0, 0);
	join_session(&env, 1, 1 % test_cpus);
	are_at(2, 0, test_cpus);

	check_ok(session_move(&cpu.session, (struct affinity) { last, 1 }));
	check_ok(cpu_count(cpu.cap, &now));
	check(now == 1, "%u CPUs instead of one", now);
	are_at(2, last, 1);
	join_session(&env, 2, 2 % test_cpus);
	are_at(3, last, 1);
	check_ok(thread_move(members[1].thread.cap, last));
	check_error(thread_move(members[1].thread.cap, test_cpus), ERROR_INVALID);
	check_ok(thread_move(members[1].thread.cap, 1 % test_cpus));

	check_ok(session_move(&cpu.session, (struct affinity) { 0, 0 }));
	are_at(3, 0, test_cpus);
	check_ok(session_move(&cpu.session, (struct affinity) { last, ~0u }));
	are_at(3, last, 1);
	stop = true;
	for (unsigned i = 0; i < MEMBERS; i++) {
		thread_join(&members[i].thread);
		thread_close(&members[i].thread);
	}
	cpu_close(&cpu);
}

void refuses(void)
{
	static uint32_t const wrong[] = { 64, 255, 0x10000, ~0u };
	start(look_around);
	check_error(thread_move(worker.thread.cap, test_cpus), ERROR_INVALID);
	for (unsigned i = 0; i < 4; i++)
		check_error(thread_move(worker.thread.cap, wrong[i]),
		            ERROR_INVALID);
	arrives(0);
	end();
}

/* -- priority -- */

static uint64_t volatile hogged;

static void hog(struct thread *thread)
{
	while (!stop)
		hogged++;
}

static void count_only(struct worker *w)
{
	while (!stop)
		count++;
}

/** Who is beside a more urgent one gets less, also if it came later */
void keeps_priority(void)
{
	struct thread urgent;
	uint32_t const cpu = test_cpus - 1;
	if (!cpu)
		return;
	start(count_only);
	check_ok(thread_open(&urgent, test_env, &(struct thread_args) {
		.entry = hog, .name = "hog", .cpu = cpu, .priority = HIGH }));
	hogged = 0;
	wait_for(hogged > 1000, "the hog does not start");
	move(cpu);
	check_ok(thread_pause(worker.thread.cap));      /* it was told, and … */
	check_ok(thread_resume(worker.thread.cap));     /* … is there */
	uint64_t const own = count, others = hogged;
	wait_for(hogged > others + MANY, "the hog got nothing more");
	check(count - own < hogged - others, "%lu rounds beside %lu of a more"
	      " urgent one", count - own, hogged - others);
	stop = true;
	thread_join(&urgent);
	thread_close(&urgent);
	end();
}
