/* What the tests of the simulated GPU share: a driver, a process and a queue, all in one process with the test. */
#ifndef TESTSUITE_UNIT_GPU_RIG_H
#define TESTSUITE_UNIT_GPU_RIG_H

#include "arch/arch.h"
#include "sim/gpu/gpu.h"
#include "testsuite/unit/gpu_fake.h"

struct gpu_rig {
	struct sim_driver *driver;
	struct sim_process *process; /* with a second-level trap handler */
	struct fake_queue fq;
};
extern struct gpu_rig rig; /* of the running test */

/* The fixture: one XCC of 38 compute units. Another shape: rig_teardown(), then rig_start(). */
void rig_setup(void);
void rig_teardown(void);
void rig_start(unsigned cus, unsigned xccs);

uint32_t rig_u32(const uint8_t *base, uint32_t offset);
void rig_set_u32(uint8_t *base, uint32_t offset, uint32_t value);

/* The newest queue. */
struct sim_queue *rig_queue(void);
/* What the debug ops do, without their checks (those have tests of their own). */
void rig_suspend(void);
void rig_resume(void);

/* A dispatch of work-groups of 256 items; the kernel's argument is `out`. Answers the value of its completion signal. */
int64_t *rig_launch(const uint32_t *code, unsigned words, unsigned vgprs, unsigned accum, unsigned items, unsigned lds, void *out);
/* The same of code_mix, which uses LDS, scratch and barriers; `out` gets 256 words a group, which rig_check_mix() compares. */
int64_t *rig_launch_mix(unsigned groups, uint32_t *out);
void rig_check_mix(const uint32_t *out, unsigned groups);

/* Control stack and records of one XCC through the independent decoder. */
struct rig_waves {
	struct gfx_save_header header;
	struct gfx_wave_record record[2048];
	size_t n;
};
struct rig_waves rig_decode(unsigned xcc);
/* The state of the only wave after a suspend, which this makes; static, until the next call. Its hardware registers and TTMPs by number. */
const struct gfx_wave_record *rig_only_wave(void);
uint32_t rig_hwreg(const struct gfx_wave_record *r, unsigned n);
uint32_t rig_ttmp(const struct gfx_wave_record *r, unsigned n);
void rig_set_hwreg(const struct gfx_wave_record *r, unsigned n, uint32_t value);
void rig_set_ttmp(const struct gfx_wave_record *r, unsigned n, uint32_t value);

#endif
