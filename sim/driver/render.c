#include "sim/driver/render.h"

#include <amdgpu_drm.h>
#include <drm.h>
#include <errno.h>
#include <string.h>

#include "sim/driver/backing.h"
#include "sim/driver/memory.h"
#include "sim/driver/topology.h"
#include "sim/gpu/device.h"

enum {
	NR_VERSION = 0x00,
	NR_GET_UNIQUE = 0x01,
	NR_GET_CAP = 0x0c,
	NR_AMDGPU_INFO = DRM_COMMAND_BASE + DRM_AMDGPU_INFO,
};
enum {
	DRM_MAJOR_AMDGPU = 3,
	DRM_MINOR_AMDGPU = 59,
	FAMILY_AI = 141,
	GPU_COUNTER_KHZ = 100000,
	GPU_CLOCK_KHZ = 2100000,
	MEMORY_CLOCK_KHZ = 1300000,
	VRAM_WIDTH_BITS = 8192,
	PAGE = 4096,
	COMPUTE_RINGS = 0xff,
};
#define HOLE_START 0x0000800000000000ull /* of the GPU's address space */
#define HOLE_END 0xffff800000000000ull
#define GTT_BYTES (64ull << 30)

static int put(const struct sim_call *call, uint64_t addr, const void *data, size_t n)
{
	return sim_user_write(call->pid, addr, data, n) ? 0 : -EFAULT;
}

/* ------------------------------------------------------------------ generic DRM */

/* Copies as much of a string as the caller has room for, and reports its whole length. */
static int put_string(const struct sim_call *call, char *addr, __kernel_size_t *len, const char *text)
{
	size_t n = strlen(text);
	int err = put(call, (uintptr_t)addr, text, n < *len ? n : *len);
	*len = n;
	return err;
}

static int version(struct sim_call *call)
{
	struct drm_version v;
	memcpy(&v, call->arg, sizeof(v));
	v.version_major = DRM_MAJOR_AMDGPU;
	v.version_minor = DRM_MINOR_AMDGPU;
	v.version_patchlevel = 0;
	int err = put_string(call, v.name, &v.name_len, "amdgpu");
	if (!err)
		err = put_string(call, v.date, &v.date_len, "20150101");
	if (!err)
		err = put_string(call, v.desc, &v.desc_len, "AMD GPU");
	memcpy(call->arg, &v, sizeof(v));
	return err;
}

static int get_unique(struct sim_call *call, const struct sim_device *device)
{
	struct drm_unique u;
	char name[32];
	memcpy(&u, call->arg, sizeof(u));
	sim_topology_pci_name(device, name, sizeof(name));
	int err = 0;
	if (u.unique_len >= strlen(name))
		err = put(call, (uintptr_t)u.unique, name, strlen(name));
	u.unique_len = strlen(name);
	memcpy(call->arg, &u, sizeof(u));
	return err;
}

static int get_cap(struct sim_call *call)
{
	struct drm_get_cap cap;
	memcpy(&cap, call->arg, sizeof(cap));
	switch (cap.capability) {
	case DRM_CAP_TIMESTAMP_MONOTONIC:
		cap.value = 1;
		break;
	case DRM_CAP_PRIME: /* no dma-bufs */
	case DRM_CAP_SYNCOBJ:
	case DRM_CAP_SYNCOBJ_TIMELINE:
		cap.value = 0;
		break;
	default:
		return -EINVAL;
	}
	memcpy(call->arg, &cap, sizeof(cap));
	return 0;
}

/* ------------------------------------------------------------------ amdgpu INFO */

