/* SPDX-License-Identifier: MIT */
/*
 * Property: a component gets ports, device memory and interrupts only within what
 * its route grants, whatever it asks for; what resets the machine or puts it to
 * sleep it gets by no route. The labels are those of the routes in
 * base/run/device.run.
 */

/* public */
#include <session/dataspace.h>
#include <session/io_mem.h>
#include <session/io_port.h>
#include <session/irq.h>

/* local */
#include "test.h"

/** One attempt to open a session */
struct attempt { char const *label, *text; enum error answer; };

static struct session_args args_of(struct attempt const *a)
{
	return (struct session_args) { .label = a->label, .text = a->text };
}

static void try_ports(struct attempt const *a)
{
	struct io_port_session io;
	struct session_args const args = args_of(a);
	enum error const error = io_port_open(&io, test_env, &args);
	check(error == a->answer, "ports by route '%s', '%s': %s", a->label,
	      a->text, error_text(error));
	if (!error)
		io_port_close(&io);
}

static void try_memory(struct attempt const *a)
{
	struct io_mem_session io;
	struct session_args const args = args_of(a);
	enum error const error = io_mem_open(&io, test_env, &args);
	check(error == a->answer, "memory by route '%s', '%s': %s", a->label,
	      a->text, error_text(error));
	if (!error)
		io_mem_close(&io);
}

static void try_interrupt(struct attempt const *a)
{
	struct irq_session irq;
	struct session_args const args = args_of(a);
	enum error const error = irq_open(&irq, test_env, &args);
	check(error == a->answer, "interrupt by route '%s', '%s': %s", a->label,
	      a->text, error_text(error));
	if (!error)
		irq_close(&irq);
}

/** The route says which, or only that; 0x2f8 is the second serial line */
static void ports(void)
{
	static struct attempt const attempts[] = {
		{ "serial", "", ERROR_OK },
		{ "serial", "io_port | base: 0x2f8 | size: 8", ERROR_OK },
		{ "serial", "io_port | base: 0x2fb | size: 2", ERROR_OK },
		{ "serial", "io_port | base: 0x2f8 | size: 9", ERROR_DENIED },
		{ "serial", "io_port | base: 0x2f7 | size: 8", ERROR_DENIED },
		{ "serial", "io_port | base: 0x3f8 | size: 8", ERROR_DENIED },
		{ "serial", "io_port | base: 0x2ff", ERROR_DENIED },
		{ "serial", "io_port | size: 0", ERROR_DENIED },
		{ "serial", "io_port | size: 0xffffffffffffffff", ERROR_DENIED },
		{ "serial", "io_port | base: 0x2f9 | size: 0xffffffffffffffff",
		  ERROR_DENIED },
		{ "serial", "| base", ERROR_DENIED },
		{ "two", "", ERROR_OK },
		{ "two", "io_port | base: 0x2e8 | size: 8", ERROR_OK },
		{ "two", "io_port | base: 0x2f8 | size: 8", ERROR_OK },
		{ "two", "io_port | base: 0x2e8 | size: 24", ERROR_DENIED },
		{ "nothing", "io_port | base: 0x2f8 | size: 8", ERROR_DENIED },
		{ "irq", "io_port | base: 0x2f8 | size: 8", ERROR_DENIED },
		{ "any", "io_port | base: 0x2f8 | size: 8", ERROR_OK },
		{ "any", "", ERROR_DENIED },
		{ "fixed", "io_port | base: 0x3f8 | size: 8", ERROR_OK },
	};
	for (unsigned i = 0; i < sizeof attempts / sizeof *attempts; i++)
		try_ports(&attempts[i]);
}

/** A session is its range, not one port more */
static void range(void)
{
	struct io_port_session io;
	uint32_t value;
	check_ok(io_port_open(&io, test_env, &(struct session_args) {
		.label = "serial" }));
	check_ok(io_port_write(io.cap, 0x2ff, 1, 0x5a));
	check_ok(io_port_read(io.cap, 0x2ff, 1, &value));
	check_error(io_port_read(io.cap, 0x2f7, 1, &value), ERROR_DENIED);
	check_error(io_port_read(io.cap, 0x2ff, 2, &value), ERROR_DENIED);
	check_error(io_port_write(io.cap, 0x300, 1, 0), ERROR_DENIED);
	io_port_close(&io);

	/* the session of the route that names another range than the client */
	check_ok(io_port_open(&io, test_env, &(struct session_args) {
		.label = "fixed", .text = "io_port | base: 0x3f8 | size: 8" }));
	check_error(io_port_read(io.cap, 0x3f8, 1, &value), ERROR_DENIED);
	check_ok(io_port_read(io.cap, 0x2f8, 1, &value));
	io_port_close(&io);
}

