/* System management events of a GPU: the only place where the kernel tells of resets (kfd-debug-interface.md 3.4, 6.10). */
#ifndef SRC_SMI_H
#define SRC_SMI_H

#include <stddef.h>
#include <stdint.h>

#include "src/err.h"
#include "src/kif.h"
#include "src/loop.h"

struct smi;

/* Opens one descriptor per GPU and watches them on the loop. Resets are said as warnings, page faults under --debug=kernel. A GPU that has none
 * is named there and left out; DBG_UNSUPPORTED when no one could be opened. */
int smi_create(struct kif *k, struct loop *l, const uint32_t *gpu_ids, size_t n, struct smi **out, struct dbg_error *err);
void smi_destroy(struct smi *s); /* takes NULL */

#endif
