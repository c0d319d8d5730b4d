/* The live backend: /dev/kfd. The only file with ioctls on the device. Section numbers are those of kfd-debug-interface.md. */
#include "src/kernel/kif_kfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/host/procmem.h"
#include "src/kernel/drm.h"
#include "src/kernel/kfd_abi.h"
#include "src/kernel/sysfs.h"

/* Room for this many more entries than the last snapshot had, so that one call is nearly always enough. */
enum { SPARE_ENTRIES = 16, MAX_ENTRIES = 65536 };

struct known_gpu {
	uint32_t gpu_id;
	char name[64];
};

struct kif_kfd {
	struct kif base;
	int fd, mem;
	int event_read, event_write; /* a pipe: the kernel cannot write to an eventfd (3.2) */
	bool enabled;
	uint32_t runtime_state; /* as last told by the kernel; tells the two meanings of EPERM apart (9, 1) */
	uint32_t n_queues, n_agents; /* of the last snapshots */
	const char *topology;
	struct known_gpu *names; /* marketing names, asked once */
	size_t n_names;
};

static struct kif_kfd *self(struct kif *k)
{
	return (struct kif_kfd *)k;
}

/* Interrupted calls are made again, EAGAIN is an answer (9, 14). */
static int device_call(const struct kif_kfd *k, unsigned long request, void *args)
{
	int rc;
	do
		rc = ioctl(k->fd, request, args);
	while (rc < 0 && errno == EINTR);
	return rc;
}

static int trap(const struct kif_kfd *k, enum kfd_trap_op op, struct kfd_trap_args *args)
{
	args->pid = (uint32_t)k->base.pid;
	args->op = op;
	return device_call(k, KFD_IOC_DBG_TRAP, args);
}

/* --- what an errno means --- */

struct meaning {
	int op; /* -1: any */
	int e;
	enum dbg_class class;
	const char *text;
};

static const struct meaning meanings[] = {
	/* 1.10, first those of single ops */
	{ KFD_TRAP_ENABLE, EALREADY, DBG_REFUSED, "another debugger is attached to the process's GPU side" },
	{ KFD_TRAP_ENABLE, ENODEV, DBG_UNSUPPORTED, "a GPU of this machine is too old for the debug interface" },
	{ KFD_TRAP_ENABLE, EBUSY, DBG_REFUSED, "the process uses a GPU feature that excludes debugging" },
	{ KFD_TRAP_ENABLE, EINVAL, DBG_REFUSED, "the GPU driver is locked (a reset is in progress) or schedules without firmware" },
	{ KFD_TRAP_SEND_RUNTIME_EVENT, ENODEV, DBG_BAD_REQUEST, "not a GPU of the process" },
	{ KFD_TRAP_SET_WAVE_LAUNCH_OVERRIDE, EACCES, DBG_UNSUPPORTED, "a GPU of the process does not offer this trap override" },
	{ KFD_TRAP_SET_WAVE_LAUNCH_OVERRIDE, EINVAL, DBG_UNSUPPORTED, "a GPU of the process does not offer this override mode" },
	{ KFD_TRAP_SET_WAVE_LAUNCH_MODE, EINVAL, DBG_BAD_REQUEST, "no such launch mode, or debugging is not enabled" },
	{ KFD_TRAP_SET_NODE_ADDRESS_WATCH, ENOMEM, DBG_REFUSED, "all watch points of the GPU are in use" },
	{ KFD_TRAP_SET_NODE_ADDRESS_WATCH, ENODEV, DBG_BAD_REQUEST, "not a GPU of the process" },
	{ KFD_TRAP_CLEAR_NODE_ADDRESS_WATCH, ENODEV, DBG_BAD_REQUEST, "not a GPU of the process" },
	{ KFD_TRAP_CLEAR_NODE_ADDRESS_WATCH, EINVAL, DBG_BAD_REQUEST, "not a watch point of the process" },
	{ KFD_TRAP_SET_FLAGS, EACCES, DBG_UNSUPPORTED, "a GPU of the process does not offer this precise mode" },
	{ KFD_TRAP_QUERY_DEBUG_EVENT, EAGAIN, DBG_AGAIN, "no event is pending" },
	{ KFD_TRAP_QUERY_EXCEPTION_INFO, ENODATA, DBG_REFUSED, "the exception is not raised" },
	{ -1, ESRCH, DBG_GONE, "the process has ended or left the GPU" },
	{ -1, EINVAL, DBG_BAD_REQUEST, "the kernel finds fault with the request, or debugging is not enabled" },
	{ -1, EBADF, DBG_INTERNAL, "the device was opened by another process" },
	{ -1, EIO, DBG_REFUSED, "the GPU does not answer (reset or removed)" },
	{ -1, ETIME, DBG_REFUSED, "the GPU's scheduler does not answer" },
	{ -1, ENOTTY, DBG_UNSUPPORTED, "this kernel does not know the operation" },
};

