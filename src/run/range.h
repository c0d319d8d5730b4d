/* The exits of a range of instructions: where a wave gets that runs from a place in the range, found by following the control flow. Pure functions
 * on bytes. Facts: wave-state 4.6 to 4.9 (classes, lengths), isa 6.
 *
 * A client steps over a source line by "step while the PC is in [start, end)". Instead of single steps the wave runs until it meets a trap at one of
 * these places, which costs the same however many instructions the line has. */
#ifndef SRC_RUN_RANGE_H
#define SRC_RUN_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"

enum { RANGE_MAX_EXITS = 256, RANGE_MAX_BYTES = 1 << 18 };

struct range_exits {
	/* Each is either outside of the range, or holds an instruction inside that has to be stepped by itself. No path from the start gets past one of
	 * them, and none is passed inside another instruction. */
	uint64_t at[RANGE_MAX_EXITS];
	size_t n;
};

/* An instruction that has no fixed successors (s_setpc, s_swappc, forks), ends the wave, waits for other waves (s_barrier) or is not known: a wave
 * that comes there is stepped. */
bool range_must_step(enum gfx_insn_class class);
/* `code` holds the original bytes [start, start + n). pc is in there and its instruction is not one that must be stepped. GFX_RANGE: pc is not.
 * GFX_UNSUPPORTED: more exits than fit, or instructions that overlap: the range has to be stepped. */
int range_exits(const struct gfx_family *family, const uint8_t *code, uint64_t start, size_t n, uint64_t pc, struct range_exits *out);

#endif
