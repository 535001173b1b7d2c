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

enum error rpc_call_plainly(cap_t object, struct rpc_message *m, unsigned caps)
{
	uint32_t const given = m->caps;
	enum error error;
	do {
		while ((error = sys_call(object, m, caps)) == ERROR_KERNEL_RAM) {
			error = base_refill(); /* opens no window: no endless recursion */
			if (error)
				return error;
		}
		if (error || !m->tag)
			return error;
	} while (rpc_goes_on(m, given));

	/* an error carries nothing else, whatever the server thinks */
	for (uint32_t i = 0; i < m->caps; i++)
		cap_drop(m->cap[i]);
	return m->tag < N_ERRORS ? (enum error)m->tag : ERROR_CORRUPT;
}
