/* The render node: as much of DRM and of amdgpu's INFO ioctl as libdrm_amdgpu asks when it opens a device, and what tools ask of it
 * (rocr-on-a-simulator.md 2.2). Buffers and command submission go through /dev/kfd here: those ioctls are refused. */
#ifndef SIM_DRIVER_RENDER_H
#define SIM_DRIVER_RENDER_H

#include "sim/driver/driver.h"

/* Kernel size of the argument of a DRM ioctl number, 0 unknown. */
size_t sim_render_ioctl_size(unsigned nr);
bool sim_render_copies_out(unsigned nr);
/* Runs call->nr on the render node of the device. call->process may be NULL: a render node needs no KFD process. */
int sim_render_ioctl(struct sim_call *call, struct sim_device *device);

#endif
