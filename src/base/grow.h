/* Arrays that grow by one element at a time. */
#ifndef SRC_BASE_GROW_H
#define SRC_BASE_GROW_H

#include <stddef.h>

/* Room for one more element behind the n that are in use, in an array (NULL while *max is 0) with room for *max elements of `each` bytes:
 * where there is none, the room doubles. Returns the array, which may have moved; NULL when out of memory, with array and *max as they were. */
void *dbg_grow(void *array, size_t n, size_t *max, size_t each);

#endif