/* Ops that touch the hardware are refused with EPERM until the runtime is enabled (1.6, check 7). */
static bool needs_runtime(enum kfd_trap_op op)
{
	return op >= KFD_TRAP_SET_WAVE_LAUNCH_OVERRIDE && op <= KFD_TRAP_SET_FLAGS;
}

static int refused_permission(const struct kif_kfd *k, enum kfd_trap_op op, struct dbg_error *err)
{
	if (needs_runtime(op) && k->runtime_state == KFD_RUNTIME_DISABLED)
		return dbg_fail_errno(err, DBG_REFUSED, EPERM, "the GPU runtime of the process is not enabled");
	if (needs_runtime(op) && k->runtime_state != KFD_RUNTIME_ENABLED)
		return dbg_fail_errno(err, DBG_REFUSED, EPERM, "the GPUs of the process could not be set up for debugging");
	if (op == KFD_TRAP_SET_WAVE_LAUNCH_OVERRIDE)
		return dbg_fail_errno(err, DBG_REFUSED, EPERM, "this override mode is not offered, or the GPU runtime has just been disabled");
	return dbg_fail_errno(err, DBG_REFUSED, EPERM, "this thread does not trace the process");
}

static int trap_failed(const struct kif_kfd *k, enum kfd_trap_op op, int e, struct dbg_error *err)
{
	if (e == EPERM)
		return refused_permission(k, op, err);
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if ((meanings[i].op < 0 || meanings[i].op == (int)op) && meanings[i].e == e)
			return dbg_fail_errno(err, meanings[i].class, e, "%s", meanings[i].text);
	return dbg_fail_errno(err, DBG_INTERNAL, e, "the kernel's debug interface failed");
}

/* --- simple operations --- */

static int kfd_version(struct kif *k, unsigned *major, unsigned *minor, struct dbg_error *err)
{
	struct kfd_version_args args = { 0, 0 };
	if (device_call(self(k), KFD_IOC_GET_VERSION, &args) < 0)
		return dbg_fail_errno(err, DBG_UNSUPPORTED, errno, "the version of the GPU driver's interface is not known");
	/* Older vendor drivers have another debug interface under similar names. */
	if (args.major != KFD_MIN_MAJOR || args.minor < KFD_MIN_MINOR)
		return dbg_fail(err, DBG_UNSUPPORTED, "the GPU driver's interface is version %u.%u; debugging needs %u.%u or a later %u.x", args.major,
			args.minor, KFD_MIN_MAJOR, KFD_MIN_MINOR, KFD_MIN_MAJOR);
	*major = args.major;
	*minor = args.minor;
	return 0;
}

static void take_runtime_info(struct kif_kfd *k, const struct kfd_runtime_info *in, struct kif_runtime_info *out)
{
	k->runtime_state = in->runtime_state;
	*out = (struct kif_runtime_info){ .r_debug = in->r_debug, .state = in->runtime_state, .ttmp_setup = in->ttmp_setup };
}

