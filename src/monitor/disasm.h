/* Instructions as text. LLVM's disassembler does the work where its shared library is there when it is needed; the library is loaded then and
 * not before, and nothing of the stub depends on it. Otherwise the text is the words, with what the family's own tables know of them. */
#ifndef SRC_MONITOR_DISASM_H
#define SRC_MONITOR_DISASM_H

#include "src/model/model.h"

struct disasm;

struct disasm_line {
	uint64_t addr;
	uint8_t length;      /* bytes */
	uint8_t bytes[20];
	char text[256];      /* one blank between mnemonic and operands */
	bool decoded;        /* false: the text is `.long` and words */
	uint64_t target;     /* of a direct branch or call; 0 none */
};

/* LLVM's one: DBG_UNSUPPORTED, with the reason, when it is not to be had. */
int disasm_open(const struct gfx_family *family, struct disasm **out, struct dbg_error *err);
void disasm_close(struct disasm *d); /* takes NULL */
const struct gfx_family *disasm_family(const struct disasm *d);
/* The instruction at the start of n bytes of code that lie at addr. d may be NULL: words only. DBG_REFUSED: n is too short. */
int disasm_one(const struct disasm *d, const struct gfx_family *family, uint64_t addr, const uint8_t *code, size_t n, struct disasm_line *out,
	struct dbg_error *err);

#endif
