#include "sim/driver/topology.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "sim/driver/memory.h"
#include "sim/driver/tree.h"
#include "sim/gpu/queue.h"

#define KFD_DIR "sys/devices/virtual/kfd/kfd"
#define TOPOLOGY_DIR KFD_DIR "/topology"
#define WATCH_BITS 0x280u /* supported, four of them: shown by the file always, by the device once somebody has read it */

enum { PATH_BYTES = 256, TEXT_BYTES = 4096 };

enum {
	WAVE_FRONT_SIZE = 64,
	GPU_CLOCK_MHZ = 2100,
	CPU_CLOCK_MHZ = 3000,
	MEM_CLOCK_MHZ = 1300,
	MEM_WIDTH_BITS = 8192,
	CP_QUEUES = 24,
	GWS = 64,
	SDMA_ENGINES = 2,
	SDMA_QUEUES_PER_ENGINE = 8,
	SCRATCH_SLOTS_PER_CU = 32,
	LINK_PCIE = 2,
	LINK_WEIGHT = 20,
	LINK_BANDWIDTH = 64000,
};
enum { HEAP_SYSTEM = 0, HEAP_PUBLIC = 1 };

void sim_topology_pci_name(const struct sim_device *device, char *buf, size_t n)
{
	snprintf(buf, n, "%04x:%02x:%02x.%x", device->domain, device->location_id >> 8, device->location_id >> 3 & 0x1f,
		 device->location_id & 7);
}

/* ------------------------------------------------------------------ properties */

/* A growing "name value" text. */
struct text {
	char buf[TEXT_BYTES];
	size_t n;
};

static void put(struct text *t, const char *name, uint64_t value)
{
	int n = snprintf(t->buf + t->n, sizeof(t->buf) - t->n, "%s %" PRIu64 "\n", name, value);
	if (n > 0 && t->n + (size_t)n < sizeof(t->buf))
		t->n += (size_t)n;
}

