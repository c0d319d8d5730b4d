/* What the kernel would have told of a thread's stop, had it been a signal: siginfo_t of x86-64 Linux (qXfer:siginfo:read). */
#ifndef SRC_MODEL_SIGINFO_H
#define SRC_MODEL_SIGINFO_H

#include <signal.h>

#include "src/model/model.h"

/* The first of the stop's reasons counts (wave-state 8.4). si_addr is the page of the refused access where the kernel is sure of it, the
 * address of the watchpoint that was hit, or the wave's PC for what an instruction has done; a fault whose address nobody knows has
 * si_code SI_KERNEL and no address, as on the CPU. asked_signal: of a stop on request, host signal number, 0 none. */
void siginfo_of_wave(const struct dbg_wave *w, int asked_signal, siginfo_t *out);
/* Signal that stands for the first of a wave's stop reasons, host number; 0: it was stopped on request. */
int siginfo_signal(unsigned reasons);

#endif
