#include "protocol/agent.h"

#include <inttypes.h>
#include <string.h>

struct machine {
	const struct rsp_bytecode *code;
	const struct rsp_agent_env *env;
	struct rsp_error *err;
	size_t at;        /* of the next operation */
	size_t op_at;     /* of this one */
	uint64_t operand;
	uint64_t cell[RSP_AGENT_STACK];
	size_t depth;
	struct rsp_buf printed;
	bool ended;
};

struct operation {
	const char *name;
	uint8_t operand; /* bytes that follow */
	uint8_t pops, pushes;
	int (*run)(struct machine *m);                /* or */
	uint64_t (*binary)(uint64_t a, uint64_t b);   /* pops b, then a, and pushes the result; or */
	const char *refused;                          /* why there is no such thing here */
};

static int failed(struct machine *m, enum rsp_class class, const char *what)
{
	return rsp_fail(m->err, class, "agent expression: %s (operation at byte %zu)", what, m->op_at);
}

static uint64_t pop(struct machine *m)
{
	return m->cell[--m->depth];
}

static int push(struct machine *m, uint64_t value)
{
	m->cell[m->depth++] = value;
	return 0;
}

/* ------------------------------------------------------------------ arithmetic */

static uint64_t add(uint64_t a, uint64_t b) { return a + b; }
static uint64_t sub(uint64_t a, uint64_t b) { return a - b; }
static uint64_t mul(uint64_t a, uint64_t b) { return a * b; }
static uint64_t bit_and(uint64_t a, uint64_t b) { return a & b; }
static uint64_t bit_or(uint64_t a, uint64_t b) { return a | b; }
static uint64_t bit_xor(uint64_t a, uint64_t b) { return a ^ b; }
static uint64_t equal(uint64_t a, uint64_t b) { return a == b; }
static uint64_t less_signed(uint64_t a, uint64_t b) { return (int64_t)a < (int64_t)b; }
static uint64_t less_unsigned(uint64_t a, uint64_t b) { return a < b; }

/* The manual leaves a count past the width open: all bits are gone then. */
static uint64_t lsh(uint64_t a, uint64_t b) { return b < 64 ? a << b : 0; }
static uint64_t rsh_unsigned(uint64_t a, uint64_t b) { return b < 64 ? a >> b : 0; }
static uint64_t rsh_signed(uint64_t a, uint64_t b) { return (uint64_t)((int64_t)a >> (b < 64 ? b : 63)); }

static int divide(struct machine *m, bool is_signed, bool remainder)
{
	uint64_t b = pop(m), a = pop(m);
	if (!b)
		return failed(m, RSP_BAD_REQUEST, "division by zero");
	/* The one quotient that does not fit wraps around. */
	if (is_signed && b == UINT64_MAX)
		return push(m, remainder ? 0 : 0 - a);
	if (is_signed)
		return push(m, (uint64_t)(remainder ? (int64_t)a % (int64_t)b : (int64_t)a / (int64_t)b));
	return push(m, remainder ? a % b : a / b);
}

static int div_signed(struct machine *m) { return divide(m, true, false); }
static int div_unsigned(struct machine *m) { return divide(m, false, false); }
static int rem_signed(struct machine *m) { return divide(m, true, true); }
static int rem_unsigned(struct machine *m) { return divide(m, false, true); }

static int log_not(struct machine *m) { return push(m, !pop(m)); }
static int bit_not(struct machine *m) { return push(m, ~pop(m)); }

static int zero_ext(struct machine *m)
{
	uint64_t bits = m->operand, value = pop(m);
	return push(m, bits < 64 ? value & ((UINT64_C(1) << bits) - 1) : value);
}

static int sign_ext(struct machine *m)
{
	uint64_t bits = m->operand, value = pop(m);
	if (!bits)
		return failed(m, RSP_BAD_REQUEST, "a number of no bits has no sign");
	if (bits < 64) {
		uint64_t sign = UINT64_C(1) << (bits - 1);
		value = ((value & (2 * sign - 1)) ^ sign) - sign;
	}
	return push(m, value);
}

/* ------------------------------------------------------------------ stack, constants, jumps */

static int constant(struct machine *m) { return push(m, m->operand); }

static int dup(struct machine *m)
{
	uint64_t a = pop(m);
	push(m, a);
	return push(m, a);
}

static int drop(struct machine *m)
{
	pop(m);
	return 0;
}

static int swap(struct machine *m)
{
	uint64_t b = pop(m), a = pop(m);
	push(m, b);
	return push(m, a);
}

static int rot(struct machine *m)
{
	uint64_t c = pop(m), b = pop(m), a = pop(m);
	push(m, c);
	push(m, a);
	return push(m, b);
}

