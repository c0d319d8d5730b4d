/* The generated files that stand for /sys and /dev of a machine with the simulated GPUs: the topology (kfd-debug-interface.md 7,
 * rocr-on-a-simulator.md 2.1, 2.2), the per-process directory, and what libdrm wants of a PCI device. */
#ifndef SIM_DRIVER_TOPOLOGY_H
#define SIM_DRIVER_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/driver/state.h"

/* Writes the tree below `root` (an existing directory that plays "/") and remembers it. False with errno set. */
bool sim_topology_build(struct sim_driver *driver, const char *root);
/* Absolute paths that stand for themselves and all below them in the tree, one after the other, each NUL-terminated, an empty one at the
 * end. Answers the bytes used, 0 when `n` is too small. */
size_t sim_topology_prefixes(const struct sim_driver *driver, char *buf, size_t n);
/* Somebody opens this file or directory of the tree (absolute path as on a real machine): brings it up to date first. */
void sim_topology_opened(struct sim_driver *driver, const char *path);
/* The device has left the machine: its node, its PCI device and render node go, the generation rises. */
void sim_topology_device_removed(struct sim_driver *driver, const struct sim_device *device);
void sim_topology_process_added(struct sim_process *process);
void sim_topology_process_removed(struct sim_process *process);
/* "0000:83:00.0" */
void sim_topology_pci_name(const struct sim_device *device, char *buf, size_t n);

#endif
