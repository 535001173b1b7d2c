/* SPDX-License-Identifier: MIT */
/*
 * Keeps the emulated CPUs in step under ICOUNT=1
 *
 *     config | every_us: 20
 *
 * There, QEMU lets one CPU run until the next event of any virtual device, then
 * the next CPU. The CPUs' own timers are one-shot: if several CPUs compute, one
 * may run for a second while the others stand still. Counter 0 of the 8254, which
 * nobody uses (its interrupt is masked), is an event that repeats by itself.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/log.h>
#include <session/io_port.h>

/* Intel 8254 data sheet: counter 0, both bytes, rate generator */
enum { COUNTER_0 = 0x40, COMMAND = 0x43, MODE_2 = 0x34, HZ = 1193182 };

enum error component_construct(struct env *env)
{
	struct io_port_session io;
	uint64_t const us = hid_uint(env->config, "every_us", 20);
	uint32_t const count = (uint32_t)(us * HZ / 1000000);
	if (count < 2 || count > 0xffff)
		return ERROR_INVALID;
	enum error error = io_port_open(&io, env, &(struct session_args) {
		.text = "io_port | base: 0x40 | size: 4" });
	if (!error)
		error = io_port_write(io.cap, COMMAND, 1, MODE_2);
	if (!error)
		error = io_port_write(io.cap, COUNTER_0, 1, count & 0xff);
	if (!error)
		error = io_port_write(io.cap, COUNTER_0, 1, count >> 8);
	if (!error)
		log_info("an event every %lu us", us);
	return error;
}
