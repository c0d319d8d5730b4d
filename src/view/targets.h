/* Places in the code that branches lead to. Pure functions on bytes. Facts: wave-state 4.8 (classes), isa 8.5 (returns). */
#ifndef SRC_VIEW_TARGETS_H
#define SRC_VIEW_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"

struct view_branch {
	uint64_t from, to; /* addresses of instructions */
};

struct view_target_function {
	uint64_t low;
	size_t n_words;
	const uint8_t *code; /* lent */
	uint8_t *bits; /* two a word, enum view_target_bit */
	struct view_branch *branches; /* ordered by to */
	size_t n_branches, max_branches;
};

struct view_targets {
	const struct gfx_family *family;
	struct view_target_function *functions; /* ordered by low */
	size_t n, capacity;
};

/* The code is lent until view_targets_free(). Functions are added in the order of their addresses. One whose branches are not all known
 * is left out. Running out of memory leaves it out too. */
void view_targets_add(struct view_targets *t, uint64_t low, const uint8_t *code, size_t n);
/* For certain: a branch leads to `from`, the way from there to `to` is straight, no branch leads to anywhere else on it or to `to`, and at its
 * end the same lanes are active as at its beginning. */
bool view_targets_straight(const struct view_targets *t, uint64_t from, uint64_t to);
/* A branch leads to this address, and the instruction in front of it does not go on to it. */
bool view_targets_block(const struct view_targets *t, uint64_t addr);
/* The last address in [from, end) that branches lead to; false: there is none, or the code is not known. */
bool view_targets_last(const struct view_targets *t, uint64_t from, uint64_t end, uint64_t *addr);
/* For certain: the code from `from` to `end` is nothing but waits, copies of registers, masks of lanes that are brought together, put away and
 * brought back, and branches: nothing of a program's own. */
bool view_targets_upkeep(const struct view_targets *t, uint64_t from, uint64_t end);
/* An instruction that only waits. Four bytes are there. */
bool view_idle(const struct gfx_family *family, const uint8_t *p);
/* The branches that lead to addr; lent. */
const struct view_branch *view_targets_sources(const struct view_targets *t, uint64_t addr, size_t *n);
void view_targets_free(struct view_targets *t);

#endif
