/* gdb's agent expressions (gdb manual, appendix "The GDB Agent Expression Mechanism"): a stack machine with cells of 64 bits, big-endian
 * operands. Conditions and commands of breakpoints come in this form. What an expression may touch is behind callbacks; whatever its
 * bytes are, an evaluation ends after a bounded number of steps, in a value or an error. */
#ifndef PROTOCOL_AGENT_H
#define PROTOCOL_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/error.h"
#include "protocol/target.h"

enum {
	RSP_AGENT_STACK = 128,     /* cells */
	RSP_AGENT_STEPS = 10000,   /* operations of one evaluation */
	RSP_AGENT_STRING = 1000,   /* bytes that one %s of printf shows */
	RSP_AGENT_OUTPUT = 0x4000, /* bytes that one evaluation prints */
};

struct rsp_agent_env {
	/* Value of a register by its number in the target description, zero-extended. */
	int (*reg)(void *arg, unsigned regno, uint64_t *value, struct rsp_error *err);
	/* All n bytes, or an error. */
	int (*mem)(void *arg, uint64_t addr, uint8_t *buf, size_t n, struct rsp_error *err);
	/* Output of printf; NULL: printf is an error. Called once an evaluation has come to its end. */
	void (*print)(void *arg, const char *text, size_t n);
	void *arg;
};

/* Evaluates. *result (may be NULL) is the cell on top when it ends; when it is asked for and there is none, that is an error. Returns 0
 * or -class with a text that names the operation and its place. An evaluation that fails prints nothing. */
int rsp_agent_run(const struct rsp_bytecode *code, const struct rsp_agent_env *env, uint64_t *result, struct rsp_error *err);

/* For what printf of an expression has to write: format is C source text (escapes are undone here), args its arguments in order; for %s
 * an address. Strings are read by env->mem. Refused with words: floating point, wide characters, `*`, %n. */
int rsp_agent_format(const char *format, size_t n, const uint64_t *args, size_t n_args, const struct rsp_agent_env *env, struct rsp_buf *out,
		     struct rsp_error *err);

#endif
