/* Fuzz target: one agent expression. Registers and memory are made of their numbers, a part of the memory is missing. Checked beside
 * memory: an evaluation ends, in a value or an error with a text. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/agent.h"
#include "testsuite/fuzz/fuzz.h"

struct effort {
	size_t reads, printed;
};

static int reg(void *arg, unsigned regno, uint64_t *value, struct rsp_error *err)
{
	struct effort *e = arg;
	e->reads++;
	if (regno > 0x8000)
		return rsp_fail(err, RSP_REFUSED, "no register %u", regno);
	*value = regno * UINT64_C(0x9e3779b97f4a7c15);
	return 0;
}

static int mem(void *arg, uint64_t addr, uint8_t *buf, size_t n, struct rsp_error *err)
{
	struct effort *e = arg;
	e->reads += n;
	if (addr % 1024 > 1000)
		return rsp_fail(err, RSP_REFUSED, "nothing there");
	for (size_t i = 0; i < n; i++)
		buf[i] = (uint8_t)(addr + i);
	return 0;
}

static void print(void *arg, const char *text, size_t n)
{
	struct effort *e = arg;
	(void)text;
	e->printed += n;
}

static void fail(const char *what)
{
	fprintf(stderr, "fuzz_agent: %s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct effort effort = { 0, 0 };
	struct rsp_agent_env env = { reg, mem, print, &effort };
	struct rsp_error err = { .class = RSP_OK };
	struct rsp_bytecode code = { data, size };
	uint64_t value;
	int rc = rsp_agent_run(&code, &env, size % 2 ? &value : NULL, &err);
	if ((rc < 0) != (err.class != RSP_OK) || (rc < 0 && !err.text[0]))
		fail("an error without a text, or a text without an error");
	if (effort.printed > RSP_AGENT_OUTPUT || (rc < 0 && effort.printed))
		fail("more output than allowed");
	return 0;
}
