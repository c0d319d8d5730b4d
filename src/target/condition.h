/* What comes with a breakpoint in GPU code beside its address: conditions and commands in gdb's agent bytecode (protocol/agent.h), and
 * filters (break_filter.h). They are looked at while the waves that met the breakpoint are out of the hardware, all of one suspend at
 * once; nothing goes over the wire.
 *
 * A breakpoint is met by a wave, but a condition is about a lane. It is evaluated for each active lane of the wave, with the registers
 * and private memory that the client sees when that lane is selected; the wave stops when it is true for any of them, and the first such
 * lane is selected then (the client evaluates the condition again, for the selected lane). The lane that the user had selected is asked
 * first. A wave without active lanes is asked for the lane that is shown by default. An expression that cannot be evaluated stops the
 * wave, with a word about it. Commands run for each lane for which the condition is true; lines that several lanes of a wave would print
 * alike are printed once; the wave goes on. */
#ifndef SRC_TARGET_CONDITION_H
#define SRC_TARGET_CONDITION_H

#include "src/target/target.h"

/* Takes what comes with an inserted breakpoint, in place of what it had before. */
int condition_set(struct dbg_target *d, const struct rsp_break *b, struct rsp_error *err);
void condition_drop(struct dbg_target *d, uint64_t addr);
void condition_clear(struct dbg_target *d);

/* hooks.hits of the model (arg: the target): clears `pending` of waves that nobody is to hear of. */
void condition_hits(void *arg, struct dbg_wave *const *waves, size_t n);
/* A host thread is about to be reported at a breakpoint: runs its commands. The client decides about such stops itself. */
void condition_host_hit(struct dbg_target *d, int64_t tid);

#endif
