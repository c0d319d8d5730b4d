/* Events of one process: made, signalled and waited for (kfd-debug-interface.md 6.6). */
#ifndef SIM_DRIVER_EVENTS_H
#define SIM_DRIVER_EVENTS_H

#include <stdint.h>

#include "sim/driver/process.h"

struct sim_events;
struct sim_events *sim_events_create(void);
/* All waits of the process have ended before. NULL is fine. */
void sim_events_destroy(struct sim_events *events);
/* Offset in the file behind /dev/kfd of the event page that the driver made itself; 0 when there is none. */
uint64_t sim_events_page_offset(const struct sim_process *process);

#endif
