#include "src/kernel/drm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
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

/* ------------------------------------------------------------------ faults */

/* Newer than the packaged libdrm headers; the layout is the kernel's (include/uapi/drm/amdgpu_drm.h, driver version 3.55). */
enum { INFO_GPUVM_FAULT = 0x23 };
struct info_vm_fault {
	uint64_t addr;
	uint32_t status, hub;
};
_Static_assert(sizeof(struct info_vm_fault) == 16, "layout of drm_amdgpu_info_gpuvm_fault");

static bool ask_fault(int fd, struct info_vm_fault *out)
{
	uint32_t major, minor;
	amdgpu_device_handle device;
	if (amdgpu_device_initialize(fd, &major, &minor, &device))
		return false;
	bool got = amdgpu_query_info(device, INFO_GPUVM_FAULT, sizeof *out, out) == 0;
	amdgpu_device_deinitialize(device);
	return got;
}

/* One descriptor of the process, when it is that node. True: the kernel answered. */
static bool ask_descriptor(pid_t pid, int pidfd, int number, dev_t node, struct info_vm_fault *out)
{
	char path[64];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, number);
	if (stat(path, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != node)
		return false;
	int fd = pidfd_getfd(pidfd, number, 0);
	if (fd < 0)
		return false;
	bool got = ask_fault(fd, out);
	close(fd);
	return got;
}

/* A process may have opened the node several times; the memory in which the GPU works, and faults, belongs to one of them. */
static bool ask_all(pid_t pid, int pidfd, DIR *dir, dev_t node, struct info_vm_fault *out)
{
	bool any = false;
	for (struct dirent *e; (e = readdir(dir));) {
		struct info_vm_fault fault = { 0, 0, 0 };
		if (e->d_name[0] == '.' || !ask_descriptor(pid, pidfd, atoi(e->d_name), node, &fault))
			continue;
		any = true;
		if (fault.status) {
			*out = fault;
			break;
		}
	}
	return any;
}

int drm_vm_fault(pid_t pid, int render_minor, struct kif_vm_fault *out, struct dbg_error *err)
{
	char node[64], fds[64];
	struct stat st;
	struct info_vm_fault fault = { 0, 0, 0 };
	snprintf(node, sizeof node, "/dev/dri/renderD%d", render_minor);
	snprintf(fds, sizeof fds, "/proc/%d/fd", (int)pid);
	if (stat(node, &st) < 0)
		return dbg_fail_errno(err, DBG_UNSUPPORTED, errno, "%s is not there", node);
	int pidfd = pidfd_open(pid, 0);
	if (pidfd < 0)
		return dbg_fail_errno(err, errno == ESRCH ? DBG_GONE : DBG_UNSUPPORTED, errno, "no descriptor for process %d", (int)pid);
	DIR *dir = opendir(fds);
	bool got = dir && ask_all(pid, pidfd, dir, st.st_rdev, &fault);
	if (dir)
		closedir(dir);
	close(pidfd);
	if (!got)
		return dbg_fail(err, DBG_UNSUPPORTED, "the process's descriptors of %s tell of no faults", node);
	*out = (struct kif_vm_fault){ fault.addr, fault.status, fault.hub };
	return 0;
}
