#include "src/base/grow.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST = 16 };

void *dbg_grow(void *array, size_t n, size_t *max, size_t each)
{
	if (n < *max)
		return array;
	if (*max > SIZE_MAX / 2 / each)
		return NULL;
	size_t more = *max ? 2 * *max : FIRST;
	void *grown = realloc(array, more * each);
	if (grown)
		*max = more;
	return grown;
}
