#include "sim/gpu/device.h"

#include <string.h>

/* Constants of the GPU models. gfx942: an MI300X as rocr-on-a-simulator.md 4.4 and kfd-debug-interface.md 7 want it. */
static const struct sim_model models[] = {
	{
		.name = "gfx942",
		.marketing = "AMD Instinct MI300X",
		.gfx_target_version = 90402,
		.device_id = 0x74a1,
		.revision_id = 0,
		.vendor_id = 0x1002,
		.simd_per_cu = 4,
		.max_waves_per_simd = 8,
		.lds_kib = 64,
		.simd_arrays_per_engine = 1,
		.engines_per_xcc = 4,
		.vgprs_per_simd_lane = 512,
		.vgpr_bytes_per_cu = 0x80000,
		/* SVM, firmware fit for debugging, SRAM ECC, precise memory, trap debug with override and launch mode, AQL, doorbell type 2;
		 * the watch bits are added by sim_device_capability. */
		.capability = 0x2c07a000,
		.debug_prop = 0x5e7,
		.fw_version = 161,
		.sdma_fw_version = 19,
	},
};

const struct sim_model *sim_model_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (!strcmp(models[i].name, name))
			return &models[i];
	return NULL;
}
