/* Fuzz target: a save area of arbitrary bytes through everything arch/ does with one. The first byte chooses circumstances, the rest is the
 * area. Aborts when an invariant breaks; memory errors are the sanitizers' to find. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "testsuite/fuzz/fuzz.h"

enum { MAX_WAVES = 6 };

struct walk {
	const struct gfx_save_header *header;
	size_t area_size, n_waves;
	uint32_t top;
	struct gfx_wave_record recs[MAX_WAVES];
};

static int check_record(void *arg, const struct gfx_wave_record *r)
{
	struct walk *walk = arg;
	uint32_t floor = walk->header->wave_state_offset - walk->header->wave_state_size;
	MUST(r->base >= floor && (uint64_t)r->base + r->size == walk->top && walk->top <= walk->area_size);
	MUST(r->vgpr == r->base && r->acc >= r->vgpr && r->shared >= r->acc && r->sgpr >= r->shared && r->hwreg >= r->sgpr);
	MUST(r->ttmp == r->hwreg + 64 && r->ttmp + 64 <= walk->top);
	MUST(r->lds_bytes == 0 || (uint64_t)r->lds + r->lds_bytes <= walk->header->wave_state_offset);
	walk->top = r->base;
	if (walk->n_waves < MAX_WAVES)
		walk->recs[walk->n_waves] = *r;
	walk->n_waves++;
	return 0;
}

static void registers(struct gfx_wave *w)
{
	uint8_t value[256], again[256];
	struct gfx_error err;
	for (size_t i = 0; i <= w->family->n_regs; i++) {
		uint32_t offset, bytes;
		bool present = gfx_reg_present(w, i);
		MUST(present == (gfx_reg_read(w, i, value, &err) == GFX_OK));
		MUST(present == (gfx_reg_slot(w, i, &offset, &bytes, &err) == GFX_OK));
		if (!present)
			continue;
		MUST(offset >= w->rec.base && offset + bytes <= w->rec.base + w->rec.size);
		/* What was read can be written back. */
		MUST(gfx_reg_write(w, i, value, &err) == GFX_OK && gfx_reg_read(w, i, again, &err) == GFX_OK);
	}
}

static void state(struct gfx_wave *w, uint64_t id)
{
	struct gfx_wave_place place, later;
	struct gfx_error err;
	(void)gfx_wave_check(w, NULL, &err);
	bool stopped = gfx_wave_stopped(w), halted = gfx_wave_program_halted(w);
	bool placed = gfx_wave_place(w, &place) == GFX_OK;
	unsigned reasons = stopped ? gfx_wave_stop_reasons(w) : 0;
	uint64_t pc = gfx_wave_pc(w), break_pc = gfx_wave_break_pc(w, (uint32_t)id, (uint32_t)pc);
	MUST(break_pc == pc || break_pc == pc - 4);

	gfx_wave_set_id(w, id);
	MUST(gfx_wave_id(w) == id && gfx_wave_stopped(w) == stopped && gfx_wave_pc(w) == pc);
	gfx_wave_stop(w);
	MUST(gfx_wave_stopped(w) && gfx_wave_halted(w) && gfx_wave_program_halted(w) == halted && gfx_wave_pc(w) == pc);
	gfx_wave_resume(w, GFX_STEP, reasons);
	MUST(!gfx_wave_stopped(w) && gfx_wave_halted(w) == halted && gfx_wave_pc(w) == pc && gfx_wave_id(w) == id);
	gfx_wave_stop(w);
	gfx_wave_resume(w, GFX_RUN, ~0u);
	MUST(!gfx_wave_stopped(w) && gfx_wave_pc(w) == pc);
	MUST(placed == (gfx_wave_place(w, &later) == GFX_OK));
	if (placed)
		MUST(memcmp(&place, &later, sizeof place) == 0);
}

static void instructions(struct gfx_wave *w, const uint8_t *code, size_t n)
{
	struct gfx_insn insn;
	for (size_t at = 0; at < n && at < 256;) {
		if (gfx_insn_decode(w->family, code + at, n - at, &insn))
			break;
		MUST(insn.length >= 4 && insn.length <= w->family->max_insn_bytes && insn.length <= n - at);
		(void)gfx_insn_simulate(w, &insn);
		MUST(gfx_wave_pc(w) % 4 == 0 || insn.length);
		at += insn.length;
	}
}

static void addresses(const struct gfx_wave *w, const uint8_t *data, size_t size)
{
	uint64_t raw[4] = { 0 };
	struct gfx_error err;
	memcpy(raw, data, size < sizeof raw ? size : sizeof raw);
	struct gfx_scratch_config config = { (uint32_t)raw[0], raw[1], raw[2], (uint32_t)raw[3] & 7 };
	struct gfx_scratch scratch;
	(void)gfx_wave_scratch(w, &config, 1, &scratch, &err);
	uint64_t id;
	if (gfx_packet_id(raw[0], raw[1], raw[2], raw[3], &id) == GFX_OK)
		MUST(id >= raw[2] && id < raw[3] && id % raw[1] == raw[0]);
	struct gfx_watch plan;
	if (gfx_watch_plan(raw[0] & 63, raw[0] >> 8 & 63, raw[1], raw[2], &plan, &err) == GFX_OK)
		MUST(plan.size && (raw[1] & plan.mask) == plan.address && raw[1] - plan.address < plan.size);
	struct gfx_dispatch_packet packet;
	uint8_t bytes[GFX_PACKET_BYTES] = { 0 };
	memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
	gfx_packet_parse(bytes, &packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	/* A copy of just its size: the image is written to. */
	size_t n = size - 1;
	uint8_t *area = malloc(n + !n);
	if (!area)
		return 0;
	memcpy(area, data + 1, n);

	const struct gfx_family *family = gfx_family_by_name("gfx942");
	struct gfx_save_header header;
	struct gfx_error err = { 0 };
	struct walk walk = { .header = &header, .area_size = n };
	int status = gfx_save_parse_header(area, n, n, &header, &err);
	if (status == GFX_OK) {
		walk.top = header.wave_state_offset;
		status = gfx_save_walk(family, area, n, &header, check_record, &walk, &err);
		MUST(status == GFX_OK || walk.n_waves == 0);
	}
	MUST(status == GFX_OK || (status == GFX_CORRUPT && err.status == status && err.text[0]));
	for (size_t i = 0; i < walk.n_waves && i < MAX_WAVES; i++) {
		struct gfx_wave w = {
			.family = family,
			.area = area,
			.rec = walk.recs[i],
			.ttmps_setup = data[0] & 1,
			.r_version = data[0] >> 1 & 15,
		};
		state(&w, i + 1);
		registers(&w);
		instructions(&w, data + 1, n);
		addresses(&w, data + 1, n);
	}
	free(area);
	return 0;
}
