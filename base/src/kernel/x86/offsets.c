/* SPDX-License-Identifier: MIT */
/*
 * What assembly has to know of C: never linked, the build makes offsets.inc of it
 *
 * Offsets of registers are named as the registers are, so that macros can tell.
 */

/* Internal */
#include <kernel/ec.h>
#include <kernel/portal.h>

#define DEFINE(name, value) \
	__asm__ volatile ("\n=" #name " = %c0" :: "i" (value))
#define OFFSET(name, type, member) \
	DEFINE(name, offsetof(struct type, member))
#define REGISTER(name)     OFFSET(EC_r##name, ec, regs.name)
#define NUMBERED(name)     OFFSET(EC_##name, ec, regs.name)

void offsets(void);

void offsets(void)
{
	REGISTER(ax);
	REGISTER(bx);
	REGISTER(cx);
	REGISTER(dx);
	REGISTER(si);
	REGISTER(di);
	REGISTER(bp);
	NUMBERED(r8);
	NUMBERED(r9);
	NUMBERED(r10);
	NUMBERED(r11);
	NUMBERED(r12);
	NUMBERED(r13);
	NUMBERED(r14);
	NUMBERED(r15);
	OFFSET(EC_SP,         ec, regs.sp);
	OFFSET(EC_IP,         ec, regs.ip);
	OFFSET(EC_FLAGS,      ec, regs.flags);
	OFFSET(EC_FS,         ec, fs);
	OFFSET(EC_RECEPTIVE,  ec, receptive);
	OFFSET(EC_DONOR,      ec, donor);
	OFFSET(EC_CALLER,     ec, caller);
	OFFSET(EC_CALLEE,     ec, callee);
	OFFSET(EC_SPACE,      ec, space);
	OFFSET(EC_CAPS,       ec, dir);
	OFFSET(EC_FPU,        ec, fpu);
	OFFSET(EC_TIME,       ec, time);
	OFFSET(EC_UTCB,       ec, utcb);
	OFFSET(EC_PENDING,    ec, pending);
	OFFSET(EC_DEPTH,      ec, depth);
	OFFSET(EC_STATE,      ec, state);
	OFFSET(EC_RESERVED,   ec, reserved);
	OFFSET(EC_WINDOW,     ec, window);
	OFFSET(EC_FULL,       ec, full);
	OFFSET(EC_SIGNALLED,  ec, signalled);
	OFFSET(EC_SUPERVISOR, ec, supervisor);
	OFFSET(EC_FAULT,      ec, fault);

	DEFINE(EC_RUN,        STATE_RUN);
	DEFINE(EC_WAIT,       STATE_WAIT);
	DEFINE(EC_CALL,       STATE_CALL);
	DEFINE(EC_DEPTH_MAX,  EC_DEPTH_MAX);

	/* how a name leads to its node, as cap_look_up does it */
	OFFSET(CAP_NAME,      cap, name);
	OFFSET(CAP_OBJECT,    cap, object);
	OFFSET(CAP_RIGHTS,    cap, rights);
	DEFINE(CAP_DIR_MASK,  CAP_INDEX_MAX - CAP_PAGE_NODES);
	DEFINE(CAP_PAGE_MASK, CAP_PAGE_NODES - 1);
	DEFINE(RIGHT_CALL,    RIGHT_CALL);

	OFFSET(PORTAL_EC,     portal, ec);
	OFFSET(PORTAL_LABEL,  portal, label);
	OFFSET(SPACE_CR3,     page_table, cr3);
	OFFSET(SPACE_TAG,     page_table, tag);

	OFFSET(CPU_SELF,      cpu, self);
	OFFSET(CPU_STACK,     cpu, stack);
	OFFSET(CPU_USER_SP,   cpu, user_sp);
	OFFSET(CPU_CURRENT,   cpu, current);
	OFFSET(CPU_SC,        cpu, sc);
	OFFSET(CPU_FPU,       cpu, fpu);
	OFFSET(CPU_CONTENDED, cpu, contended);
	OFFSET(CPU_AGAIN,     cpu, again);
	OFFSET(CPU_SPACE,     cpu, space);
	OFFSET(CPU_TLB_TAG,   cpu, tlb_tag);
	DEFINE(TLB_TAG_MASK,  TLB_TAGS - 1);

	DEFINE(SYS_YIELD,          SYS_YIELD);
	DEFINE(ABI_VERSION,        ABI_VERSION);
	DEFINE(ABI_WORDS_SHIFT,    ABI_WORDS_SHIFT);
	DEFINE(ABI_REGISTER_WORDS, ABI_REGISTER_WORDS);
	OFFSET(UTCB_WORDS, utcb, message.word[ABI_REGISTER_WORDS]);
}
