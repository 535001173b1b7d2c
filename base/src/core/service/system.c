/* SPDX-License-Identifier: MIT */
/**
 * System service: reboot, and power-off by ACPI's state S5
 *
 * The kernel found the registers and the values of S5 in the tables at boot. No
 * AML is executed, so methods that firmware wants to be called before (_PTS) are
 * not. Sections: ACPI 6.5.
 */

/* public */
#include <base/log.h>
#include <rpc/system.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "clock.h"
#include "log.h"
#include "session.h"
#include "service/services.h"

struct system { struct core_session session; };

/* PM1 control: 4.8.3.2.1 */
enum { SCI_ENABLED = 1, SLEEP_TYPE_SHIFT = 10, SLEEP_TYPE = 7 << 10,
       SLEEP_ENABLE = 1 << 13 };

enum { PATIENCE_US = 20000 };

static uint16_t in16(uint16_t port)
{
	uint16_t value;
	__asm__ volatile ("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void out16(uint16_t port, uint16_t value)
{
	__asm__ volatile ("outw %0, %1" :: "a"(value), "Nd"(port));
}

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile ("outb %0, %1" :: "a"(value), "Nd"(port));
}

/** Until the machine did what it was told; it should not come back */
static void wait(void)
{
	uint64_t const end = clock_tsc() + clock_ticks(PATIENCE_US);
	while (clock_tsc() < end)
		__builtin_ia32_pause();
}

/** Take the registers over from the firmware: 4.8.2.5 */
static void enable_acpi(struct boot_power const *power)
{
	if (in16(power->control_a) & SCI_ENABLED || !power->smi_command)
		return;
	out8(power->smi_command, power->acpi_enable);
	uint64_t const end = clock_tsc() + clock_ticks(PATIENCE_US);
	while (!(in16(power->control_a) & SCI_ENABLED) && clock_tsc() < end)
		__builtin_ia32_pause();
}

static void sleep(uint16_t port, uint8_t type)
{
	if (port)
		out16(port, (uint16_t)((in16(port) & ~SLEEP_TYPE)
		      | type << SLEEP_TYPE_SHIFT | SLEEP_ENABLE));
}

static enum error power_off(struct rpc_object *self)
{
	struct system const *const system = object_self(self);
	struct boot_power const *const power = &kernel_boot_info()->power;
	if (!power->control_a)
		return ERROR_NOT_FOUND;
	log_info("core: %s switches the machine off", system->session.label);
	log_flush();
	enable_acpi(power);
	sleep(power->control_a, power->type_a);
	sleep(power->control_b, power->type_b);
	wait();
	return ERROR_NOT_FOUND;
}

static enum error reboot(struct rpc_object *self)
{
	struct system const *const system = object_self(self);
	log_info("core: %s reboots the machine", system->session.label);
	log_flush();
	error_ignore(kernel_reboot(), "the answer says it");
	return ERROR_NOT_FOUND;
}

static struct system_ops const ops = {
	.reboot = reboot, .power_off = power_off };

struct core_service const system_service = {
	.name     = "System",
	.size     = sizeof(struct system),
	.dispatch = system_dispatch,
	.ops      = &ops,
};
