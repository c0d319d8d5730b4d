/* From a dispatch packet and its kernel descriptor to work-groups of waves with their first register contents (isa-simulator.md 8 and 9). */
#include "sim/gpu/gpu.h"

#include <stdlib.h>
#include <string.h>

#include "sim/gpu/bits.h"

enum {
	LAUNCH_WAVES_PER_CALL = 256, /* so that a run of the device stays short */
	NO_SLOT = 0xffff,
	DESCRIPTOR_BYTES = 64,
	MAX_PRELOAD = 16,
	UNINITIALISED_SGPR = 0xdead0000, /* plus its number: uses of undefined registers show up */
	UNINITIALISED_VGPR = 0xdeadbeef,
};

enum { /* kfd-debug-interface.md 1.7 */
	BAD_DIM = 16,
	BAD_GROUP_SEGMENT = 17,
	BAD_CODE = 18,
	BAD_GROUP_SIZE = 21,
	BAD_REGISTER = 22,
};

enum { /* kernel descriptor properties */
	PROP_SCRATCH_SRD = 1 << 0,
	PROP_DISPATCH_PTR = 1 << 1,
	PROP_QUEUE_PTR = 1 << 2,
	PROP_KERNARG_PTR = 1 << 3,
	PROP_DISPATCH_ID = 1 << 4,
	PROP_FLAT_SCRATCH = 1 << 5,
	PROP_PRIVATE_SIZE = 1 << 6,
};

