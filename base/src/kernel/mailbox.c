/* SPDX-License-Identifier: MIT */

/* Internal */
#include <kernel/apic.h>
#include <kernel/local.h>

enum { MAIL_STEP = 64 };


void mailbox_put(struct cpu *cpu, struct mail *mail)
{
	struct mailbox *const box = &cpu->local->mailbox;
	if (__atomic_exchange_n(&mail->sent, 1, __ATOMIC_SEQ_CST))
		return;
	struct mail *old = box->newest;
	do mail->next = old;
	while (!__atomic_compare_exchange_n(&box->newest, &old, mail, false,
	                                    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));

	/* the interrupt for older mail was not served yet, and will find this */
	if (!old)
		apic_send(cpu, VECTOR_MAILBOX);
}


/** Mail that was taken comes newest first, and is turned round in steps, too */
bool mailbox_serve(void)
{
	struct mailbox *const box = &cpu_local()->mailbox;
	struct mail *mail;
	for (unsigned i = 0; i < MAIL_STEP; i++) {
		if ((mail = box->taken)) {
			box->taken  = mail->next;
			mail->next  = box->oldest;
			box->oldest = mail;
		} else if ((mail = box->oldest)) {
			box->oldest = mail->next;
			__atomic_store_n(&mail->sent, 0, __ATOMIC_SEQ_CST);
			mail->open(mail);
		} else {
			box->taken = __atomic_exchange_n(&box->newest, NULL,
			                                 __ATOMIC_SEQ_CST);
			if (!box->taken)
				return true;
		}
	}
	apic_send(cpu_self(), VECTOR_MAILBOX);
	return false;
}
