/* The table of ioctls as the transport needs it. */
#ifndef SIM_DRIVER_IOCTL_H
#define SIM_DRIVER_IOCTL_H

#include <stdbool.h>
#include <stddef.h>

/* Kernel size of the argument structure, 0 for an unknown number. */
size_t sim_ioctl_size(unsigned nr);
/* True when the argument is copied back to the caller, which happens on failure too. */
bool sim_ioctl_copies_out(unsigned nr);
const char *sim_ioctl_name(unsigned nr); /* static; "" for an unknown number */

#endif
