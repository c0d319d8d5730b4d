/* Sparse files behind the device nodes, and the space in them. Programs map them like the nodes they stand for; the simulator maps the same
 * pages, so that device memory and doorbells are truly shared (rocr-on-a-simulator.md 4.1). */
#ifndef SIM_DRIVER_BACKING_H
#define SIM_DRIVER_BACKING_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/driver/state.h"

/* Makes the file; space is handed out from `first` to `bytes`. False with errno set. */
bool sim_backing_init(struct sim_backing *backing, const char *name, uint64_t first, uint64_t bytes);
void sim_backing_deinit(struct sim_backing *backing);
/* Takes `bytes` (a multiple of the page size) of zeroed space; answers the offset, 0 when there is none. */
uint64_t sim_backing_take(struct sim_backing *backing, uint64_t bytes);
/* Gives it back; its pages are dropped. */
void sim_backing_give(struct sim_backing *backing, uint64_t offset, uint64_t bytes);
/* Maps a part of the file into the simulator; NULL with errno set. */
void *sim_backing_map(const struct sim_backing *backing, uint64_t offset, uint64_t bytes);
/* A new open file description of the file, as open(2) of the node makes one; -1 with errno set. */
int sim_backing_open(const struct sim_backing *backing);
/* True when the descriptor is one of this file. */
bool sim_backing_is(const struct sim_backing *backing, int fd);

/* True unless the two descriptors are known to come from different opens (the system may refuse to tell). */
bool sim_same_open_file(int a, int b);

#endif
