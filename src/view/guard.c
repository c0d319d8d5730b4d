#include "src/view/guard.h"

#include <stdlib.h>

#include "src/view/op.h"
#include "src/view/value.h"
#include "src/view/window.h"

bool view_guard_register(struct view_guard *g, int64_t at)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->registers[i] == at)
			return true;
	if (g->n == VIEW_MAX_KNOWN)
		return false;
	g->registers[g->n++] = (int16_t)at;
	return true;
}

/* How many of the registers from the i-th on lie side by side. */
static size_t neighbours(const struct view_guard *g, size_t i)
{
	size_t n = 1;
	while (i + n < g->n && g->registers[i + n] == g->registers[i + n - 1] + 4)
		n++;
	return n;
}

/* Leaves not zero on the stack when the place is known; of the frame's base a second one, for what follows. */
static void put_question(struct view_bytes *b, const struct view_guard *g)
{
	if (g->frame) {
		view_put_breg(b, VIEW_BREG_TOLD, 0);
		view_put_byte(b, OP_DUP);
		return;
	}
	for (size_t i = 0, n; i < g->n; i += n) {
		for (n = 8; n > neighbours(g, i); n /= 2)
			;
		view_put_breg(b, VIEW_BREG_REGISTERS, view_unknown_at(g->registers[i]));
		view_put(b, (uint8_t[]){ OP_DEREF_SIZE, (uint8_t)n }, 2);
		if (i)
			view_put_byte(b, OP_OR);
	}
	view_put(b, (uint8_t[]){ OP_LIT0, OP_EQ }, 2);
}

void view_guard_put(struct view_bytes *b, size_t start, const struct view_guard *g)
{
	struct view_bytes made = { .p = NULL }, nothing = { .p = NULL };
	if (b->failed || (!g->frame && !g->n))
		return;
	if (g->absent) {
		view_put_byte(&nothing, OP_CALL4);
		view_put_fixed(&nothing, g->absent, 4);
	}
	view_put_breg(&nothing, VIEW_BREG_NEVER, 0);
	put_question(&made, g);
	view_put_byte(&made, OP_BRA);
	view_put_fixed(&made, nothing.n, 2);
	view_put(&made, nothing.p, nothing.n);
	view_put(&made, b->p + start, b->n - start);
	b->n = start;
	view_put(b, made.p, made.n);
	b->failed |= made.failed | nothing.failed;
	free(made.p);
	free(nothing.p);
}
