/* The functions of a code object: where they begin and end, and which are kernels. Pure functions on bytes. */
#ifndef SRC_UNWIND_TABLE_H
#define SRC_UNWIND_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unwind_function {
	uint64_t low, high; /* addresses in the file */
	bool kernel;        /* has a kernel descriptor, so nobody calls it */
	bool convention;    /* code that the compiler did not see may have called it: it was linked by name, so that it keeps to the convention */
};

/* Functions of the symbol table, ordered by low; none when the file is damaged or stripped. *out is malloc'ed. */
void unwind_table_read(const uint8_t *image, size_t n, struct unwind_function **out, size_t *n_out);
/* The function that holds an address of the file; NULL none. */
const struct unwind_function *unwind_table_at(const struct unwind_function *table, size_t n, uint64_t addr);

#endif
