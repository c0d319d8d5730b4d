/* A sample launch: how a kernel is started and what its buffers must hold afterwards, computed by the host. */
#ifndef TESTSUITE_KERNELS_HOST_REFERENCE_H
#define TESTSUITE_KERNELS_HOST_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum arg_kind { ARG_TEXT, ARG_BUFFER, ARG_BYTES };

struct launch_arg {
	enum arg_kind kind;
	char text[64];          /* ARG_TEXT: as wavelaunch takes it */
	size_t size;
	unsigned char *initial; /* contents before, NULL zeros */
	unsigned char *expected; /* contents after, NULL not compared */
};

enum { MAX_LAUNCH_ARGS = 16 };

struct launch {
	uint32_t grid[3], group[3];
	struct launch_arg args[MAX_LAUNCH_ARGS];
	unsigned n_args;
	const char *extra; /* one more option of wavelaunch, NULL none */
};

struct sample {
	const char *name;   /* unique */
	const char *source; /* "vadd" for vadd.cl */
	const char *kernel;
	const char *failure; /* part of what wavelaunch says when the kernel is meant to fail, NULL: it finishes */
	void (*describe)(struct launch *launch);
};

extern const struct sample computing_samples[], language_samples[];
extern const size_t n_computing_samples, n_language_samples;

/* For the describing functions. Memory that these return is zero and stays until the program ends; running out of it ends the program. */
void launch_shape(struct launch *l, uint32_t gx, uint32_t gy, uint32_t gz, uint32_t sx, uint32_t sy, uint32_t sz);
void launch_text(struct launch *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void *launch_in(struct launch *l, size_t size);  /* contents before; not compared afterwards */
void *launch_out(struct launch *l, size_t size); /* starts as zeros; contents after */
void launch_inout(struct launch *l, size_t size, void *before, void *after); /* void ** each */
void *launch_bytes(struct launch *l, size_t size); /* a structure by value */

/* Reproducible numbers that look random; the floats are exact in single precision and have both signs. */
uint32_t sample_mix(uint32_t n);
uint64_t sample_mix64(uint32_t n);
float sample_float(uint32_t n);

#endif
