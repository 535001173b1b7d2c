/* SPDX-License-Identifier: MIT */

/* Internal */
#include <core/control.h>
#include <kernel/transfer.h>


static void move_words(struct ec const *from, struct ec *to, uint32_t words)
{
	to->regs.ax  = from->regs.ax;
	to->regs.r8  = from->regs.r8;
	to->regs.r9  = from->regs.r9;
	to->regs.r10 = from->regs.r10;
	for (uint32_t i = ABI_REGISTER_WORDS; i < words; i++)
		to->utcb->message.word[i] = from->utcb->message.word[i];
}


/** Names are read once, as the sender may be changing them at this moment */
static enum error move_caps(struct ec const *from, struct ec *to, uint32_t caps)
{
	struct kobject *object[RPC_CAPS];
	uint8_t rights[RPC_CAPS];
	if (caps > to->window)
		return ERROR_WINDOW;

	for (uint32_t i = 0; i < caps; i++) {
		cap_t const name =
			*(cap_t const volatile *)&from->utcb->message.cap[i];
		object[i] = cap_object(from->pd, name, &rights[i]);
		if (name && !object[i])
			return ERROR_INVALID;
	}
	for (uint32_t i = 0; i < caps; i++) {
		cap_t name = 0;
		if (object[i])
			error_ignore(cap_add(to->pd, object[i],
			                     rights[i] & (uint8_t)~RIGHT_CONTROL,
			                     &to->reserved, &name),
			             "it died: no capability");
		to->utcb->message.cap[i] = name;
	}
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


enum error transfer(struct ec *from, struct ec *to)
{
	if (from->fault) {
		describe_fault(from, to);
		return ERROR_OK;
	}
	uint32_t const words = (uint8_t)(from->regs.dx >> ABI_WORDS_SHIFT);
	uint32_t const caps  = (uint8_t)(from->regs.dx >> ABI_CAPS_SHIFT);

	enum error const error = caps ? move_caps(from, to, caps) : ERROR_OK;
	if (error)
		return error;
	move_words(from, to, words);
	to->regs.si = from->regs.si;
	to->regs.dx = words << ABI_WORDS_SHIFT | caps << ABI_CAPS_SHIFT;
	return ERROR_OK;
}
