/* Identity of a GPU by libdrm_amdgpu: what the topology does not say. */
#ifndef SRC_KERNEL_DRM_H
#define SRC_KERNEL_DRM_H

#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

#include "src/base/err.h"
#include "src/kernel/kif.h"

struct drm_identity {
	char marketing_name[64]; /* "" when the library's list does not have the device */
	uint32_t device_id, revision_id, family_id;
};

/* Asks /dev/dri/renderD<minor>. DBG_UNSUPPORTED when the node is not there, not ours to open or not an amdgpu one; callers go on without. */
int drm_identify(int render_minor, struct drm_identity *out, struct dbg_error *err);

/* The fault that the kernel remembers of process `pid`'s memory on that GPU. The memory belongs to the file that the process opened, so its own
 * descriptors are borrowed for the question (pidfd_getfd: the caller must be allowed to trace it). DBG_UNSUPPORTED when the process has no such
 * file, the system call is not there, or the driver is older than its version 3.55. */
int drm_vm_fault(pid_t pid, int render_minor, struct kif_vm_fault *out, struct dbg_error *err);

#endif