static struct drm_amdgpu_info_device device_info(const struct sim_device *device)
{
	const struct sim_model *m = device->model;
	struct drm_amdgpu_info_device info = {
		.device_id = m->device_id,
		.chip_rev = 0,
		.external_rev = 0x46,
		.pci_rev = m->revision_id,
		.family = FAMILY_AI,
		.num_shader_engines = m->engines_per_xcc * device->xccs,
		.num_shader_arrays_per_engine = m->simd_arrays_per_engine,
		.gpu_counter_freq = GPU_COUNTER_KHZ,
		.max_engine_clock = GPU_CLOCK_KHZ,
		.max_memory_clock = MEMORY_CLOCK_KHZ,
		.cu_active_number = device->cus,
		.num_hw_gfx_contexts = 8,
		.virtual_address_offset = 1 << 21,
		.virtual_address_max = HOLE_START,
		.virtual_address_alignment = PAGE,
		.pte_fragment_size = 1 << 21,
		.gart_page_size = PAGE,
		.vram_type = AMDGPU_VRAM_TYPE_HBM,
		.vram_bit_width = VRAM_WIDTH_BITS,
		.wave_front_size = 64,
		.num_shader_visible_vgprs = 256,
		.num_cu_per_sh = device->cus / device->xccs / (m->engines_per_xcc * m->simd_arrays_per_engine),
		.num_tcc_blocks = 16,
		.high_va_offset = HOLE_END,
		.high_va_max = UINT64_MAX - (1 << 21) + 1,
	};
	/* Units of one XCC, dealt to the engines in turn. */
	for (unsigned cu = 0; cu < device->cus / device->xccs; cu++)
		info.cu_bitmap[cu % m->engines_per_xcc % 4][0] |= 1u << cu / m->engines_per_xcc % 32;
	return info;
}

static int firmware(const struct sim_device *device, const struct drm_amdgpu_info *query, struct drm_amdgpu_info_firmware *fw)
{
	switch (query->query_fw.fw_type) {
	case AMDGPU_INFO_FW_GFX_MEC:
		fw->ver = device->model->fw_version;
		fw->feature = 55;
		return 0;
	case AMDGPU_INFO_FW_SDMA:
		fw->ver = device->model->sdma_fw_version;
		return 0;
	case AMDGPU_INFO_FW_GFX_ME:
	case AMDGPU_INFO_FW_GFX_PFP:
	case AMDGPU_INFO_FW_GFX_CE:
	case AMDGPU_INFO_FW_GFX_RLC:
	case AMDGPU_INFO_FW_GMC:
		return 0; /* not present on this device: version 0 */
	}
	return -EINVAL;
}

/* Heaps and their use. */
static struct drm_amdgpu_memory_info memory_info(const struct sim_device *device, uint64_t used)
{
	const struct drm_amdgpu_heap_info vram = { device->vram_bytes, device->vram_bytes, used, device->vram_bytes };
	const struct drm_amdgpu_heap_info gtt = { GTT_BYTES, GTT_BYTES, 0, GTT_BYTES };
	return (struct drm_amdgpu_memory_info){ .vram = vram, .cpu_accessible_vram = vram, .gtt = gtt };
}

/* Newer than the packaged headers. */
enum { INFO_GPUVM_FAULT = 0x23 };
struct info_vm_fault {
	uint64_t addr;
	uint32_t status, hub; /* hub 0: graphics */
};

/* The fault belongs to the memory of the open file that is asked, which is a process's when that has bound it by ACQUIRE_VM; others may hold
 * duplicates of it. */
static struct info_vm_fault vm_fault(const struct sim_call *call, const struct sim_device *device)
{
	struct info_vm_fault fault = { 0, 0, 0 };
	for (struct sim_process *p = sim_process_first(call->driver); p && call->fd_in >= 0; p = p->next) {
		const struct sim_pdd *pdd = sim_process_pdd(p, device->gpu_id);
		if (pdd && pdd->vm_acquired && sim_same_open_file(pdd->drm_fd, call->fd_in)) {
			fault.addr = pdd->last_fault_addr;
			fault.status = pdd->last_fault_status;
		}
	}
	return fault;
}

union info_data {
	struct info_vm_fault fault;
	uint32_t u32;
	uint64_t u64;
	struct drm_amdgpu_info_device device;
	struct drm_amdgpu_info_firmware fw;
	struct drm_amdgpu_memory_info memory;
	struct drm_amdgpu_info_vram_gtt vram_gtt;
	struct drm_amdgpu_info_hw_ip ip;
};

