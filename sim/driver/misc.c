/* Version, apertures, virtual memory, clocks, and the other small ioctls (kfd-debug-interface.md 6.1, 6.2, 6.7). */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "sim/driver/abi.h"
#include "sim/driver/backing.h"
#include "sim/driver/handlers.h"
#include "sim/driver/memory.h"
#include "sim/gpu/device.h"

int sim_ioctl_get_version(struct sim_call *call)
{
	const uint32_t version[2] = { SIM_KFD_MAJOR, SIM_KFD_MINOR };
	memcpy(call->arg, version, sizeof(version));
	return 0;
}

int sim_ioctl_dbg_deprecated(struct sim_call *call)
{
	(void)call;
	return -EPERM;
}

/* Checkpointing is not simulated; the answer is that of a caller without the capability it needs. */
int sim_ioctl_criu_op(struct sim_call *call)
{
	(void)call;
	return -EACCES;
}

/* The caller's part on a device that it has bound: 0, unknown -EINVAL, not bound `unbound`. */
static int bound_pdd(struct sim_call *call, uint32_t gpu_id, int unbound, struct sim_pdd **pdd)
{
	*pdd = sim_process_pdd(call->process, gpu_id);
	if (!*pdd)
		return -EINVAL;
	return (*pdd)->vm_acquired ? 0 : unbound;
}

int sim_ioctl_set_memory_policy(struct sim_call *call)
{
	struct sim_arg_memory_policy arg;
	struct sim_pdd *pdd;
	memcpy(&arg, call->arg, sizeof(arg));
	if (arg.default_policy > 1 || arg.alternate_policy > 1)
		return -EINVAL;
	return bound_pdd(call, arg.gpu_id, -ESRCH, &pdd);
}

int sim_ioctl_get_clock_counters(struct sim_call *call)
{
	struct sim_arg_clocks arg;
	struct timespec now;
	memcpy(&arg, call->arg, sizeof(arg));
	arg.gpu = sim_process_pdd(call->process, arg.gpu_id) ? sim_gpu_clock() : 0;
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	arg.cpu = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	clock_gettime(CLOCK_BOOTTIME, &now);
	arg.system = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	arg.frequency = 1000000000;
	memcpy(call->arg, &arg, sizeof(arg));
	return 0;
}

static struct sim_aperture aperture_of(const struct sim_pdd *pdd)
{
	return (struct sim_aperture){ .lds_base = SIM_LDS_BASE, .lds_limit = SIM_LDS_LIMIT, .scratch_base = SIM_SCRATCH_BASE,
		.scratch_limit = SIM_SCRATCH_LIMIT, .gpuvm_base = SIM_GPUVM_BASE, .gpuvm_limit = SIM_GPUVM_LIMIT,
		.gpu_id = pdd->device->gpu_id };
}

int sim_ioctl_get_process_apertures(struct sim_call *call)
{
	struct sim_arg_apertures arg;
	memset(&arg, 0, sizeof(arg));
	while (arg.num_of_nodes < call->process->n_pdds && arg.num_of_nodes < sizeof(arg.entry) / sizeof(arg.entry[0])) {
		arg.entry[arg.num_of_nodes] = aperture_of(&call->process->pdds[arg.num_of_nodes]);
		arg.num_of_nodes++;
	}
	memcpy(call->arg, &arg, sizeof(arg));
	return 0;
}

int sim_ioctl_get_process_apertures_new(struct sim_call *call)
{
	struct sim_arg_apertures_new arg;
	memcpy(&arg, call->arg, sizeof(arg));
	unsigned nodes = call->driver->n_devices + 1; /* with the CPU's */
	uint32_t wanted = arg.num_of_nodes;
	if (wanted > nodes)
		return -EINVAL;
	arg.num_of_nodes = call->process->n_pdds;
	if (wanted && wanted < arg.num_of_nodes)
		arg.num_of_nodes = wanted;
	for (uint32_t i = 0; wanted && i < arg.num_of_nodes; i++) {
		struct sim_aperture a = aperture_of(&call->process->pdds[i]);
		if (!sim_process_write(call->process, arg.entries + i * sizeof(a), &a, sizeof(a)))
			return -EFAULT;
	}
	memcpy(call->arg, &arg, sizeof(arg));
	return 0;
}

int sim_ioctl_set_scratch_backing_va(struct sim_call *call)
{
	struct sim_arg_scratch_va arg;
	struct sim_pdd *pdd;
	memcpy(&arg, call->arg, sizeof(arg));
	int err = bound_pdd(call, arg.gpu_id, -ESRCH, &pdd);
	if (!err)
		pdd->scratch_va = arg.va;
	return err;
}

/* gfx9 has no tiling tables to speak of: zeros, in the numbers that the driver has. */
int sim_ioctl_get_tile_config(struct sim_call *call)
{
	enum { TILE_MODES = 32, MACRO_TILE_MODES = 16 };
	static const uint32_t zeros[TILE_MODES];
	struct sim_arg_tile_config arg;
	memcpy(&arg, call->arg, sizeof(arg));
	if (!sim_process_pdd(call->process, arg.gpu_id))
		return -EINVAL;
	arg.gb_addr_config = 0x2a114042;
	arg.num_banks = 16;
	arg.num_ranks = 1;
	if (arg.num_tile_configs > TILE_MODES)
		arg.num_tile_configs = TILE_MODES;
	if (arg.num_macro_tile_configs > MACRO_TILE_MODES)
		arg.num_macro_tile_configs = MACRO_TILE_MODES;
	bool ok = sim_process_write(call->process, arg.tile_config, zeros, arg.num_tile_configs * sizeof(zeros[0])) &&
		sim_process_write(call->process, arg.macro_tile_config, zeros, arg.num_macro_tile_configs * sizeof(zeros[0]));
	memcpy(call->arg, &arg, sizeof(arg));
	return ok ? 0 : -EFAULT;
}

int sim_ioctl_set_trap_handler(struct sim_call *call)
{
	struct sim_arg_trap_handler arg;
	struct sim_pdd *pdd;
	memcpy(&arg, call->arg, sizeof(arg));
	int err = bound_pdd(call, arg.gpu_id, -ESRCH, &pdd);
	if (!err) {
		pdd->tba = arg.tba;
		pdd->tma = arg.tma;
	}
	return err;
}

int sim_ioctl_acquire_vm(struct sim_call *call)
{
	struct sim_arg_acquire_vm arg;
	memcpy(&arg, call->arg, sizeof(arg));
	struct sim_pdd *pdd = sim_process_pdd(call->process, arg.gpu_id);
	if (!pdd || call->fd_in < 0)
		return -EINVAL;
	if (!sim_backing_is(&call->driver->render[sim_memory_device_index(call->driver, pdd->device)], call->fd_in))
		return -EINVAL;
	if (pdd->vm_acquired)
		return sim_same_open_file(pdd->drm_fd, call->fd_in) ? 0 : -EBUSY;
	pdd->drm_fd = call->fd_in;
	call->fd_in = -1;
	pdd->vm_acquired = true;
	return 0;
}

/* Retry faults are not simulated: a mode with them is refused as on a GPU that lacks them. */
int sim_ioctl_set_xnack_mode(struct sim_call *call)
{
	int32_t wanted;
	memcpy(&wanted, call->arg, sizeof(wanted));
	if (wanted < 0) {
		wanted = 0;
		memcpy(call->arg, &wanted, sizeof(wanted));
		return 0;
	}
	if (call->process->queues)
		return -EBUSY;
	return wanted ? -EPERM : 0;
}