static int pick(struct machine *m)
{
	if (m->operand >= m->depth)
		return failed(m, RSP_BAD_REQUEST, "the stack is not that deep");
	return push(m, m->cell[m->depth - 1 - m->operand]);
}

static int jump(struct machine *m)
{
	if (m->operand >= m->code->n)
		return failed(m, RSP_BAD_REQUEST, "a jump out of the expression");
	m->at = (size_t)m->operand;
	return 0;
}

static int jump_if(struct machine *m)
{
	return pop(m) ? jump(m) : 0;
}

static int end(struct machine *m)
{
	m->ended = true;
	return 0;
}

/* ------------------------------------------------------------------ the target */

static int reg(struct machine *m)
{
	uint64_t value = 0;
	int rc = m->env->reg(m->env->arg, (unsigned)m->operand, &value, m->err);
	return rc < 0 ? rc : push(m, value);
}

static int fetch(struct machine *m, size_t n)
{
	uint8_t bytes[8] = { 0 };
	uint64_t value = 0;
	int rc = m->env->mem(m->env->arg, pop(m), bytes, n, m->err);
	for (size_t i = n; i-- > 0;)
		value = value << 8 | bytes[i];
	return rc < 0 ? rc : push(m, value);
}

static int ref8(struct machine *m) { return fetch(m, 1); }
static int ref16(struct machine *m) { return fetch(m, 2); }
static int ref32(struct machine *m) { return fetch(m, 4); }
static int ref64(struct machine *m) { return fetch(m, 8); }

/* Operands: the number of arguments (taken already), then the length of the format and the format itself, a NUL included. On the stack,
 * from the top: a function and a channel, of no meaning here, then the arguments, the first one first. */
static int print(struct machine *m)
{
	size_t n_args = (size_t)(m->operand >> 16), length = (size_t)(m->operand & 0xffff);
	uint64_t args[RSP_AGENT_STACK];
	const char *format = (const char *)m->code->code + m->at;
	if (!m->env->print)
		return failed(m, RSP_REFUSED, "a condition prints nothing");
	if (!length || length > m->code->n - m->at || format[length - 1])
		return failed(m, RSP_BAD_REQUEST, "a format that does not end");
	if (n_args + 2 > m->depth)
		return failed(m, RSP_BAD_REQUEST, "too few values on the stack to print");
	m->at += length;
	m->depth -= 2;
	for (size_t i = 0; i < n_args; i++)
		args[i] = pop(m);
	return rsp_agent_format(format, length - 1, args, n_args, m->env, &m->printed, m->err);
}

/* ------------------------------------------------------------------ the table */

static const char floating[] = "floating point is not supported";
static const char tracing[] = "there is no trace buffer";
static const char variables[] = "there are no trace state variables";

