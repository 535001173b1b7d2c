/* SPDX-License-Identifier: MIT */
/* Heap; internal/heap.h tells how it works */

/* public */
#include <util/align.h>
#include <util/container_of.h>
#include <util/string.h>

/* internal */
#include <base/internal/heap.h>

/** Head of a dataspace that the heap took */
struct heap_chunk {
	struct list_node node;
	dataspace_cap_t  ds;
	size_t           size;
	size_t           cut;     /* bytes of the pieces cut from it; 0: one large */
	size_t           free;    /* of those, not in use; heap_trim counts them */
	uint64_t         pad[2];
};
_Static_assert(sizeof(struct heap_chunk) == 64, "keeps pieces aligned");

enum { CHUNK_MIN = 4096, CHUNK_MAX = 65536 };

/** Sizes of the classes; a piece is at most half as large again as asked for */
static uint16_t const class_size[HEAP_CLASSES] = {
	16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, HEAP_SMALL,
};

static unsigned class_of(size_t size)
{
	unsigned c = 0;
	while (class_size[c] < size)
		c++;
	return c;
}

static struct heap_chunk *chunk_open(struct env *env, struct account *account,
                                     size_t size, enum error *error)
{
	dataspace_cap_t ds;
	void *at;

	*error = account_take(account, size, 1);
	if (*error)
		return NULL;
	*error = ram_alloc(env, size, &ds);
	if (!*error) {
		*error = ram_attach(env, ds, true, &at);
		if (!*error) {
			struct heap_chunk *const chunk = at;
			chunk->ds   = ds;
			chunk->size = size;
			return chunk;
		}
		ram_free(env, ds);
	}
	account_give(account, size, 1);
	return NULL;
}

static void chunk_close(struct env *env, struct account *account,
                        struct heap_chunk *chunk)
{
	dataspace_cap_t const ds = chunk->ds;
	size_t const size = chunk->size;
	ram_detach(env, chunk);
	ram_free(env, ds);
	if (account)
		account_give(account, size, 1);
}

void heap_init(struct heap *heap, struct env *env, struct account *account)
{
	*heap = (struct heap) {
		.env = env, .account = account, .next_chunk = CHUNK_MIN };
}

/** Cut what is left of the current chunk into free pieces */
static void heap_spend_rest(struct heap *heap)
{
	for (unsigned c = HEAP_CLASSES; c--;)
		while ((size_t)(heap->cut_end - heap->cut) >= class_size[c]) {
			*(void **)heap->cut = heap->free[c];
			heap->free[c] = heap->cut;
			heap->cut += class_size[c];
			heap->current->cut += class_size[c];
		}
}

static void *heap_cut(struct heap *heap, size_t size)
{
	if ((size_t)(heap->cut_end - heap->cut) < size) {
		enum error error;
		struct heap_chunk *chunk = chunk_open(heap->env, heap->account,
		                                      heap->next_chunk, &error);
		if (!chunk && heap->next_chunk > CHUNK_MIN)
			chunk = chunk_open(heap->env, heap->account, CHUNK_MIN, &error);
		if (!chunk)
			return NULL;
		heap_spend_rest(heap);
		list_append(&heap->chunks, &chunk->node);
		heap->current = chunk;
		heap->cut     = (char *)(chunk + 1);
		heap->cut_end = (char *)chunk + chunk->size;
		heap->used   += sizeof *chunk;
		if (heap->next_chunk < CHUNK_MAX)
			heap->next_chunk *= 2;
	}
	void *const p = heap->cut;
	heap->cut += size;
	heap->current->cut += size;
	return p;
}

static void *alloc_small(struct heap *heap, size_t size)
{
	unsigned const c = class_of(size);
	void *p = heap->free[c];
	if (p)
		heap->free[c] = *(void **)p;
	else
		p = heap_cut(heap, class_size[c]);
	if (p) {
		heap->used += class_size[c];
		memset(p, 0, size);
	}
	return p;
}

static void *alloc_large(struct heap *heap, size_t size)
{
	enum error error;
	if (size > ~0ul >> 1)
		return NULL;
	struct heap_chunk *const chunk = chunk_open(heap->env, heap->account,
		align_up(size + sizeof *chunk, 4096), &error);
	if (!chunk)
		return NULL;
	list_append(&heap->chunks, &chunk->node);
	heap->used += chunk->size;
	return chunk + 1;
}

