#include "src/model/memory_cache.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "src/model/wave.h"

enum { BLOCK = 4096, BLOCKS = 512 };

struct memory_cache {
	uint64_t block[BLOCKS]; /* its number + 1; 0: none */
	const struct dbg_wave *scratch_of; /* NULL: none */
	struct gfx_scratch scratch;
	uint8_t bytes[BLOCKS][BLOCK];
};

void memory_cache_open(struct dbg_process *p)
{
	if (p->cache)
		return;
	p->cache = malloc(sizeof *p->cache);
	memory_cache_drop(p);
}

void memory_cache_close(struct dbg_process *p)
{
	free(p->cache);
	p->cache = NULL;
}

void memory_cache_drop(struct dbg_process *p)
{
	if (p->cache)
		memset(p->cache, 0, offsetof(struct memory_cache, bytes));
}

/* The bytes of a whole block; NULL when it cannot be read in one piece. */
static const uint8_t *block_at(struct dbg_process *p, uint64_t number)
{
	/* Arrays of many waves lie at the same distance from each other: the upper bits of the number count too. */
	size_t slot = (size_t)((number ^ number >> 9 ^ number >> 18) % BLOCKS), got;
	struct memory_cache *c = p->cache;
	if (c->block[slot] == number + 1)
		return c->bytes[slot];
	c->block[slot] = 0;
	if (kif_mem_read(p->kif, number * BLOCK, c->bytes[slot], BLOCK, &got, NULL) < 0 || got != BLOCK)
		return NULL;
	c->block[slot] = number + 1;
	return c->bytes[slot];
}

int memory_cache_read(struct dbg_process *p, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	const uint8_t *block = NULL;
	size_t within = addr % BLOCK;
	if (p->cache && n && n <= BLOCK - within)
		block = block_at(p, addr / BLOCK);
	if (!block)
		return kif_mem_read(p->kif, addr, buf, n, got, err);
	memcpy(buf, block + within, n);
	*got = n;
	return 0;
}

int memory_cache_scratch(struct dbg_process *p, const struct dbg_wave *w, struct gfx_scratch *out, struct dbg_error *err)
{
	struct memory_cache *c = p->cache;
	if (c && c->scratch_of == w) {
		*out = c->scratch;
		return 0;
	}
	int status = wave_scratch(p, w, out, err);
	if (status == 0 && c) {
		c->scratch_of = w;
		c->scratch = *out;
	}
	return status;
}
