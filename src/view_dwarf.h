/* The rewriter of debug information. .debug_info, .debug_abbrev, .debug_loc and .debug_loclists are written anew: every location is re-encoded
 * for the carrier and may grow; every reference to an entry or a list follows. libdwarf 20210528 is not used here: it hands out decoded
 * expressions, but not where their bytes lie, and it refuses operators of later LLVM releases. */
#ifndef SRC_VIEW_DWARF_H
#define SRC_VIEW_DWARF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/view_elf.h"

struct view_section {
	uint8_t *data; /* NULL: not in the file */
	size_t n;
};

/* A growing array; `failed` sticks when memory ran out. */
struct view_bytes {
	uint8_t *p;
	size_t n, capacity;
	bool failed;
};
void view_put(struct view_bytes *b, const void *p, size_t n);
void view_put_byte(struct view_bytes *b, uint8_t v);
void view_put_uleb(struct view_bytes *b, uint64_t v);

/* A kernel of the file, by its descriptor. */
struct view_kernel {
	uint64_t entry;     /* address in the file */
	uint32_t lds_bytes; /* fixed at link time */
};

struct view_dwarf {
	struct view_section info, abbrev, str, line_str, addr, loc, loclists;
	const struct view_kernel *kernels; /* lent */
	size_t n_kernels;
	/* out, malloc'ed; the caller frees them in any case */
	struct view_bytes new_info, new_abbrev, new_loc, new_loclists;
	struct view_function *functions;
	size_t n_functions;
};

/* -DBG_REFUSED: the information contradicts itself, or is of a kind not known here; it must not be served. Producers' names in str and
 * line_str are changed in place. */
int view_dwarf_rewrite(struct view_dwarf *d, struct dbg_error *err);

/* ------------------------------------------------------------------ expressions */

/* Address spaces as clang numbers them for DWARF (isa 11.2). */
enum { VIEW_SPACE_NONE = 0, VIEW_SPACE_PRIVATE = 1, VIEW_SPACE_LOCAL = 2 };
enum { VIEW_TYPE_BYTES = 4 }; /* a reference to a type in an expression, as written here: ULEB128 of this length */

struct view_expr_context {
	uint64_t bytes;     /* size of the variable; 0 unknown */
	bool aggregate;     /* the variable is an array, a structure, or of an unknown type */
	unsigned pointer;   /* it is a pointer of four bytes into this space */
	bool lds_known;     /* addresses of LDS variables are right here */
	const uint8_t *addr; /* .debug_addr */
	size_t addr_n;
	uint64_t addr_base;
	unsigned (*type_bytes)(void *arg, uint64_t offset); /* size of a base type of the unit; 0 unknown */
	void *arg;
	/* out: references to types, at positions in the output, still to be filled in */
	struct {
		size_t at;
		uint64_t offset;
	} types[16];
	size_t n_types;
};

/* Appends the location of a variable as the carrier says it; nothing at all when it cannot be said: that is "optimized out". */
void view_expr_location(const uint8_t *e, size_t n, struct view_expr_context *c, struct view_bytes *out);
/* True: an expression that is no variable's location means the same to any client. */
bool view_expr_keeps(const uint8_t *e, size_t n);
/* The SGPR that a frame base names; -1 none. */
int view_expr_frame_base(const uint8_t *e, size_t n);

#endif
