/* SPDX-License-Identifier: MIT */
/* Capability names: keep, drop, probe */

#include <base/cap.h>
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>

void cap_keep(cap_t cap)
{
	struct thread_self *const self = thread_self();
	for (uint32_t i = 0; i < self->n_received; i++)
		if (self->received[i] == cap && !(self->kept & 1u << i)) {
			self->kept |= 1u << i;
			return;
		}
}

void cap_drop(cap_t cap)
{
	if (cap)
		error_ignore(sys_cap_release(cap, 1), "a dead name is dropped already");
}

bool cap_alive(cap_t cap)
{
	return cap && sys_cap_probe(cap) == ERROR_OK;
}
