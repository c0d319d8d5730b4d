#include "testsuite/unit/isa_machine.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "out of memory\n");
		exit(EXIT_FAILURE);
	}
	return p;
}

/* ------------------------------------------------------------------ memory */

static const struct machine_range *range_of(const struct machine *m, uint64_t addr)
{
	for (unsigned k = 0; k < m->n_ranges; k++)
		if (addr >= m->ranges[k].range.lo && addr < m->ranges[k].range.hi)
			return &m->ranges[k];
	return NULL;
}

static bool vm_lookup(void *ctx, uint64_t addr, struct sim_range *out)
{
	const struct machine_range *r = range_of(ctx, addr);
	if (!r)
		return false;
	*out = r->range;
	if (r->indirect)
		out->host = NULL;
	return true;
}

static bool vm_copy(struct machine *m, uint64_t addr, uint8_t *buf, size_t n, bool write)
{
	for (size_t k = 0; k < n; k++) {
		const struct machine_range *r = range_of(m, addr + k);
		if (!r)
			return false;
		uint8_t *host = r->range.host + (addr + k - r->range.lo);
		if (write)
			*host = buf[k];
		else
			buf[k] = *host;
	}
	return true;
}

static bool vm_read(void *ctx, uint64_t addr, void *buf, size_t n)
{
	return vm_copy(ctx, addr, buf, n, false);
}

static bool vm_write(void *ctx, uint64_t addr, const void *buf, size_t n)
{
	return vm_copy(ctx, addr, (uint8_t *)(uintptr_t)buf, n, true);
}

static uint64_t tick(void *ctx)
{
	struct machine *m = ctx;
	return m->clock += 100;
}

static void unknown(void *ctx, uint64_t pc, const uint32_t *words, size_t n, const char *why)
{
	struct machine *m = ctx;
	snprintf(m->unknown, sizeof m->unknown, "%llx: %08x %08x: %s", (unsigned long long)pc, words[0], n > 1 ? words[1] : 0, why);
}

void machine_init(struct machine *m)
{
	memset(m, 0, sizeof *m);
	m->bump = 0x7f4200000000;
	m->slice = 300;
	m->icache = must(sim_icache_create());
	m->env.vm = (struct sim_vm){ .ctx = m, .generation = &m->generation, .lookup = vm_lookup, .read = vm_read, .write = vm_write };
	m->env.icache = m->icache;
	m->env.shared_base = 1ull << 48;
	m->env.private_base = 2ull << 48;
	m->env.clock = tick;
	m->env.clock_ctx = m;
	m->env.unknown = unknown;
	m->env.unknown_ctx = m;
}

void machine_deinit(struct machine *m)
{
	sim_icache_destroy(m->icache);
	for (unsigned k = 0; k < m->n_ranges; k++)
		free(m->ranges[k].range.host);
}

void machine_map_at(struct machine *m, uint64_t addr, size_t bytes, unsigned flags)
{
	if (m->n_ranges == MACHINE_RANGES) {
		fprintf(stderr, "too many ranges\n");
		exit(EXIT_FAILURE);
	}
	m->ranges[m->n_ranges++] = (struct machine_range){
		.range = { .lo = addr, .hi = addr + bytes, .host = must(calloc(1, bytes)), .writable = !(flags & MACHINE_READ_ONLY),
			.executable = flags & MACHINE_EXEC },
		.indirect = flags & MACHINE_INDIRECT,
	};
	m->generation++;
}

uint64_t machine_map(struct machine *m, size_t bytes, unsigned flags)
{
	uint64_t addr = m->bump;
	machine_map_at(m, addr, bytes, flags);
	m->bump += (bytes + 0x1fff) & ~0xfffull;
	return addr;
}

uint8_t *machine_host(const struct machine *m, uint64_t addr)
{
	const struct machine_range *r = range_of(m, addr);
	return r ? r->range.host + (addr - r->range.lo) : NULL;
}

static void unmap_last(struct machine *m)
{
	struct machine_range *r = &m->ranges[--m->n_ranges];
	m->bump = r->range.lo;
	free(r->range.host);
	m->generation++;
}

/* ------------------------------------------------------------------ waves */

void machine_wave_init(struct machine *m, struct machine_wave *mw)
{
	enum { LANE_BYTES = 1024 };
	memset(mw, 0, sizeof *mw);
	struct sim_wave *w = &mw->w;
	w->v = mw->v;
	w->a = mw->a;
	w->n_vgprs = w->n_agprs = 256;
	w->n_sgprs = 102;
	w->mode = 0x3f0;
	w->s[SIM_S_EXEC] = w->s[SIM_S_EXEC + 1] = ~0u;
	w->group = &mw->group;
	mw->group = (struct sim_group){ .lds = mw->lds, .lds_bytes = sizeof mw->lds };
	w->scratch_base = machine_map(m, LANE_BYTES * SIM_LANES, 0);
	w->scratch_lane_bytes = LANE_BYTES;
	w->s[SIM_S_FLAT_SCRATCH] = (uint32_t)w->scratch_base;
	w->s[SIM_S_FLAT_SCRATCH + 1] = (uint32_t)(w->scratch_base >> 32);
}

