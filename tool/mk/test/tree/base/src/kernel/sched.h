/* SPDX-License-Identifier: MIT */
#pragma once

int sched(void);
