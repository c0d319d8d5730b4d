/* Identity of a GPU by libdrm_amdgpu: what the topology does not say. */
#ifndef SRC_DRM_H
#define SRC_DRM_H

#include <stddef.h>
#include <stdint.h>

#include "src/err.h"

struct drm_identity {
	char marketing_name[64]; /* "" when the library's list does not have the device */
	uint32_t device_id, revision_id, family_id;
};

/* Asks /dev/dri/renderD<minor>. DBG_UNSUPPORTED when the node is not there, not ours to open or not an amdgpu one; callers go on without. */
int drm_identify(int render_minor, struct drm_identity *out, struct dbg_error *err);

#endif
