/* SPDX-License-Identifier: MIT */
/** IRQ service: the kernel submits the client's signal, core only binds it */

/* public */
#include <rpc/irq.h>
#include <base/log.h>
#include <util/container_of.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "pool.h"
#include "session.h"
#include "service/services.h"

struct irq {
	struct core_session session;
	cap_t               kernel;
	cap_t               handler;
	bool                msi;
	struct kernel_msi   message;
};

static enum error handler(struct rpc_object *self, signal_cap_t signal)
{
	struct irq *const irq = object_self(self);
	enum error const error = kernel_irq_bind(irq->kernel, signal.cap);
	if (error)
		return error;
	return donation_error(signal_keep(&irq->session.account,
	                                  &irq->handler, signal.cap));
}

static enum error ack(struct rpc_object *self)
{
	struct irq const *const irq = object_self(self);
	return kernel_irq_ack(irq->kernel);
}

static enum error msi(struct rpc_object *self, uint64_t *address, uint32_t *data)
{
	struct irq const *const irq = object_self(self);
	if (!irq->msi)
		return ERROR_INVALID;
	*address = irq->message.address;
	*data    = irq->message.data;
	return ERROR_OK;
}

static struct irq_ops const ops = {
	.handler = handler,
	.ack     = ack,
	.msi     = msi,
};

static enum kernel_irq_kind kind_of(struct hid const *args)
{
	return hid_equals(args, "trigger", "level_low")  ? KERNEL_IRQ_LEVEL_LOW
	     : hid_equals(args, "trigger", "level_high") ? KERNEL_IRQ_LEVEL_HIGH
	     : hid_equals(args, "trigger", "msi")        ? KERNEL_IRQ_MSI
	                                                 : KERNEL_IRQ_EDGE;
}

static enum error create(struct core_session *session,
                         struct session_request const *request)
{
	struct irq *const irq = container_of(session, struct irq, session);
	enum kernel_irq_kind const kind = kind_of(request->args);
	uint32_t const n_gsi = kernel_boot_info()->n_gsi;
	uint64_t const gsi = hid_uint(request->args, "gsi", n_gsi);
	irq->msi = kind == KERNEL_IRQ_MSI;
	if (!irq->msi && gsi >= n_gsi)
		return ERROR_INVALID;

	enum error error = account_take(&session->account,
	                                OBJECT_KERNEL_RAM, 0);
	if (error)
		return error;
	do error = kernel_irq_create(kernel_core_pd(), (uint32_t)gsi, kind,
	                             request->cpu_first, &irq->kernel,
	                             &irq->message);
	while (pool_lacks(&core_pool, &error));
	if (error) {
		irq->kernel = 0;
		account_give(&session->account, OBJECT_KERNEL_RAM, 0);
		log_error("core: %s gets no interrupt: %s", session->label,
		          error_text(error));
	}
	return error;
}

static bool destroy(struct core_session *session)
{
	struct irq *const irq = container_of(session, struct irq, session);
	if (irq->kernel) {
		error_ignore(kernel_destroy(irq->kernel), "it is alive");
		account_give(&session->account, OBJECT_KERNEL_RAM, 0);
	}
	signal_keep_none(&session->account, &irq->handler);
	return true;
}

struct core_service const irq_service = {
	.name     = "IRQ",
	.size     = sizeof(struct irq),
	.dispatch = irq_dispatch,
	.ops      = &ops,
	.create   = create,
	.destroy  = destroy,
};
