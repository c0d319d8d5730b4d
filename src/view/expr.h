/* Location expressions, re-encoded for the carrier. Pure functions on bytes. */
#ifndef SRC_VIEW_EXPR_H
#define SRC_VIEW_EXPR_H

#include "src/view/bytes.h"
#include "src/view/guard.h"
#include "src/view/loops.h"
#include "src/view/value.h"

/* Address spaces as clang numbers them for DWARF (isa 11.2). */
enum { VIEW_SPACE_NONE = 0, VIEW_SPACE_PRIVATE = 1, VIEW_SPACE_LOCAL = 2 };

struct view_expr_context {
	uint64_t bytes;     /* size of the variable; 0 unknown */
	bool aggregate;     /* the variable is an array, a structure, or of an unknown type */
	bool global;        /* it is no variable of a call */
	unsigned pointer;   /* it is a pointer of four bytes into this space */
	unsigned row;       /* it is an array of such pointers */
	/* It is in a register that a loop changes, that is, its value goes from one round into the next. Compilers were seen to name the register of
	 * a counter that they had replaced by another one, and registers without the mask that the variable has. */
	bool in_loop;
	bool lds_known;     /* a variable that is linked to address 0 of LDS is at lds_at */
	uint32_t lds_at;
	const uint8_t *addr; /* .debug_addr */
	size_t addr_n;
	uint64_t addr_base;
	uint32_t absent;     /* offset from the unit's header of what says that a place is not there (absent.c); 0: not there */
	struct view_base_type (*base_type)(void *arg, uint64_t offset); /* of the unit, for conversions; NULL: none are known */
	void *arg;
};

/* Appends the location of a variable as the carrier says it; nothing at all when it cannot be said: that is "optimized out". */
void view_expr_location(const uint8_t *e, size_t n, struct view_expr_context *c, struct view_bytes *out);
/* Whether a loop that begins where the expression holds, in [low, high), changes a register that it names. What cannot be read may be changed. */
bool view_expr_changes(const uint8_t *e, size_t n, const struct view_loops *loops, uint64_t low, uint64_t high);
/* The register that it begins with, by its DWARF number. False: it begins with something else. */
bool view_expr_register(const uint8_t *e, size_t n, uint64_t *dwarf);
/* Whether every register that it names answers yes. */
bool view_expr_registers(const uint8_t *e, size_t n, bool (*ask)(void *arg, uint64_t dwarf), void *arg);
/* Whether it tells the same everywhere: it names neither registers nor memory. */
bool view_expr_constant(const uint8_t *e, size_t n);
/* Whether it computes something of constants alone. A compiler would have worked it out: one of them stands for what it found not to be wanted. */
bool view_expr_computed_constant(const uint8_t *e, size_t n);
/* Whether it names a register that functions do not keep for their callers. */
bool view_expr_lost_by_calls(const uint8_t *e, size_t n);
/* True: an expression that is no variable's location means the same to any client. */
bool view_expr_keeps(const uint8_t *e, size_t n);
/* The SGPR that a frame base names; -1 none. */
int view_expr_frame_base(const uint8_t *e, size_t n);

#endif