static int kfd_enable(struct kif *k, uint64_t events, struct kif_runtime_info *info, struct dbg_error *err)
{
	struct kif_kfd *kfd = self(k);
	struct kfd_runtime_info rinfo;
	memset(&rinfo, 0, sizeof rinfo);
	struct kfd_trap_args args = { .enable = { .exception_mask = events, .rinfo_ptr = (uint64_t)(uintptr_t)&rinfo, .rinfo_size = sizeof rinfo,
						  .dbg_fd = (uint32_t)kfd->event_write } };
	if (trap(kfd, KFD_TRAP_ENABLE, &args) < 0)
		return trap_failed(kfd, KFD_TRAP_ENABLE, errno, err);
	kfd->enabled = true;
	take_runtime_info(kfd, &rinfo, info);
	return 0;
}

static int kfd_disable(struct kif *k, struct dbg_error *err)
{
	struct kfd_trap_args args = { .op = 0 };
	if (trap(self(k), KFD_TRAP_DISABLE, &args) < 0) {
		if (errno == ESRCH)
			self(k)->enabled = false;
		return trap_failed(self(k), KFD_TRAP_DISABLE, errno, err);
	}
	self(k)->enabled = false;
	return 0;
}

static int kfd_subscribe(struct kif *k, uint64_t events, struct dbg_error *err)
{
	struct kfd_trap_args args = { .set_exceptions_enabled = { .exception_mask = events } };
	return trap(self(k), KFD_TRAP_SET_EXCEPTIONS_ENABLED, &args) < 0 ? trap_failed(self(k), KFD_TRAP_SET_EXCEPTIONS_ENABLED, errno, err) : 0;
}

static int kfd_send_runtime_event(struct kif *k, uint64_t mask, uint32_t gpu_id, uint32_t queue_id, struct dbg_error *err)
{
	struct kfd_trap_args args = { .send_runtime_event = { .exception_mask = mask, .gpu_id = gpu_id, .queue_id = queue_id } };
	return trap(self(k), KFD_TRAP_SEND_RUNTIME_EVENT, &args) < 0 ? trap_failed(self(k), KFD_TRAP_SEND_RUNTIME_EVENT, errno, err) : 0;
}

static int kfd_launch_override(struct kif *k, uint32_t mode, uint32_t *enable, uint32_t *request, struct dbg_error *err)
{
	struct kfd_trap_args args = { .launch_override = { .override_mode = mode, .enable_mask = *enable, .support_request_mask = *request } };
	if (trap(self(k), KFD_TRAP_SET_WAVE_LAUNCH_OVERRIDE, &args) < 0)
		return trap_failed(self(k), KFD_TRAP_SET_WAVE_LAUNCH_OVERRIDE, errno, err);
	*enable = args.launch_override.enable_mask;
	*request = args.launch_override.support_request_mask;
	return 0;
}

static int kfd_launch_mode(struct kif *k, uint32_t mode, struct dbg_error *err)
{
	struct kfd_trap_args args = { .launch_mode = { .launch_mode = mode } };
	return trap(self(k), KFD_TRAP_SET_WAVE_LAUNCH_MODE, &args) < 0 ? trap_failed(self(k), KFD_TRAP_SET_WAVE_LAUNCH_MODE, errno, err) : 0;
}

static int kfd_set_watch(struct kif *k, uint32_t gpu_id, uint64_t addr, uint32_t mask, uint32_t mode, uint32_t *id, struct dbg_error *err)
{
	struct kfd_trap_args args = { .set_address_watch = { .address = addr, .mode = mode, .mask = mask, .gpu_id = gpu_id } };
	if (trap(self(k), KFD_TRAP_SET_NODE_ADDRESS_WATCH, &args) < 0)
		return trap_failed(self(k), KFD_TRAP_SET_NODE_ADDRESS_WATCH, errno, err);
	*id = args.set_address_watch.id;
	return 0;
}