static bool write_text(const char *root, const struct text *t, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool write_text(const char *root, const struct text *t, const char *format, ...)
{
	char path[PATH_BYTES];
	va_list ap;
	va_start(ap, format);
	vsnprintf(path, sizeof(path), format, ap);
	va_end(ap);
	return sim_tree_file(root, path, "%s", t->buf);
}

/* Values that differ between a CPU node and a GPU node; the order of the file is the kernel's. */
struct node_values {
	uint64_t cpu_cores, simds, mem_banks, caches, io_links, simd_id_base, waves_per_simd, lds_kib, gws, wave_front, arrays,
		arrays_per_engine, cus_per_array, simds_per_cu, scratch_slots, target, vendor, device, location, domain, minor, sdma_engines,
		sdma_queues, cp_queues, cwsr, ctl_stack;
};

static void put_common(struct text *t, const struct node_values *v)
{
	const struct { const char *name; uint64_t value; } rows[] = {
		{ "cpu_cores_count", v->cpu_cores },
		{ "simd_count", v->simds },
		{ "mem_banks_count", v->mem_banks },
		{ "caches_count", v->caches },
		{ "io_links_count", v->io_links },
		{ "p2p_links_count", 0 },
		{ "cpu_core_id_base", 0 },
		{ "simd_id_base", v->simd_id_base },
		{ "max_waves_per_simd", v->waves_per_simd },
		{ "lds_size_in_kb", v->lds_kib },
		{ "gds_size_in_kb", 0 },
		{ "num_gws", v->gws },
		{ "wave_front_size", v->wave_front },
		{ "array_count", v->arrays },
		{ "simd_arrays_per_engine", v->arrays_per_engine },
		{ "cu_per_simd_array", v->cus_per_array },
		{ "simd_per_cu", v->simds_per_cu },
		{ "max_slots_scratch_cu", v->scratch_slots },
		{ "gfx_target_version", v->target },
		{ "vendor_id", v->vendor },
		{ "device_id", v->device },
		{ "location_id", v->location },
		{ "domain", v->domain },
		{ "drm_render_minor", v->minor },
		{ "hive_id", 0 },
		{ "num_sdma_engines", v->sdma_engines },
		{ "num_sdma_xgmi_engines", 0 },
		{ "num_sdma_queues_per_engine", v->sdma_queues },
		{ "num_cp_queues", v->cp_queues },
		{ "cwsr_size", v->cwsr },
		{ "ctl_stack_size", v->ctl_stack },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put(t, rows[i].name, rows[i].value);
}

static bool write_cpu_properties(const struct sim_driver *driver, const char *root)
{
	struct text t = { .n = 0 };
	const struct node_values v = { .cpu_cores = (uint64_t)get_nprocs(), .mem_banks = 1, .io_links = driver->n_devices };
	put_common(&t, &v);
	put(&t, "max_engine_clk_ccompute", CPU_CLOCK_MHZ);
	return write_text(root, &t, TOPOLOGY_DIR "/nodes/0/properties");
}

static bool write_gpu_properties(const struct sim_device *device, const char *root)
{
	const struct sim_model *m = device->model;
	uint32_t cwsr, ctl_stack, debug;
	sim_device_save_sizes(device, &cwsr, &ctl_stack, &debug);
	uint64_t arrays = (uint64_t)m->engines_per_xcc * m->simd_arrays_per_engine;
	const struct node_values v = {
		.simds = (uint64_t)device->cus * m->simd_per_cu,
		.mem_banks = 1,
		.caches = 3,
		.io_links = 1,
		.simd_id_base = 0x80000000u + ((uint64_t)(device->node - 1) << 16),
		.waves_per_simd = m->max_waves_per_simd,
		.lds_kib = m->lds_kib,
		.gws = GWS,
		.wave_front = WAVE_FRONT_SIZE,
		.arrays = arrays * device->xccs,
		.arrays_per_engine = m->simd_arrays_per_engine,
		.cus_per_array = (device->cus / device->xccs + arrays - 1) / arrays,
		.simds_per_cu = m->simd_per_cu,
		.scratch_slots = SCRATCH_SLOTS_PER_CU,
		.target = m->gfx_target_version,
		.vendor = m->vendor_id,
		.device = m->device_id,
		.location = device->location_id,
		.domain = device->domain,
		.minor = device->drm_render_minor,
		.sdma_engines = SDMA_ENGINES,
		.sdma_queues = SDMA_QUEUES_PER_ENGINE,
		.cp_queues = CP_QUEUES,
		.cwsr = cwsr,
		.ctl_stack = ctl_stack,
	};
	struct text t = { .n = 0 };
	put_common(&t, &v);
	put(&t, "max_engine_clk_fcompute", GPU_CLOCK_MHZ);
	put(&t, "local_mem_size", 0);
	put(&t, "fw_version", m->fw_version);
	put(&t, "capability", sim_device_capability(device) | WATCH_BITS);
	put(&t, "debug_prop", m->debug_prop);
	put(&t, "sdma_fw_version", m->sdma_fw_version);
	put(&t, "unique_id", device->unique_id);
	put(&t, "num_xcc", device->xccs);
	put(&t, "max_engine_clk_ccompute", CPU_CLOCK_MHZ);
	return write_text(root, &t, TOPOLOGY_DIR "/nodes/%u/properties", device->node);
}

static bool write_bank(const char *root, unsigned node, unsigned heap, uint64_t bytes, unsigned width, unsigned clock)
{
	struct text t = { .n = 0 };
	put(&t, "heap_type", heap);
	put(&t, "size_in_bytes", bytes);
	put(&t, "flags", 0);
	put(&t, "width", width);
	put(&t, "mem_clk_max", clock);
	return write_text(root, &t, TOPOLOGY_DIR "/nodes/%u/mem_banks/0/properties", node);
}

static bool write_link(const char *root, unsigned from, unsigned index, unsigned to)
{
	const struct { const char *name; uint64_t value; } rows[] = {
		{ "type", LINK_PCIE }, { "version_major", 0 }, { "version_minor", 0 }, { "node_from", from }, { "node_to", to },
		{ "weight", LINK_WEIGHT }, { "min_latency", 0 }, { "max_latency", 0 }, { "min_bandwidth", 312 },
		{ "max_bandwidth", LINK_BANDWIDTH }, { "recommended_transfer_size", 0 }, { "recommended_sdma_engine_id_mask", 0 },
		{ "flags", 1 },
	};
	struct text t = { .n = 0 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put(&t, rows[i].name, rows[i].value);
	return write_text(root, &t, TOPOLOGY_DIR "/nodes/%u/io_links/%u/properties", from, index);
}

/* Three levels with a size each. */
static bool write_caches(const struct sim_device *device, const char *root)
{
	static const struct { unsigned level, kib, line, type; } caches[] = { { 1, 32, 128, 9 }, { 2, 4096, 128, 9 }, { 3, 262144, 64, 9 } };
	bool ok = true;
	for (unsigned i = 0; i < sizeof(caches) / sizeof(caches[0]); i++) {
		const struct { const char *name; uint64_t value; } rows[] = {
			{ "processor_id_low", 0x80000000u + ((uint64_t)(device->node - 1) << 16) }, { "level", caches[i].level },
			{ "size", caches[i].kib }, { "cache_line_size", caches[i].line }, { "cache_lines_per_tag", 1 },
			{ "association", 16 }, { "latency", 0 }, { "type", caches[i].type },
		};
		struct text t = { .n = 0 };
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			put(&t, rows[k].name, rows[k].value);
		size_t n = t.n + (size_t)snprintf(t.buf + t.n, sizeof(t.buf) - t.n, "sibling_map 1");
		/* Level 1 belongs to one unit, the others to all. */
		for (unsigned cu = 1; cu < device->cus && n + 8 < sizeof(t.buf); cu++)
			n += (size_t)snprintf(t.buf + n, sizeof(t.buf) - n, ",%d", caches[i].level > 1);
		snprintf(t.buf + n, sizeof(t.buf) - n, "\n");
		ok &= write_text(root, &t, TOPOLOGY_DIR "/nodes/%u/caches/%u/properties", device->node, i);
	}
	return ok;
}

static bool write_node_dirs(const char *root, unsigned node)
{
	static const char *const dirs[] = { "mem_banks", "caches", "io_links", "p2p_links", "perf" };
	bool ok = true;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		char path[PATH_BYTES];
		snprintf(path, sizeof(path), TOPOLOGY_DIR "/nodes/%u/%s", node, dirs[i]);
		ok &= sim_tree_dir(root, path);
	}
	return ok;
}

static bool write_line(const char *root, unsigned node, const char *file, const char *text)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof(path), TOPOLOGY_DIR "/nodes/%u/%s", node, file);
	return sim_tree_file(root, path, "%s\n", text);
}

