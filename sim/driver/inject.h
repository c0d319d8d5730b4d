/* Faults on request: what no kernel running on the device provokes, for tests of debuggers and runtimes. A command is one line of words, some of
 * them NAME=VALUE; `help` lists them all. */
#ifndef SIM_DRIVER_INJECT_H
#define SIM_DRIVER_INJECT_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/driver/state.h"

/* Runs the command and writes its answer (whole lines, maybe none) to `out`. False: nothing was done, and one line of `out` says why. */
bool sim_inject(struct sim_driver *driver, const char *command, FILE *out);
/* Forgets all planned failures of ioctls; part of the driver's end. */
void sim_inject_forget(struct sim_driver *driver);

/* ------------------------------------------------------------------ for the table of commands: sim/driver/inject.c and inject_faults.c */

enum { SIM_INJECT_WORDS = 16 };

/* A command cut into words. */
struct sim_words {
	char text[512];
	unsigned n_plain, n_named;
	const char *plain[SIM_INJECT_WORDS];
	struct { const char *name, *value; } named[SIM_INJECT_WORDS];
	FILE *out;
};

/* The value of NAME=VALUE, NULL when it was not given. */
const char *sim_words_value(const struct sim_words *w, const char *name);
/* Likewise as a number (decimal, 0x), `fallback` when it was not given. False with a complaint. */
bool sim_words_number(const struct sim_words *w, const char *name, uint64_t fallback, uint64_t most, uint64_t *out);
/* One line of complaint; always false. */
bool sim_words_bad(const struct sim_words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool sim_inject_raise(struct sim_driver *driver, const struct sim_words *w);
bool sim_inject_stuck(struct sim_driver *driver, const struct sim_words *w);
bool sim_inject_reset(struct sim_driver *driver, const struct sim_words *w);
bool sim_inject_reset_done(struct sim_driver *driver, const struct sim_words *w);
bool sim_inject_unplug(struct sim_driver *driver, const struct sim_words *w);
bool sim_inject_smi(struct sim_driver *driver, const struct sim_words *w);
bool sim_inject_status(struct sim_driver *driver, const struct sim_words *w);

#endif
