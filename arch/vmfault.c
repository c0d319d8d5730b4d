/* The register in which the memory hub tells why it refused an access: VM_L2_PROTECTION_FAULT_STATUS. The fields lie in the same places on every
 * family from gfx9 on. */
#include "arch/arch.h"

enum {
	PERMISSION_SHIFT = 4, /* which bits of the page's entry were against it */
	PERMISSION_VALID = 1, PERMISSION_READ = 2, PERMISSION_WRITE = 4, PERMISSION_EXECUTE = 8,
	MAPPING_ERROR = 1 << 8,
	RW_SHIFT = 18,
};

bool gfx_vm_fault_parse(uint32_t status, struct gfx_vm_fault *out)
{
	if (!status)
		return false;
	uint32_t permission = status >> PERMISSION_SHIFT;
	*out = (struct gfx_vm_fault){
		.not_present = permission & PERMISSION_VALID || status & MAPPING_ERROR,
		.no_read = permission & PERMISSION_READ,
		.no_write = permission & PERMISSION_WRITE,
		.no_execute = permission & PERMISSION_EXECUTE,
		.write = status >> RW_SHIFT & 1,
	};
	return true;
}
