/* Registers of a saved wave by row number (wave-state 1.7 to 1.9, 4.3, 7.1). Where a row's bytes lie follows from its class and the layout;
 * what is more than bytes (a parked PC, the STATUS composite, flags that follow EXEC and VCC) is here too. */
#include "arch/arch.h"

#include "arch/layout.h"

#define PC_HIGH_MASK UINT32_C(0xFFFF)

void gfx_set_hw_bit(struct gfx_wave *w, struct gfx_hw_bit b, bool value)
{
	if (!b.hwreg)
		return;
	uint8_t *p = gfx_hwreg(w, b.hwreg);
	uint32_t mask = UINT32_C(1) << b.bit;
	gfx_store32(p, value ? gfx_load32(p) | mask : gfx_load32(p) & ~mask);
}

void gfx_ttmp_set(struct gfx_wave *w, struct gfx_ttmp_field f, uint32_t value)
{
	if (!f.width)
		return;
	uint8_t *p = gfx_ttmp(w, f.ttmp);
	uint32_t mask = gfx_low_bits(f.width) << f.low;
	gfx_store32(p, (gfx_load32(p) & ~mask) | (value << f.low & mask));
}

/* ------------------------------------------------------------------ PC */

/* A stopped wave of a parking family waits in a trap loop; its PC is kept in TTMPs (3.10). */
static bool parked(const struct gfx_wave *w)
{
	return w->family->parks && gfx_wave_stopped(w);
}

uint64_t gfx_wave_pc(const struct gfx_wave *w)
{
	const struct gfx_layout *l = w->family->layout;
	if (parked(w))
		return (uint64_t)gfx_ttmp_get(w, l->parked_high) << 32 | gfx_ttmp_get(w, l->parked_low);
	const uint8_t *p = gfx_hwreg(w, l->special[GFX_SP_PC].index);
	return (uint64_t)(gfx_load32(p + 4) & PC_HIGH_MASK) << 32 | gfx_load32(p);
}

void gfx_wave_set_pc(struct gfx_wave *w, uint64_t pc)
{
	const struct gfx_layout *l = w->family->layout;
	uint32_t low = (uint32_t)pc & ~UINT32_C(3), high = (uint32_t)(pc >> 32) & PC_HIGH_MASK;
	if (parked(w)) {
		gfx_ttmp_set(w, l->parked_low, low);
		gfx_ttmp_set(w, l->parked_high, high);
		return;
	}
	uint8_t *p = gfx_hwreg(w, l->special[GFX_SP_PC].index);
	gfx_store32(p, low);
	gfx_store32(p + 4, (gfx_load32(p + 4) & ~PC_HIGH_MASK) | high);
}

/* ------------------------------------------------------------------ EXEC, VCC, STATUS */

uint64_t gfx_wave_exec(const struct gfx_wave *w)
{
	const uint8_t *p = gfx_hwreg(w, w->family->layout->special[GFX_SP_EXEC].index);
	return w->rec.lanes == 32 ? gfx_load32(p) : gfx_load64(p);
}

/* Simulated branches read the saved flags: they follow the registers. `offset` is what was written, whatever name it was written by. */
static void update_zero_flags(struct gfx_wave *w, uint32_t offset)
{
	const struct gfx_layout *l = w->family->layout;
	uint32_t exec = w->rec.hwreg + 4 * l->special[GFX_SP_EXEC].index;
	if (offset >= exec && offset < exec + 8)
		gfx_set_hw_bit(w, l->execz, gfx_wave_exec(w) == 0);
	unsigned from_end = l->special[GFX_SP_VCC].index, end = gfx_sgpr_end(w);
	if (end < from_end)
		return;
	uint32_t vcc = w->rec.sgpr + 4 * (end - from_end);
	const uint8_t *p = gfx_at(w, vcc);
	if (offset >= vcc && offset < vcc + 8)
		gfx_set_hw_bit(w, l->vccz, (w->rec.lanes == 32 ? gfx_load32(p) : gfx_load64(p)) == 0);
}