void *heap_alloc(struct heap *heap, size_t size)
{
	mutex_lock(&heap->mutex);
	void *const p = size <= HEAP_SMALL ? alloc_small(heap, size)
	                                   : alloc_large(heap, size);
	mutex_unlock(&heap->mutex);
	return p;
}

void heap_free(struct heap *heap, void *p, size_t size)
{
	if (!p)
		return;
	mutex_lock(&heap->mutex);
	if (size <= HEAP_SMALL) {
		unsigned const c = class_of(size);
		*(void **)p   = heap->free[c];
		heap->free[c] = p;
		heap->used   -= class_size[c];
	} else {
		struct heap_chunk *const chunk = (struct heap_chunk *)p - 1;
		list_remove(&chunk->node);
		heap->used -= chunk->size;
		chunk_close(heap->env, heap->account, chunk);
	}
	mutex_unlock(&heap->mutex);
}

size_t heap_used(struct heap const *heap)
{
	return heap->used;
}

/* -- giving back -- */

static struct heap_chunk *chunk_of(struct heap *heap, void const *piece)
{
	list_for_each(&heap->chunks, node) {
		struct heap_chunk *const chunk =
			container_of(node, struct heap_chunk, node);
		if ((char const *)piece > (char *)chunk
		 && (char const *)piece < (char *)chunk + chunk->size)
			return chunk;
	}
	return NULL;
}

static bool unused(struct heap_chunk const *chunk)
{
	return chunk->cut && chunk->free == chunk->cut;
}

static void count_free(struct heap *heap)
{
	list_for_each(&heap->chunks, node)
		container_of(node, struct heap_chunk, node)->free = 0;
	for (unsigned c = 0; c < HEAP_CLASSES; c++)
		for (void *p = heap->free[c]; p; p = *(void **)p)
			chunk_of(heap, p)->free += class_size[c];
}

/** Take pieces of unused chunks out of the free lists */
static void forget_pieces(struct heap *heap)
{
	for (unsigned c = 0; c < HEAP_CLASSES; c++)
		for (void **p = &heap->free[c]; *p;)
			if (unused(chunk_of(heap, *p)))
				*p = **(void ***)p;
			else
				p = *p;
}

void heap_trim(struct heap *heap)
{
	mutex_lock(&heap->mutex);
	count_free(heap);
	forget_pieces(heap);
	list_for_each_safe(&heap->chunks, node) {
		struct heap_chunk *const chunk =
			container_of(node, struct heap_chunk, node);
		if (!unused(chunk))
			continue;
		if (chunk == heap->current) {
			heap->current = NULL;
			heap->cut = heap->cut_end = NULL;
		}
		list_remove(node);
		heap->used -= sizeof *chunk;
		chunk_close(heap->env, heap->account, chunk);
	}
	heap->next_chunk = CHUNK_MIN;
	mutex_unlock(&heap->mutex);
}

struct heap *heap_create(struct env *env, struct account *account,
                         enum error *error)
{
	struct heap_chunk *const chunk = chunk_open(env, account, CHUNK_MIN, error);
	if (!chunk)
		return NULL;
	struct heap *const heap = (struct heap *)(chunk + 1);
	heap_init(heap, env, account);
	list_append(&heap->chunks, &chunk->node);
	chunk->cut    = ~0ul >> 1;          /* the heap itself is never free */
	heap->current = chunk;
	heap->cut     = (char *)heap + align_up(sizeof *heap, 16);
	heap->cut_end = (char *)chunk + chunk->size;
	heap->used    = sizeof *chunk + sizeof *heap;
	return heap;
}

void heap_destroy(struct heap *heap)
{
	struct env *const env = heap->env;
	struct account *const account =
		heap->account == &heap->own_account ? NULL : heap->account;
	struct heap_chunk *home = NULL;

	for (struct list_node *node; (node = list_first(&heap->chunks));) {
		struct heap_chunk *const chunk =
			container_of(node, struct heap_chunk, node);
		list_remove(node);
		if ((char *)heap > (char *)chunk
		    && (char *)heap < (char *)chunk + chunk->size)
			home = chunk;
		else
			chunk_close(env, account, chunk);
	}
	if (home)
		chunk_close(env, account, home);
}

struct heap *heap_open(struct env *env, size_t limit)
{
	enum error error;
	struct account account = { .ram_limit = limit, .caps_limit = ~0ul };
	struct heap *const heap = heap_create(env, &account, &error);
	if (!heap)
		return NULL;
	heap->own_account = account;
	heap->account     = &heap->own_account;
	return heap;
}

void heap_close(struct heap *heap)
{
	if (heap)
		heap_destroy(heap);
}