static bool write_gpu_node(const struct sim_device *device, const char *root)
{
	char id[16];
	snprintf(id, sizeof(id), "%u", device->gpu_id);
	return write_node_dirs(root, device->node) && write_line(root, device->node, "gpu_id", id) &&
		write_line(root, device->node, "name", "ip discovery") && write_gpu_properties(device, root) &&
		write_bank(root, device->node, HEAP_PUBLIC, device->vram_bytes, MEM_WIDTH_BITS, MEM_CLOCK_MHZ) &&
		write_caches(device, root) && write_link(root, device->node, 0, 0) && write_link(root, 0, device->node - 1, device->node);
}

static bool write_kfd(const struct sim_driver *driver, const char *root)
{
	struct sysinfo info;
	if (sysinfo(&info))
		return false;
	bool ok = sim_tree_file(root, TOPOLOGY_DIR "/generation_id", "%u\n", 1 + driver->n_devices) &&
		sim_tree_file(root, TOPOLOGY_DIR "/system_properties", "platform_oem 0\nplatform_id 0\nplatform_rev 0\n") &&
		write_node_dirs(root, 0) && write_line(root, 0, "gpu_id", "0") && write_line(root, 0, "name", "") &&
		write_cpu_properties(driver, root) && write_bank(root, 0, HEAP_SYSTEM, (uint64_t)info.totalram * info.mem_unit, 64, 3200) &&
		sim_tree_dir(root, KFD_DIR "/proc") && sim_tree_link(root, "sys/class/kfd/kfd", "../../devices/virtual/kfd/kfd") &&
		sim_tree_link(root, KFD_DIR "/subsystem", "../../../../class/kfd");
	for (unsigned i = 0; i < driver->n_devices && ok; i++)
		ok = write_gpu_node(&driver->devices[i], root);
	return ok;
}

