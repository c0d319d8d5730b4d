/* A small GPU for the engine's tests: memory, a loader for code objects, a dispatcher that runs groups one after the other and their waves
 * round-robin. */
#ifndef TESTSUITE_UNIT_ISA_MACHINE_H
#define TESTSUITE_UNIT_ISA_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/isa/wave.h"

enum { MACHINE_RANGES = 64, MACHINE_MAX_WAVES = 16 };

struct machine_range {
	struct sim_range range;
	bool indirect; /* seen by the engine without a host pointer */
};

struct machine {
	struct machine_range ranges[MACHINE_RANGES];
	unsigned n_ranges;
	uint64_t generation, bump, clock;
	struct sim_icache *icache;
	struct sim_env env;
	char unknown[128];   /* last instruction reported as unknown: reason */
	unsigned slice;      /* instructions per turn of a wave */
	uint64_t instructions; /* executed by all dispatches */
};

/* Always succeeds or ends the test program with a message. */
void machine_init(struct machine *m);
void machine_deinit(struct machine *m);

enum { MACHINE_EXEC = 1, MACHINE_READ_ONLY = 2, MACHINE_INDIRECT = 4 };
/* Maps `bytes` of zeroed memory at a fresh address; a gap follows it. */
uint64_t machine_map(struct machine *m, size_t bytes, unsigned flags);
/* The same at a given address. */
void machine_map_at(struct machine *m, uint64_t addr, size_t bytes, unsigned flags);
uint8_t *machine_host(const struct machine *m, uint64_t addr);

/* ------------------------------------------------------------------ waves without a kernel */

struct machine_wave {
	struct sim_wave w;
	struct sim_group group;
	uint32_t v[256][SIM_LANES], a[256][SIM_LANES];
	uint8_t lds[65536];
};

/* A wave with 256 VGPRs and AGPRs, 102 SGPRs, 64 lanes on, MODE as compilers set it, 1 KiB of scratch a lane, 64 KiB of LDS. */
void machine_wave_init(struct machine *m, struct machine_wave *mw);
/* Puts words at a fresh executable place and the PC there. */
void machine_code(struct machine *m, struct machine_wave *mw, const uint32_t *words, size_t n);

/* ------------------------------------------------------------------ code objects */

struct machine_object {
	uint64_t base;
	uint8_t *file;
	size_t size;
};

/* Loads a code object; NULL on success, else why not. */
const char *machine_load(struct machine *m, const char *path, struct machine_object *out);
void machine_unload(struct machine_object *obj);
/* Address of a symbol, 0 when there is none. */
uint64_t machine_symbol(const struct machine_object *obj, const char *name);

struct machine_dispatch {
	const char *kernel;
	uint32_t grid[3], group[3]; /* work-items */
	const void *args;           /* explicit arguments */
	size_t args_bytes;
	uint32_t dynamic_lds, private_bytes;
};

struct machine_outcome {
	enum sim_stop why; /* SIM_ENDPGM: every wave ended */
	struct sim_result result;
	uint64_t pc;
	uint32_t trapsts;
};

/* Runs the dispatch to its end, or to the first wave that stops for another reason than sleeping and waiting. NULL or why it cannot run. */
const char *machine_run(struct machine *m, const struct machine_object *obj, const struct machine_dispatch *d, struct machine_outcome *out);

#endif
