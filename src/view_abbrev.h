/* Marks every function of a code object's debug information as one that a debugger of the carrier cannot call or take results from. Pure
 * functions on bytes. */
#ifndef SRC_VIEW_ABBREV_H
#define SRC_VIEW_ABBREV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/err.h"

struct view_abbrev {
	uint8_t *data; /* the new .debug_abbrev */
	size_t n, old_n;
	size_t *moved; /* where the table or declaration at an old offset begins now; 0 also: nothing begins there */
};

/* Makes the new section. DBG_REFUSED: damaged. */
int view_abbrev_mark(const uint8_t *abbrev, size_t n, struct view_abbrev *out, struct dbg_error *err);
/* Points the units of .debug_info to it; changes nothing on failure. */
int view_abbrev_apply(const struct view_abbrev *a, uint8_t *info, size_t n, struct dbg_error *err);
void view_abbrev_free(struct view_abbrev *a);

#endif
