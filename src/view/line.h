/* Line tables with fewer rows. Compilers begin a row for each expression of a line (DWARF 5, 6.2: its column); clients that step over lines take
 * each row for a piece of its own, to be stepped over by itself. A row that says no more than the row before it is left out: the same file and line,
 * not a new statement, no mark. Code that the compiler has put into the middle of such a line as its own (line 0) goes with it. Which line an
 * address belongs to stays as it was, and so do places where statements begin.
 *
 * One exception: compilers begin the body of a loop with code of no line (spilled registers that come back). Clients count that to the line in front,
 * so that stepping over a loop of one line would stop at each turn. Where such code begins at a place that a branch leads to, and only it leads to
 * the statement behind, the statement begins there. What else the control flow says of statements: line_flow.h. Pure functions on bytes. */
#ifndef SRC_VIEW_LINE_H
#define SRC_VIEW_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "src/view/targets.h"

/* Rewrites the line programs of a .debug_line section (DWARF 2 to 5) in place; offsets into it stay valid. A program that is damaged,
 * uses what is not known, or would not become shorter is left as it is. targets: of the file's code. Returns the number of rows left
 * out. */
size_t view_line_thin(uint8_t *section, size_t n, const struct view_targets *targets);

#endif
