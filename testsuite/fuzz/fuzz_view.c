/* Fuzz target: code objects and location expressions of arbitrary bytes through the rewriter of the served view. A file that begins like ELF is
 * a code object; of anything else the first byte chooses circumstances and the rest is one expression. Aborts when an invariant breaks; memory
 * errors are the sanitizers' to find. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/view/carrier.h"
#include "src/view/elf.h"
#include "src/view/expr.h"
#include "src/view/op.h"
#include "testsuite/fuzz/fuzz.h"

/* What is served names no register and no operator that the carrier's debugger does not have. */
static void check_expression(const uint8_t *e, size_t n)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops;
	MUST(view_ops(e, n, ops, &n_ops) || n > VIEW_MAX_OPS);
	for (size_t i = 0; i < n_ops; i++) {
		uint8_t code = ops[i].code;
		bool carrier = code == OP_BREG0 + VIEW_BREG_FRAME || code == OP_BREG0 + VIEW_BREG_PRIVATE || code == OP_BREG0 + VIEW_BREG_REGISTERS ||
			code == OP_BREG0 + VIEW_BREG_LDS || code == OP_BREG0 + VIEW_BREG_TOLD || code == OP_BREG0 + VIEW_BREG_NEVER;
		MUST(code < OP_REG0 || code > OP_BREG31 || carrier);
		MUST(code != OP_REGX && code != OP_BREGX && code != OP_FBREG && code != OP_XDEREF && code != OP_XDEREF_SIZE && code != OP_CONVERT);
	}
}

static struct view_base_type base_type(void *arg, uint64_t type)
{
	(void)arg;
	return (struct view_base_type){ (unsigned)(type & 127), (type & 128) != 0 };
}

static void expression(const uint8_t *data, size_t size)
{
	static const uint8_t sizes[] = { 0, 1, 4, 8 };
	static const uint8_t addr[16] = { 8, 0x10 };
	struct view_bytes out = { .p = NULL };
	struct view_expr_context c = {
		.bytes = sizes[data[0] & 3], .aggregate = data[0] & 4, .in_loop = data[0] & 8, .lds_known = data[0] & 16, .lds_at = 64,
		.pointer = data[0] >> 5 & 3, .addr = addr, .addr_n = sizeof addr, .base_type = base_type,
	};
	if (c.pointer > VIEW_SPACE_LOCAL)
		c.pointer = VIEW_SPACE_NONE;
	if (data[0] & 128) {
		c.row = c.pointer;
		c.pointer = VIEW_SPACE_NONE;
	}
	view_expr_location(data + 1, size - 1, &c, &out);
	check_expression(out.p, out.n);
	free(out.p);
	view_expr_keeps(data + 1, size - 1);
	view_expr_frame_base(data + 1, size - 1);
	view_expr_changes(data + 1, size - 1, NULL, 0, 1);
}

static void code_object(const uint8_t *data, size_t size)
{
	struct view_elf e;
	struct dbg_error err = { .text = "" };
	Elf64_Ehdr eh;
	if (view_elf_rewrite(data, size, &view_x86_64, &e, &err) < 0) {
		MUST(err.text[0]);
		return;
	}
	MUST(e.n >= sizeof eh);
	memcpy(&eh, e.data, sizeof eh);
	MUST(eh.e_machine == view_x86_64.machine && (!eh.e_shnum || eh.e_shoff + eh.e_shnum * sizeof(Elf64_Shdr) <= e.n));
	for (size_t i = 1; i < e.n_functions; i++)
		MUST(e.functions[i - 1].low <= e.functions[i].low);
	view_elf_free(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	log_set_categories(0);
	if (size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0)
		code_object(data, size);
	else if (size)
		expression(data, size);
	return 0;
}
