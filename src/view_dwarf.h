/* The general rewriter of debug information: walks every expression of .debug_info, .debug_loc and .debug_loclists and re-encodes it in place
 * for the carrier. libdwarf 20210528 is not used here: it hands out decoded expressions, but not where their bytes lie, and it refuses
 * operators of later LLVM releases; a rewriter needs the one and must survive the other. */
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

struct view_local;

struct view_dwarf {
	struct view_section info, abbrev, str, line_str, addr, loc, loclists;
	struct view_function *functions; /* out, malloc'ed */
	size_t n_functions;
	struct view_local *locals; /* working memory */
	size_t n_locals;
};

/* -DBG_REFUSED: the information contradicts itself; what was not reached is untouched, and must not be served. */
int view_dwarf_rewrite(struct view_dwarf *d, struct dbg_error *err);

/* One expression of n bytes. frame_base: of a function; *base_sgpr is then set (-1: none). Exposed for tests. */
void view_expr_rewrite(uint8_t *expr, size_t n, int frame_base, int *base_sgpr);
/* Of a variable in LDS. */
bool view_expr_is_local(const uint8_t *expr, size_t n);
/* Makes the expression say "optimized out". */
void view_expr_hide(uint8_t *expr, size_t n);

#endif
