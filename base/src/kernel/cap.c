/* SPDX-License-Identifier: MIT */
/*
 * Name tables
 *
 * The tree of a domain is a digital search tree: at depth n, bit n of the key
 * says where to go on. The key is the object's address times an odd number,
 * which is reversible, so that keys differ; the depth is at most 64.
 */

/* Internal */
#include <kernel/address_key.h>
#include <kernel/pd.h>

struct cap const cap_none[CAP_PAGE_NODES] __attribute__((aligned(PAGE_SIZE)));

static uint32_t name_index(cap_t name)      { return (uint32_t)name; }
static uint32_t name_generation(cap_t name) { return (uint32_t)(name >> 32); }


void cap_table_init(struct cap_table *table, struct cap **dir)
{
	for (unsigned i = 0; i < CAP_DIR_ENTRIES; i++)
		dir[i] = (struct cap *)(uintptr_t)cap_none;
	table->dir   = dir;
	table->fresh = table->used = 1;       /* name 0 is no capability */
}


static struct cap *node_at(struct cap_table const *table, uint32_t index)
{
	return &table->dir[index / CAP_PAGE_NODES % CAP_DIR_ENTRIES]
	                  [index % CAP_PAGE_NODES];
}


struct kobject *cap_object(struct pd const *pd, cap_t name, uint8_t *rights)
{
	struct kobject *const object = cap_look_up(&pd->caps, name, rights);
	return object && !object->dead ? object : NULL;
}


/* -- tree -- */

/** Where the object's node is linked, or would be */
static struct cap **tree_slot(struct cap_table *table,
                              struct kobject const *object)
{
	struct cap **slot = &table->tree;
	for (uint64_t bits = address_key(object); *slot && (*slot)->object != object;
	     bits >>= 1)
		slot = &(*slot)->child[bits & 1];
	return slot;
}


static void tree_remove(struct cap_table *table, struct cap *cap)
{
	struct cap **const slot = tree_slot(table, cap->object);

	/* any leaf below may take the node's place */
	struct cap **leaf = slot;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is linked */
	while ((*leaf)->child[0] || (*leaf)->child[1])
		leaf = &(*leaf)->child[!(*leaf)->child[0]];

	struct cap *const heir = *leaf;
	*leaf = NULL;
	if (heir != cap) {
		heir->child[0] = cap->child[0];
		heir->child[1] = cap->child[1];
		*slot = heir;
	}
	cap->child[0] = cap->child[1] = NULL;
}


/* -- nodes -- */

/** Less than 0 in a table without pages, as name 0 is used */
static int available(struct cap_table const *table)
{
	return (int)(table->pages * CAP_PAGE_NODES - table->used - table->reserved);
}


/** See to it that 'n' more nodes can be taken; at most one page's worth */
static enum error provide(struct pd *pd, uint32_t n)
{
	struct cap_table *const table = &pd->caps;
	if (available(table) >= (int)n)
		return ERROR_OK;
	if (table->pages == CAP_DIR_ENTRIES)
		return ERROR_NO_CAPS;

	struct cap *const page = pool_take(&pd->pool);
	if (!page)
		return ERROR_KERNEL_RAM;
	table->dir[table->pages++] = page;
	return ERROR_OK;
}


static struct cap *node_take(struct cap_table *table, cap_t *name)
{
	struct cap *cap = table->free_list;
	if (cap) {
		table->free_list = (struct cap *)(void *)cap->object;
		*name = ((cap->name >> 32) + 1) << 32 | (name_index(cap->name) ^ 1);
	} else {
		cap = node_at(table, table->fresh);
		*name = 1UL << 32 | table->fresh++;
	}
	table->used++;
	return cap;
}


/** Kill a node that is out of tree and list of holders */
static void node_give(struct cap_table *table, struct cap *cap)
{
	if (name_generation(cap->name) == ~0U)
		return;                 /* its names are used up */
	table->used--;
	cap->object = (struct kobject *)(void *)table->free_list;
	table->free_list = cap;
}