static int kfd_clear_watch(struct kif *k, uint32_t gpu_id, uint32_t id, struct dbg_error *err)
{
	struct kfd_trap_args args = { .clear_address_watch = { .gpu_id = gpu_id, .id = id } };
	return trap(self(k), KFD_TRAP_CLEAR_NODE_ADDRESS_WATCH, &args) < 0 ? trap_failed(self(k), KFD_TRAP_CLEAR_NODE_ADDRESS_WATCH, errno, err) : 0;
}

static int kfd_set_flags(struct kif *k, uint32_t *flags, struct dbg_error *err)
{
	struct kfd_trap_args args = { .set_flags = { .flags = *flags } };
	if (trap(self(k), KFD_TRAP_SET_FLAGS, &args) < 0)
		return trap_failed(self(k), KFD_TRAP_SET_FLAGS, errno, err);
	*flags = args.set_flags.flags;
	return 0;
}

static int kfd_query_event(struct kif *k, uint64_t clear, struct kif_event *out, struct dbg_error *err)
{
	struct kfd_trap_args args = { .query_debug_event = { .exception_mask = clear } };
	if (trap(self(k), KFD_TRAP_QUERY_DEBUG_EVENT, &args) < 0)
		return trap_failed(self(k), KFD_TRAP_QUERY_DEBUG_EVENT, errno, err);
	*out = (struct kif_event){ .mask = args.query_debug_event.exception_mask, .gpu_id = args.query_debug_event.gpu_id,
				   .queue_id = args.query_debug_event.queue_id };
	return 0;
}

static int kfd_query_info(struct kif *k, uint32_t code, uint32_t source, bool clear, void *buf, uint32_t *size, struct dbg_error *err)
{
	/* The kernel refuses a null pointer also for codes that carry no data. */
	uint64_t none = 0;
	struct kfd_trap_args args = { .query_exception_info = { .info_ptr = (uint64_t)(uintptr_t)(buf ? buf : &none), .info_size = buf ? *size : 0,
								.source_id = source, .exception_code = code, .clear_exception = clear } };
	if (trap(self(k), KFD_TRAP_QUERY_EXCEPTION_INFO, &args) < 0)
		return trap_failed(self(k), KFD_TRAP_QUERY_EXCEPTION_INFO, errno, err);
	if (code == KIF_EC_PROCESS_RUNTIME && *size >= sizeof(struct kfd_runtime_info) &&
	    args.query_exception_info.info_size >= sizeof(struct kfd_runtime_info) && buf) {
		struct kfd_runtime_info rinfo;
		struct kif_runtime_info ignored;
		memcpy(&rinfo, buf, sizeof rinfo);
		take_runtime_info(self(k), &rinfo, &ignored);
	}
	*size = args.query_exception_info.info_size;
	return 0;
}

/* --- queues in and out of the hardware (5.1, 5.2) --- */

static enum kif_queue_result queue_result(uint32_t entry)
{
	/* Both marks together are a firmware failure of this queue, or a queue that was skipped beside one. */
	if (entry & KFD_QUEUE_ERROR)
		return KIF_QUEUE_ERROR;
	return entry & KFD_QUEUE_INVALID ? KIF_QUEUE_INVALID : KIF_QUEUE_DONE;
}

static int cycle_queues(struct kif_kfd *k, enum kfd_trap_op op, uint64_t clear, struct kif_queue_ref *refs, size_t n, unsigned *done,
	struct dbg_error *err)
{
	uint32_t *ids = calloc(n ? n : 1, sizeof *ids);
	if (!ids)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	for (size_t i = 0; refs && i < n; i++)
		ids[i] = refs[i].id & ~(KFD_QUEUE_ERROR | KFD_QUEUE_INVALID); /* a mark left in an id makes the kernel miss the queue */
	struct kfd_trap_args args = { .op = 0 };
	uint64_t array = refs ? (uint64_t)(uintptr_t)ids : 0;
	if (op == KFD_TRAP_SUSPEND_QUEUES) {
		args.suspend_queues.exception_mask = clear;
		args.suspend_queues.queue_array_ptr = array;
		args.suspend_queues.num_queues = (uint32_t)n;
	} else {
		args.resume_queues.queue_array_ptr = array;
		args.resume_queues.num_queues = (uint32_t)n;
	}
	int rc = trap(k, op, &args);
	if (rc < 0) {
		rc = trap_failed(k, op, errno, err);
	} else {
		*done = (unsigned)rc;
		rc = 0;
		for (size_t i = 0; refs && i < n; i++)
			refs[i].result = queue_result(ids[i]);
	}
	free(ids);
	return rc;
}

