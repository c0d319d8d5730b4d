#include "testsuite/unit/isa_snippet.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/isa/insn.h"

enum { MAX_WORDS = 64 };

struct snippet *snippet_new(void)
{
	struct snippet *s = calloc(1, sizeof *s);
	ck_assert_ptr_nonnull(s);
	machine_init(&s->m);
	machine_wave_init(&s->m, &s->mw);
	return s;
}

void snippet_free(struct snippet *s)
{
	machine_deinit(&s->m);
	free(s);
}

struct sim_result snippet_try(struct snippet *s, const uint32_t *const *code, size_t n)
{
	uint32_t words[MAX_WORDS];
	size_t used = 0;
	for (size_t k = 0; k < n; k++) {
		struct insn i;
		const char *why;
		ck_assert_uint_lt(used, MAX_WORDS - 3);
		unsigned size = isa_decode(&i, code[k], 2, &sim_lanes_base, &why) == DECODE_OK ? i.size : code[k][1] ? 8 : 4;
		memcpy(words + used, code[k], size);
		used += size / 4;
	}
	words[used++] = 0xbf810000;
	machine_code(&s->m, &s->mw, words, used);
	return sim_wave_run(&s->mw.w, &s->m.env, 1000);
}

void snippet_run(struct snippet *s, const uint32_t *const *code, size_t n)
{
	struct sim_result r = snippet_try(s, code, n);
	ck_assert_msg(r.why == SIM_ENDPGM, "stopped: %d, TRAPSTS %#x, %s", r.why, s->mw.w.trapsts, s->m.unknown);
}

void snippet_one(struct snippet *s, const uint32_t *code)
{
	snippet_run(s, &code, 1);
}

uint64_t snippet_s64(const struct snippet *s, unsigned n)
{
	return s->mw.w.s[n] | (uint64_t)s->mw.w.s[n + 1] << 32;
}

void snippet_set_s64(struct snippet *s, unsigned n, uint64_t value)
{
	s->mw.w.s[n] = (uint32_t)value;
	s->mw.w.s[n + 1] = (uint32_t)(value >> 32);
}

uint64_t snippet_v64(const struct snippet *s, unsigned n, unsigned lane)
{
	return s->mw.v[n][lane] | (uint64_t)s->mw.v[n + 1][lane] << 32;
}

void snippet_set_v64(struct snippet *s, unsigned n, unsigned lane, uint64_t value)
{
	s->mw.v[n][lane] = (uint32_t)value;
	s->mw.v[n + 1][lane] = (uint32_t)(value >> 32);
}