/** Take the name away first: nobody finds the node from here on */
static void node_unlink(struct pd *pd, struct cap *cap)
{
	cap->name  ^= 1;
	cap->rights = 0;
	tree_remove(&pd->caps, cap);
	list_remove(&cap->holder);
	node_give(&pd->caps, cap);
}


enum error cap_reserve(struct pd *pd, uint32_t n)
{
	lock_take(&pd->lock);
	enum error const error = provide(pd, n);
	if (!error)
		pd->caps.reserved += n;
	lock_release(&pd->lock);
	return error;
}


void cap_unreserve(struct pd *pd, uint32_t n)
{
	lock_take(&pd->lock);
	pd->caps.reserved -= n;
	lock_release(&pd->lock);
}


/* -- holding -- */

/** New node; both locks are held */
static enum error add_new(struct pd *pd, struct cap **slot,
                          struct kobject *object, uint8_t rights,
                          uint8_t *reserved)
{
	struct cap_table *const table = &pd->caps;
	bool const full = available(table) <= 0;
	if (full && reserved && *reserved) {
		--*reserved;
		table->reserved--;
	} else if (full) {
		enum error const error = provide(pd, 1);
		if (error)
			return error;
	}
	cap_t name;
	struct cap *const cap = node_take(table, &name);
	cap->object = object;
	cap->rights = rights;
	cap->count  = 0;
	cap->pd     = pd;
	*slot       = cap;
	list_append(&object->holders, &cap->holder);
	__atomic_store_n(&cap->name, name, __ATOMIC_RELEASE);
	return ERROR_OK;
}


enum error cap_add(struct pd *pd, struct kobject *object, uint8_t rights,
                   uint8_t *reserved, cap_t *name)
{
	enum error error = ERROR_OK;
	lock_take(&object->lock);
	lock_take(&pd->lock);

	struct cap **const slot = tree_slot(&pd->caps, object);
	if (object->dead || pd->object.dead)
		error = ERROR_GONE;
	else if (!*slot)
		error = add_new(pd, slot, object, rights, reserved);

	if (!error) {
		(*slot)->rights |= rights;
		(*slot)->count++;
		*name = (*slot)->name;
	}
	lock_release(&pd->lock);
	lock_release(&object->lock);
	return error;
}


enum error cap_release(struct pd *pd, cap_t name, uint32_t n)
{
	uint8_t rights;
	struct cap *const cap = node_at(&pd->caps, name_index(name));
	struct kobject *const object = cap_look_up(&pd->caps, name, &rights);
	if (!object)
		return ERROR_GONE;

	enum error error = ERROR_OK;
	lock_take(&object->lock);
	lock_take(&pd->lock);
	if (cap->name != name)
		error = ERROR_GONE;
	else if (n > cap->count)
		error = ERROR_INVALID;
	else if (!(cap->count -= n))
		node_unlink(pd, cap);
	lock_release(&pd->lock);
	lock_release(&object->lock);
	return error;
}


bool cap_drain_holders(struct kobject *object)
{
	lock_take(&object->lock);
	struct list_node *node;
	for (unsigned i = 0; i < 64 && (node = list_first(&object->holders)); i++) {
		struct cap *const cap = container_of(node, struct cap, holder);
		struct pd *const pd = cap->pd;
		lock_take(&pd->lock);
		node_unlink(pd, cap);
		lock_release(&pd->lock);
	}
	bool const done = list_empty(&object->holders);
	lock_release(&object->lock);
	return done;
}


/** Nobody adds to counts of a dead domain any more */
bool cap_drain_table(struct pd *pd)
{
	for (unsigned i = 0; i < 64 && pd->caps.fresh > 1; i++) {
		struct cap const *const cap = node_at(&pd->caps, --pd->caps.fresh);
		cap_t const name = cap->name;
		if (name_index(name) == pd->caps.fresh)
			error_ignore(cap_release(pd, name, cap->count),
			             "its object dies, too");
	}
	return pd->caps.fresh == 1;
}
