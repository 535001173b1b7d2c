/* SPDX-License-Identifier: MIT */
/** Parts of the test */
#pragma once

void check_all(void);
void check_smp(void);
void fuzz(void);
void bench_all(void);
