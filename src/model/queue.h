/* Queues: snapshots, suspend and resume of all of them by one ioctl, and the walk over their save areas. */
#ifndef SRC_MODEL_QUEUE_H
#define SRC_MODEL_QUEUE_H

#include "src/model/model.h"

/* Learns new queues (which makes them suspendable) and forgets those that are gone. */
int queue_snapshot(struct dbg_process *p, struct dbg_error *err);
/* Suspends every known queue that is not, in one call, and reads and walks those. A queue the kernel refuses is left running with a warning. */
int queue_suspend_all(struct dbg_process *p, struct dbg_error *err);
/* Resumes every suspended queue in one call; images are void afterwards. `only`: all others stay suspended; NULL: all. */
int queue_resume_all(struct dbg_process *p, struct dbg_error *err);
bool queue_any_running(const struct dbg_process *p);
/* Writes edited waves back. The first failure is returned, the rest is still tried. */
int queue_write_back(struct dbg_process *p, struct dbg_error *err);
void queue_forget_all(struct dbg_process *p);
struct dbg_queue *queue_by_id(const struct dbg_process *p, uint32_t id);
const struct dbg_agent *agent_by_gpu(const struct dbg_process *p, uint32_t gpu_id);

#endif