static uint32_t bit_mask(struct gfx_hw_bit b, unsigned hwreg)
{
	return b.hwreg == hwreg ? UINT32_C(1) << b.bit : 0;
}

/* HALT of a stopped wave is the debugger's; the program's is kept in a TTMP. PRIV and SKIP_EXPORT are the trap handler's business (4.3). */
static uint32_t composite_status(const struct gfx_wave *w, unsigned hwreg, uint32_t word)
{
	const struct gfx_layout *l = w->family->layout;
	uint32_t halt = bit_mask(l->halt, hwreg);
	word &= ~(bit_mask(l->priv, hwreg) | bit_mask(l->skip_export, hwreg) | halt);
	return gfx_wave_program_halted(w) ? word | halt : word;
}

static void write_status(struct gfx_wave *w, unsigned hwreg, uint32_t read_only, uint32_t value)
{
	const struct gfx_layout *l = w->family->layout;
	uint32_t halt = bit_mask(l->halt, hwreg);
	uint32_t keep = read_only | halt | bit_mask(l->priv, hwreg) | bit_mask(l->skip_export, hwreg);
	uint8_t *p = gfx_hwreg(w, hwreg);
	gfx_store32(p, (gfx_load32(p) & keep) | (value & ~keep));
	if (halt)
		gfx_wave_set_program_halt(w, value & halt);
}

/* ------------------------------------------------------------------ slots */

static int absent(const struct gfx_reg_row *row, struct gfx_error *err)
{
	return gfx_fail(err, GFX_UNKNOWN, "%s is not allocated in this wave", row->name);
}

static int vector_slot(const struct gfx_wave *w, const struct gfx_reg_row *row, uint32_t *offset, struct gfx_error *err)
{
	const struct gfx_wave_record *r = &w->rec;
	bool acc = row->class == GFX_CLASS_ACC;
	unsigned n = row->index;
	if (gfx_hw_bit(w, w->family->layout->no_vgprs))
		return gfx_fail(err, GFX_UNKNOWN, "%s: the wave has given its vector registers back", row->name);
	/* Shared registers are numbered after the private ones, 32 lanes wide in every wave. */
	if (!acc && row->lanes == 32 && n >= r->n_vgprs && n < r->n_vgprs + r->n_shared) {
		*offset = r->shared + (n - r->n_vgprs) * 128;
		return GFX_OK;
	}
	if (row->lanes != r->lanes || n >= (acc ? r->n_acc : r->n_vgprs))
		return absent(row, err);
	*offset = (acc ? r->acc : r->vgpr) + n * row->bytes;
	return GFX_OK;
}

/* Slot n, alias slots included; the slots of XNACK_MASK hold no truth, its hardware register does. */
static uint32_t sgpr_offset(const struct gfx_wave *w, unsigned n)
{
	const struct gfx_special_slot *xnack = &w->family->layout->special[GFX_SP_XNACK_MASK];
	unsigned from_end = gfx_sgpr_end(w) - n;
	if (xnack->where == GFX_IN_HWREG && (from_end == 4 || from_end == 3))
		return w->rec.hwreg + 4 * (xnack->index + (4 - from_end));
	return w->rec.sgpr + 4 * n;
}

static int special_slot(const struct gfx_wave *w, const struct gfx_reg_row *row, uint32_t *offset, struct gfx_error *err)
{
	const struct gfx_special_slot *s = &w->family->layout->special[row->index];
	if (s->where == GFX_ABSENT)
		return absent(row, err);
	/* Mixed families have a row of EXEC and VCC for each wave size. */
	if ((row->index == GFX_SP_EXEC || row->index == GFX_SP_VCC) && row->bytes != w->rec.lanes / 8)
		return absent(row, err);
	if (s->where == GFX_IN_HWREG) {
		*offset = w->rec.hwreg + 4 * s->index;
		return GFX_OK;
	}
	unsigned end = gfx_sgpr_end(w);
	if (end < s->index)
		return absent(row, err);
	*offset = w->rec.sgpr + 4 * (end - s->index);
	return GFX_OK;
}

