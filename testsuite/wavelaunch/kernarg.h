/* The argument block of a launch, laid out by the kernel's metadata, hidden arguments included. */
#ifndef TESTSUITE_WAVELAUNCH_KERNARG_H
#define TESTSUITE_WAVELAUNCH_KERNARG_H

#include "testsuite/wavelaunch/codeobj.h"
#include "testsuite/wavelaunch/options.h"

/* What hidden arguments are computed from. */
struct wl_launch {
	uint32_t grid[3], group[3];
	unsigned dims;
	uint32_t lds_bytes;      /* static and dynamic, of one group */
	uint32_t dynamic_lds;
	uint32_t private_bytes;  /* of one work-item */
	uint32_t lds_aperture_high, private_aperture_high;
	uint64_t queue;          /* address of the queue structure */
};

/* Checks the given arguments against the kernel's, one by one. Class WL_USAGE. */
int wl_kernarg_check(const struct wl_kernel *k, const struct wl_value *values, unsigned n, struct wl_err *err);
/* Grid and group against what the kernel asks for. Class WL_USAGE. */
int wl_shape_check(const struct wl_kernel *k, const struct wl_options *o, struct wl_err *err);
/* Places the dynamic LDS behind the static: sets lds_bytes and dynamic_lds. */
void wl_kernarg_lds(const struct wl_kernel *k, const struct wl_value *values, struct wl_launch *launch);
/* Private bytes of one work-item for the packet: --private when given, else the descriptor's, at least 16 KiB when it has any. */
uint32_t wl_private_bytes(const struct wl_kernel *k, const struct wl_options *o);
/* Writes k->kernarg_bytes at `block`. `contents[i]` is the address of argument i's buffer, or its bytes in host memory when it is passed by
 * value (WL_VALUE_BYTES); other kinds do not use it. */
int wl_kernarg_build(const struct wl_kernel *k, const struct wl_value *values, void *const contents[], const struct wl_launch *launch,
		     uint8_t *block, struct wl_err *err);

#endif
