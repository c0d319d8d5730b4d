/* The dispatcher of /dev/kfd (kfd-debug-interface.md 1.2, 1.3). */
#include "sim/driver/ioctl.h"

#include <errno.h>
#include <string.h>

#include "sim/driver/abi.h"
#include "sim/driver/handlers.h"
#include "sim/driver/state.h"

struct row {
	const char *name;
	uint16_t size;
	bool out; /* the argument is copied back to the caller */
	int (*handler)(struct sim_call *call);
};

static const struct row rows[SIM_NR_END] = {
	[SIM_NR_GET_VERSION] = { "GET_VERSION", 8, true, sim_ioctl_get_version },
	[SIM_NR_CREATE_QUEUE] = { "CREATE_QUEUE", 96, true, sim_ioctl_create_queue },
	[SIM_NR_DESTROY_QUEUE] = { "DESTROY_QUEUE", 8, true, sim_ioctl_destroy_queue },
	[SIM_NR_SET_MEMORY_POLICY] = { "SET_MEMORY_POLICY", 32, false, sim_ioctl_set_memory_policy },
	[SIM_NR_GET_CLOCK_COUNTERS] = { "GET_CLOCK_COUNTERS", 40, true, sim_ioctl_get_clock_counters },
	[SIM_NR_GET_PROCESS_APERTURES] = { "GET_PROCESS_APERTURES", 400, true, sim_ioctl_get_process_apertures },
	[SIM_NR_UPDATE_QUEUE] = { "UPDATE_QUEUE", 24, false, sim_ioctl_update_queue },
	[SIM_NR_CREATE_EVENT] = { "CREATE_EVENT", 32, true, sim_ioctl_create_event },
	[SIM_NR_DESTROY_EVENT] = { "DESTROY_EVENT", 8, false, sim_ioctl_destroy_event },
	[SIM_NR_SET_EVENT] = { "SET_EVENT", 8, false, sim_ioctl_set_event },
	[SIM_NR_RESET_EVENT] = { "RESET_EVENT", 8, false, sim_ioctl_reset_event },
	[SIM_NR_WAIT_EVENTS] = { "WAIT_EVENTS", 24, true, sim_ioctl_wait_events },
	[SIM_NR_DBG_REGISTER] = { "DBG_REGISTER_DEPRECATED", 8, false, sim_ioctl_dbg_deprecated },
	[SIM_NR_DBG_UNREGISTER] = { "DBG_UNREGISTER_DEPRECATED", 8, false, sim_ioctl_dbg_deprecated },
	[SIM_NR_DBG_ADDRESS_WATCH] = { "DBG_ADDRESS_WATCH_DEPRECATED", 16, false, sim_ioctl_dbg_deprecated },
	[SIM_NR_DBG_WAVE_CONTROL] = { "DBG_WAVE_CONTROL_DEPRECATED", 16, false, sim_ioctl_dbg_deprecated },
	[SIM_NR_SET_SCRATCH_BACKING_VA] = { "SET_SCRATCH_BACKING_VA", 16, true, sim_ioctl_set_scratch_backing_va },
	[SIM_NR_GET_TILE_CONFIG] = { "GET_TILE_CONFIG", 40, true, sim_ioctl_get_tile_config },
	[SIM_NR_SET_TRAP_HANDLER] = { "SET_TRAP_HANDLER", 24, false, sim_ioctl_set_trap_handler },
	[SIM_NR_GET_PROCESS_APERTURES_NEW] = { "GET_PROCESS_APERTURES_NEW", 16, true, sim_ioctl_get_process_apertures_new },
	[SIM_NR_ACQUIRE_VM] = { "ACQUIRE_VM", 8, false, sim_ioctl_acquire_vm },
	[SIM_NR_ALLOC_MEMORY_OF_GPU] = { "ALLOC_MEMORY_OF_GPU", 40, true, sim_ioctl_alloc_memory_of_gpu },
	[SIM_NR_FREE_MEMORY_OF_GPU] = { "FREE_MEMORY_OF_GPU", 8, false, sim_ioctl_free_memory_of_gpu },
	[SIM_NR_MAP_MEMORY_TO_GPU] = { "MAP_MEMORY_TO_GPU", 24, true, sim_ioctl_map_memory_to_gpu },
	[SIM_NR_UNMAP_MEMORY_FROM_GPU] = { "UNMAP_MEMORY_FROM_GPU", 24, true, sim_ioctl_unmap_memory_from_gpu },
	[SIM_NR_SET_CU_MASK] = { "SET_CU_MASK", 16, false, sim_ioctl_set_cu_mask },
	[SIM_NR_GET_QUEUE_WAVE_STATE] = { "GET_QUEUE_WAVE_STATE", 24, true, sim_ioctl_get_queue_wave_state },
	[SIM_NR_GET_DMABUF_INFO] = { "GET_DMABUF_INFO", 32, true, sim_ioctl_get_dmabuf_info },
	[SIM_NR_IMPORT_DMABUF] = { "IMPORT_DMABUF", 24, true, sim_ioctl_import_dmabuf },
	[SIM_NR_ALLOC_QUEUE_GWS] = { "ALLOC_QUEUE_GWS", 16, true, sim_ioctl_alloc_queue_gws },
	[SIM_NR_SMI_EVENTS] = { "SMI_EVENTS", 8, true, sim_ioctl_smi_events },
	[SIM_NR_SVM] = { "SVM", 24, true, sim_ioctl_svm },
	[SIM_NR_SET_XNACK_MODE] = { "SET_XNACK_MODE", 4, true, sim_ioctl_set_xnack_mode },
	[SIM_NR_CRIU_OP] = { "CRIU_OP", 56, true, sim_ioctl_criu_op },
	[SIM_NR_AVAILABLE_MEMORY] = { "AVAILABLE_MEMORY", 16, true, sim_ioctl_available_memory },
	[SIM_NR_EXPORT_DMABUF] = { "EXPORT_DMABUF", 16, true, sim_ioctl_export_dmabuf },
	[SIM_NR_RUNTIME_ENABLE] = { "RUNTIME_ENABLE", 16, true, sim_ioctl_runtime_enable },
	[SIM_NR_DBG_TRAP] = { "DBG_TRAP", 32, true, sim_ioctl_dbg_trap },
};

size_t sim_ioctl_size(unsigned nr)
{
	return nr < SIM_NR_END ? rows[nr].size : 0;
}

bool sim_ioctl_copies_out(unsigned nr)
{
	return nr < SIM_NR_END && rows[nr].out;
}

const char *sim_ioctl_name(unsigned nr)
{
	return nr < SIM_NR_END && rows[nr].name ? rows[nr].name : "";
}

int sim_driver_ioctl(struct sim_call *call)
{
	const struct row *row = call->nr < SIM_NR_END ? &rows[call->nr] : NULL;
	if (!row || !row->handler)
		return -ENOTTY;
	if (!call->process || !call->process->opened)
		return -EBADF; /* a descriptor inherited from, or handed over by, the process that opened it */
	if (call->arg_size < row->size)
		return -EFAULT;
	int error = sim_inject_error(call, row->name);
	return error ? error : row->handler(call);
}

void sim_call_finish(struct sim_call *call, int result)
{
	call->cancel = NULL;
	call->driver->finish(call, result);
}
