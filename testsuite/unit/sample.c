#include "testsuite/unit/sample.h"

#include <stdio.h>
#include <stdlib.h>

#include <check.h>

uint8_t *sample_load(const char *name, size_t *n)
{
	char path[512];
	snprintf(path, sizeof path, "testsuite/kernels/%s", name);
	return sample_load_path(path, n);
}

uint8_t *sample_load_path(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "%s is missing: build it with make", path);
	fseek(f, 0, SEEK_END);
	long size = ftell(f);
	ck_assert_int_gt(size, 0);
	rewind(f);
	*n = (size_t)size;
	uint8_t *bytes = malloc(*n);
	ck_assert_ptr_nonnull(bytes);
	ck_assert_uint_eq(fread(bytes, 1, *n, f), *n);
	fclose(f);
	return bytes;
}