static const struct operation operations[] = {
	[0x01] = { "float", 0, 0, 0, .refused = floating },
	[0x02] = { "add", 0, 2, 1, .binary = add },
	[0x03] = { "sub", 0, 2, 1, .binary = sub },
	[0x04] = { "mul", 0, 2, 1, .binary = mul },
	[0x05] = { "div_signed", 0, 2, 1, .run = div_signed },
	[0x06] = { "div_unsigned", 0, 2, 1, .run = div_unsigned },
	[0x07] = { "rem_signed", 0, 2, 1, .run = rem_signed },
	[0x08] = { "rem_unsigned", 0, 2, 1, .run = rem_unsigned },
	[0x09] = { "lsh", 0, 2, 1, .binary = lsh },
	[0x0a] = { "rsh_signed", 0, 2, 1, .binary = rsh_signed },
	[0x0b] = { "rsh_unsigned", 0, 2, 1, .binary = rsh_unsigned },
	[0x0c] = { "trace", 0, 2, 0, .refused = tracing },
	[0x0d] = { "trace_quick", 1, 1, 1, .refused = tracing },
	[0x0e] = { "log_not", 0, 1, 1, .run = log_not },
	[0x0f] = { "bit_and", 0, 2, 1, .binary = bit_and },
	[0x10] = { "bit_or", 0, 2, 1, .binary = bit_or },
	[0x11] = { "bit_xor", 0, 2, 1, .binary = bit_xor },
	[0x12] = { "bit_not", 0, 1, 1, .run = bit_not },
	[0x13] = { "equal", 0, 2, 1, .binary = equal },
	[0x14] = { "less_signed", 0, 2, 1, .binary = less_signed },
	[0x15] = { "less_unsigned", 0, 2, 1, .binary = less_unsigned },
	[0x16] = { "ext", 1, 1, 1, .run = sign_ext },
	[0x17] = { "ref8", 0, 1, 1, .run = ref8 },
	[0x18] = { "ref16", 0, 1, 1, .run = ref16 },
	[0x19] = { "ref32", 0, 1, 1, .run = ref32 },
	[0x1a] = { "ref64", 0, 1, 1, .run = ref64 },
	[0x1b] = { "ref_float", 0, 1, 1, .refused = floating },
	[0x1c] = { "ref_double", 0, 1, 1, .refused = floating },
	[0x1d] = { "ref_long_double", 0, 1, 1, .refused = floating },
	[0x1e] = { "l_to_d", 0, 1, 1, .refused = floating },
	[0x1f] = { "d_to_l", 0, 1, 1, .refused = floating },
	[0x20] = { "if_goto", 2, 1, 0, .run = jump_if },
	[0x21] = { "goto", 2, 0, 0, .run = jump },
	[0x22] = { "const8", 1, 0, 1, .run = constant },
	[0x23] = { "const16", 2, 0, 1, .run = constant },
	[0x24] = { "const32", 4, 0, 1, .run = constant },
	[0x25] = { "const64", 8, 0, 1, .run = constant },
	[0x26] = { "reg", 2, 0, 1, .run = reg },
	[0x27] = { "end", 0, 0, 0, .run = end },
	[0x28] = { "dup", 0, 1, 2, .run = dup },
	[0x29] = { "pop", 0, 1, 0, .run = drop },
	[0x2a] = { "zero_ext", 1, 1, 1, .run = zero_ext },
	[0x2b] = { "swap", 0, 2, 2, .run = swap },
	[0x2c] = { "getv", 2, 0, 1, .refused = variables },
	[0x2d] = { "setv", 2, 1, 1, .refused = variables },
	[0x2e] = { "tracev", 2, 0, 0, .refused = variables },
	[0x2f] = { "tracenz", 0, 2, 0, .refused = tracing },
	[0x30] = { "trace16", 2, 1, 1, .refused = tracing },
	[0x32] = { "pick", 1, 0, 1, .run = pick },
	[0x33] = { "rot", 0, 3, 3, .run = rot },
	[0x34] = { "printf", 3, 2, 0, .run = print },
};

static const struct operation *find(uint8_t code)
{
	bool known = code < sizeof operations / sizeof *operations && operations[code].name;
	return known ? &operations[code] : NULL;
}

static int prepare(struct machine *m, const struct operation *op)
{
	if (op->refused)
		return rsp_fail(m->err, RSP_REFUSED, "agent expression: %s (%s at byte %zu)", op->refused, op->name, m->op_at);
	if (op->operand > m->code->n - m->at)
		return failed(m, RSP_BAD_REQUEST, "the operand is cut off");
	if (op->pops > m->depth)
		return failed(m, RSP_BAD_REQUEST, "too few values on the stack");
	if (m->depth - op->pops + op->pushes > RSP_AGENT_STACK)
		return failed(m, RSP_REFUSED, "too many values on the stack");
	m->operand = 0;
	for (size_t i = 0; i < op->operand; i++)
		m->operand = m->operand << 8 | m->code->code[m->at++];
	return 0;
}

static int step(struct machine *m)
{
	m->op_at = m->at;
	if (m->at >= m->code->n)
		return failed(m, RSP_BAD_REQUEST, "it has no end");
	const struct operation *op = find(m->code->code[m->at++]);
	if (!op)
		return failed(m, RSP_BAD_REQUEST, "an unknown operation");
	int rc = prepare(m, op);
	if (rc < 0)
		return rc;
	if (op->run)
		return op->run(m);
	uint64_t b = pop(m), a = pop(m);
	return push(m, op->binary(a, b));
}

int rsp_agent_run(const struct rsp_bytecode *code, const struct rsp_agent_env *env, uint64_t *result, struct rsp_error *err)
{
	struct machine m;
	int rc = 0;
	m.code = code;
	m.env = env;
	m.err = err;
	m.at = m.op_at = m.depth = 0;
	m.ended = false;
	rsp_buf_init(&m.printed, RSP_AGENT_OUTPUT);
	for (size_t steps = 0; rc == 0 && !m.ended; steps++)
		rc = steps < RSP_AGENT_STEPS ? step(&m) : failed(&m, RSP_REFUSED, "it takes too many steps");
	if (rc == 0 && result && !m.depth)
		rc = failed(&m, RSP_BAD_REQUEST, "it has no value");
	if (rc == 0 && result)
		*result = pop(&m);
	if (rc == 0 && m.printed.failed)
		rc = failed(&m, RSP_REFUSED, "it prints too much");
	if (rc == 0 && m.printed.len)
		env->print(env->arg, m.printed.data, m.printed.len);
	rsp_buf_deinit(&m.printed);
	return rc;
}