/** Interrupt controllers, NMI, reset, sleep: 0x604 and 0xb2 are QEMU's */
static void reserved(void)
{
	static char const *const texts[] = {
		"io_port | base: 0x20 | size: 1", "io_port | base: 0xa1 | size: 1",
		"io_port | base: 0x4d0 | size: 2", "io_port | base: 0x61 | size: 1",
		"io_port | base: 0x60 | size: 5", "io_port | base: 0x92 | size: 1",
		"io_port | base: 0x604 | size: 2", "io_port | base: 0x600 | size: 64",
		"io_port | base: 0xb2 | size: 1", "io_port | base: 0 | size: 0x10000",
	};
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
		try_ports(&(struct attempt) { "any", texts[i], ERROR_DENIED });
}

/** What shares ports with devices is refused by access */
static void resets(void)
{
	struct io_port_session pci, keyboard;
	uint32_t value;
	check_ok(io_port_open(&pci, test_env, &(struct session_args) {
		.label = "any", .text = "io_port | base: 0xcf8 | size: 8" }));
	check_ok(io_port_write(pci.cap, 0xcf8, 4, 0x80000000));
	check_ok(io_port_read(pci.cap, 0xcfc, 4, &value));
	check(value != 0 && value != UINT32_MAX, "no host bridge: 0x%x", value);
	check_error(io_port_write(pci.cap, 0xcf9, 1, 6), ERROR_DENIED);
	check_error(io_port_write(pci.cap, 0xcf8, 2, 0x600), ERROR_DENIED);
	check_error(io_port_write(pci.cap, 0xcf9, 4, 6), ERROR_DENIED);
	check_error(io_port_write_bytes(pci.cap, 0xcf9, "\6"), ERROR_DENIED);
	io_port_close(&pci);

	check_ok(io_port_open(&keyboard, test_env, &(struct session_args) {
		.label = "any", .text = "io_port | base: 0x64 | size: 2" }));
	check_ok(io_port_read(keyboard.cap, 0x64, 1, &value));
	check_error(io_port_write(keyboard.cap, 0x64, 1, 0xfe), ERROR_DENIED);
	check_error(io_port_write(keyboard.cap, 0x64, 1, 0xd1), ERROR_DENIED);
	check_error(io_port_write(keyboard.cap, 0x64, 2, 0xfe), ERROR_DENIED);
	check_ok(io_port_write_bytes(keyboard.cap, 0x64, "\xfe\xd1"));
	io_port_close(&keyboard);
}

/** 0xfed00000 is the HPET */
static void memory(void)
{
	static struct attempt const attempts[] = {
		{ "hpet", "", ERROR_OK },
		{ "hpet", "io_mem | base: 0xfed00000 | size: 1K", ERROR_OK },
		{ "hpet", "io_mem | base: 0xfed00000 | size: 8K", ERROR_DENIED },
		{ "hpet", "io_mem | base: 0xfed01000 | size: 4K", ERROR_DENIED },
		{ "hpet", "io_mem | base: 0xfecff000 | size: 8K", ERROR_DENIED },
		{ "nothing", "io_mem | base: 0xfed00000 | size: 4K", ERROR_DENIED },
		{ "any", "io_mem | base: 0xfed00000 | size: 4K", ERROR_OK },
		{ "any", "io_mem | base: 0xfee00000 | size: 4K", ERROR_DENIED },
		{ "any", "io_mem | base: 0xfec00000 | size: 4K", ERROR_DENIED },
		{ "any", "io_mem | base: 0x100000 | size: 4K", ERROR_DENIED },
	};
	for (unsigned i = 0; i < sizeof attempts / sizeof *attempts; i++)
		try_memory(&attempts[i]);
}

static void interrupts(void)
{
	static struct attempt const attempts[] = {
		{ "irq", "", ERROR_OK },
		{ "irq", "irq | gsi: 3", ERROR_OK },
		{ "irq", "irq | gsi: 3 | trigger: edge", ERROR_OK },
		{ "irq", "irq | gsi: 3 | trigger: level_low", ERROR_DENIED },
		{ "irq", "irq | gsi: 5", ERROR_DENIED },
		{ "irq", "irq | trigger: msi", ERROR_DENIED },
		{ "msi", "", ERROR_OK },
		{ "msi", "irq | trigger: msi", ERROR_OK },
		{ "msi", "irq | gsi: 3 | trigger: edge", ERROR_DENIED },
		{ "nothing", "irq | gsi: 3", ERROR_DENIED },
		{ "any", "irq | gsi: 5 | trigger: level_low", ERROR_OK },
		{ "any", "irq | trigger: msi", ERROR_OK },
		{ "any", "", ERROR_DENIED },
	};
	for (unsigned i = 0; i < sizeof attempts / sizeof *attempts; i++)
		try_interrupt(&attempts[i]);
}

static struct test_step const steps[] = {
	{ "ports", ports }, { "range", range }, { "reserved ports", reserved },
	{ "resets", resets }, { "memory", memory }, { "interrupts", interrupts },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
