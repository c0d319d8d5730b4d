/* One wave of the simulated GPU and the engine that executes it. Pure computation: no driver, no debugger, no descriptor. The same engine
 * serves every work-group; what surrounds a wave (memory, LDS, instruction cache) is handed in. gfx942 first; other families add decode
 * tables, not copies. Facts: the project's isa-simulator reference. */
#ifndef SIM_ISA_WAVE_H
#define SIM_ISA_WAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_LANES = 64 };

/* Scalar operand codes double as indices of the scalar file (isa-simulator.md 5). */
enum {
	SIM_S_FLAT_SCRATCH = 102,
	SIM_S_XNACK_MASK = 104,
	SIM_S_VCC = 106,
	SIM_S_TTMP0 = 108,
	SIM_S_M0 = 124,
	SIM_S_EXEC = 126,
	SIM_N_SCALARS = 128,
};

/* ------------------------------------------------------------------ memory */

/* A run of GPU addresses that behaves uniformly. */
struct sim_range {
	uint64_t lo, hi;  /* [lo, hi) */
	uint8_t *host;    /* of lo; NULL: reach it by read/write below */
	bool writable, executable;
};

/* Virtual memory of the process a wave belongs to. lookup is called on a miss only: the engine keeps a few ranges until *generation
 * changes. Every operation answers false for an address that is not mapped on this GPU. */
struct sim_vm {
	void *ctx;
	const uint64_t *generation;
	bool (*lookup)(void *ctx, uint64_t addr, struct sim_range *out);
	bool (*read)(void *ctx, uint64_t addr, void *buf, size_t n);
	bool (*write)(void *ctx, uint64_t addr, const void *buf, size_t n);
	/* Atomic read-modify-write on memory without host pointer may be emulated by read and write. */
};

/* ------------------------------------------------------------------ instruction cache */

/* Decoded instructions by address. Deliberately incoherent: once decoded, an instruction is executed as it was until the owner drops the
 * cache (queue suspend and resume, the invalidate packet, s_icache_inv). */
struct sim_icache;
struct sim_icache *sim_icache_create(void);
void sim_icache_destroy(struct sim_icache *ic);
void sim_icache_drop(struct sim_icache *ic);

/* ------------------------------------------------------------------ waves */

/* What all waves of one work-group share. */
struct sim_group {
	uint8_t *lds;
	uint32_t lds_bytes;
};

/* Address watch registers of the process on this device (wave-state.md 8.1). */
struct sim_watch {
	bool valid;
	uint8_t mode; /* 0 read, 1 non-read, 2 atomic, 3 all */
	uint64_t addr, mask; /* hit when (access & mask) == addr */
};

/* Surroundings of a run: per queue, not per wave. */
struct sim_env {
	struct sim_vm vm;
	struct sim_icache *icache;
	uint64_t shared_base, private_base; /* apertures, 1<<48 and 2<<48 */
	const struct sim_watch *watches;    /* 4, or NULL */
	bool precise_memory;                /* stop right at the access on a fault or watch hit */
	unsigned imprecise_by;              /* otherwise run on by up to this many instructions (0: always exact) */
	uint64_t (*clock)(void *ctx);       /* s_memrealtime, s_memtime */
	void *clock_ctx;
	uint32_t hw_id, xcc_id;             /* answers to s_getreg */
	void (*unknown)(void *ctx, uint64_t pc, const uint32_t *words, size_t n, const char *why); /* names an unknown instruction */
	void *unknown_ctx;
};

struct sim_wave {
	uint64_t pc;
	uint32_t s[SIM_N_SCALARS];   /* by operand code: SGPRs, FLAT_SCRATCH, XNACK_MASK, VCC, TTMPs, M0, EXEC */
	uint32_t scc;                /* 0 or 1; STATUS[0] is composed from it */
	uint32_t mode, status, trapsts; /* STATUS without SCC, EXECZ, VCCZ: see sim_wave_status() */
	uint32_t (*v)[SIM_LANES];    /* n_vgprs */
	uint32_t (*a)[SIM_LANES];    /* n_agprs, NULL when none */
	uint16_t n_vgprs, n_agprs;   /* allocated; out-of-range operands follow wave-state.md 1.9 (v0, s0; writes dropped) */
	uint16_t n_sgprs;            /* allocated ordinary SGPR slots (saved in the save area) */
	struct sim_group *group;
	uint64_t scratch_base;       /* global address of the wave's swizzled scratch */
	uint32_t scratch_lane_bytes; /* size of it per lane; beyond is a fault */
	uint64_t instructions;       /* executed */
};

/* STATUS as hardware shows it: SCC, EXECZ and VCCZ inserted. */
uint32_t sim_wave_status(const struct sim_wave *w);
void sim_wave_set_status(struct sim_wave *w, uint32_t status);

enum sim_stop {
	SIM_BUDGET,     /* budget used up */
	SIM_YIELD,      /* s_sleep and friends: let others run */
	SIM_BARRIER,    /* s_barrier executed, PC past it */
	SIM_ENDPGM,     /* s_endpgm; PC at it */
	SIM_TRAP,       /* s_trap: PC AT the s_trap, id in info */
	SIM_EXCEPTION,  /* memory fault, illegal instruction, math exception, watch hit: TRAPSTS bits set, PC as hardware leaves it */
	SIM_STEPPED,    /* MODE.DEBUG_EN: one instruction done, TRAPSTS.TRAP_AFTER_INST set */
	SIM_HALTED,     /* s_sethalt 1: STATUS.HALT set, PC past it */
	SIM_SENDMSG,    /* s_sendmsg with a message the engine does not handle; id in info, PC past it */
};

struct sim_result {
	enum sim_stop why;
	uint32_t info;        /* trap id or message */
	uint64_t fault_addr;  /* memory fault: address */
	bool fault_write;
	bool fault_unmapped;  /* XNACK_ERROR was set: no mapping; otherwise an aperture or LDS address error */
};

/* Executes up to `budget` instructions. The cache may be dropped inside (s_icache_inv). With MODE.DEBUG_EN set exactly one instruction is
 * executed (unless it traps or faults). Never blocks.
 *
 * A wave with STATUS.HALT is not run (SIM_HALTED). One whose TRAPSTS still holds something reportable - MEM_VIOL, ILLEGAL_INST, an exception
 * or watch bit that MODE enables, TRAP_AFTER_INST - is not run either: the same stop is reported again, as hardware enters its handler at
 * once (wave-state.md 3.5). So a stepped s_barrier answers SIM_BARRIER with TRAP_AFTER_INST set, and SIM_STEPPED when it is next run;
 * a stepped s_sleep or s_sethalt answers SIM_STEPPED directly.
 *
 * An exact fault leaves the PC at the instruction, and no lane of it has changed a register or memory; an imprecise one lets up to
 * imprecise_by sequential instructions follow (stepping and precise_memory make it exact). A hit watch and an arithmetic exception stop
 * behind the instruction. An instruction fetch that fails sets MEM_VIOL alone. TTMPs read 0 and ignore writes without STATUS.PRIV.
 *
 * The cache of ranges lives in the instruction cache and is keyed by vm.ctx and *vm.generation: without a generation it lasts one run. */
struct sim_result sim_wave_run(struct sim_wave *w, struct sim_env *env, uint64_t budget);

/* Name of the instruction at the words, for logs and coverage; "unknown" when there is none. */
const char *sim_insn_name(const uint32_t *words, size_t n);

#endif
