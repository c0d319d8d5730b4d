/* Instructions: the family's decoder, and what of them can be carried out on a saved wave (wave-state 4.7). */
#include "arch/arch.h"

#include "arch/layout.h"

int gfx_insn_decode(const struct gfx_family *family, const void *code, size_t n, struct gfx_insn *out)
{
	return family->ops->insn_decode(family, code, n, out);
}