void machine_code(struct machine *m, struct machine_wave *mw, const uint32_t *words, size_t n)
{
	mw->w.pc = machine_map(m, n * 4, MACHINE_EXEC);
	memcpy(machine_host(m, mw->w.pc), words, n * 4);
}

/* ------------------------------------------------------------------ code objects */

static bool inside(const struct machine_object *o, uint64_t offset, uint64_t n)
{
	return offset <= o->size && o->size - offset >= n;
}

static bool read_file(const char *path, struct machine_object *out)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	fseek(f, 0, SEEK_END);
	long size = ftell(f);
	rewind(f);
	out->size = size > 0 ? (size_t)size : 0;
	out->file = must(malloc(out->size + 1));
	bool ok = fread(out->file, 1, out->size, f) == out->size;
	fclose(f);
	return ok;
}

static const Elf64_Shdr *sections(const struct machine_object *o, unsigned *n)
{
	const Elf64_Ehdr *eh = (const void *)o->file;
	*n = inside(o, eh->e_shoff, (uint64_t)eh->e_shnum * sizeof(Elf64_Shdr)) ? eh->e_shnum : 0;
	return (const void *)(o->file + eh->e_shoff);
}

uint64_t machine_symbol(const struct machine_object *o, const char *name)
{
	unsigned n;
	const Elf64_Shdr *sh = sections(o, &n);
	for (unsigned k = 0; k < n; k++) {
		if ((sh[k].sh_type != SHT_SYMTAB && sh[k].sh_type != SHT_DYNSYM) || sh[k].sh_link >= n)
			continue;
		const Elf64_Sym *sym = (const void *)(o->file + sh[k].sh_offset);
		const char *strings = (const char *)o->file + sh[sh[k].sh_link].sh_offset;
		for (uint64_t j = 0; j < sh[k].sh_size / sizeof *sym; j++)
			if (sym[j].st_shndx && strcmp(strings + sym[j].st_name, name) == 0)
				return o->base + sym[j].st_value;
	}
	return 0;
}

static const char *relocate(struct machine *m, const struct machine_object *o)
{
	unsigned n;
	const Elf64_Shdr *sh = sections(o, &n);
	for (unsigned k = 0; k < n; k++) {
		if (sh[k].sh_type != SHT_RELA)
			continue;
		const Elf64_Rela *rela = (const void *)(o->file + sh[k].sh_offset);
		for (uint64_t j = 0; j < sh[k].sh_size / sizeof *rela; j++) {
			uint8_t *where = machine_host(m, o->base + rela[j].r_offset);
			uint64_t value = o->base + (uint64_t)rela[j].r_addend;
			if (ELF64_R_TYPE(rela[j].r_info) != 13 || !where)
				return "relocation of an unexpected kind";
			memcpy(where, &value, 8);
		}
	}
	return NULL;
}

const char *machine_load(struct machine *m, const char *path, struct machine_object *out)
{
	uint64_t top = 0;
	memset(out, 0, sizeof *out);
	if (!read_file(path, out) || out->size < sizeof(Elf64_Ehdr) || memcmp(out->file, ELFMAG, SELFMAG) != 0)
		return "cannot read the code object";
	const Elf64_Ehdr *eh = (const void *)out->file;
	const Elf64_Phdr *ph = (const void *)(out->file + eh->e_phoff);
	if (eh->e_machine != 224 || !inside(out, eh->e_phoff, (uint64_t)eh->e_phnum * sizeof *ph))
		return "not an AMD GPU code object";
	for (unsigned k = 0; k < eh->e_phnum; k++)
		if (ph[k].p_type == PT_LOAD && ph[k].p_vaddr + ph[k].p_memsz > top)
			top = ph[k].p_vaddr + ph[k].p_memsz;
	out->base = machine_map(m, top + 256, MACHINE_EXEC);
	for (unsigned k = 0; k < eh->e_phnum; k++)
		if (ph[k].p_type == PT_LOAD && inside(out, ph[k].p_offset, ph[k].p_filesz))
			memcpy(machine_host(m, out->base + ph[k].p_vaddr), out->file + ph[k].p_offset, ph[k].p_filesz);
	return relocate(m, out);
}

void machine_unload(struct machine_object *o)
{
	free(o->file);
	o->file = NULL;
}

/* ------------------------------------------------------------------ dispatch (isa-simulator.md 8, 9) */

