/* Compiled sample kernels (testsuite/kernels) as bytes. */
#ifndef TESTSUITE_UNIT_SAMPLE_H
#define TESTSUITE_UNIT_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

/* "vadd.O0.co" in just as much memory as it has bytes, so that the sanitizers see its end; owned by the caller. Without it the test fails. */
uint8_t *sample_load(const char *name, size_t *n);
uint8_t *sample_load_path(const char *path, size_t *n); /* the same of any file */

#endif
