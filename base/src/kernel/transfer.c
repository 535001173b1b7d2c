/* SPDX-License-Identifier: MIT */

/* Internal */
#include <core/kernel.h>
#include <kernel/transfer.h>


static uint32_t words_of(uint64_t info)
{
	return (uint8_t)(info >> ABI_WORDS_SHIFT);
}


static uint32_t caps_of(uint64_t info)
{
	return (uint8_t)(info >> ABI_CAPS_SHIFT);
}


static void move_words(struct ec const *from, struct ec *to, uint32_t words)
{
	to->regs.ax  = from->regs.ax;
	to->regs.r8  = from->regs.r8;
	to->regs.r9  = from->regs.r9;
	to->regs.r10 = from->regs.r10;
	for (uint32_t i = ABI_REGISTER_WORDS; i < words; i++)
		to->utcb->message.word[i] = from->utcb->message.word[i];
}


/** One capability, whose name the sender may be changing at this moment */
static cap_t move_cap(struct ec const *from, struct ec *to, cap_t name)
{
	uint8_t rights;
	struct kobject *const object = cap_object(from->pd, name, &rights);
	if (!object)
		return 0;

	rights &= (uint8_t)~RIGHT_CONTROL;
	uint32_t missing;
	cap_t received = 0;
	error_ignore(cap_add(to->pd, object, rights, &to->reserved, &received,
	                     &missing), "died on the way: no capability");
	return received;
}


static enum error move_caps(struct ec const *from, struct ec *to, uint32_t caps)
{
	cap_t name[RPC_CAPS];
	if (caps > to->window)
		return ERROR_WINDOW;

	for (uint32_t i = 0; i < caps; i++) {
		name[i] = from->utcb->message.cap[i];
		uint8_t rights;
		if (name[i] && !cap_object(from->pd, name[i], &rights))
			return ERROR_INVALID;
	}
	for (uint32_t i = 0; i < caps; i++)
		to->utcb->message.cap[i] = name[i] ? move_cap(from, to, name[i]) : 0;
	return ERROR_OK;
}


enum error transfer_reply(struct ec *from, struct ec *to)
{
	uint32_t const words = words_of(from->regs.dx);
	uint32_t const caps  = caps_of(from->regs.dx);

	enum error const error = caps ? move_caps(from, to, caps) : ERROR_OK;
	if (error)
		return error;
	move_words(from, to, words);
	to->regs.si = from->regs.si;
	to->regs.dx = words << ABI_WORDS_SHIFT | caps << ABI_CAPS_SHIFT;
	return ERROR_OK;
}


static void describe_fault(struct ec const *from, struct ec *to)
{
	to->regs.si  = from->vector;
	to->regs.dx  = FAULT_WORDS << ABI_WORDS_SHIFT;
	to->regs.ax  = from->fault_address;
	to->regs.r8  = from->error_code;
	to->regs.r9  = from->regs.ip;
	to->regs.r10 = from->regs.sp;
}

_Static_assert(FAULT_ADDRESS == 0 && FAULT_ERROR_CODE == 1 && FAULT_IP == 2 &&
               FAULT_SP == 3 && FAULT_WORDS == 4, "words in registers");


enum error transfer_call(struct ec *from, struct ec *to)
{
	if (!from->fault)
		return transfer_reply(from, to);
	describe_fault(from, to);
	return ERROR_OK;
}