/* The bytes behind a row, before PC parking and the STATUS composite. */
static int find_slot(const struct gfx_wave *w, const struct gfx_reg_row *row, uint32_t *offset, struct gfx_error *err)
{
	switch (row->class) {
	case GFX_CLASS_VECTOR:
	case GFX_CLASS_ACC:
		return vector_slot(w, row, offset, err);
	case GFX_CLASS_SCALAR:
		if (row->index >= gfx_sgpr_end(w))
			return absent(row, err);
		*offset = sgpr_offset(w, row->index);
		return GFX_OK;
	case GFX_CLASS_TRAP:
		*offset = w->rec.ttmp + 4 * row->index;
		return GFX_OK;
	case GFX_CLASS_SYSTEM:
	case GFX_CLASS_GENERAL:
		return special_slot(w, row, offset, err);
	}
	return absent(row, err);
}

static int find_row(const struct gfx_wave *w, size_t regno, const struct gfx_reg_row **row, struct gfx_error *err)
{
	*row = NULL;
	if (regno >= w->family->n_regs)
		return gfx_fail(err, GFX_RANGE, "%s has no register number %zu", w->family->name, regno);
	*row = &w->family->regs[regno];
	return GFX_OK;
}

static bool is_special(const struct gfx_reg_row *row, enum gfx_special which)
{
	return (row->class == GFX_CLASS_SYSTEM || row->class == GFX_CLASS_GENERAL) && row->index == which;
}

int gfx_reg_slot(const struct gfx_wave *w, size_t regno, uint32_t *offset, uint32_t *bytes, struct gfx_error *err)
{
	const struct gfx_reg_row *row = NULL;
	int status = find_row(w, regno, &row, err);
	if (status)
		return status;
	uint32_t at;
	status = find_slot(w, row, &at, err);
	if (status)
		return status;
	if (is_special(row, GFX_SP_PC) && parked(w))
		return gfx_fail(err, GFX_UNSUPPORTED, "the PC of a parked wave is spread over two TTMPs");
	*offset = at;
	*bytes = row->bytes;
	return GFX_OK;
}

bool gfx_reg_present(const struct gfx_wave *w, size_t regno)
{
	uint32_t offset;
	return regno < w->family->n_regs && find_slot(w, &w->family->regs[regno], &offset, NULL) == GFX_OK;
}

/* ------------------------------------------------------------------ reading and writing */

static int bring(const struct gfx_wave *w, const struct gfx_reg_row *row, uint32_t offset, struct gfx_error *err)
{
	return gfx_bring(w, offset) ? GFX_OK : gfx_fail(err, GFX_UNKNOWN, "%s cannot be read from the save area", row->name);
}

/* Its row, and where in the area it is, which has been read. */
static int locate(const struct gfx_wave *w, size_t regno, const struct gfx_reg_row **row, uint32_t *offset, struct gfx_error *err)
{
	int status = find_row(w, regno, row, err);
	if (status == GFX_OK)
		status = find_slot(w, *row, offset, err);
	return status ? status : bring(w, *row, *offset, err);
}

int gfx_reg_read(const struct gfx_wave *w, size_t regno, void *buf, struct gfx_error *err)
{
	const struct gfx_reg_row *row = NULL;
	uint32_t offset;
	int status = locate(w, regno, &row, &offset, err);
	if (status)
		return status;
	if (is_special(row, GFX_SP_PC))
		gfx_store64(buf, gfx_wave_pc(w));
	else if (is_special(row, GFX_SP_STATUS))
		gfx_store32(buf, composite_status(w, w->family->layout->special[GFX_SP_STATUS].index, gfx_load32(gfx_at(w, offset))));
	else
		memcpy(buf, gfx_at(w, offset), row->bytes);
	return GFX_OK;
}

