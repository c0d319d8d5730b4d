/* System management events of a GPU: the only place where the kernel tells of resets (kfd-debug-interface.md 3.4, 6.10). */
#ifndef SRC_KERNEL_SMI_H
#define SRC_KERNEL_SMI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/base/loop.h"
#include "src/kernel/kif.h"

struct smi;
/* A reset begins or is done; text: the kernel's number of it and its cause. Borrowed. */
typedef void smi_reset_fn(void *arg, uint32_t gpu_id, bool done, const char *text);

/* Opens one descriptor per GPU and watches them on the loop. Resets are told, page faults said under --debug=kernel. A GPU that has none
 * is named there and left out; DBG_UNSUPPORTED when no one could be opened. */
int smi_create(struct kif *k, struct loop *l, const uint32_t *gpu_ids, size_t n, smi_reset_fn *reset, void *arg, struct smi **out,
	struct dbg_error *err);
/* Takes what has come, now. */
void smi_pump(struct smi *s);
void smi_destroy(struct smi *s); /* takes NULL */

#endif