struct descriptor {
	uint32_t lds, private_bytes, kernargs, reserved0;
	int64_t entry;
	uint8_t reserved1[20];
	uint32_t rsrc3, rsrc1, rsrc2;
	uint16_t properties, preload;
	uint8_t reserved2[4];
};
_Static_assert(sizeof(struct descriptor) == 64, "kernel descriptor");

struct run {
	struct machine *m;
	const struct machine_dispatch *d;
	struct descriptor kd;
	uint64_t entry, kernargs, packet, scratch;
	uint32_t lane_bytes, groups[3];
};

static void put(uint8_t *base, size_t offset, uint64_t value, size_t n)
{
	memcpy(base + offset, &value, n);
}

/* Explicit arguments and the implicit ones of code object version 5. */
static void make_kernargs(struct run *r)
{
	const struct machine_dispatch *d = r->d;
	size_t implicit = (d->args_bytes + 7) & ~7ull;
	r->kernargs = machine_map(r->m, implicit + 256, 0);
	uint8_t *p = machine_host(r->m, r->kernargs);
	memcpy(p, d->args, d->args_bytes);
	p += implicit;
	for (unsigned k = 0; k < 3; k++) {
		put(p, 4 * k, d->grid[k] / d->group[k], 4);
		put(p, 12 + 2 * k, d->group[k], 2);
		put(p, 18 + 2 * k, d->grid[k] % d->group[k], 2);
	}
	put(p, 64, d->grid[2] > 1 ? 3 : d->grid[1] > 1 ? 2 : 1, 2);
	put(p, 120, d->dynamic_lds, 4);
	put(p, 192, r->m->env.private_base >> 32, 4);
	put(p, 196, r->m->env.shared_base >> 32, 4);
}

static void make_packet(struct run *r)
{
	r->packet = machine_map(r->m, 64, 0);
	uint8_t *p = machine_host(r->m, r->packet);
	put(p, 0, 2, 2);
	for (unsigned k = 0; k < 3; k++) {
		put(p, 4 + 2 * k, r->d->group[k], 2);
		put(p, 12 + 4 * k, r->d->grid[k], 4);
	}
	put(p, 24, r->lane_bytes, 4);
	put(p, 28, r->kd.lds + r->d->dynamic_lds, 4);
	put(p, 40, r->kernargs, 8);
}

static void init_sgprs(const struct run *r, struct sim_wave *w, const uint32_t id[3])
{
	unsigned n = 0, system = r->kd.rsrc2 >> 1 & 31;
	for (unsigned k = 0; k < 102; k++)
		w->s[k] = 0xdead0000 + k;
	const struct { unsigned bit; uint64_t value; } pairs[] = { { 1, r->packet }, { 2, 0 }, { 3, r->kernargs }, { 4, 1 } };
	for (unsigned k = 0; k < 4; k++) {
		if (!(r->kd.properties >> pairs[k].bit & 1))
			continue;
		w->s[n++] = (uint32_t)pairs[k].value;
		w->s[n++] = (uint32_t)(pairs[k].value >> 32);
	}
	if (r->kd.properties >> 6 & 1)
		w->s[n++] = r->lane_bytes;
	n = n > system ? n : system;
	for (unsigned k = 0; k < 3; k++)
		if (r->kd.rsrc2 >> (7 + k) & 1)
			w->s[n++] = id[k];
}

static void init_wave(const struct run *r, struct machine_wave *mw, struct sim_group *group, unsigned index, const uint32_t id[3],
	const uint32_t size[3])
{
	struct sim_wave *w = &mw->w;
	uint32_t items = size[0] * size[1] * size[2];
	memset(w, 0, sizeof *w);
	w->v = mw->v;
	w->a = mw->a;
	uint32_t registers = ((r->kd.rsrc1 & 63) + 1) * 8;
	w->n_vgprs = (uint16_t)(((r->kd.rsrc3 & 63) + 1) * 4);
	w->n_agprs = registers > w->n_vgprs ? (uint16_t)(registers - w->n_vgprs) : 0;
	w->n_sgprs = 102;
	w->pc = r->entry;
	w->group = group;
	w->mode = (r->kd.rsrc1 >> 12 & 0xff) | (r->kd.rsrc1 >> 21 & 1) << 8 | (r->kd.rsrc1 >> 23 & 1) << 9;
	w->scratch_base = r->scratch + (uint64_t)index * r->lane_bytes * SIM_LANES;
	w->scratch_lane_bytes = r->lane_bytes;
	init_sgprs(r, w, id);
	w->s[SIM_S_FLAT_SCRATCH] = (uint32_t)w->scratch_base;
	w->s[SIM_S_FLAT_SCRATCH + 1] = (uint32_t)(w->scratch_base >> 32);
	memset(mw->v, 0xa5, w->n_vgprs * sizeof *mw->v);
	memset(mw->a, 0x5a, w->n_agprs * sizeof *mw->a);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		uint32_t n = index * SIM_LANES + l;
		if (n >= items)
			break;
		w->s[SIM_S_EXEC + l / 32] |= 1u << l % 32;
		uint32_t y = r->kd.rsrc2 >> 11 & 3 ? n / size[0] % size[1] : 0, z = r->kd.rsrc2 >> 12 & 1 ? n / size[0] / size[1] : 0;
		mw->v[0][l] = n % size[0] | y << 10 | z << 20;
	}
}

