/* A target made of arrays, for tests of the protocol: what it was asked is written down as text. */
#ifndef TESTSUITE_UNIT_MOCK_TARGET_H
#define TESTSUITE_UNIT_MOCK_TARGET_H

#include "protocol/session.h"
#include "protocol/target.h"

enum {
	MOCK_PID = 0x10,
	MOCK_THREADS = 3, /* tids 1, 2, 3 */
	MOCK_MEMORY_AT = 0x1000,
	MOCK_MEMORY_SIZE = 0x20000,
	MOCK_REG_BYTES = 2048,
	MOCK_FILE_SIZE = 100000,
};

/* Registers of the description: two of 8 bytes and one of 4 in `g`, then a vector of 256 bytes. */
enum { MOCK_REG_SP, MOCK_REG_PC, MOCK_REG_STATUS, MOCK_REG_V0, MOCK_N_REGS, MOCK_N_IN_G = 3 };

struct mock {
	struct rsp_session *session; /* set by the test; `monitor exit` and stop_inside need it */
	const struct rsp_tdesc *desc;
	struct rsp_buf said; /* calls with an effect, "resume c -1.-1; write 1000+4; " */
	bool process;        /* there is one */
	bool dead[MOCK_THREADS + 1];
	unsigned many_threads; /* when not 0: so many threads instead of three */
	uint8_t regs[MOCK_THREADS + 1][MOCK_REG_BYTES];
	bool unavailable; /* registers read as not known */
	uint8_t memory[MOCK_MEMORY_SIZE];
	uint8_t file[MOCK_FILE_SIZE];
	bool open;
	struct rsp_stop stop;  /* answer of last_stop */
	bool stop_inside;      /* resume reports `stop` before it returns */
	bool running[MOCK_THREADS + 1]; /* non-stop: not among the stops that are listed */
	enum rsp_class fail;   /* when set, every operation that can fails so, with the text "the mock says no" */
	const char *thread_name, *library_name;
	unsigned snapshots; /* how often threads or libraries were listed */
};

extern const struct rsp_tdesc mock_tdesc;
extern const struct rsp_target_ops mock_ops;

void mock_init(struct mock *m);
void mock_deinit(struct mock *m);
/* Where register regno begins in regs[tid]. */
size_t mock_reg_offset(const struct rsp_tdesc *desc, size_t regno);

#endif
