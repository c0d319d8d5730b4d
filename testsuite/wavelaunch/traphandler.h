/* The second-level trap handler that a run time gives to the driver. */
#ifndef TESTSUITE_WAVELAUNCH_TRAPHANDLER_H
#define TESTSUITE_WAVELAUNCH_TRAPHANDLER_H

#include <stddef.h>
#include <stdint.h>

/* Machine code for a GPU (gfx_target_version of its topology node); NULL when none is known for it. Static. */
const uint32_t *wl_trap_handler(uint64_t target, size_t *words);

#endif
