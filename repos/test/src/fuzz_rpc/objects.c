/* SPDX-License-Identifier: MIT */
/*
 * Objects to call and to send: sessions, and what calls returned
 *
 * Each kind has its places, so that what is made often leaves what is made
 * seldom alone. An object remembers what took part when it was made: a domain and
 * a thread of that domain go together.
 */

/* local */
#include "fuzz.h"

static uint64_t last_born;
static cap_t    withheld;

static struct object *oldest(struct kind *kind)
{
	struct object *found = NULL;
	for (unsigned i = 0; i < kind->members; i++)
		if (!kind->member[i].kept
		 && (!found || kind->member[i].born < found->born))
			found = &kind->member[i];
	return found;
}

static struct object *place(struct kind *kind)
{
	if (kind->members < MEMBERS)
		return &kind->member[kind->members++];
	struct object *const o = oldest(kind);
	if (o)
		cap_drop(o->cap);
	return o;
}

void object_add(struct kind *kind, cap_t cap, bool kept, struct call const *call)
{
	struct object *const o = kind ? place(kind) : NULL;
	if (!o) {
		if (!kept)
			cap_drop(cap);
		return;
	}
	*o = (struct object) { .cap = cap, .kept = kept, .born = ++last_born };
	for (unsigned i = 0; call && i < call->parts && i < RELATED; i++)
		o->related[i] = call->part[i];
}

void object_forget(struct kind *kind, struct object *object)
{
	if (!object->kept)
		cap_drop(object->cap);
	*object = kind->member[--kind->members];
}

void objects_forget(void)
{
	for (unsigned i = 0; i < n_kinds; i++)
		while (kinds[i].members)
			object_forget(&kinds[i],
			              &kinds[i].member[kinds[i].members - 1]);
}

void objects_withhold(cap_t cap)
{
	withheld = cap;
}

struct object *object_of(struct kind *kind)
{
	return kind && kind->members
	     ? &kind->member[random_below(&chance, kind->members)] : NULL;
}

static bool related(struct object const *object, uint64_t born)
{
	for (unsigned i = 0; i < RELATED; i++)
		if (object->related[i] == born)
			return true;
	return false;
}

/** The youngest that has to do with the callee, or else the youngest */
static struct object *fitting(struct kind *kind, struct call const *call)
{
	struct object *young = NULL, *found = NULL;
	for (unsigned i = 0; i < kind->members; i++) {
		struct object *const o = &kind->member[i];
		if (!young || o->born > young->born)
			young = o;
		if (related(o, call->part[0]) && (!found || o->born > found->born))
			found = o;
	}
	return found ? found : young;
}

struct object *object_to_send(struct kind *kind, struct call const *call)
{
	if (random_once(&chance, 16))
		return NULL;
	struct kind *const from = random_once(&chance, 16)
		? &kinds[random_below(&chance, n_kinds)] : kind;
	if (!from)
		return NULL;
	struct object *const o = random_once(&chance, 3) ? object_of(from)
	                                                 : fitting(from, call);
	return o && o->cap != withheld ? o : NULL;
}
