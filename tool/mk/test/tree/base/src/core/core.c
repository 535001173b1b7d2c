/* SPDX-License-Identifier: MIT */
int core(void);

int core(void) { return 2; }