/* ------------------------------------------------------------------ the PCI device and its render node */

static bool write_id(const char *root, const char *dir, const char *file, int digits, unsigned value)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return digits ? sim_tree_file(root, path, "0x%0*x\n", digits, value) : sim_tree_file(root, path, "%u\n", value);
}

static bool write_pci(const struct sim_device *device, const char *root)
{
	char pci[32], dir[64], path[PATH_BYTES], target[PATH_BYTES];
	const struct sim_model *m = device->model;
	unsigned minor = device->drm_render_minor;
	sim_topology_pci_name(device, pci, sizeof(pci));
	snprintf(dir, sizeof(dir), "sys/devices/pci%04x:80/%s", device->domain, pci);
	bool ok = write_id(root, dir, "vendor", 4, m->vendor_id) && write_id(root, dir, "device", 4, m->device_id) &&
		write_id(root, dir, "subsystem_vendor", 4, m->vendor_id) &&
		write_id(root, dir, "subsystem_device", 4, m->device_id) &&
		write_id(root, dir, "revision", 2, m->revision_id) && write_id(root, dir, "class", 6, 0x120000) &&
		write_id(root, dir, "enable", 0, 1) && write_id(root, dir, "numa_node", 0, 0);
	snprintf(path, sizeof(path), "%s/uevent", dir);
	ok = ok && sim_tree_file(root, path, "DRIVER=amdgpu\nPCI_CLASS=120000\nPCI_ID=%04X:%04X\nPCI_SUBSYS_ID=%04X:%04X\nPCI_SLOT_NAME=%s\n",
		m->vendor_id, m->device_id, m->vendor_id, m->device_id, pci);
	snprintf(path, sizeof(path), "%s/unique_id", dir);
	ok = ok && sim_tree_file(root, path, "%016" PRIx64 "\n", device->unique_id);
	snprintf(path, sizeof(path), "%s/subsystem", dir);
	ok = ok && sim_tree_link(root, path, "../../../bus/pci");
	snprintf(path, sizeof(path), "%s/drm/renderD%u/dev", dir, minor);
	ok = ok && sim_tree_file(root, path, "226:%u\n", minor);
	snprintf(path, sizeof(path), "%s/drm/renderD%u/uevent", dir, minor);
	ok = ok && sim_tree_file(root, path, "MAJOR=226\nMINOR=%u\nDEVNAME=dri/renderD%u\nDEVTYPE=drm_minor\n", minor, minor);
	snprintf(path, sizeof(path), "%s/drm/renderD%u/device", dir, minor);
	snprintf(target, sizeof(target), "../../../%s", pci);
	ok = ok && sim_tree_link(root, path, target);
	snprintf(path, sizeof(path), "%s/drm/renderD%u/subsystem", dir, minor);
	ok = ok && sim_tree_link(root, path, "../../../../../class/drm");
	snprintf(path, sizeof(path), "sys/dev/char/226:%u", minor);
	snprintf(target, sizeof(target), "../../%s/drm/renderD%u", dir + strlen("sys/"), minor);
	ok = ok && sim_tree_link(root, path, target);
	snprintf(path, sizeof(path), "sys/class/drm/renderD%u", minor);
	ok = ok && sim_tree_link(root, path, target);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", pci);
	snprintf(target, sizeof(target), "../../../%s", dir + strlen("sys/"));
	ok = ok && sim_tree_link(root, path, target);
	snprintf(path, sizeof(path), "dev/dri/renderD%u", minor);
	return ok && sim_tree_file(root, path, "%s", "");
}

