/* A code object rewritten so that a debugger of the carrier can use it: file header, frame information, location expressions. Pure
 * functions on bytes. */
#ifndef SRC_VIEW_ELF_H
#define SRC_VIEW_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/unwind/cfi.h"
#include "src/unwind/table.h"
#include "src/view/carrier.h"

/* The scalar register that frame-relative variables of a function count from. */
struct view_function {
	uint64_t low, high; /* addresses in the file */
	int base_sgpr;      /* -1 none */
	bool kernel;        /* its frame begins where the lane's private memory does */
	bool optimised;
	uint64_t body;      /* first address behind its prologue; 0 not known */
};

struct view_elf {
	uint8_t *data;
	size_t n;
	struct view_function *functions; /* ordered by low */
	size_t n_functions;
	struct unwind_function *table; /* of the symbol table */
	size_t n_table;
	struct unwind_cfi *cfi; /* NULL: none that says anything */
};

/* image is checked; damaged debug information is served without it, not refused. */
int view_elf_rewrite(const uint8_t *image, size_t n, const struct view_carrier *c, struct view_elf *out, struct dbg_error *err);
void view_elf_free(struct view_elf *e);
/* The function that holds an address of the file; NULL none. */
const struct view_function *view_elf_function(const struct view_elf *e, uint64_t addr);

#endif
