/* Where loops of a code object begin: targets of branches backwards. */
#ifndef SRC_VIEW_LOOPS_H
#define SRC_VIEW_LOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct view_loops {
	uint64_t *heads; /* addresses in the file, ascending */
	size_t n;
	bool unknown;    /* the code cannot be read: a loop may begin anywhere */
};

/* Of an ELF file as the compiler wrote it. Never fails: what is damaged is unknown. */
void view_loops_read(const uint8_t *image, size_t n, struct view_loops *out);
void view_loops_free(struct view_loops *l);
bool view_loop_begins(const struct view_loops *l, uint64_t addr); /* l NULL: nothing is known */

#endif