enum turn { RUNNING, WAITING, ENDED };

/* Runs the waves of a group until all ended (true) or one stopped (false, *out filled). */
static bool run_waves(const struct run *r, struct machine_wave *waves, unsigned n, struct machine_outcome *out)
{
	enum turn turn[MACHINE_MAX_WAVES] = { 0 };
	for (;;) {
		unsigned waiting = 0, ended = 0;
		for (unsigned k = 0; k < n; k++) {
			if (turn[k] == RUNNING) {
				struct sim_result res = sim_wave_run(&waves[k].w, &r->m->env, r->m->slice);
				if (res.why == SIM_ENDPGM) {
					turn[k] = ENDED;
					r->m->instructions += waves[k].w.instructions;
				} else if (res.why == SIM_BARRIER) {
					turn[k] = WAITING;
				} else if (res.why != SIM_BUDGET && res.why != SIM_YIELD) {
					*out = (struct machine_outcome){ res.why, res, waves[k].w.pc, waves[k].w.trapsts };
					return false;
				}
			}
			waiting += turn[k] == WAITING;
			ended += turn[k] == ENDED;
		}
		if (ended == n)
			return true;
		for (unsigned k = 0; waiting + ended == n && k < n; k++)
			if (turn[k] == WAITING)
				turn[k] = RUNNING;
	}
}

static bool run_group(const struct run *r, struct machine_wave *waves, const uint32_t id[3], struct machine_outcome *out)
{
	const struct machine_dispatch *d = r->d;
	uint32_t size[3], bytes = r->kd.lds + d->dynamic_lds;
	for (unsigned k = 0; k < 3; k++) {
		uint32_t left = d->grid[k] - id[k] * d->group[k];
		size[k] = left < d->group[k] ? left : d->group[k];
	}
	unsigned n = (size[0] * size[1] * size[2] + SIM_LANES - 1) / SIM_LANES;
	struct sim_group group = { .lds = must(malloc(bytes + 1)), .lds_bytes = (bytes + 511) & ~511u };
	group.lds = must(realloc(group.lds, group.lds_bytes + 1));
	memset(group.lds, 0xcc, group.lds_bytes);
	for (unsigned k = 0; k < n; k++)
		init_wave(r, &waves[k], &group, k, id, size);
	bool ended = run_waves(r, waves, n, out);
	free(group.lds);
	return ended;
}

const char *machine_run(struct machine *m, const struct machine_object *obj, const struct machine_dispatch *d, struct machine_outcome *out)
{
	char name[128];
	struct run r = { .m = m, .d = d };
	snprintf(name, sizeof name, "%s.kd", d->kernel);
	uint64_t kd = machine_symbol(obj, name);
	if (!kd)
		return "no such kernel";
	if (d->group[0] * d->group[1] * d->group[2] > MACHINE_MAX_WAVES * SIM_LANES)
		return "group too large";
	memcpy(&r.kd, machine_host(m, kd), sizeof r.kd);
	r.entry = kd + (uint64_t)r.kd.entry;
	r.lane_bytes = d->private_bytes ? d->private_bytes : 16384;
	r.scratch = machine_map(m, (size_t)MACHINE_MAX_WAVES * r.lane_bytes * SIM_LANES, 0);
	make_kernargs(&r);
	make_packet(&r);
	struct machine_wave *waves = must(calloc(MACHINE_MAX_WAVES, sizeof *waves));
	for (unsigned k = 0; k < 3; k++)
		r.groups[k] = (d->grid[k] + d->group[k] - 1) / d->group[k];
	*out = (struct machine_outcome){ .why = SIM_ENDPGM };
	bool ended = true;
	for (uint32_t z = 0; ended && z < r.groups[2]; z++)
		for (uint32_t y = 0; ended && y < r.groups[1]; y++)
			for (uint32_t xx = 0; ended && xx < r.groups[0]; xx++)
				ended = run_group(&r, waves, (const uint32_t[3]){ xx, y, z }, out);
	free(waves);
	for (unsigned k = 0; k < 3; k++)
		unmap_last(m);
	return NULL;
}
