/* The live backend with other places than the usual ones, for tests. */
#ifndef SRC_KERNEL_KIF_KFD_H
#define SRC_KERNEL_KIF_KFD_H

#include "src/kernel/kif.h"

struct kif_kfd_paths {
	const char *device;   /* "/dev/kfd" */
	const char *topology; /* SYSFS_TOPOLOGY; borrowed as long as the backend lives */
};
int kif_kfd_open_at(pid_t pid, const struct kif_kfd_paths *paths, struct kif **out, struct dbg_error *err);

#endif