bool sim_topology_build(struct sim_driver *driver, const char *root)
{
	bool ok = write_kfd(driver, root) && sim_tree_file(root, "dev/kfd", "%s", "") &&
		sim_tree_file(root, "sys/module/amdgpu/initstate", "live\n") && sim_tree_file(root, "sys/module/amdgpu/refcnt", "1\n");
	for (unsigned i = 0; i < driver->n_devices && ok; i++)
		ok = write_pci(&driver->devices[i], root);
	if (ok)
		driver->sysfs = strdup(root);
	return ok && driver->sysfs;
}

static void remove_numbered(const char *root, const char *path, unsigned number)
{
	char full[PATH_BYTES];
	snprintf(full, sizeof(full), "%s%u", path, number);
	sim_tree_remove(root, full);
}

void sim_topology_device_removed(struct sim_driver *driver, const struct sim_device *device)
{
	const char *root = driver->sysfs;
	char pci[32], path[PATH_BYTES];
	unsigned removed = 0, minor = device->drm_render_minor;
	if (!root)
		return;
	for (unsigned i = 0; i < driver->n_devices; i++)
		removed += driver->devices[i].removed;
	sim_tree_file(root, TOPOLOGY_DIR "/generation_id", "%u\n", 1 + driver->n_devices + removed);
	sim_topology_pci_name(device, pci, sizeof(pci));
	remove_numbered(root, TOPOLOGY_DIR "/nodes/", device->node);
	remove_numbered(root, TOPOLOGY_DIR "/nodes/0/io_links/", device->node - 1);
	remove_numbered(root, "sys/dev/char/226:", minor);
	remove_numbered(root, "sys/class/drm/renderD", minor);
	remove_numbered(root, "dev/dri/renderD", minor);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", pci);
	sim_tree_remove(root, path);
	snprintf(path, sizeof(path), "sys/devices/pci%04x:80/%s", device->domain, pci);
	sim_tree_remove(root, path);
}

size_t sim_topology_prefixes(const struct sim_driver *driver, char *buf, size_t n)
{
	static const char *const fixed[] = { "/dev/dri", "/sys/class/kfd", "/sys/devices/virtual/kfd", "/sys/class/drm", "/sys/module/amdgpu" };
	size_t used = 0;
	int k = 0;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]) && used < n; i++, used += (size_t)k + 1)
		k = snprintf(buf + used, n - used, "%s", fixed[i]);
	for (unsigned i = 0; i < driver->n_devices && used < n; i++) {
		char pci[32];
		const struct sim_device *device = &driver->devices[i];
		sim_topology_pci_name(device, pci, sizeof(pci));
		k = snprintf(buf + used, n - used, "/sys/dev/char/226:%u%c/sys/devices/pci%04x:80/%s%c/sys/bus/pci/devices/%s",
			     device->drm_render_minor, 0, device->domain, pci, 0, pci);
		used += (size_t)k + 1;
	}
	if (used >= n)
		return 0;
	buf[used++] = 0;
	return used;
}

/* ------------------------------------------------------------------ the per-process directory */

static void process_path(const struct sim_process *process, char *buf, size_t n, const char *rest)
{
	snprintf(buf, n, KFD_DIR "/proc/%d%s", (int)process->pid, rest);
}