enum { /* offsets from the read pointer inside amd_queue_t (wave-state.md 6.3) */
	QUEUE_BASE_FROM_READ = 128,
	TMPRING_FROM_READ = 12,
	SCRATCH_SRD_FROM_READ = 16,
	SCRATCH_BASE_FROM_READ = 32,
	SCRATCH_BYTES_FROM_READ = 40,
	LANE_BYTES_FROM_READ = 48,
	INACTIVE_SIGNAL_FROM_READ = 64,
	R_VERSION_WITHOUT_BYTES = 11,
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* ------------------------------------------------------------------ checks of the packet */

static int check_shape(struct gpu_packet *d, const uint8_t *bytes, const char **why)
{
	unsigned dims = get16(bytes + 2) & 3;
	if (dims == 0) {
		*why = "dispatch without dimensions";
		return BAD_DIM;
	}
	uint32_t items = 1;
	d->n_groups = 1;
	for (unsigned i = 0; i < 3; i++) {
		d->size[i] = i < dims ? get16(bytes + 4 + 2 * i) : 1;
		d->grid[i] = i < dims ? get32(bytes + 12 + 4 * i) : 1;
		if (d->grid[i] == 0) {
			*why = "grid size 0";
			return BAD_DIM;
		}
		items *= d->size[i] > 1024 ? 1025 : d->size[i];
		if (items == 0 || items > 1024) {
			*why = "work-group size is 0 or above 1024";
			return BAD_GROUP_SIZE;
		}
		d->groups[i] = (uint32_t)(((uint64_t)d->grid[i] + d->size[i] - 1) / d->size[i]);
		d->n_groups *= d->groups[i];
	}
	return 0;
}

static int check_kernel(struct sim_queue *q, struct gpu_packet *d, uint64_t object, const char **why)
{
	uint8_t kd[DESCRIPTOR_BYTES];
	const struct sim_vm *vm = &q->process->vm;
	if (!object || !vm->read(vm->ctx, object, kd, sizeof(kd))) {
		*why = "kernel descriptor is not mapped";
		return BAD_CODE;
	}
	d->kernel = (struct gpu_kernel){
		.entry = object + get64(kd + 16),
		.rsrc3 = get32(kd + 44),
		.rsrc1 = get32(kd + 48),
		.rsrc2 = get32(kd + 52),
		.properties = get16(kd + 56),
		.preload = get16(kd + 58),
	};
	uint32_t word;
	if (d->kernel.entry & 255 || !vm->read(vm->ctx, d->kernel.entry, &word, sizeof(word))) {
		*why = "kernel entry is misaligned or not mapped";
		return BAD_CODE;
	}
	return 0;
}

static int check_registers(struct sim_queue *q, struct gpu_packet *d, const char **why)
{
	const struct sim_model *model = q->pdd->device->model;
	uint32_t blocks = d->kernel.rsrc1 & 0x3f, accum = d->kernel.rsrc3 & 0x3f;
	unsigned total = (blocks + 1) * 8, arch = (accum + 1) * 4;
	unsigned items = (unsigned)d->size[0] * d->size[1] * d->size[2];
	unsigned waves_per_simd = ((items + 63) / 64 + model->simd_per_cu - 1) / model->simd_per_cu;
	if (arch > total) {
		*why = "accumulation registers start beyond the allocated registers";
		return BAD_REGISTER;
	}
	if (total * waves_per_simd > model->vgprs_per_simd_lane) {
		*why = "the waves of one work-group need more vector registers than a compute unit has";
		return BAD_REGISTER;
	}
	d->n_vgprs = (uint16_t)arch;
	d->n_agprs = (uint16_t)(total - arch);
	d->state_word = STACK_STATE | blocks | (GPU_SGPR_SLOTS / 16) << STATE_SGPRS_SHIFT
		| (d->lds_bytes / GPU_LDS_GRANULE) << STATE_LDS_SHIFT | accum << STATE_ACCUM_SHIFT;
	return 0;
}

static int check_lds(struct sim_queue *q, struct gpu_packet *d, uint32_t bytes, const char **why)
{
	if (bytes > q->pdd->device->model->lds_kib << 10) {
		*why = "group segment is larger than a compute unit's LDS";
		return BAD_GROUP_SEGMENT;
	}
	d->lds_bytes = (bytes + GPU_LDS_GRANULE - 1) & ~(uint32_t)(GPU_LDS_GRANULE - 1);
	return 0;
}

/* ------------------------------------------------------------------ scratch */

static uint64_t scratch_xcc_bytes(struct sim_queue *q, uint32_t tmpring)
{
	uint64_t r_debug = q->process->debug.r_debug;
	if (r_debug && gpu_read32(q, r_debug) >= R_VERSION_WITHOUT_BYTES)
		return (uint64_t)(tmpring & 0xfff) * (tmpring >> 12 & 0x1fff) * 1024;
	return gpu_read64(q, q->read_ptr + SCRATCH_BYTES_FROM_READ);
}

/* Reads the scratch fields of amd_queue_t; true when a wave with this many bytes a lane can have its slot. */
static bool scratch_ready(struct sim_queue *q, uint32_t lane_bytes)
{
	struct gpu_scratch *s = &q->hw->scratch;
	const struct sim_model *model = q->pdd->device->model;
	uint32_t tmpring = gpu_read32(q, q->read_ptr + TMPRING_FROM_READ);
	s->tmpring = tmpring;
	s->wave_bytes = (tmpring >> 12 & 0x1fff) * 1024;
	s->slots_per_engine = (tmpring & 0xfff) / model->engines_per_xcc;
	if (s->slots_per_engine > SCOREBOARD_SLOTS)
		s->slots_per_engine = SCOREBOARD_SLOTS;
	s->base = gpu_read64(q, q->read_ptr + SCRATCH_BASE_FROM_READ);
	s->xcc_bytes = scratch_xcc_bytes(q, tmpring);
	return s->base && s->slots_per_engine && gpu_read32(q, q->read_ptr + LANE_BYTES_FROM_READ) >= lane_bytes
		&& s->wave_bytes / SIM_LANES >= lane_bytes;
}

/* Asks the runtime for scratch once and waits until it has put the inactive signal back to 0. */
static int ask_for_scratch(struct sim_queue *q, const char **why)
{
	uint64_t signal = gpu_read64(q, q->read_ptr + INACTIVE_SIGNAL_FROM_READ);
	if (!signal) {
		*why = "the kernel needs scratch memory, and the queue has neither enough of it nor an inactive signal to ask for more";
		return BAD_CODE;
	}
	if (!q->hw->scratch_asked) {
		q->hw->scratch_asked = true;
		gpu_signal_store(q, signal, 1);
		return GPU_TAKE_LATER;
	}
	if (gpu_read64(q, signal + 8) != 0)
		return GPU_TAKE_LATER;
	q->hw->scratch_asked = false; /* answered, and still not enough: ask again */
	return GPU_TAKE_LATER;
}

static bool wants_scratch(const struct gpu_packet *d)
{
	return d->kernel.rsrc2 & 1 || d->private_bytes;
}

static bool resident_with_other_scratch(const struct sim_queue *q)
{
	for (const struct gpu_group *g = q->hw->groups; g; g = g->next)
		if (g->dispatch->scratch)
			return true;
	return false;
}

static int arrange_scratch(struct sim_queue *q, struct gpu_packet *d, const char **why)
{
	struct gpu_scratch before = q->hw->scratch;
	if (!wants_scratch(d))
		return 0;
	d->scratch = true;
	if (!scratch_ready(q, d->private_bytes)) {
		q->hw->scratch = before;
		return ask_for_scratch(q, why);
	}
	q->hw->scratch_asked = false;
	if ((before.tmpring != q->hw->scratch.tmpring || before.base != q->hw->scratch.base) && resident_with_other_scratch(q)) {
		q->hw->scratch = before; /* waves with slots of the old ring first have to end */
		return GPU_TAKE_LATER;
	}
	return 0;
}

int gpu_dispatch_take(struct sim_queue *q, const uint8_t bytes[AQL_PACKET_BYTES], struct gpu_packet **out, const char **why)
{
	struct sim_device *device = q->pdd->device;
	struct gpu_packet *d = calloc(1, sizeof(*d));
	if (!d)
		return GPU_TAKE_LATER;
	d->queue = q;
	d->is_dispatch = true;
	d->private_bytes = get32(bytes + 24);
	d->kernarg = get64(bytes + 40);
	d->blocked_at = UINT64_MAX;
	int code = check_shape(d, bytes, why);
	if (!code)
		code = check_lds(q, d, get32(bytes + 28), why);
	if (!code)
		code = check_kernel(q, d, get64(bytes + 32), why);
	if (!code)
		code = check_registers(q, d, why);
	if (!code)
		code = arrange_scratch(q, d, why);
	d->next_group = code ? NULL : calloc(device->xccs, sizeof(*d->next_group));
	if (code || !d->next_group) {
		gpu_packet_free(d);
		return code ? code : GPU_TAKE_LATER;
	}
	for (unsigned x = 0; x < device->xccs; x++)
		d->next_group[x] = x;
	*out = d;
	return 0;
}

void gpu_packet_free(struct gpu_packet *packet)
{
	if (!packet)
		return;
	free(packet->next_group);
	free(packet);
}

/* ------------------------------------------------------------------ initial state of a wave */

struct sgprs {
	uint32_t *s;
	unsigned n;
};

static void push(struct sgprs *to, uint32_t value)
{
	if (to->n < SIM_S_FLAT_SCRATCH)
		to->s[to->n++] = value;
}

static void push64(struct sgprs *to, uint64_t value)
{
	push(to, (uint32_t)value);
	push(to, (uint32_t)(value >> 32));
}

static void push_preload(struct sgprs *to, const struct gpu_packet *d)
{
	unsigned n = d->kernel.preload & 0x7f, first = d->kernel.preload >> 7;
	const struct sim_vm *vm = &d->queue->process->vm;
	for (unsigned i = 0; i < n && i < MAX_PRELOAD; i++) {
		uint32_t word = 0;
		vm->read(vm->ctx, d->kernarg + (first + i) * 4, &word, sizeof(word));
		push(to, word);
	}
}

static uint64_t wave_scratch(const struct gpu_wave *wave)
{
	const struct gpu_group *g = wave->group;
	const struct gpu_scratch *s = &g->dispatch->queue->hw->scratch;
	unsigned engines = g->dispatch->queue->pdd->device->model->engines_per_xcc;
	return s->base + g->xcc * s->xcc_bytes + (uint64_t)((s->tmpring & 0xfff) / engines * g->se + wave->scoreboard) * s->wave_bytes;
}

static void init_user_sgprs(struct gpu_wave *wave, struct sgprs *to)
{
	const struct gpu_packet *d = wave->group->dispatch;
	struct sim_queue *q = d->queue;
	uint16_t props = d->kernel.properties;
	uint64_t ring_slots = q->ring_bytes / AQL_PACKET_BYTES;
	if (props & PROP_SCRATCH_SRD)
		for (unsigned i = 0; i < 4; i++)
			push(to, gpu_read32(q, q->read_ptr + SCRATCH_SRD_FROM_READ + 4 * i));
	if (props & PROP_DISPATCH_PTR)
		push64(to, q->ring_base + d->id % ring_slots * AQL_PACKET_BYTES);
	if (props & PROP_QUEUE_PTR)
		push64(to, q->read_ptr - QUEUE_BASE_FROM_READ);
	if (props & PROP_KERNARG_PTR)
		push64(to, d->kernarg);
	if (props & PROP_DISPATCH_ID)
		push64(to, d->id);
	if (props & PROP_FLAT_SCRATCH)
		push64(to, wave->w.scratch_base);
	push_preload(to, d);
	if (props & PROP_PRIVATE_SIZE)
		push(to, d->private_bytes);
}

static void init_sgprs(struct gpu_wave *wave)
{
	const struct gpu_group *g = wave->group;
	uint32_t rsrc2 = g->dispatch->kernel.rsrc2;
	struct sim_wave *w = &wave->w;
	struct sgprs to = { w->s, 0 };
	for (unsigned i = 0; i < SIM_S_FLAT_SCRATCH; i++)
		w->s[i] = UNINITIALISED_SGPR + i;
	init_user_sgprs(wave, &to);
	if (to.n < (rsrc2 >> 1 & 0x1f))
		to.n = rsrc2 >> 1 & 0x1f;
	for (unsigned i = 0; i < 3; i++)
		if (rsrc2 >> (7 + i) & 1)
			push(&to, g->id[i]);
	if (rsrc2 >> 10 & 1)
		push(&to, g->n_waves | (wave->index == 0) << 31);
	w->s[SIM_S_FLAT_SCRATCH] = (uint32_t)w->scratch_base;
	w->s[SIM_S_FLAT_SCRATCH + 1] = (uint32_t)(w->scratch_base >> 32);
}

/* Work-items of the group in each dimension: the last group of a row may be partial. */
static void group_extent(const struct gpu_group *g, uint32_t extent[3])
{
	const struct gpu_packet *d = g->dispatch;
	for (unsigned i = 0; i < 3; i++) {
		uint64_t left = d->grid[i] - (uint64_t)g->id[i] * d->size[i];
		extent[i] = left < d->size[i] ? (uint32_t)left : d->size[i];
	}
}

/* v0 holds the packed work-item ids; EXEC has the lanes that exist. */
static void init_lanes(struct gpu_wave *wave)
{
	const struct gpu_group *g = wave->group;
	struct sim_wave *w = &wave->w;
	unsigned dims = g->dispatch->kernel.rsrc2 >> 11 & 3;
	uint32_t extent[3];
	uint64_t exec = 0;
	group_extent(g, extent);
	uint32_t items = extent[0] * extent[1] * extent[2];
	for (unsigned n = 0; n < w->n_vgprs; n++)
		for (unsigned l = 0; l < SIM_LANES; l++)
			w->v[n][l] = UNINITIALISED_VGPR;
	if (w->n_agprs)
		memset(w->a, 0, sizeof(*w->a) * w->n_agprs);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		uint32_t flat = wave->index * SIM_LANES + l;
		uint32_t x = flat % extent[0], y = flat / extent[0] % extent[1], z = flat / extent[0] / extent[1];
		if (flat >= items)
			break;
		exec |= UINT64_C(1) << l;
		w->v[0][l] = x | (dims > 0 ? y << 10 : 0) | (dims > 1 ? z << 20 : 0);
	}
	w->s[SIM_S_EXEC] = (uint32_t)exec;
	w->s[SIM_S_EXEC + 1] = (uint32_t)(exec >> 32);
}

