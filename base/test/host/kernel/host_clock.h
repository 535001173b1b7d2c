/* SPDX-License-Identifier: MIT */
/**
 * Put in front of the kernel's files: two CPUs whose counters differ; who waits
 * lets the other one run
 */
#pragma once

#include <kernel/cpu.h>

uint64_t host_tsc(void);
uint64_t host_msr_read(uint32_t msr);
void     host_msr_write(uint32_t msr, uint64_t value);
void     host_pause(void);

#define cpu_tsc       host_tsc
#define cpu_msr_read  host_msr_read
#define cpu_msr_write host_msr_write
#define cpu_pause     host_pause