static int kfd_suspend(struct kif *k, uint64_t clear, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err)
{
	return cycle_queues(self(k), KFD_TRAP_SUSPEND_QUEUES, clear, refs, n, done, err);
}

static int kfd_resume(struct kif *k, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err)
{
	return cycle_queues(self(k), KFD_TRAP_RESUME_QUEUES, 0, refs, n, done, err);
}

/* --- snapshots (1.9, ops 13 and 14) --- */

struct snapshot {
	enum kfd_trap_op op;
	const char *name;
	size_t entry_size; /* ours, also the stride */
	size_t needed;     /* bytes of an entry without which it is no use */
	size_t gpu_at, id_at; /* offsets of the u32s that tell entries apart; the same one twice for devices */
};

static const struct snapshot queue_snapshot = { KFD_TRAP_GET_QUEUE_SNAPSHOT, "GET_QUEUE_SNAPSHOT", sizeof(struct kfd_queue_entry),
	offsetof(struct kfd_queue_entry, reserved), offsetof(struct kfd_queue_entry, gpu_id), offsetof(struct kfd_queue_entry, queue_id) };
static const struct snapshot device_snapshot = { KFD_TRAP_GET_DEVICE_SNAPSHOT, "GET_DEVICE_SNAPSHOT", sizeof(struct kfd_device_entry),
	sizeof(struct kfd_device_entry), offsetof(struct kfd_device_entry, gpu_id), offsetof(struct kfd_device_entry, gpu_id) };

static uint64_t entry_key(const struct snapshot *s, const uint8_t *entry)
{
	uint32_t gpu, id;
	memcpy(&gpu, entry + s->gpu_at, sizeof gpu);
	memcpy(&id, entry + s->id_at, sizeof id);
	return (uint64_t)gpu << 32 | id;
}

/* The status bits that an earlier, too short call has reported and cleared are not reported again: carry them over. */
static void merge_status(const struct snapshot *s, uint8_t *now, size_t n_now, const uint8_t *before, size_t n_before)
{
	for (size_t i = 0; i < n_now; i++) {
		uint8_t *entry = now + i * s->entry_size;
		for (size_t j = 0; j < n_before; j++) {
			const uint8_t *old = before + j * s->entry_size;
			uint64_t a, b;
			if (entry_key(s, entry) != entry_key(s, old))
				continue;
			memcpy(&a, entry, sizeof a);
			memcpy(&b, old, sizeof b);
			a |= b;
			memcpy(entry, &a, sizeof a);
			break;
		}
	}
}

