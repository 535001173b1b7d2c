/* SPDX-License-Identifier: MIT */
/**
 * Offsets and values that entry.S needs; checked by ec.c against the structs
 */
#pragma once

/* struct ec */
#define EC_AX         56
#define EC_BX         64
#define EC_CX         72
#define EC_DX         80
#define EC_SI         88
#define EC_DI         96
#define EC_BP         104
#define EC_SP         112
#define EC_R8         120
#define EC_R9         128
#define EC_R10        136
#define EC_R11        144
#define EC_R12        152
#define EC_R13        160
#define EC_R14        168
#define EC_R15        176
#define EC_IP         184
#define EC_FLAGS      192
#define EC_FS         200
#define EC_RECEPTIVE  208
#define EC_DONOR      216
#define EC_CALLER     224
#define EC_CALLEE     232
#define EC_SPACE      240
#define EC_CAPS       248
#define EC_FPU        256
#define EC_TIME       264
#define EC_UTCB       272
#define EC_PENDING    280
#define EC_DEPTH      284
#define EC_STATE      288
#define EC_RESERVED   289
#define EC_WINDOW     290
#define EC_FULL       291
#define EC_SIGNALLED  292
#define EC_SUPERVISOR 293
#define EC_FAULT      294

#define EC_RUN        0
#define EC_WAIT       1
#define EC_CALL       2

#define EC_DEPTH_MAX  16

/* struct cap, and how a name leads to it */
#define CAP_NAME      0
#define CAP_OBJECT    8
#define CAP_RIGHTS    16
#define CAP_SIZE      64
#define CAP_DIR_MASK  0x7fc0
#define CAP_PAGE_MASK 0x3f

#define RIGHT_CALL    1
#define RIGHT_SUBMIT  2
#define RIGHT_CONTROL 4

/* struct portal */
#define PORTAL_EC     56
#define PORTAL_LABEL  64

/* struct page_table */
#define SPACE_CR3     0
#define SPACE_TAG     8