int gfx_reg_write(struct gfx_wave *w, size_t regno, const void *buf, struct gfx_error *err)
{
	const struct gfx_reg_row *row = NULL;
	uint32_t offset;
	int status = locate(w, regno, &row, &offset, err);
	if (status)
		return status;

	bool special = row->class == GFX_CLASS_SYSTEM || row->class == GFX_CLASS_GENERAL;
	const struct gfx_special_slot *s = special ? &w->family->layout->special[row->index] : NULL;
	uint8_t *p = gfx_at(w, offset);
	if (is_special(row, GFX_SP_PC)) {
		gfx_wave_set_pc(w, gfx_load64(buf));
	} else if (is_special(row, GFX_SP_STATUS)) {
		write_status(w, s->index, s->read_only, gfx_load32(buf));
	} else if (s && s->read_only) {
		gfx_store32(p, (gfx_load32(p) & s->read_only) | (gfx_load32(buf) & ~s->read_only));
	} else {
		memcpy(p, buf, row->bytes);
		update_zero_flags(w, offset);
	}
	return GFX_OK;
}

int gfx_reg_by_name(const struct gfx_family *family, const char *name)
{
	for (size_t i = 0; i < family->n_regs; i++)
		if (family->regs[i].name[0] == name[0] && strcmp(family->regs[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* ------------------------------------------------------------------ scalar operands */

enum { OPERAND_VCC = 106, OPERAND_EXEC = 126, OPERAND_FLAT_SCRATCH = 102, OPERAND_XNACK_MASK = 104 };

static int operand_special(const struct gfx_wave *w, enum gfx_special which, uint32_t *offset)
{
	const struct gfx_special_slot *s = &w->family->layout->special[which];
	if (s->where == GFX_IN_HWREG) {
		*offset = w->rec.hwreg + 4 * s->index;
		return GFX_OK;
	}
	if (s->where != GFX_IN_SGPR_END || gfx_sgpr_end(w) < s->index)
		return GFX_UNSUPPORTED;
	*offset = w->rec.sgpr + 4 * (gfx_sgpr_end(w) - s->index);
	return GFX_OK;
}

/* Both halves of a pair lie side by side wherever they lie: operand pairs are even. */
static int operand_offset(const struct gfx_wave *w, unsigned code, uint32_t *offset)
{
	const struct gfx_layout *l = w->family->layout;
	unsigned n_sgprs = l->sgpr_end - l->sgpr_aliases;
	if (code % 2)
		return GFX_UNSUPPORTED;
	if (code < n_sgprs) {
		if (code + 2 > gfx_sgpr_end(w))
			return GFX_UNSUPPORTED;
		*offset = sgpr_offset(w, code);
		return GFX_OK;
	}
	switch (code) {
	case OPERAND_FLAT_SCRATCH:
		return operand_special(w, GFX_SP_FLAT_SCRATCH, offset);
	case OPERAND_XNACK_MASK:
		return operand_special(w, GFX_SP_XNACK_MASK, offset);
	case OPERAND_VCC:
		return operand_special(w, GFX_SP_VCC, offset);
	case OPERAND_EXEC:
		return operand_special(w, GFX_SP_EXEC, offset);
	}
	return GFX_UNSUPPORTED;
}

int gfx_operand_read64(const struct gfx_wave *w, unsigned code, uint64_t *out)
{
	uint32_t offset;
	if (operand_offset(w, code, &offset) || !gfx_bring(w, offset))
		return GFX_UNSUPPORTED;
	*out = gfx_load64(gfx_at(w, offset));
	return GFX_OK;
}

int gfx_operand_write64(struct gfx_wave *w, unsigned code, uint64_t value)
{
	uint32_t offset;
	if (operand_offset(w, code, &offset) || !gfx_bring(w, offset))
		return GFX_UNSUPPORTED;
	gfx_store64(gfx_at(w, offset), value);
	update_zero_flags(w, offset);
	return GFX_OK;
}