/* Exception enables of the MODE register: of the descriptor, changed by the debugger's override (kfd-debug-interface.md 1.9, op 4). */
static uint32_t initial_exceptions(const struct sim_pdd *pdd, uint32_t rsrc2)
{
	uint32_t own = (rsrc2 >> 24 & 0x7f) << MODE_EXCP_SHIFT | (rsrc2 >> 13 & 3) << 19;
	uint32_t mask = pdd->trap_override;
	uint32_t forced = (mask & 0x1ff) << MODE_EXCP_SHIFT;
	if (mask >> 31)
		own |= MODE_TRAP_ON_END;
	return pdd->trap_override_mode == 1 ? (own & ~(uint32_t)MODE_EXCP_ALL) | forced : own | forced;
}

static void init_special(struct gpu_wave *wave)
{
	const struct gpu_group *g = wave->group;
	const struct sim_pdd *pdd = g->dispatch->queue->pdd;
	uint32_t rsrc1 = g->dispatch->kernel.rsrc1;
	struct sim_wave *w = &wave->w;
	w->mode = (rsrc1 >> 12 & 0xff) | (rsrc1 >> 21 & 1 ? MODE_DX10_CLAMP : 0) | (rsrc1 >> 23 & 1 ? MODE_IEEE : 0)
		| (rsrc1 >> 26 & 1 ? MODE_FP16_OVFL : 0) | initial_exceptions(pdd, g->dispatch->kernel.rsrc2)
		| (pdd->launch_mode == 3 ? MODE_DEBUG_EN : 0);
	w->status = STATUS_VALID | STATUS_TRAP_EN | (g->n_waves > 1 ? STATUS_IN_TG : 0) | (g->dispatch->scratch ? STATUS_SCRATCH_EN : 0)
		| (pdd->launch_mode == 1 ? STATUS_HALT : 0);
	w->trapsts = pdd->trap_override >> 30 & 1 ? TRAPSTS_WAVE_BEGIN : 0;
	gpu_trap_init_ttmps(wave);
}

