/* SPDX-License-Identifier: MIT */
/*
 * Client side of RPC
 *
 * The kernel refuses a call before any side effect if the reply's capabilities
 * could not be received for lack of kernel memory. It is donated then, out of
 * the own account, and the call repeated.
 */

/* public */
#include <base/rpc.h>
#include <session/pd.h>

/* internal */
#include <base/internal/base_state.h>
#include <base/internal/resource.h>
#include <base/internal/rpc.h>
#include <base/internal/sys.h>
#include <base/internal/trace.h>

enum error base_refill(void)
{
	static bool asking;     /* what asks may itself need a refill */
	enum error error = pd_kernel_refill(base_state.env.pd);
	while (error == ERROR_NO_RAM && !asking) {
		asking = true;
		bool const again = resource_granted(&base_state.env, error, 8192, 0);
		asking = false;
		if (!again)
			break;
		error = pd_kernel_refill(base_state.env.pd);
	}
	return error;
}

enum error rpc_call(cap_t object, struct rpc_message *m, unsigned caps)
{
	return trace_wanted(TRACE_POLICY_CALL)
	     ? traced_call(object, m, caps) : rpc_call_plainly(object, m, caps);
}

/** A request, which may have to be made again */
struct asked {
	cap_t               object;
	struct rpc_message *m;
	uint32_t            window, caps;   /* caps: so many were sent */
};

/** After an answer other than success: not for the usual case to carry along */
static __attribute__((noinline)) enum error settle(struct asked const *asked,
                                                   enum error error)
{
	struct rpc_message *const m = asked->m;
	for (;;) {
		if (error == ERROR_KERNEL_RAM)
			error = base_refill(); /* opens no window: no endless recursion */
		else if (!error && !m->tag)
			return ERROR_OK;
		else if (!error && !rpc_goes_on(m, asked->caps))
			break;
		if (error)
			return error;
		error = sys_call(asked->object, m, asked->window);
	}

	/* an error carries nothing else, whatever the server thinks */
	for (uint32_t i = 0; i < m->caps; i++)
		cap_drop(m->cap[i]);
	return m->tag < N_ERRORS ? (enum error)m->tag : ERROR_CORRUPT;
}

enum error rpc_call_plainly(cap_t object, struct rpc_message *m, unsigned caps)
{
	struct asked const asked = { object, m, caps, m->caps };
	enum error const error = sys_call(object, m, caps);
	return error || m->tag ? settle(&asked, error) : ERROR_OK;
}