static void write_number(const struct sim_process *process, const char *rest, uint64_t value, const char *end)
{
	char path[PATH_BYTES];
	process_path(process, path, sizeof(path), rest);
	sim_tree_file(process->driver->sysfs, path, "%" PRIu64 "%s", value, end);
}

/* Kernel's internal number of a queue type: compute 0, SDMA 1, XGMI SDMA 4. */
static unsigned internal_type(const struct sim_queue *q)
{
	return q->type == SIM_QUEUE_SDMA ? 1 : q->type == SIM_QUEUE_SDMA_XGMI ? 4 : 0;
}

static void refresh_queues(const struct sim_process *process)
{
	char path[PATH_BYTES], rest[64];
	process_path(process, path, sizeof(path), "/queues");
	sim_tree_remove(process->driver->sysfs, path);
	sim_tree_dir(process->driver->sysfs, path);
	for (const struct sim_queue *q = process->queues; q; q = q->next_in_process) {
		snprintf(rest, sizeof(rest), "/queues/%u/size", q->id);
		write_number(process, rest, q->ring_bytes, "");
		snprintf(rest, sizeof(rest), "/queues/%u/type", q->id);
		write_number(process, rest, internal_type(q), "");
		snprintf(rest, sizeof(rest), "/queues/%u/gpuid", q->id);
		write_number(process, rest, q->pdd->device->gpu_id, "");
	}
}

static void refresh(const struct sim_process *process)
{
	const struct sim_driver *driver = process->driver;
	static const char *const counters[] = { "faults", "page_in", "page_out" };
	char rest[64];
	write_number(process, "/pasid", process->pasid, "\n");
	for (unsigned i = 0; i < process->n_pdds; i++) {
		uint32_t id = process->pdds[i].device->gpu_id;
		snprintf(rest, sizeof(rest), "/vram_%u", id);
		write_number(process, rest, sim_process_vram(process, &driver->devices[i]), "\n");
		snprintf(rest, sizeof(rest), "/sdma_%u", id);
		write_number(process, rest, 0, "\n");
		snprintf(rest, sizeof(rest), "/stats_%u/evicted_ms", id);
		write_number(process, rest, 0, "\n");
		snprintf(rest, sizeof(rest), "/stats_%u/cu_occupancy", id);
		write_number(process, rest, 0, "\n");
		for (size_t k = 0; k < sizeof(counters) / sizeof(counters[0]); k++) {
			snprintf(rest, sizeof(rest), "/counters_%u/%s", id, counters[k]);
			write_number(process, rest, 0, "\n");
		}
	}
	refresh_queues(process);
}

void sim_topology_process_added(struct sim_process *process)
{
	if (process->driver->sysfs)
		refresh(process);
}

void sim_topology_process_removed(struct sim_process *process)
{
	char path[PATH_BYTES];
	if (!process->driver->sysfs)
		return;
	process_path(process, path, sizeof(path), "");
	sim_tree_remove(process->driver->sysfs, path);
}

void sim_topology_opened(struct sim_driver *driver, const char *path)
{
	const char *p = strstr(path, "/topology/nodes/");
	if (p && strstr(p, "/properties")) {
		char *end;
		unsigned long node = strtoul(p + strlen("/topology/nodes/"), &end, 10);
		for (unsigned i = 0; i < driver->n_devices; i++)
			if (driver->devices[i].node == node && !strcmp(end, "/properties"))
				driver->devices[i].watch_bits_read = true;
		return;
	}
	p = strstr(path, "/kfd/proc/");
	if (!p || !driver->sysfs)
		return;
	pid_t pid = (pid_t)strtoul(p + strlen("/kfd/proc/"), NULL, 10);
	for (struct sim_process *process = driver->processes; process; process = process->next)
		if (process->pid == pid)
			refresh(process);
}
