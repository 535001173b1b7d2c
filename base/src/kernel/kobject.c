/* SPDX-License-Identifier: MIT */
/*
 * Life and death of kernel objects
 *
 * Destroying: 'dead' is stored; round 1, after which nobody finds the object any
 * more; what runs or waits because of it is stopped, on the CPUs concerned; the
 * holders are unlinked; round 2, after which nobody holds a pointer. All of it in
 * bounded steps, after each of which the system call returns to the destroyer.
 */

/* Internal */
#include <kernel/irq.h>
#include <kernel/pd.h>
#include <kernel/portal.h>
#include <kernel/round.h>
#include <kernel/signal.h>


void kobject_init(struct kobject *object, enum kobject_type type, struct pd *pd)
{
	object->type = (uint8_t)type;
	object->pd   = pd;
	list_init(&object->holders);
}


bool kobject_claim(struct kobject *object)
{
	bool const claimed =
		!__atomic_exchange_n(&object->dead, 1, __ATOMIC_SEQ_CST);

	if (claimed && object->type == KOBJECT_PORTAL)
		container_of(object, struct portal, object)->ec = &ec_none;
	return claimed;
}


static bool stop_type(struct kobject *object)
{
	switch ((enum kobject_type)object->type) {
	case KOBJECT_PD:
		return pd_stop(container_of(object, struct pd, object));
	case KOBJECT_EC:
		return ec_stop(container_of(object, struct ec, object));
	case KOBJECT_PORTAL:
		return portal_stop(container_of(object, struct portal, object));
	case KOBJECT_SIGNAL:
		return signal_stop(container_of(object, struct signal, object));
	case KOBJECT_IRQ:
		return irq_stop(container_of(object, struct irq, object));
	case KOBJECT_TYPES:
		break;
	}
	return true;
}


bool kobject_stop(struct kobject *object)
{
	if (object->stage < STAGE_DRAIN) {
		if (!stop_type(object))
			return false;
		object->stage = STAGE_DRAIN;
	}
	return cap_drain_holders(object);
}


/** Claim what dies with the object, and begin the round after that */
static bool begin(struct kobject *object)
{
	if (object->type == KOBJECT_PD
	 && !pd_mark(container_of(object, struct pd, object)))
		return false;

	object->round = round_start();
	object->stage = STAGE_ROUND_1;
	return true;
}


bool kobject_die(struct kobject *object)
{
	if (object->stage == STAGE_ALIVE && !begin(object))
		return false;

	if (object->stage == STAGE_ROUND_1) {
		if (!round_over(object->round))
			return false;
		object->stage = STAGE_STOP;
	}
	if (object->stage == STAGE_STOP || object->stage == STAGE_DRAIN) {
		if (!kobject_stop(object))
			return false;
		object->round = round_start();
		object->stage = STAGE_ROUND_2;
	}
	if (!round_over(object->round))
		return false;

	if (object->type != KOBJECT_PD)
		pd_object_free(object);
	return true;
}
