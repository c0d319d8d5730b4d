/* The command line. */
#ifndef TESTSUITE_WAVELAUNCH_OPTIONS_H
#define TESTSUITE_WAVELAUNCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testsuite/wavelaunch/error.h"

enum wl_value_kind {
	WL_VALUE_BUF,    /* a buffer of `bytes`; the argument is its address */
	WL_VALUE_LDS,    /* `bytes` of dynamic LDS; the argument is their offset */
	WL_VALUE_BYTES,  /* `bytes` passed by value (structures), filled like a buffer */
	WL_VALUE_SCALAR, /* the low `bytes` of `bits` */
};

/* One --arg. Strings are borrowed from the command line. */
struct wl_value {
	enum wl_value_kind kind;
	uint64_t bytes;
	uint64_t bits;
	const char *file;     /* contents come from this file, NULL not */
	bool filled;
	uint32_t fill;        /* repeated over the contents */
	unsigned fill_bytes;  /* 1 or 4 */
	const char *text;     /* as the user wrote it */
};

/* --dump and --expect: argument number and file. */
struct wl_arg_file {
	unsigned arg;
	const char *file;
};

enum { WL_MAX_ARGS = 128 };

struct wl_options {
	const char *code_object, *kernel;
	uint32_t grid[3], group[3];
	unsigned dims;        /* dimensions named in --grid */
	struct wl_value args[WL_MAX_ARGS];
	unsigned n_args;
	struct wl_arg_file dumps[WL_MAX_ARGS], expects[WL_MAX_ARGS];
	unsigned n_dumps, n_expects;
	bool private_given;
	uint32_t private_bytes;
	uint32_t repeat;
	uint32_t queue_packets;
	uint32_t timeout_ms;  /* 0: none */
	int r_version;
	bool wait, memory_uri, quiet;
	int node;             /* topology node, -1 the first GPU */
};

/* Reads the command line. --help and --version end the program; everything else that is wrong is an error of class WL_USAGE. */
int wl_options_parse(int argc, char **argv, struct wl_options *out, struct wl_err *err);

/* The parts, for unit tests. */
int wl_parse_value(const char *text, struct wl_value *out, struct wl_err *err);
int wl_parse_shape(const char *what, const char *text, uint32_t out[3], unsigned *dims, struct wl_err *err);

#endif