static void init_wave(struct gpu_wave *wave)
{
	const struct gpu_packet *d = wave->group->dispatch;
	struct sim_wave *w = &wave->w;
	w->pc = d->kernel.entry + (d->kernel.preload & 0x7f ? 256 : 0);
	w->scratch_base = d->scratch ? wave_scratch(wave) : 0;
	w->scratch_lane_bytes = d->scratch ? d->queue->hw->scratch.wave_bytes / SIM_LANES : 0;
	init_sgprs(wave);
	init_lanes(wave);
	init_special(wave);
}

/* ------------------------------------------------------------------ groups */

static void free_group_storage(struct gpu_group *g)
{
	for (unsigned i = 0; i < g->n_waves; i++)
		free(g->waves[i].w.v);
	free(g->lds.lds);
	free(g);
}

static bool alloc_registers(struct gpu_group *g)
{
	const struct gpu_packet *d = g->dispatch;
	for (unsigned i = 0; i < g->n_waves; i++) {
		struct gpu_wave *wave = &g->waves[i];
		wave->group = g;
		wave->index = (uint8_t)i;
		wave->scoreboard = NO_SLOT;
		wave->w.v = malloc((size_t)(d->n_vgprs + d->n_agprs) * sizeof(*wave->w.v));
		if (!wave->w.v)
			return false;
		wave->w.a = d->n_agprs ? wave->w.v + d->n_vgprs : NULL;
		wave->w.n_vgprs = d->n_vgprs;
		wave->w.n_agprs = d->n_agprs;
		wave->w.n_sgprs = GPU_SGPR_SLOTS;
		wave->w.group = &g->lds;
	}
	return true;
}

