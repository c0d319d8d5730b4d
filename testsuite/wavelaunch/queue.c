#include "testsuite/wavelaunch/queue.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, WAVE_LANES = 64, SCRATCH_UNIT = 1024 };

/* ------------------------------------------------------------------ sizes */

static uint64_t page_align(uint64_t n)
{
	return (n + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t vgpr_bytes_per_cu(uint64_t target)
{
	static const uint32_t large[] = { 90008, 90010, 90400, 90401, 90402, 90500 }, wide[] = { 110000, 110001, 110501, 120000, 120001 };
	for (size_t i = 0; i < sizeof large / sizeof *large; i++)
		if (target == large[i])
			return 0x80000;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (target == wide[i])
			return 0x60000;
	return 0x40000;
}

void wl_save_sizes(const struct wl_gpu *gpu, struct wl_save_sizes *out)
{
	uint32_t cus = wl_gpu_cus(gpu);
	bool gfx9 = gpu->gfx_target_version < 100000;
	uint32_t waves = gfx9 ? smaller(cus * 40, wl_gpu_engines(gpu) * 512) : cus * 32;
	uint32_t lds = (uint32_t)gpu->lds_kib << 10;
	out->control_stack = (uint32_t)page_align(sizeof(struct kfd_save_header) + waves * (gfx9 ? 8 : 12) + 8);
	if (gpu->gfx_target_version / 10000 == 10)
		out->control_stack = smaller(out->control_stack, 0x7000);
	out->save = out->control_stack + (uint32_t)page_align((uint64_t)cus * (vgpr_bytes_per_cu(gpu->gfx_target_version) + 0x4000 + lds + 0x1000));
	out->debug = (waves * 32 + 63) & ~63u;
}

void wl_scratch_sizes(const struct wl_gpu *gpu, const struct wl_scratch *scratch, uint64_t limit, uint32_t *tmpring, uint64_t *xcc_bytes)
{
	*tmpring = 0;
	*xcc_bytes = 0;
	if (scratch->lane_bytes == 0)
		return;
	uint64_t wave_bytes = ((uint64_t)scratch->lane_bytes * WAVE_LANES + SCRATCH_UNIT - 1) / SCRATCH_UNIT * SCRATCH_UNIT;
	uint32_t slots = gpu->max_slots_scratch_cu ? (uint32_t)gpu->max_slots_scratch_cu : 32;
	uint64_t waves = (uint64_t)wl_gpu_cus(gpu) * slots, most = limit / gpu->num_xcc / wave_bytes;
	if (waves > most)
		waves = most;
	if (waves > 0xfff)
		waves = 0xfff;
	uint32_t engines = wl_gpu_engines(gpu), least = engines * scratch->group_waves;
	waves -= waves % engines;
	if (waves < least)
		waves = least;
	*tmpring = (uint32_t)waves | (uint32_t)(wave_bytes / SCRATCH_UNIT) << 12;
	*xcc_bytes = waves * wave_bytes;
}

/* ------------------------------------------------------------------ parts */

/* Where things are in the control page. */
enum { AT_QUEUE = 0, AT_DONE = 512, AT_ERROR = 576, AT_INACTIVE = 640 };

static struct amd_signal *signal_at(struct wl_queue *q, size_t offset, const struct wl_events *ev, unsigned event)
{
	struct amd_signal *s = (struct amd_signal *)((char *)q->control.addr + offset);
	*s = (struct amd_signal){ .kind = AMD_SIGNAL_USER, .mailbox = wl_event_mailbox(ev, event), .event_id = ev->event[event].id };
	return s;
}

static int create_memory(struct wl_device *dev, const struct wl_events *ev, struct wl_queue *q, struct wl_err *err)
{
	if (wl_buffer_alloc(dev, WL_HOST, sizeof(struct aql_dispatch) * q->packets, 0, &q->ring, err) ||
	    wl_buffer_alloc(dev, WL_HOST, PAGE, 0, &q->control, err))
		return -1;
	struct aql_dispatch *ring = q->ring.addr;
	for (uint32_t i = 0; i < q->packets; i++)
		ring[i].header = AQL_TYPE_INVALID;
	q->aql = (struct amd_queue *)((char *)q->control.addr + AT_QUEUE);
	q->done = signal_at(q, AT_DONE, ev, WL_EVENT_DONE);
	q->error = signal_at(q, AT_ERROR, ev, WL_EVENT_ERROR);
	q->inactive = signal_at(q, AT_INACTIVE, ev, WL_EVENT_ERROR);
	*q->aql = (struct amd_queue){
		.ring_base = (uintptr_t)ring,
		.packets = q->packets,
		.lds_aperture_high = (uint32_t)(dev->aperture.lds_base >> 32),
		.private_aperture_high = (uint32_t)(dev->aperture.scratch_base >> 32),
		.read_index_field_offset = offsetof(struct amd_queue, read_index),
		.max_cu_id = (uint32_t)(wl_gpu_cus(&dev->gpu) * dev->gpu.num_xcc - 1),
		.max_wave_id = 39,
		.properties = 1 << 1, /* 64-bit process */
		.inactive_signal = (uintptr_t)q->inactive,
	};
	return 0;
}

/* What scratch may take: no more than half of what is free. */
static uint64_t scratch_limit(const struct wl_device *dev)
{
	struct kfd_available_memory args = { .gpu_id = dev->gpu.gpu_id };
	uint64_t most = 4ull << 30;
	if (wl_ioctl(dev, KFD_AVAILABLE_MEMORY, &args))
		return most;
	return args.available / 2 < most ? args.available / 2 : most;
}

/* Scratch for as many waves as the compute units hold, within reason; for fewer when memory is short. */
static int create_scratch(struct wl_device *dev, struct wl_queue *q, const struct wl_scratch *scratch, struct wl_err *err)
{
	uint32_t tmpring;
	uint64_t xcc_bytes;
	for (uint64_t limit = scratch_limit(dev);; limit /= 4) {
		struct wl_err attempt = { 0 };
		wl_scratch_sizes(&dev->gpu, scratch, limit, &tmpring, &xcc_bytes);
		if (!wl_buffer_alloc(dev, WL_SCRATCH, xcc_bytes * dev->gpu.num_xcc, 0, &q->scratch, &attempt))
			break;
		if (limit < 1 << 20)
			return wl_fail(err, attempt.class, "%s", attempt.text);
	}
	q->aql->tmpring_size = tmpring;
	q->aql->scratch_base = (uintptr_t)q->scratch.addr;
	q->aql->scratch_bytes = xcc_bytes;
	q->aql->scratch_lane_bytes = (scratch->lane_bytes + 15) & ~15u;
	return 0;
}

static int create_save_area(struct wl_device *dev, struct wl_queue *q, struct kfd_create_queue *args, struct wl_err *err)
{
	struct wl_save_sizes s;
	wl_save_sizes(&dev->gpu, &s);
	uint32_t xccs = (uint32_t)dev->gpu.num_xcc;
	if (wl_buffer_alloc(dev, WL_HOST, ((size_t)s.save + s.debug) * xccs, 0, &q->save_area, err))
		return -1;
	for (uint32_t i = 0; i < xccs; i++) {
		struct kfd_save_header *h = (struct kfd_save_header *)((char *)q->save_area.addr + (size_t)i * s.save);
		h->debug_offset = (xccs - i) * s.save;
		h->debug_size = s.debug * xccs;
		h->err_payload = (uintptr_t)&q->error->value;
		h->err_event_id = q->error->event_id;
	}
	args->save_address = (uintptr_t)q->save_area.addr;
	args->save_size = s.save;
	args->ctl_stack_size = s.control_stack;
	return 0;
}

/* The doorbell page: its place comes from us, its offset from the creation of the queue. */
static int map_doorbell(struct wl_device *dev, struct wl_queue *q, uint64_t offset, struct wl_err *err)
{
	if (wl_buffer_alloc(dev, WL_DOORBELL, KFD_DOORBELL_PAGE, KFD_DOORBELL_PAGE, &q->doorbells, err))
		return -1;
	off_t page = (off_t)(offset & ~(uint64_t)(KFD_DOORBELL_PAGE - 1));
	if (mmap(q->doorbells.addr, KFD_DOORBELL_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, dev->kfd, page) == MAP_FAILED)
		return wl_fail(err, WL_SYSTEM, "mapping the doorbells: %s", strerror(errno));
	madvise(q->doorbells.addr, KFD_DOORBELL_PAGE, MADV_DONTFORK);
	q->doorbell = (volatile uint64_t *)((char *)q->doorbells.addr + offset % KFD_DOORBELL_PAGE);
	return 0;
}

int wl_queue_create(struct wl_device *dev, struct wl_events *ev, uint32_t packets, const struct wl_scratch *scratch, struct wl_queue *q,
		    struct wl_err *err)
{
	*q = (struct wl_queue){ .packets = packets };
	struct kfd_create_queue args = { .gpu_id = dev->gpu.gpu_id, .type = KFD_QUEUE_AQL, .percentage = 100, .priority = 7 };
	if (create_memory(dev, ev, q, err) || create_save_area(dev, q, &args, err))
		goto fail;
	if (scratch->lane_bytes && create_scratch(dev, q, scratch, err))
		goto fail;
	args.ring_base = (uintptr_t)q->ring.addr;
	args.ring_size = packets * (uint32_t)sizeof(struct aql_dispatch);
	args.write_pointer = (uintptr_t)&q->aql->write_index;
	args.read_pointer = (uintptr_t)&q->aql->read_index;
	if (wl_ioctl(dev, KFD_CREATE_QUEUE, &args)) {
		wl_fail(err, WL_SYSTEM, "/dev/kfd: CREATE_QUEUE: %s", strerror(errno));
		goto fail;
	}
	q->id = args.queue_id;
	q->aql->id = q->id;
	q->created = true;
	if (map_doorbell(dev, q, args.doorbell_offset, err))
		goto fail;
	return 0;
fail:
	wl_queue_destroy(dev, q);
	return -1;
}

void wl_queue_destroy(struct wl_device *dev, struct wl_queue *q)
{
	if (q->created) {
		struct kfd_destroy_queue args = { .queue_id = q->id };
		wl_ioctl(dev, KFD_DESTROY_QUEUE, &args);
		q->created = false;
	}
	struct wl_buffer *const buffers[] = { &q->doorbells, &q->scratch, &q->save_area, &q->control, &q->ring };
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
		wl_buffer_free(dev, buffers[i]);
}
