/* System management events of a GPU: the only place where the kernel tells of resets (kfd-debug-interface.md 3.4, 6.10). */
#ifndef SRC_SMI_H
#define SRC_SMI_H

#include <stddef.h>
#include <stdint.h>

#include "src/err.h"
#include "src/kif.h"
#include "src/loop.h"

struct smi;

/* One event; the text is what follows the number, NUL ended. */
typedef void smi_event_fn(void *arg, uint32_t gpu_id, unsigned event, const char *text);

/* Opens one descriptor per agent and watches them on the loop. An agent that has none is named in the log and left out; DBG_UNSUPPORTED when none
 * could be opened. fn may be NULL: events are then only logged. */
int smi_create(struct kif *k, struct loop *l, const struct kif_agent *agents, size_t n, smi_event_fn *fn, void *arg, struct smi **out,
	struct dbg_error *err);
void smi_destroy(struct smi *s); /* takes NULL; not from inside fn */

#endif