static struct gpu_group *make_group(struct gpu_packet *d, uint64_t flat, unsigned xcc)
{
	uint32_t id[3] = { (uint32_t)(flat % d->groups[0]), (uint32_t)(flat / d->groups[0] % d->groups[1]),
		(uint32_t)(flat / d->groups[0] / d->groups[1]) };
	struct gpu_group probe = { .dispatch = d };
	uint32_t extent[3];
	memcpy(probe.id, id, sizeof(id));
	group_extent(&probe, extent);
	unsigned n = (extent[0] * extent[1] * extent[2] + SIM_LANES - 1) / SIM_LANES;
	struct gpu_group *g = calloc(1, sizeof(*g) + n * sizeof(g->waves[0]));
	if (!g)
		return NULL;
	*g = probe;
	g->xcc = xcc;
	g->n_waves = g->live = n;
	g->lds.lds_bytes = d->lds_bytes;
	g->lds.lds = d->lds_bytes ? malloc(d->lds_bytes) : NULL;
	if ((d->lds_bytes && !g->lds.lds) || !alloc_registers(g)) {
		free_group_storage(g);
		return NULL;
	}
	return g;
}

static void link_group(struct gpu_group *g)
{
	struct sim_queue_hw *hw = g->dispatch->queue->hw;
	g->prev = hw->groups_last;
	if (hw->groups_last)
		hw->groups_last->next = g;
	else
		hw->groups = g;
	hw->groups_last = g;
}

