/* The kernel's events and the runtime's handshake. Facts: kfd-debug-interface 2.4, 4.5, 8, 11.1. */
#ifndef SRC_MODEL_RUNTIME_H
#define SRC_MODEL_RUNTIME_H

#include "src/model/model.h"

/* ENABLE, device snapshot and, when the runtime is already up, its set-up. */
int runtime_open(struct dbg_process *p, struct dbg_error *err);
/* Takes all pending events. *look: waves may have stopped. */
int runtime_pump(struct dbg_process *p, bool *look, struct dbg_error *err);
/* Reads the device snapshot anew; the queues' agents follow. */
int runtime_read_agents(struct dbg_process *p, struct dbg_error *err);
/* Clears exceptions of every device. */
int runtime_clear_device(struct dbg_process *p, uint64_t mask, struct dbg_error *err);
/* Nothing of the GPU is there any more: waves, queues, code, breakpoints and watch registers are forgotten without a word to the kernel. */
void runtime_forget(struct dbg_process *p);
/* Hands exceptions to the runtime (kif_send_runtime_event). A program waits for it, perhaps for ever: what fails is tried some times more. */
int runtime_send(struct dbg_process *p, uint64_t mask, uint32_t gpu_id, uint32_t queue_id, struct dbg_error *err);
/* Pays an outstanding handshake. */
void runtime_pay(struct dbg_process *p);

#endif
