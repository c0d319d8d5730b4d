/* Rows of line tables, and what the control flow adds to them. Pure functions. */
#ifndef SRC_VIEW_LINE_FLOW_H
#define SRC_VIEW_LINE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/view/targets.h"

/* A row (DWARF 5, 6.2.2), and while it is being made the registers of the state machine. */
struct view_row {
	uint64_t address, line, file, column, isa, discriminator;
	bool stmt, block, prologue_end, epilogue_begin, end;
	bool placed; /* its address was set, not advanced to */
	bool drop;
};

struct view_rows {
	struct view_row *p;
	size_t n, max;
};

bool view_rows_add(struct view_rows *rows, const struct view_row *row);

/* Compilers say where statements begin by the order in which the code lies, not by the order in which it runs. Three things follow for whoever steps:
 *  - a piece of a line that lies behind another piece of it, and to which only branches from other lines lead (the increment of a `for`), begins
 *    no statement: a step goes past it. It becomes one.
 *  - a block that begins with code of the line in front of it, though nothing of that line leads there (the end of a loop's body, where lanes
 *    come together), makes a step see a change of lines twice. Where that code only leads to the next line, it becomes part of it.
 *  - a wait for memory, or a copy of a register, is of the line that made the value, in the middle of the line that needs it; where lanes come
 *    together again, the code for it is of the line that parted them. Nobody wants to stop there: it begins no statement.
 * False: out of memory; the rows are as they were. Otherwise *changed is the number of rows that are new or other. */
bool view_rows_follow(struct view_rows *rows, const struct view_targets *targets, size_t *changed);

#endif
