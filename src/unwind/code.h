/* Where a function has put what its caller left in registers: values followed through the machine code from the function's first instruction
 * to the PC, along every path. Pure functions on bytes. Facts: isa 6 (encodings), 8.5 (calls), 11.4 (what compilers do). */
#ifndef SRC_UNWIND_CODE_H
#define SRC_UNWIND_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"
#include "src/base/err.h"

/* What a scalar register or a lane holds, seen from the function's entry. */
enum unwind_kind {
	UNWIND_UNKNOWN,
	UNWIND_ENTRY,   /* what scalar register `n` held at the entry */
	UNWIND_STACK,   /* s32 at the entry, plus n */
	UNWIND_ALIGNED, /* the stack pointer rounded up to an alignment, plus n */
	UNWIND_EXEC,    /* half n of EXEC at the entry */
	UNWIND_PART,    /* some of the lanes of that */
	UNWIND_OUTSIDE, /* exactly the lanes not in that */
	UNWIND_CONST,   /* n */
	UNWIND_CODE,    /* low half of the address n bytes from the function's first instruction */
	UNWIND_CODE_HIGH, /* high half of such an address */
};
struct unwind_value {
	uint8_t kind;
	uint16_t mask, parent; /* PART: its code, and that of the mask which it is a part of (unwind/mask.h) */
	int32_t n;
};
enum { UNWIND_ENTRY_MASK = 0, UNWIND_REST = 0x8000, UNWIND_NO_MASK = 0x7fff };

/* Lanes in which a vector register, or a slot on the stack, holds the entry value of a vector register. */
enum unwind_lanes { UNWIND_NO_LANES, UNWIND_ACTIVE_LANES /* of EXEC at the entry */, UNWIND_OTHER_LANES, UNWIND_ALL_LANES };
struct unwind_vector {
	uint16_t origin; /* accumulation registers from GFX_ACC on */
	uint8_t lanes;
};

enum { UNWIND_SCALARS = 128, UNWIND_VECTORS = 512, UNWIND_MAX_LANES = 512, UNWIND_MAX_SLOTS = 128, UNWIND_SLOT = 1 << 30 };

/* A place is a vector register, or a slot: UNWIND_SLOT plus unwind_slot(). */
struct unwind_lane {
	int32_t place;
	uint8_t lane;
	struct unwind_value value;
};
struct unwind_slot {
	int32_t place;
	struct unwind_vector content;
};

struct unwind_state {
	struct unwind_value scalars[UNWIND_SCALARS]; /* by operand code */
	struct unwind_vector vectors[UNWIND_VECTORS];
	struct unwind_lane lanes[UNWIND_MAX_LANES];
	struct unwind_slot slots[UNWIND_MAX_SLOTS];
	uint16_t n_lanes, n_slots;
	bool lost; /* some vector register was written that no instruction names */
};

/* Registers that a called function, and all that it calls, may write. Compilers that see both rely on that beyond the convention. */
struct unwind_clobbers {
	uint64_t scalars[UNWIND_SCALARS / 64], vectors[UNWIND_VECTORS / 64];
};
static inline bool unwind_writes(const uint64_t *set, unsigned n)
{
	return set[n / 64] >> n % 64 & 1;
}

/* Who knows the functions at addresses, counted from the first instruction of the one that is looked at. NULL: not known. */
struct unwind_callees {
	const struct unwind_clobbers *(*find)(void *arg, int64_t offset);
	void *arg;
};

enum { UNWIND_MAX_CALLEES = 64 };
/* What the instructions of one function write, and where its calls lead to (offsets as above). False: not known. */
bool unwind_code_writes(const struct gfx_family *family, const uint8_t *code, size_t n, struct unwind_clobbers *out,
	int64_t callees[UNWIND_MAX_CALLEES], size_t *n_callees);

/* The base (UNWIND_STACK or UNWIND_ALIGNED) of a slot, and its bytes from there. */
int32_t unwind_place_offset(int32_t place, enum unwind_kind *base);

/* A function's code with the states where its blocks begin: all paths have been followed. Several kilobytes a block. The code is copied. callees may
 * be NULL, and must answer as they did when states are asked for. */
struct unwind_code;
int unwind_code_open(const struct gfx_family *family, const uint8_t *code, size_t n, const struct unwind_callees *callees, struct unwind_code **out,
	struct dbg_error *err);
void unwind_code_close(struct unwind_code *u); /* takes NULL */
/* State before the instruction at offset `at`; after_call: of a frame whose call ends at `at` and
 * has not returned: what the callee changes is told by the callee's own state. DBG_REFUSED: cannot be told, with the reason. *out
 * is big: let it live on the heap. */
int unwind_code_state(struct unwind_code *u, size_t at, bool after_call, const struct unwind_callees *callees,
	struct unwind_state *out, struct dbg_error *err);

#endif