/* *out: malloc'ed entries. The kernel says how many there are, which may be more than there was room for: then again with more room. */
static int take_snapshot(struct kif_kfd *k, const struct snapshot *s, uint64_t clear, uint32_t expected, uint8_t **out, uint32_t *n,
	struct dbg_error *err)
{
	uint8_t *before = NULL;
	uint32_t n_before = 0, room = expected + SPARE_ENTRIES;
	for (;;) {
		uint8_t *entries = calloc(room, s->entry_size);
		struct kfd_trap_args args = { .snapshot = { .exception_mask = clear, .snapshot_buf_ptr = (uint64_t)(uintptr_t)entries, .count = room,
							    .entry_size = (uint32_t)s->entry_size } };
		int rc = 0;
		if (!entries)
			rc = dbg_fail(err, DBG_INTERNAL, "out of memory");
		else if (trap(k, s->op, &args) < 0)
			rc = trap_failed(k, s->op, errno, err);
		else if (args.snapshot.entry_size < s->needed)
			rc = dbg_fail(err, DBG_UNSUPPORTED, "the kernel's %s entries have %u bytes, %zu are needed", s->name, args.snapshot.entry_size,
				s->needed);
		else if (args.snapshot.count > MAX_ENTRIES)
			rc = dbg_fail(err, DBG_INTERNAL, "the kernel counts %u entries in %s", args.snapshot.count, s->name);
		uint32_t count = args.snapshot.count;
		if (!rc)
			merge_status(s, entries, count < room ? count : room, before, n_before);
		free(before);
		if (rc) {
			free(entries);
			return rc;
		}
		if (count <= room) {
			*out = entries;
			*n = count;
			return 0;
		}
		log_debug(LOG_KERNEL, "%s clear=0x%llx room=%u -> %u entries, once more with room for all", s->name, (unsigned long long)clear, room,
			count);
		before = entries;
		n_before = room;
		room = count + SPARE_ENTRIES;
	}
}

static int kfd_queues(struct kif *k, uint64_t clear, struct kif_queue **out, size_t *n, struct dbg_error *err)
{
	uint8_t *bytes;
	uint32_t count;
	int rc = take_snapshot(self(k), &queue_snapshot, clear, self(k)->n_queues, &bytes, &count, err);
	if (rc)
		return rc;
	self(k)->n_queues = count;
	const struct kfd_queue_entry *entries = (const struct kfd_queue_entry *)(void *)bytes;
	struct kif_queue *queues = calloc(count ? count : 1, sizeof *queues);
	for (uint32_t i = 0; queues && i < count; i++) {
		const struct kfd_queue_entry *e = &entries[i];
		queues[i] = (struct kif_queue){ .exception_status = e->exception_status, .ring_base = e->ring_base_address,
			.write_ptr_addr = e->write_pointer_address, .read_ptr_addr = e->read_pointer_address,
			.save_area = e->ctx_save_restore_address, .id = e->queue_id, .gpu_id = e->gpu_id, .ring_bytes = e->ring_size,
			.type = e->queue_type, .save_area_size = e->ctx_save_restore_area_size };
	}
	free(bytes);
	if (!queues)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	*out = queues;
	*n = count;
	return 0;
}

/* --- agents: the device snapshot, the topology, libdrm --- */

/* "gfx942" from 90402: major, minor, stepping, the last one in hexadecimal. */
static void gfx_name(uint32_t version, char *out, size_t n)
{
	snprintf(out, n, "gfx%u%u%x", version / 10000, version / 100 % 100, version % 100);
}

/* The marketing name when the render node answers, else the architecture's. */
static const char *agent_name(struct kif_kfd *k, const struct kif_agent *a)
{
	for (size_t i = 0; i < k->n_names; i++)
		if (k->names[i].gpu_id == a->gpu_id)
			return k->names[i].name;
	struct known_gpu *more = realloc(k->names, (k->n_names + 1) * sizeof *more);
	if (!more)
		return "";
	k->names = more;
	struct known_gpu *known = &k->names[k->n_names++];
	known->gpu_id = a->gpu_id;
	gfx_name(a->gfx_target_version, known->name, sizeof known->name);
	struct drm_identity identity;
	struct dbg_error why;
	if (a->drm_render_minor < 0)
		return known->name;
	if (drm_identify(a->drm_render_minor, &identity, &why))
		log_debug(LOG_KERNEL, "GPU %u: no name by libdrm: %s", a->gpu_id, why.text);
	else if (identity.marketing_name[0])
		memcpy(known->name, identity.marketing_name, sizeof known->name);
	return known->name;
}

