/* The rewriter of debug information. .debug_info, .debug_abbrev, .debug_loc and .debug_loclists are written anew: every location is re-encoded
 * for the carrier and may grow; every reference to an entry or a list follows. libdwarf 20210528 is not used here: it hands out decoded
 * expressions, but not where their bytes lie, and it refuses operators of later LLVM releases. */
#ifndef SRC_VIEW_DWARF_H
#define SRC_VIEW_DWARF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/view/bytes.h"
#include "src/view/elf.h"
#include "src/view/loops.h"

struct view_section {
	uint8_t *data; /* NULL: not in the file */
	size_t n;
};

/* A kernel of the file, by its descriptor. */
struct view_kernel {
	uint64_t entry;     /* address in the file */
	uint32_t lds_bytes; /* fixed at link time */
};

struct view_dwarf {
	struct view_section info, abbrev, str, line, line_str, str_offsets, addr, loc, loclists;
	const struct view_kernel *kernels; /* lent */
	size_t n_kernels;
	const struct unwind_function *table; /* lent: of the symbol table */
	size_t n_table;
	bool results; /* functions may say that a client finds their results */
	bool place_expressions; /* of the carrier */
	const struct view_loops *loops; /* lent; NULL: not known */
	const char *const *undefined; /* names of symbols that the linker did not place; lent */
	size_t n_undefined;
	/* out, malloc'ed; the caller frees them in any case */
	struct view_bytes new_info, new_abbrev, new_loc, new_loclists;
	struct view_function *functions;
	size_t n_functions;
};

/* -DBG_REFUSED: the information contradicts itself, or is of a kind not known here; it must not be served. Producers' names in str and
 * line_str are changed in place. Functions are ordered, with their prologues' ends. */
int view_dwarf_rewrite(struct view_dwarf *d, struct dbg_error *err);

#endif
