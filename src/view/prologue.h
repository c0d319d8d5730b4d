/* What line tables say about prologues. Pure functions on bytes. */
#ifndef SRC_VIEW_PROLOGUE_H
#define SRC_VIEW_PROLOGUE_H

#include "src/view/bytes.h"
#include "src/view/elf.h"

/* Sets `body` of each function to the first address behind its prologue, as far as .debug_line marks it. A table that is damaged or of an unknown
 * version says nothing from there on; functions that are not told about keep what they have. `functions` are ordered by low. */
void view_prologue_ends(uint8_t *line, size_t n, struct view_function *functions, size_t n_functions);

#endif