static void fill_agent(struct kif_agent *a, const struct kfd_device_entry *e)
{
	*a = (struct kif_agent){ .gpu_id = e->gpu_id, .gfx_target_version = e->gfx_target_version, .exception_status = e->exception_status,
		.lds_base = e->lds_base, .lds_limit = e->lds_limit, .scratch_base = e->scratch_base, .scratch_limit = e->scratch_limit,
		.gpuvm_base = e->gpuvm_base, .gpuvm_limit = e->gpuvm_limit, .location_id = e->location_id, .vendor_id = e->vendor_id,
		.device_id = e->device_id, .revision_id = e->revision_id, .fw_version = e->fw_version, .simd_count = e->simd_count,
		.max_waves_per_simd = e->max_waves_per_simd, .array_count = e->array_count,
		.simd_arrays_per_engine = e->simd_arrays_per_engine, .num_xcc = e->num_xcc, .capability = e->capability,
		.debug_prop = e->debug_prop, .node = ~0u, .drm_render_minor = -1 };
}

static void join_topology(struct kif_agent *a, const struct sysfs_gpu *gpus, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (gpus[i].gpu_id != a->gpu_id)
			continue;
		a->node = gpus[i].node;
		a->drm_render_minor = gpus[i].drm_render_minor;
		a->capability |= gpus[i].capability;
	}
}

static int kfd_agents(struct kif *k, uint64_t clear, struct kif_agent **out, size_t *n, struct dbg_error *err)
{
	struct kif_kfd *kfd = self(k);
	struct sysfs_gpu *gpus = NULL;
	size_t n_gpus = 0;
	struct dbg_error why;
	/* The topology first: reading it is what puts the watch point bits into the snapshot (7.2). */
	if (sysfs_read_gpus(kfd->topology, &gpus, &n_gpus, &why))
		log_warning("%s", why.text);
	uint8_t *bytes;
	uint32_t count;
	int rc = take_snapshot(kfd, &device_snapshot, clear, kfd->n_agents, &bytes, &count, err);
	if (rc) {
		free(gpus);
		return rc;
	}
	kfd->n_agents = count;
	struct kif_agent *agents = calloc(count ? count : 1, sizeof *agents);
	for (uint32_t i = 0; agents && i < count; i++) {
		fill_agent(&agents[i], &((const struct kfd_device_entry *)(void *)bytes)[i]);
		join_topology(&agents[i], gpus, n_gpus);
		snprintf(agents[i].name, sizeof agents[i].name, "%s", agent_name(kfd, &agents[i]));
	}
	free(gpus);
	free(bytes);
	if (!agents)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	*out = agents;
	*n = count;
	return 0;
}

/* --- memory, events, life --- */

static int kfd_mem_read(struct kif *k, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	return procmem_read_many(k->pid, self(k)->mem, addr, buf, n, got, err);
}

static int kfd_mem_read_ranges(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err)
{
	return procmem_read_ranges(k->pid, self(k)->mem, ranges, n, err);
}

static int kfd_mem_write_ranges(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err)
{
	return procmem_write_ranges(k->pid, self(k)->mem, ranges, n, err);
}

static int kfd_mem_write(struct kif *k, uint64_t addr, const void *buf, size_t n, size_t *put, struct dbg_error *err)
{
	return procmem_write(self(k)->mem, addr, buf, n, put, err);
}

static int kfd_event_fd(struct kif *k)
{
	return self(k)->event_read;
}

/* The number of bytes means nothing (3.2). */
static void kfd_drain(struct kif *k)
{
	char bytes[512];
	ssize_t r;
	do
		r = read(self(k)->event_read, bytes, sizeof bytes);
	while (r > 0 || (r < 0 && errno == EINTR));
}

static int kfd_smi_open(struct kif *k, uint32_t gpu_id, int *fd, struct dbg_error *err)
{
	struct kfd_smi_args args = { .gpu_id = gpu_id };
	if (device_call(self(k), KFD_IOC_SMI_EVENTS, &args) < 0)
		return dbg_fail_errno(err, DBG_UNSUPPORTED, errno, "no system management events of GPU %u", gpu_id);
	*fd = (int)args.anon_fd;
	return 0;
}

