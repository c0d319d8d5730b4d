/* What a code object's instructions say about registers that variables are said to be in: loops, and which registers change in them, for what a
 * variable in such a register holds goes from one round into the next; and calls, which keep some registers only. */
#ifndef SRC_VIEW_LOOPS_H
#define SRC_VIEW_LOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VIEW_LOOP_SCALARS = 128, VIEW_LOOP_REGISTERS = VIEW_LOOP_SCALARS + 512 }; /* SGPRs, vector registers, accumulation registers */

struct view_loop {
	uint64_t head, end; /* addresses in the file: target of a branch backwards, and what follows the branch */
	uint64_t reach;     /* the farthest end of this loop and of those that begin before it */
	const uint8_t *code; /* at head; lent */
	uint64_t written[VIEW_LOOP_REGISTERS / 64];
	uint32_t *first; /* of a long loop, made when it is needed: where each register is first written, in bytes from the head */
};

/* Code of one section; lent. */
struct view_code {
	uint64_t addr;
	const uint8_t *p;
	size_t n;
	uint8_t *starts, *targets; /* one bit a word: an instruction begins; a branch leads there */
};

/* Addresses from one that lies behind a write to the frame pointer s33 up to the return that follows: a function's teardown, when they are few. */
struct view_end {
	uint64_t low, high;
};

struct gfx_family;
struct view_loops {
	const struct gfx_family *family;
	struct view_loop *loops; /* by head */
	size_t n;
	struct view_code *codes;
	size_t n_codes;
	uint64_t *returns; /* addresses behind calls, in order */
	size_t n_returns;
	struct view_end *ends; /* in order */
	size_t n_ends;
	bool unknown; /* the code cannot be read: anything may be in a loop */
};

/* Of an ELF file as the compiler wrote it, lent until the loops are freed. Never fails: what is damaged is unknown. */
void view_loops_read(const uint8_t *image, size_t n, struct view_loops *out);
void view_loops_free(struct view_loops *l);
/* Whether a loop changes a register (by its DWARF number, wave-state 7.4) between one round and the next while a variable is said to be in it, in
 * [low, high). A register that each round writes before `low` is that round's own. l NULL: nothing is known. */
bool view_loop_changes(const struct view_loops *l, uint64_t low, uint64_t high, uint64_t dwarf);
/* Whether an address is the first behind a call. l NULL: nothing is known. */
bool view_loops_returns(const struct view_loops *l, uint64_t addr);
/* Whether a variable that is said to have gone, at `low`, from the register `kept`, in which it was from `since` on, to the register `claimed` is
 * said so wrongly: `kept` had been copied from `claimed` right before `since`, and `claimed` has been written between the two. Then the claim is
 * of the time before the copy, and the compiler's scheduler has moved it behind. Registers by their DWARF numbers. l NULL: nothing is known. */
bool view_loops_stale(const struct view_loops *l, uint64_t since, uint64_t kept, uint64_t low, uint64_t claimed);
/* Number of a register by its DWARF number: scalars, from VIEW_LOOP_SCALARS on vector ones, then accumulation ones. False: no register. */
bool view_loops_register(uint64_t dwarf, size_t *out);
/* The code that [low, high) lies in; NULL none. */
const struct view_code *view_loops_code(const struct view_loops *l, uint64_t low, uint64_t high);
/* What the instructions of [code, code + n) write, one bit a register, whatever of them is executed. */
void view_loops_writes(const struct gfx_family *family, const uint8_t *code, size_t n, uint64_t written[VIEW_LOOP_REGISTERS / 64]);
/* Whether the code counts bits, or looks for one. Compilers make these instructions of whole loops, and forget to say that the loop's counter is no
 * longer the constant that it began with. l NULL: nothing is known. */
bool view_loops_counts(const struct view_loops *l, uint64_t low, uint64_t high);
/* Whether functions keep a register for their callers (by its DWARF number; AMDGPU's calling convention). */
bool view_loops_kept(uint64_t dwarf);
bool view_loops_keeps(size_t reg); /* by its number */

#endif
