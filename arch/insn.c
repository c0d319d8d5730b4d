/* Instructions: the family's decoder, and what of them can be carried out on a saved wave (wave-state 4.7). */
#include "arch/arch.h"

#include "arch/layout.h"

int gfx_insn_decode(const struct gfx_family *family, const void *code, size_t n, struct gfx_insn *out)
{
	return family->ops->insn_decode(family, code, n, out);
}

int gfx_insn_access(const struct gfx_wave *w, const void *code, size_t n, uint64_t shared_base, uint64_t private_base, struct gfx_access *out)
{
	struct gfx_insn insn;
	int status = gfx_insn_decode(w->family, code, n, &insn);
	if (status < 0)
		return status;
	if (insn.class == GFX_INSN_UNKNOWN || !w->family->ops->insn_access)
		return GFX_UNSUPPORTED;
	return w->family->ops->insn_access(w, code, &insn, shared_base, private_base, out);
}

int gfx_insn_effect(const struct gfx_family *family, const void *code, size_t n, struct gfx_effect *out)
{
	struct gfx_insn insn;
	int status = gfx_insn_decode(family, code, n, &insn);
	if (status < 0)
		return status;
	if (insn.class == GFX_INSN_UNKNOWN || !family->ops->insn_effect)
		return GFX_UNSUPPORTED;
	return family->ops->insn_effect(code, &insn, out);
}

int gfx_insn_use(const struct gfx_family *family, const void *code, size_t n, struct gfx_use *out)
{
	struct gfx_insn insn;
	int status = gfx_insn_decode(family, code, n, &insn);
	if (status < 0)
		return status;
	if (insn.class == GFX_INSN_UNKNOWN || !family->ops->insn_use)
		return GFX_UNSUPPORTED;
	return family->ops->insn_use(code, &insn, out);
}