static int kfd_vm_fault(struct kif *k, int render_minor, struct kif_vm_fault *out, struct dbg_error *err)
{
	if (render_minor < 0)
		return dbg_fail(err, DBG_UNSUPPORTED, "the GPU's render node is not known");
	return drm_vm_fault(k->pid, render_minor, out, err);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void kfd_close(struct kif *k)
{
	struct kif_kfd *kfd = self(k);
	/* The target gets SIGPIPE when the kernel writes to a pipe that has lost its reader (9, 16). If the kernel does not let go, the read end
	 * stays open until the program ends; the kernel cleans up then. */
	if (kfd->enabled) {
		struct dbg_error err;
		if (kif_disable(k, &err) && err.class != DBG_GONE)
			log_warning("the kernel does not end the debug session: %s", err.text);
	}
	if (!kfd->enabled)
		close_fd(kfd->event_read);
	close_fd(kfd->event_write);
	close_fd(kfd->mem);
	close_fd(kfd->fd);
	free(kfd->names);
	free(kfd);
}

static const struct kif_ops kfd_ops = {
	.name = "kfd",
	.version = kfd_version,
	.enable = kfd_enable,
	.disable = kfd_disable,
	.subscribe = kfd_subscribe,
	.send_runtime_event = kfd_send_runtime_event,
	.launch_override = kfd_launch_override,
	.launch_mode = kfd_launch_mode,
	.suspend = kfd_suspend,
	.resume = kfd_resume,
	.set_watch = kfd_set_watch,
	.clear_watch = kfd_clear_watch,
	.set_flags = kfd_set_flags,
	.query_event = kfd_query_event,
	.query_info = kfd_query_info,
	.queues = kfd_queues,
	.agents = kfd_agents,
	.mem_read = kfd_mem_read,
	.mem_write = kfd_mem_write,
	.mem_read_ranges = kfd_mem_read_ranges,
	.mem_write_ranges = kfd_mem_write_ranges,
	.event_fd = kfd_event_fd,
	.drain = kfd_drain,
	.smi_open = kfd_smi_open,
	.vm_fault = kfd_vm_fault,
	.close = kfd_close,
};

static int open_device(const char *path, int *fd, struct dbg_error *err)
{
	*fd = open(path, O_RDWR | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	switch (errno) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return dbg_fail_errno(err, DBG_UNSUPPORTED, errno, "%s: there is no AMD GPU driver here", path);
	case EACCES:
		return dbg_fail_errno(err, DBG_REFUSED, errno, "%s: this user may not use GPUs (group render)", path);
	case EINVAL:
		return dbg_fail_errno(err, DBG_REFUSED, errno, "%s: the GPU driver is locked (a reset is in progress)", path);
	default:
		return dbg_fail_errno(err, DBG_REFUSED, errno, "%s cannot be opened", path);
	}
}

int kif_kfd_open_at(pid_t pid, const struct kif_kfd_paths *paths, struct kif **out, struct dbg_error *err)
{
	struct kif_kfd *k = calloc(1, sizeof *k);
	if (!k)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	k->base = (struct kif){ .ops = &kfd_ops, .pid = pid };
	k->mem = k->event_read = k->event_write = -1;
	k->topology = paths->topology;
	unsigned major, minor;
	int pipe_fds[2];
	int rc = open_device(paths->device, &k->fd, err);
	if (!rc)
		rc = kif_version(&k->base, &major, &minor, err);
	if (!rc)
		rc = procmem_open(pid, &k->mem, err);
	if (!rc && pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC) < 0)
		rc = dbg_fail_errno(err, DBG_INTERNAL, errno, "no pipe");
	if (rc) {
		kfd_close(&k->base);
		return rc;
	}
	k->event_read = pipe_fds[0];
	k->event_write = pipe_fds[1];
	*out = &k->base;
	return 0;
}

int kif_kfd_open(pid_t pid, struct kif **out, struct dbg_error *err)
{
	static const struct kif_kfd_paths usual = { "/dev/kfd", SYSFS_TOPOLOGY };
	return kif_kfd_open_at(pid, &usual, out, err);
}
