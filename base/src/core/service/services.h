/* SPDX-License-Identifier: MIT */
/** The small services of core; PD and CPU have headers of their own */
#pragma once

#include "session.h"

extern struct core_service const rom_service;
extern struct core_service const rm_service;
extern struct core_service const log_service;
extern struct core_service const io_mem_service;
extern struct core_service const io_port_service;
extern struct core_service const irq_service;
extern struct core_service const trace_service;
extern struct core_service const system_service;
extern struct core_service const entropy_service;

/** Entropy as good as the CPU offers, at least the jitter of the clock */
uint64_t entropy_seed(void);
