/* SPDX-License-Identifier: MIT */
/**
 * Threads that run in supervisor mode: none on this kernel
 *
 * base-hw has another version of this file, for core.
 */
#pragma once

#ifdef __ASSEMBLER__

/* Before returning to 'ec' by SYSRET, registers of the message are in place */
.macro supervisor_fast ec
.endm

/* Before returning to 'ec' with all its registers */
.macro supervisor_full ec
.endm

/* Further ways in and out */
.macro supervisor_entries
.endm

#else

enum { SUPERVISOR_CORE = 0, SUPERVISOR_ENTRY_LENGTH = 0 };

#endif
