/* libdrm_amdgpu on the simulated render node (rocr-on-a-simulator.md 2.2). */
#include <amdgpu.h>
#include <amdgpu_drm.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "testsuite/sim/probe.h"

static void test_device(int fd)
{
	amdgpu_device_handle device;
	uint32_t major, minor;
	if (amdgpu_device_initialize(fd, &major, &minor, &device)) {
		check(false, "amdgpu_device_initialize");
		return;
	}
	check(major == 3 && minor >= 50, "amdgpu_device_initialize, interface %u.%u", major, minor);
	struct amdgpu_gpu_info info;
	check(!amdgpu_query_gpu_info(device, &info) && info.asic_id == 0x74a1 && info.family_id == 141, "identity of the device");
	check(info.cu_active_number == (uint32_t)(property(NODE "/properties", "simd_count") / 4), "number of compute units as in the topology");
	struct amdgpu_heap_info heap;
	check(!amdgpu_query_heap_info(device, AMDGPU_GEM_DOMAIN_VRAM, 0, &heap) && heap.heap_size ==
	      (uint64_t)property(NODE "/mem_banks/0/properties", "size_in_bytes"), "size of the device memory as in the topology");
	uint32_t version, feature;
	check(!amdgpu_query_firmware_version(device, AMDGPU_INFO_FW_GFX_MEC, 0, 0, &version, &feature) &&
	      version == (uint32_t)property(NODE "/properties", "fw_version"), "firmware version as in the topology");
	uint32_t lost = 1;
	check(!amdgpu_query_info(device, AMDGPU_INFO_VRAM_LOST_COUNTER, sizeof(lost), &lost) && lost == 0, "reset counter");
	check(amdgpu_query_info(device, 0x7777, sizeof(lost), &lost) == -EINVAL, "an unknown query: EINVAL");
	amdgpu_device_deinitialize(device);
}

static void test_bus(int fd)
{
	drmDevicePtr device;
	if (drmGetDevice2(fd, 0, &device)) {
		check(false, "drmGetDevice2");
		return;
	}
	check(device->bustype == DRM_BUS_PCI && device->deviceinfo.pci->vendor_id == 0x1002 && device->deviceinfo.pci->device_id == 0x74a1,
	      "a PCI device of AMD");
	long long location = property(NODE "/properties", "location_id");
	check(device->businfo.pci->bus == location >> 8 && device->businfo.pci->dev == (location >> 3 & 0x1f), "at the topology's location");
	check(!strcmp(device->nodes[DRM_NODE_RENDER], "/dev/dri/renderD128"), "with its render node");
	drmFreeDevice(&device);
}

void test_drm(void)
{
	int fd = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
	drmVersionPtr version = drmGetVersion(fd);
	check(version && !strcmp(version->name, "amdgpu") && version->version_major == 3, "drmGetVersion");
	drmFreeVersion(version);
	check(drmGetNodeTypeFromFd(fd) == DRM_NODE_RENDER, "a render node");
	test_device(fd);
	test_bus(fd);
	close(fd);
}
