/* Descriptors of SMI_EVENTS: text lines for those who subscribed (kfd-debug-interface.md 6.10). */
#ifndef SIM_DRIVER_SMI_H
#define SIM_DRIVER_SMI_H

#include "sim/driver/state.h"

void sim_smi_close_all(struct sim_driver *driver);

#endif
