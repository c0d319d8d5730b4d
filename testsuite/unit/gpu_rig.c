#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "testsuite/unit/gpu_rig.h"

#include <string.h>
#include <unistd.h>

#include "testsuite/unit/gpu_kernels.h"
#include "testsuite/unit/tap.h"

struct gpu_rig rig;

void rig_start(unsigned cus, unsigned xccs)
{
	rig.driver = fake_driver(cus, xccs);
	rig.process = sim_process_get(rig.driver, getpid());
	rig.process->pdds[0].tba = 0x1000; /* there is a second-level handler */
	rig.fq = fake_queue_create(rig.driver, rig.process);
}

void rig_setup(void)
{
	rig_start(38, 1);
}

void rig_teardown(void)
{
	fake_driver_free(rig.driver);
}

uint32_t rig_u32(const uint8_t *base, uint32_t offset)
{
	uint32_t value;
	memcpy(&value, base + offset, 4);
	return value;
}

void rig_set_u32(uint8_t *base, uint32_t offset, uint32_t value)
{
	memcpy(base + offset, &value, 4);
}

struct sim_queue *rig_queue(void)
{
	return rig.process->queues;
}

void rig_suspend(void)
{
	rig_queue()->suspended = true;
	sim_queue_update(rig_queue());
	sim_queue_write_headers(rig_queue(), rig_queue()->save_base);
}

void rig_resume(void)
{
	rig_queue()->suspended = false;
	sim_queue_update(rig_queue());
}

int64_t *rig_launch(const uint32_t *code, unsigned words, unsigned vgprs, unsigned accum, unsigned items, unsigned lds, void *out)
{
	struct fake_kernel shape = { .vgprs = vgprs, .accum = accum };
	uint64_t *kernarg = fake_alloc(rig.driver, 8);
	*kernarg = (uint64_t)(uintptr_t)out;
	struct fake_dispatch d = { .kernel = fake_kernel(rig.driver, &shape, code, words), .grid = { items }, .group = { 256 }, .lds = lds,
		.kernarg = kernarg };
	return fake_dispatch(rig.driver, &rig.fq, &d);
}

static int collect(void *arg, const struct gfx_wave_record *rec)
{
	struct rig_waves *w = arg;
	if (w->n == TAP_COUNT(w->record))
		return 1;
	w->record[w->n++] = *rec;
	return 0;
}

struct rig_waves rig_decode(unsigned xcc)
{
	static struct rig_waves w;
	w.n = 0;
	struct gfx_error err;
	const struct gfx_family *family = gfx_family_by_name("gfx942");
	const uint8_t *area = rig.fq.save + (size_t)xcc * rig.fq.save_bytes;
	ck_assert_int_eq(gfx_save_parse_header(area, 40, rig.fq.save_bytes, &w.header, &err), GFX_OK);
	int r = gfx_save_walk(family, area, rig.fq.save_bytes, &w.header, collect, &w, &err);
	ck_assert_msg(r == GFX_OK, "walk: %s", err.text);
	return w;
}

/* What code_mix computes for one group. */
static void compute_mix(uint32_t v[256])
{
	uint32_t n[256];
	for (unsigned i = 0; i < 256; i++)
		v[i] = i;
	for (unsigned r = 0; r < 64; r++) {
		for (unsigned i = 0; i < 256; i++)
			v[i] = v[i] * 0x19660d + r;
		for (unsigned i = 0; i < 256; i++)
			n[i] = v[i] ^ v[(i + 1) % 256];
		memcpy(v, n, sizeof(n));
	}
}

int64_t *rig_launch_mix(unsigned groups, uint32_t *out)
{
	struct fake_kernel shape = { .vgprs = 16, .accum = 8, .scratch = true };
	uint64_t *kernarg = fake_alloc(rig.driver, 8);
	*kernarg = (uint64_t)(uintptr_t)out;
	struct fake_dispatch d = { .kernel = fake_kernel(rig.driver, &shape, code_mix, TAP_COUNT(code_mix)), .grid = { groups * 256 },
		.group = { 256 }, .lds = 1024, .private_bytes = 16, .kernarg = kernarg };
	return fake_dispatch(rig.driver, &rig.fq, &d);
}

void rig_check_mix(const uint32_t *out, unsigned groups)
{
	uint32_t expected[256];
	compute_mix(expected);
	for (unsigned i = 0; i < groups * 256; i++)
		ck_assert_msg(out[i] == expected[i % 256], "item %u: %#x, expected %#x", i, out[i], expected[i % 256]);
}

const struct gfx_wave_record *rig_only_wave(void)
{
	static struct rig_waves w;
	rig_suspend();
	w = rig_decode(0);
	ck_assert_uint_eq(w.n, 1);
	return &w.record[0];
}

uint32_t rig_hwreg(const struct gfx_wave_record *r, unsigned n)
{
	return rig_u32(rig.fq.save, r->hwreg + 4 * n);
}

uint32_t rig_ttmp(const struct gfx_wave_record *r, unsigned n)
{
	return rig_u32(rig.fq.save, r->ttmp + 4 * n);
}

void rig_set_hwreg(const struct gfx_wave_record *r, unsigned n, uint32_t value)
{
	rig_set_u32(rig.fq.save, r->hwreg + 4 * n, value);
}

void rig_set_ttmp(const struct gfx_wave_record *r, unsigned n, uint32_t value)
{
	rig_set_u32(rig.fq.save, r->ttmp + 4 * n, value);
}
