/* SPDX-License-Identifier: MIT */

/* Internal */
#include <kernel/apic.h>
#include <kernel/ipc.h>
#include <kernel/local.h>
#include <kernel/signal.h>


void mailbox_put(struct cpu *cpu, struct mail *mail)
{
	struct mailbox *const box = &cpu->local->mailbox;
	struct mail *old = box->newest;
	do mail->next = old;
	while (!__atomic_compare_exchange_n(&box->newest, &old, mail, false,
	                                    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));

	/* the interrupt for older mail was not served yet, and will find this */
	if (!old)
		apic_send(cpu, VECTOR_MAILBOX);
}


static void open_signal(struct signal *signal)
{
	__atomic_store_n(&signal->in_mail, 0, __ATOMIC_SEQ_CST);
	if (signal->count && !list_linked(&signal->pending))
		signal_arrive(signal);
}


static void open_event(struct ec *ec)
{
	__atomic_store_n(&ec->in_mail, 0, __ATOMIC_SEQ_CST);
	ec_serve(ec);
}


static void open_recall(struct ec *ec)
{
	__atomic_store_n(&ec->recalled, 0, __ATOMIC_SEQ_CST);
	ipc_recall(ec);
}


static void open_mail(struct mail *mail)
{
	switch ((enum mail_type)mail->type) {
	case MAIL_SIGNAL: open_signal(container_of(mail, struct signal, mail)); break;
	case MAIL_EVENT:  open_event(container_of(mail, struct ec, event)); break;
	case MAIL_RECORD: ipc_remote_receive(container_of(mail, struct ec, record)); break;
	case MAIL_RECALL: open_recall(container_of(mail, struct ec, recall)); break;
	}
}


void mailbox_serve(void)
{
	struct mailbox *const box = &cpu_local()->mailbox;
	struct mail *list = __atomic_exchange_n(&box->newest, NULL, __ATOMIC_SEQ_CST);

	struct mail *oldest = NULL;
	while (list) {
		struct mail *const next = list->next;
		list->next = oldest;
		oldest = list;
		list = next;
	}
	while (oldest) {
		struct mail *const mail = oldest;
		oldest = mail->next;
		open_mail(mail);
	}
}
