/* Short pieces of machine code on a wave of their own. */
#ifndef TESTSUITE_UNIT_ISA_SNIPPET_H
#define TESTSUITE_UNIT_ISA_SNIPPET_H

#include "testsuite/unit/isa_machine.h"

struct snippet {
	struct machine m;
	struct machine_wave mw;
};

/* One instruction: its text for llvm-mc (isa_live.sh compares) and its words. */
#define ASM(text, ...) ((const uint32_t[3]){ __VA_ARGS__ })


struct snippet *snippet_new(void);
void snippet_free(struct snippet *s);
/* Runs n instructions of up to two words (a zero second word after an instruction that has none is not placed), ended by s_endpgm; a stop
 * for any other reason fails the test. */
void snippet_run(struct snippet *s, const uint32_t *const *code, size_t n);
/* One instruction. */
void snippet_one(struct snippet *s, const uint32_t *code);
/* The same, but returns what stopped it. */
struct sim_result snippet_try(struct snippet *s, const uint32_t *const *code, size_t n);

uint64_t snippet_s64(const struct snippet *s, unsigned n);
void snippet_set_s64(struct snippet *s, unsigned n, uint64_t value);
uint64_t snippet_v64(const struct snippet *s, unsigned n, unsigned lane);
void snippet_set_v64(struct snippet *s, unsigned n, unsigned lane, uint64_t value);

#endif
