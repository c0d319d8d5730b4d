#include "src/drm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <amdgpu.h>
#include <amdgpu_drm.h>
#include <xf86drm.h>

static bool is_amdgpu(int fd)
{
	drmVersionPtr version = drmGetVersion(fd);
	bool yes = version && version->name && strcmp(version->name, "amdgpu") == 0;
	drmFreeVersion(version);
	return yes;
}

static int ask(int fd, const char *path, struct drm_identity *out, struct dbg_error *err)
{
	uint32_t major, minor;
	amdgpu_device_handle device;
	int rc = amdgpu_device_initialize(fd, &major, &minor, &device);
	if (rc)
		return dbg_fail_errno(err, DBG_UNSUPPORTED, rc < 0 ? -rc : rc, "%s does not answer libdrm_amdgpu", path);
	struct drm_identity found = { .marketing_name = "" };
	struct amdgpu_gpu_info info;
	memset(&info, 0, sizeof info);
	if (amdgpu_query_gpu_info(device, &info) == 0) {
		found.device_id = info.asic_id;
		found.revision_id = info.pci_rev_id;
		found.family_id = info.family_id;
	}
	const char *name = amdgpu_get_marketing_name(device);
	if (name)
		snprintf(found.marketing_name, sizeof found.marketing_name, "%s", name);
	amdgpu_device_deinitialize(device);
	*out = found;
	return 0;
}

int drm_identify(int render_minor, struct drm_identity *out, struct dbg_error *err)
{
	char path[64];
	snprintf(path, sizeof path, "/dev/dri/renderD%d", render_minor);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return dbg_fail_errno(err, DBG_UNSUPPORTED, errno, "%s cannot be opened", path);
	int rc = is_amdgpu(fd) ? ask(fd, path, out, err) : dbg_fail(err, DBG_UNSUPPORTED, "%s is no amdgpu device", path);
	close(fd);
	return rc;
}