/* Fills `data`; answers the size of the answer or -errno. */
static long fill(const struct sim_call *call, const struct sim_device *device, const struct drm_amdgpu_info *query, union info_data *data)
{
	uint64_t used = call->driver->vram_used[sim_memory_device_index(call->driver, device)];
	int err;
	switch (query->query) {
	case AMDGPU_INFO_ACCEL_WORKING:
		data->u32 = 1;
		return sizeof(data->u32);
	case AMDGPU_INFO_DEV_INFO:
		data->device = device_info(device);
		return sizeof(data->device);
	case AMDGPU_INFO_FW_VERSION:
		err = firmware(device, query, &data->fw);
		return err ? err : (long)sizeof(data->fw);
	case AMDGPU_INFO_MEMORY:
		data->memory = memory_info(device, used);
		return sizeof(data->memory);
	case AMDGPU_INFO_VRAM_GTT:
		data->vram_gtt = (struct drm_amdgpu_info_vram_gtt){ device->vram_bytes, device->vram_bytes, GTT_BYTES };
		return sizeof(data->vram_gtt);
	case AMDGPU_INFO_VRAM_USAGE:
	case AMDGPU_INFO_VIS_VRAM_USAGE:
		data->u64 = used;
		return sizeof(data->u64);
	case AMDGPU_INFO_GTT_USAGE:
	case AMDGPU_INFO_NUM_BYTES_MOVED:
	case AMDGPU_INFO_NUM_EVICTIONS:
	case AMDGPU_INFO_NUM_VRAM_CPU_PAGE_FAULTS:
		return sizeof(data->u64);
	case AMDGPU_INFO_TIMESTAMP:
		data->u64 = sim_gpu_clock();
		return sizeof(data->u64);
	case AMDGPU_INFO_VRAM_LOST_COUNTER:
		return sizeof(data->u32);
	case AMDGPU_INFO_HW_IP_COUNT:
		data->u32 = query->query_hw_ip.type == AMDGPU_HW_IP_COMPUTE || query->query_hw_ip.type == AMDGPU_HW_IP_DMA;
		return query->query_hw_ip.type < AMDGPU_HW_IP_NUM ? (long)sizeof(data->u32) : -EINVAL;
	case AMDGPU_INFO_HW_IP_INFO:
		if (query->query_hw_ip.ip_instance || query->query_hw_ip.type >= AMDGPU_HW_IP_NUM)
			return -EINVAL;
		if (query->query_hw_ip.type == AMDGPU_HW_IP_COMPUTE)
			data->ip = (struct drm_amdgpu_info_hw_ip){ .hw_ip_version_major = device->model->gfx_target_version / 10000,
				.hw_ip_version_minor = device->model->gfx_target_version / 100 % 100, .ib_start_alignment = 32,
				.ib_size_alignment = 32, .available_rings = COMPUTE_RINGS };
		return sizeof(data->ip);
	case INFO_GPUVM_FAULT:
		data->fault = vm_fault(call, device);
		return sizeof(data->fault);
	case AMDGPU_INFO_READ_MMR_REG:
		return query->read_mmr_reg.count == 1 ? (long)sizeof(data->u32) : -EINVAL; /* reads as zero */
	}
	return -EINVAL;
}

static int info(struct sim_call *call, const struct sim_device *device)
{
	struct drm_amdgpu_info query;
	union info_data data;
	memcpy(&query, call->arg, sizeof(query));
	if (!query.return_size || !query.return_pointer)
		return -EINVAL;
	memset(&data, 0, sizeof(data));
	long n = fill(call, device, &query, &data);
	if (n < 0)
		return (int)n;
	return put(call, query.return_pointer, &data, (size_t)n < query.return_size ? (size_t)n : query.return_size);
}

/* ------------------------------------------------------------------ the table */

size_t sim_render_ioctl_size(unsigned nr)
{
	switch (nr) {
	case NR_VERSION: return sizeof(struct drm_version);
	case NR_GET_UNIQUE: return sizeof(struct drm_unique);
	case NR_GET_CAP: return sizeof(struct drm_get_cap);
	case NR_AMDGPU_INFO: return sizeof(struct drm_amdgpu_info);
	}
	return 0;
}

bool sim_render_copies_out(unsigned nr)
{
	return nr != NR_AMDGPU_INFO;
}

int sim_render_ioctl(struct sim_call *call, struct sim_device *device)
{
	size_t size = sim_render_ioctl_size(call->nr);
	if (!size)
		return call->nr < DRM_COMMAND_BASE ? -EACCES : -EINVAL; /* not for render nodes; not simulated */
	if (call->arg_size < size)
		return -EFAULT;
	switch (call->nr) {
	case NR_VERSION: return version(call);
	case NR_GET_UNIQUE: return get_unique(call, device);
	case NR_GET_CAP: return get_cap(call);
	default: return info(call, device);
	}
}