void gpu_group_free(struct gpu_group *g)
{
	struct sim_queue_hw *hw = g->dispatch->queue->hw;
	if (g->prev)
		g->prev->next = g->next;
	else
		hw->groups = g->next;
	if (g->next)
		g->next->prev = g->prev;
	else
		hw->groups_last = g->prev;
	free_group_storage(g);
}

/* Launches the next group of this XCC's share: groups go to the XCCs in turn. */
static unsigned launch_one(struct gpu_packet *d, unsigned xcc)
{
	struct gpu_group *g = make_group(d, d->next_group[xcc], xcc);
	if (!g)
		return 0;
	if (!gpu_place_group(g)) {
		free_group_storage(g);
		return 0;
	}
	if (g->lds.lds)
		memset(g->lds.lds, 0xa5, g->lds.lds_bytes); /* contents are undefined */
	for (unsigned i = 0; i < g->n_waves; i++)
		init_wave(&g->waves[i]);
	link_group(g);
	for (unsigned i = 0; i < g->n_waves; i++)
		gpu_run_insert(&g->waves[i]);
	d->next_group[xcc] += d->queue->pdd->device->xccs;
	d->launched++;
	d->live++;
	return g->n_waves;
}

bool gpu_dispatch_launch(struct gpu_packet *d, bool *progress)
{
	struct sim_gpu *gpu = gpu_of_queue(d->queue);
	unsigned budget = LAUNCH_WAVES_PER_CALL, waves = 1;
	if (d->blocked_at == gpu->releases)
		return false;
	d->blocked_at = UINT64_MAX;
	while (waves && budget && d->launched < d->n_groups) {
		waves = 0;
		for (unsigned x = 0; x < gpu->device->xccs; x++)
			if (d->next_group[x] < d->n_groups)
				waves += launch_one(d, x);
		budget -= waves < budget ? waves : budget;
		*progress |= waves > 0;
	}
	if (!waves)
		d->blocked_at = gpu->releases;
	return d->launched == d->n_groups;
}
