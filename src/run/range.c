#include "src/run/range.h"

#include <stdlib.h>

enum { WORD = 4 };
enum mark { FREE, BEGINS /* an instruction that some path executes */, INSIDE /* one that began before */ };

struct flow {
	const struct gfx_family *family;
	const uint8_t *code;
	uint64_t start;
	size_t n;
	uint8_t *marks;    /* of each word */
	uint32_t *waiting; /* words that paths lead to and that were not followed yet */
	size_t n_waiting;
	struct range_exits *out;
};

bool range_must_step(enum gfx_insn_class class)
{
	switch (class) {
	case GFX_INSN_SETPC:
	case GFX_INSN_SWAPPC:
	case GFX_INSN_FORK:
	case GFX_INSN_ENDPGM:
	case GFX_INSN_BARRIER:
	case GFX_INSN_UNKNOWN:
		return true;
	default:
		return false;
	}
}

static int add_exit(struct flow *f, uint64_t at)
{
	for (size_t i = 0; i < f->out->n; i++)
		if (f->out->at[i] == at)
			return GFX_OK;
	if (f->out->n == RANGE_MAX_EXITS)
		return GFX_UNSUPPORTED;
	f->out->at[f->out->n++] = at;
	return GFX_OK;
}

/* A path arrives at an address. */
static int arrive(struct flow *f, uint64_t at)
{
	uint64_t offset = at - f->start;
	if (offset >= f->n || f->n - offset < WORD)
		return add_exit(f, at);
	size_t word = offset / WORD;
	if (f->marks[word] == INSIDE)
		return GFX_UNSUPPORTED;
	if (f->marks[word] == BEGINS)
		return GFX_OK;
	f->marks[word] = BEGINS;
	f->waiting[f->n_waiting++] = (uint32_t)word;
	return GFX_OK;
}

static int follow(struct flow *f, size_t word)
{
	struct gfx_insn insn;
	uint64_t at = f->start + word * WORD;
	if (gfx_insn_decode(f->family, f->code + word * WORD, f->n - word * WORD, &insn) < 0 || range_must_step(insn.class))
		return add_exit(f, at);
	for (size_t i = word + 1; i < word + insn.length / WORD && i < f->n / WORD; i++) {
		if (f->marks[i] == BEGINS)
			return GFX_UNSUPPORTED;
		f->marks[i] = INSIDE;
	}
	uint64_t next = at + insn.length, target = next + WORD * (uint64_t)(int64_t)insn.simm16;
	int status = GFX_OK;
	if (insn.class == GFX_INSN_BRANCH || insn.class == GFX_INSN_COND_BRANCH || insn.class == GFX_INSN_CALL)
		status = arrive(f, target);
	if (status == GFX_OK && insn.class != GFX_INSN_BRANCH && insn.class != GFX_INSN_CALL)
		status = arrive(f, next);
	return status;
}

int range_exits(const struct gfx_family *family, const uint8_t *code, uint64_t start, size_t n, uint64_t pc, struct range_exits *out)
{
	out->n = 0;
	if (pc < start || pc - start >= n || pc % WORD || start % WORD || n > RANGE_MAX_BYTES)
		return GFX_RANGE;
	struct flow f = { .family = family, .code = code, .start = start, .n = n, .out = out };
	f.marks = calloc(n / WORD + 1, sizeof *f.marks);
	f.waiting = calloc(n / WORD + 1, sizeof *f.waiting); /* each word waits once at most */
	int status = f.marks && f.waiting ? arrive(&f, pc) : GFX_UNSUPPORTED;
	while (status == GFX_OK && f.n_waiting > 0)
		status = follow(&f, f.waiting[--f.n_waiting]);
	free(f.marks);
	free(f.waiting);
	return status;
}
