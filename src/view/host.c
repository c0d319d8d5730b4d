/* The kernel's register blocks of an x86-64 thread as registers of the description, whatever the carrier. */
#include <stddef.h>
#include <string.h>

#include "src/view/internal.h"

#define GP(field) { offsetof(struct user_regs_struct, field), sizeof(uint64_t) }
#define GP32(field) { offsetof(struct user_regs_struct, field), sizeof(uint32_t) }

static const struct {
	uint16_t offset, bytes;
} gp_slots[] = {
	[VIEW_RAX] = GP(rax), [VIEW_RBX] = GP(rbx), [VIEW_RCX] = GP(rcx), [VIEW_RDX] = GP(rdx), [VIEW_RSI] = GP(rsi), [VIEW_RDI] = GP(rdi),
	[VIEW_RBP] = GP(rbp), [VIEW_RSP] = GP(rsp), [VIEW_R8] = GP(r8), [VIEW_R9] = GP(r9), [VIEW_R10] = GP(r10), [VIEW_R11] = GP(r11),
	[VIEW_R12] = GP(r12), [VIEW_R13] = GP(r13), [VIEW_R14] = GP(r14), [VIEW_R15] = GP(r15), [VIEW_RIP] = GP(rip),
	[VIEW_EFLAGS] = GP32(eflags), [VIEW_CS] = GP32(cs), [VIEW_SS] = GP32(ss), [VIEW_DS] = GP32(ds), [VIEW_ES] = GP32(es), [VIEW_FS] = GP32(fs),
	[VIEW_GS] = GP32(gs),
};
enum { N_GP = sizeof gp_slots / sizeof *gp_slots, ST_BYTES = 10, ST_STRIDE = 16, XMM_BYTES = 16 };

/* Full tag word from the abridged one of FXSAVE: empty or valid, as far as the block says. */
static uint32_t full_tags(uint16_t abridged)
{
	uint32_t tags = 0;
	for (int i = 0; i < 8; i++)
		if (!(abridged >> i & 1))
			tags |= 3u << 2 * i;
	return tags;
}

static bool fp_word(int index, const struct user_fpregs_struct *fp, uint32_t *out)
{
	switch (index) {
	case VIEW_FCTRL:
		*out = fp->cwd;
		return true;
	case VIEW_FSTAT:
		*out = fp->swd;
		return true;
	case VIEW_FTAG:
		*out = full_tags(fp->ftw);
		return true;
	case VIEW_FISEG:
		*out = (uint32_t)(fp->rip >> 32) & 0xffff;
		return true;
	case VIEW_FIOFF:
		*out = (uint32_t)fp->rip;
		return true;
	case VIEW_FOSEG:
		*out = (uint32_t)(fp->rdp >> 32) & 0xffff;
		return true;
	case VIEW_FOOFF:
		*out = (uint32_t)fp->rdp;
		return true;
	case VIEW_FOP:
		*out = fp->fop;
		return true;
	case VIEW_MXCSR:
		*out = fp->mxcsr;
		return true;
	default:
		return false;
	}
}

/* enum view_x86; negative: a host thread has no such register. */
static int host_index(const struct view *v, size_t regno)
{
	if (regno >= v->n_regs || v->regs[regno].kind != VIEW_CORE)
		return VIEW_NO_HOST;
	return v->carrier->host ? v->carrier->host[v->regs[regno].index] : v->regs[regno].index;
}

bool view_host_read(const struct view *v, size_t regno, const struct user_regs_struct *gp, const struct user_fpregs_struct *fp, uint8_t *buf)
{
	uint32_t word;
	int index = host_index(v, regno);
	if (index < 0)
		return false;
	if (index < N_GP && gp_slots[index].bytes) {
		memcpy(buf, (const uint8_t *)gp + gp_slots[index].offset, gp_slots[index].bytes);
		return true;
	}
	if (index >= VIEW_ST0 && index <= VIEW_ST7) {
		memcpy(buf, (const uint8_t *)fp->st_space + (index - VIEW_ST0) * ST_STRIDE, ST_BYTES);
		return true;
	}
	if (index >= VIEW_XMM0 && index <= VIEW_XMM15) {
		memcpy(buf, (const uint8_t *)fp->xmm_space + (index - VIEW_XMM0) * XMM_BYTES, XMM_BYTES);
		return true;
	}
	if (!fp_word(index, fp, &word))
		return false;
	memcpy(buf, &word, sizeof word);
	return true;
}

bool view_host_write(const struct view *v, size_t regno, struct user_regs_struct *gp, struct user_fpregs_struct *fp, const uint8_t *buf)
{
	uint16_t word;
	int index = host_index(v, regno);
	if (index < 0)
		return false;
	if (index < N_GP && gp_slots[index].bytes) {
		uint64_t value = 0;
		memcpy(&value, buf, gp_slots[index].bytes);
		memcpy((uint8_t *)gp + gp_slots[index].offset, &value, sizeof value);
		return true;
	}
	if (index >= VIEW_ST0 && index <= VIEW_ST7) {
		memcpy((uint8_t *)fp->st_space + (index - VIEW_ST0) * ST_STRIDE, buf, ST_BYTES);
		return true;
	}
	if (index >= VIEW_XMM0 && index <= VIEW_XMM15) {
		memcpy((uint8_t *)fp->xmm_space + (index - VIEW_XMM0) * XMM_BYTES, buf, XMM_BYTES);
		return true;
	}
	memcpy(&word, buf, sizeof word);
	if (index == VIEW_FCTRL)
		fp->cwd = word;
	else if (index == VIEW_FSTAT)
		fp->swd = word;
	else if (index == VIEW_MXCSR)
		memcpy(&fp->mxcsr, buf, sizeof fp->mxcsr);
	else
		return false;
	return true;
}
