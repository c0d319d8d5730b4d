/* The family record: all that differs between GPU families, as constant tables and pure functions on bytes. No descriptor, no packet,
 * no ioctl. Facts: the project's wave-state reference; each table names its section. */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------------ errors */

enum gfx_status {
	GFX_OK = 0,
	GFX_CORRUPT = -1,     /* bytes contradict the layout: header, stack, record bounds */
	GFX_RANGE = -2,       /* register, lane or offset does not exist for this wave */
	GFX_UNKNOWN = -3,     /* value not known (unavailable), e.g. group ids of a wave launched without TTMP setup */
	GFX_UNSUPPORTED = -4, /* the family has no such thing */
	GFX_READ_ONLY = -5,
};

struct gfx_error {
	enum gfx_status status;
	char text[160];
};

/* Fills *err (may be NULL), returns status. */
int gfx_fail(struct gfx_error *err, enum gfx_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ------------------------------------------------------------------ families */

enum gfx_reg_class { GFX_CLASS_SCALAR, GFX_CLASS_VECTOR, GFX_CLASS_ACC, GFX_CLASS_TRAP, GFX_CLASS_SYSTEM, GFX_CLASS_GENERAL };

/* A named bit field of a flags register. */
struct gfx_flag {
	const char *name; /* as AMD's library names it, dots replaced by '_' */
	uint8_t low, high;
};

/* One register row. The row's index in its family's table is the register number of this library. */
struct gfx_reg_row {
	const char *name;
	uint16_t bytes;     /* 4, 8, or lanes * 4 for vector registers */
	uint16_t lanes;     /* 0 for scalars */
	enum gfx_reg_class class;
	int16_t dwarf;      /* -1 none */
	uint16_t index;     /* n of v<n>, a<n>, s<n>, ttmp<n>; family-private otherwise */
	const char *type;   /* "int32", "uint32", "uint64", "code_ptr", "v64i32", or the name of a flags type */
	const struct gfx_flag *flags; /* NULL or ended by a NULL name */
};

/* Stop reasons; bit values of wave-state.md 3.9. */
enum gfx_stop_reason {
	GFX_STOP_BREAKPOINT = 1 << 0,
	GFX_STOP_WATCHPOINT = 1 << 1,
	GFX_STOP_SINGLE_STEP = 1 << 2,
	GFX_STOP_FP_DENORM = 1 << 3,
	GFX_STOP_FP_DIV0 = 1 << 4,
	GFX_STOP_FP_OVERFLOW = 1 << 5,
	GFX_STOP_FP_UNDERFLOW = 1 << 6,
	GFX_STOP_FP_INEXACT = 1 << 7,
	GFX_STOP_FP_INVALID = 1 << 8,
	GFX_STOP_INT_DIV0 = 1 << 9,
	GFX_STOP_DEBUG_TRAP = 1 << 10,
	GFX_STOP_ASSERT_TRAP = 1 << 11,
	GFX_STOP_TRAP = 1 << 12,
	GFX_STOP_MEMORY_VIOLATION = 1 << 13,
	GFX_STOP_ADDRESS_ERROR = 1 << 14,
	GFX_STOP_ILLEGAL_INSTRUCTION = 1 << 15,
	GFX_STOP_ECC_ERROR = 1 << 16,
	GFX_STOP_FATAL_HALT = 1 << 17,
};

/* What an instruction does to control flow and to a debugger (wave-state.md 4.7, 4.8). */
enum gfx_insn_class {
	GFX_INSN_SEQUENTIAL, /* may be executed displaced */
	GFX_INSN_BRANCH,
	GFX_INSN_COND_BRANCH,
	GFX_INSN_CALL,     /* s_call_b64 */
	GFX_INSN_GETPC,
	GFX_INSN_SETPC,
	GFX_INSN_SWAPPC,
	GFX_INSN_FORK,     /* s_cbranch_g_fork, s_cbranch_i_fork, s_cbranch_join */
	GFX_INSN_ENDPGM,
	GFX_INSN_TRAP,
	GFX_INSN_BARRIER,
	GFX_INSN_SLEEP,
	GFX_INSN_SETHALT,
	GFX_INSN_SENDMSG,
	GFX_INSN_UNKNOWN,  /* length only by rule; do not displace */
};

struct gfx_insn {
	uint8_t length; /* bytes */
	enum gfx_insn_class class;
	uint32_t word;  /* first dword */
	int32_t simm16; /* sign-extended immediate of SOPP/SOPK, else 0 */
	uint16_t ssrc0, sdst; /* scalar operand codes where the class uses them */
};

/* An instruction of one dword. */
struct gfx_pattern {
	uint32_t mask, value;
};

/* Constants and functions of one family. */
struct gfx_family {
	const char *name;                 /* "gfx942" */
	const uint32_t *versions;         /* gfx_target_version values it covers, ended by 0 */
	const uint8_t *elf_machs;         /* EF_AMDGPU_MACH values it covers, ended by 0 */
	const struct gfx_reg_row *regs;
	size_t n_regs;
	size_t n_scalar_regs;             /* rows 0..n_scalar_regs-1 are scalar-sized; vectors follow */
	unsigned max_lanes;
	uint32_t trap_insn;               /* s_trap 0; add the id */
	uint32_t endpgm_insn;
	uint32_t nop_insn;
	const struct gfx_pattern *counts; /* instructions that count bits, or look for one (isa 4.3, 4.5, 4.6); ended likewise */
	const struct gfx_pattern *idle;   /* instructions that wait, or copy a vector register; ended by a mask of 0 (isa 4.9, 4.5) */
	uint32_t branch_insn;             /* s_branch with distance 0; 0: none known */
	unsigned max_insn_bytes;
	bool parks;                       /* stopped waves sit in a trap loop, PC kept in TTMPs */
	bool has_step_status;             /* single step is reported by a bit */
	bool ttmps_always_valid;
	bool architected_scratch;
	uint8_t watch_registers;          /* address watch registers of one device (8.1) */
	uint8_t watch_mask_low, watch_mask_high; /* programmable bits of their masks, when the topology does not say */
	const struct gfx_layout *layout;  /* private to arch/ */
	const struct gfx_wave_ops *ops;   /* private to arch/ */
};

/* NULL when no family covers it. gfx_target_version as in the topology: 90402 for gfx942. */
const struct gfx_family *gfx_family_by_version(uint32_t gfx_target_version);
const struct gfx_family *gfx_family_by_mach(unsigned ef_amdgpu_mach);
const struct gfx_family *gfx_family_by_name(const char *name);

/* ------------------------------------------------------------------ save area (wave-state.md 1) */

enum { GFX_SAVE_HEADER_BYTES = 40 };

struct gfx_save_header {
	uint32_t control_stack_offset, control_stack_size;
	uint32_t wave_state_offset, wave_state_size; /* offset is the END of the wave area */
	uint32_t debug_offset, debug_size;
	uint64_t err_payload_addr;
	uint32_t err_event_id;
};

/* Parses and checks the header of one XCC's area of `area_size` bytes. GFX_CORRUPT names the broken rule. */
int gfx_save_parse_header(const void *bytes, size_t n, size_t area_size, struct gfx_save_header *out, struct gfx_error *err);

/* Where one saved wave lies: byte offsets from the start of the area (the header). */
struct gfx_wave_record {
	uint32_t base, size;            /* whole record */
	uint32_t vgpr, acc, shared, sgpr, hwreg, ttmp;
	uint32_t lds;                   /* of the work-group's first record; valid when lds_bytes is not 0 */
	uint32_t lds_bytes;
	uint16_t n_vgprs, n_acc, n_shared, n_sgpr_slots;
	uint16_t lanes;
	bool first, last;               /* of its work-group */
	bool scratch_enabled;
	uint16_t scoreboard;            /* scratch slot id */
	uint8_t se;                     /* shader engine */
};

/* Walks the control stack of one XCC. `area` holds bytes [0, area_size) of the XCC's area; only the control stack is read. Calls `emit` once
 * per wave in stack order; a non-zero answer stops the walk and is returned. GFX_CORRUPT names the broken rule; then nothing was emitted.
 * `rec` is lent for the call. */
typedef int gfx_wave_emit(void *arg, const struct gfx_wave_record *rec);
int gfx_save_walk(const struct gfx_family *family, const uint8_t *area, size_t area_size, const struct gfx_save_header *header,
	gfx_wave_emit *emit, void *arg, struct gfx_error *err);

/* ------------------------------------------------------------------ one saved wave */

enum { GFX_STATE_BYTES = 128 }; /* hardware registers and TTMPs, 1.7 */

/* A wave as bytes: `area` is an image of the XCC's area (offsets of rec apply). Functions that change it say so by a plain pointer;
 * the caller writes [rec->hwreg, rec->hwreg + GFX_STATE_BYTES) (hardware registers and TTMPs), or the whole record, back. */
struct gfx_wave {
	const struct gfx_family *family;
	uint8_t *area;
	struct gfx_wave_record rec;
	bool ttmps_setup; /* the process had TTMP setup on when the wave was launched (runtime info) */
	uint8_t r_version; /* of the debug list; 0: not known, taken as 10 */
	/* The GFX_STATE_BYTES at rec.hwreg when they are kept elsewhere than in the area, so that those of thousands of waves lie side by side. NULL: in
	 * the area. */
	uint8_t *state;
	/* The scalar registers, [rec.sgpr, rec.hwreg) of the area, and the vector registers, [rec.vgpr, rec.sgpr), may come later: asked before they
	 * are read or written; false: they cannot be had. NULL: they are there. */
	bool (*bring)(void *arg, bool vectors);
	void *bring_arg;
	uint64_t park_pc;  /* families that park: address of an `s_trap 2` where gfx_wave_stop() leaves the PC slot (4.4) */
};

/* What a reader must find in a record before it believes the rest (13.2): an aligned PC, vector registers that are there, the work-group of
 * `leader` (the group's first wave; NULL or w itself: not compared). GFX_CORRUPT names the broken rule. */
int gfx_wave_check(const struct gfx_wave *w, const struct gfx_wave *leader, struct gfx_error *err);

/* Registers by row number. buf has the row's size. GFX_UNKNOWN: not present for this wave (unallocated). Writes honour read-only bits
 * and the aliases of wave-state.md 1.9, 4.3 (EXECZ, VCCZ, HALT). */
int gfx_reg_read(const struct gfx_wave *w, size_t regno, void *buf, struct gfx_error *err);
int gfx_reg_write(struct gfx_wave *w, size_t regno, const void *buf, struct gfx_error *err);
/* LLVM's DWARF number of a register that variables and frame rules can be in, for waves of 64 lanes (7.4). GFX_RANGE: of no such register. */
enum gfx_dwarf_bank { GFX_DWARF_SCALAR, GFX_DWARF_VECTOR, GFX_DWARF_ACC };
int gfx_dwarf_register(uint64_t dwarf, enum gfx_dwarf_bank *bank, unsigned *n);
bool gfx_reg_present(const struct gfx_wave *w, size_t regno);
/* Row number by name, -1 none. */
int gfx_reg_by_name(const struct gfx_family *family, const char *name);
/* Bytes of the area that hold the register. For writing back: exec, vcc, pc and status also change other words of the 128 bytes at
 * rec.hwreg (EXECZ, VCCZ, the saved HALT, a parked PC), so those are written whole. */
int gfx_reg_slot(const struct gfx_wave *w, size_t regno, uint32_t *offset, uint32_t *bytes, struct gfx_error *err);

uint64_t gfx_wave_pc(const struct gfx_wave *w);          /* real PC, also of a parked wave */
void gfx_wave_set_pc(struct gfx_wave *w, uint64_t pc);
uint64_t gfx_wave_exec(const struct gfx_wave *w);

/* Identity (wave-state.md 2.3, 2.4, 6.1). */
uint64_t gfx_wave_id(const struct gfx_wave *w);           /* 0 = never seen by a debugger */
void gfx_wave_set_id(struct gfx_wave *w, uint64_t id);    /* also initialises the trap TTMPs where the family needs it */
struct gfx_wave_place {
	uint32_t group[3];      /* work-group id x, y, z */
	uint32_t wave_in_group;
	uint32_t packet_index;  /* modulo ring size in packets */
};
int gfx_wave_place(const struct gfx_wave *w, struct gfx_wave_place *out); /* GFX_UNKNOWN without TTMP setup */

/* State (wave-state.md 3.9, 4.2). Edits the image only. */
bool gfx_wave_stopped(const struct gfx_wave *w);           /* stopped by the trap handler or a debugger */
bool gfx_wave_halted(const struct gfx_wave *w);            /* STATUS.HALT: also s_sethalt and halt at launch */
bool gfx_wave_program_halted(const struct gfx_wave *w);    /* what HALT is, or will be, when the wave is not stopped */
void gfx_wave_set_program_halt(struct gfx_wave *w, bool halt); /* e.g. clears the halt at launch before gfx_wave_stop() (4.11) */
/* STATUS.IN_BARRIER: it waits for others of its work-group, also while it is halted. False where the family does not show it. */
bool gfx_wave_in_barrier(const struct gfx_wave *w);
/* Of a wave that is newly found stopped; 0 = on request. Not meaningful for a wave that gfx_wave_stop() stopped: the trap id of an earlier
 * stop survives in the image (4.2), and the reason for that stop is the request. */
unsigned gfx_wave_stop_reasons(const struct gfx_wave *w);
/* The wave's PC is at an instruction that could not be fetched: the hardware has halted it, and no trap handler has stopped it or told of it
 * (3.3 item 2, 8.3). Once its halt is lifted (gfx_wave_set_program_halt) it can be stopped and resumed as for GFX_STOP_MEMORY_VIOLATION. */
bool gfx_wave_fetch_faulted(const struct gfx_wave *w);
unsigned gfx_wave_trap_id(const struct gfx_wave *w);       /* saved trap id, 0 none, 15 = 15 or more */
void gfx_wave_stop(struct gfx_wave *w);                    /* no effect on a stopped wave */
enum gfx_resume { GFX_RUN, GFX_STEP };
/* Resumes a stopped wave: clears the status bits of `reasons` (those that were reported). Of a wave that is not stopped only the step
 * enable changes. */
void gfx_wave_resume(struct gfx_wave *w, enum gfx_resume how, unsigned reasons);
/* After a stop by a trap instruction: PC of the s_trap itself, by the rule of 3.7 from the words at pc and pc-4 (as the wave executed
 * them: with breakpoints in place). The PC as saved when no trap id is or neither word is that trap. */
uint64_t gfx_wave_break_pc(const struct gfx_wave *w, uint32_t word_at_pc, uint32_t word_before_pc);

/* ------------------------------------------------------------------ instructions (wave-state.md 4.6 to 4.9) */

/* Decodes the instruction at `code`; n bytes are there (4 are always needed). GFX_RANGE: truncated. */
int gfx_insn_decode(const struct gfx_family *family, const void *code, size_t n, struct gfx_insn *out);
/* What an instruction does to registers, as far as one needs it to follow values through a function (isa 6). Scalar registers go by their
 * operand codes: 0..101 SGPRs, 106, 107 VCC, 124 M0, 126, 127 EXEC, 128..208 integer constants, 255 a literal. */
enum gfx_effect_kind {
	GFX_EFFECT_OTHER,      /* writes what the ranges say */
	GFX_EFFECT_COPY,       /* scalars[0] = a, a + 1, ...; a constant for every dword when is_constant */
	GFX_EFFECT_ADD,        /* scalars[0] = a + value */
	GFX_EFFECT_ADD_CARRY,  /* the same, and what the addition before carried */
	GFX_EFFECT_LOGIC,      /* scalars[0] = op(a, b), dword by dword */
	GFX_EFFECT_SAVE_EXEC,  /* scalars[0] = EXEC, EXEC = op(a, EXEC) */
	GFX_EFFECT_WRITE_LANE, /* lane `value` of vector register `vector` = a */
	GFX_EFFECT_READ_LANE,  /* scalars[0] = lane `value` of vector register `vector` */
	GFX_EFFECT_STORE,      /* private memory at a + value = vector registers `vector`.., `n_vectors` of them, in active lanes */
	GFX_EFFECT_LOAD,       /* the reverse */
	GFX_EFFECT_MOVE,       /* vector register `vector` = vector register `from` in active lanes */
};
enum gfx_logic { GFX_LOGIC_AND, GFX_LOGIC_ANDN2, GFX_LOGIC_OR, GFX_LOGIC_XOR, GFX_LOGIC_OTHER };
enum { GFX_CODE_VCC = 106, GFX_CODE_EXEC = 126, GFX_ACC = 256 /* vector register numbers from here are accumulation registers */ };

struct gfx_effect {
	enum gfx_effect_kind kind;
	enum gfx_logic op;
	bool is_constant;
	int32_t value;
	uint16_t a, b;
	struct {
		uint16_t first, n;
	} scalars[2];
	uint16_t vector, n_vectors; /* written (read by a store) in active lanes; a lane write touches that lane only */
	uint16_t from;              /* read by a move; exchanged with `vector` when `swaps` */
	bool swaps;
	bool compares;              /* scalars[0] is a mask, with bits of active lanes only */
	bool narrows;               /* EXEC becomes a part of itself */
	bool any_scalar, any_vector; /* may write registers that the instruction does not name */
};
/* GFX_RANGE: truncated. GFX_UNSUPPORTED: an instruction that is not known; it may do anything. */
int gfx_insn_effect(const struct gfx_family *family, const void *code, size_t n, struct gfx_effect *out);

/* Which registers an instruction uses as numbers, with all of their bits: an optimiser that knows that only some bits of a number are wanted has not
 * touched those. Registers go by their operand codes: 0..101 SGPRs, 256.. vector registers, 512.. accumulation registers. */
enum { GFX_MAX_USE = 8 };
struct gfx_use {
	uint16_t whole[GFX_MAX_USE];
	uint16_t through[GFX_MAX_USE]; /* with as many bits as are used of `to` later */
	uint16_t part[GFX_MAX_USE];    /* with some of their bits only, for all that is known */
	uint16_t to;
	uint8_t n_whole, n_through, n_part;
	bool copy;  /* `to` becomes what through[0] is, in lanes that are active */
	bool exact; /* what it writes comes from memory, or is a conversion */
	bool narrow; /* what it writes is a byte or two of memory, which may be all that was wanted of a wider number there */
	bool item;  /* what it writes is a part of v0, as the number of a work-item is when a kernel begins */
};
/* GFX_RANGE: truncated. GFX_UNSUPPORTED: not known. */
int gfx_insn_use(const struct gfx_family *family, const void *code, size_t n, struct gfx_use *out);

/* Carries out a control-flow instruction on the saved image (branches, calls, getpc, setpc, swappc) at the wave's PC. GFX_UNSUPPORTED: not
 * one that can be simulated (forks are not), its operands cannot, or the program has halted the wave; nothing is changed then. On success
 * the PC is that of the next instruction; the caller reports the step. */
int gfx_insn_simulate(struct gfx_wave *w, const struct gfx_insn *insn);
/* Whether it would. */
bool gfx_insn_can_simulate(const struct gfx_wave *w, const struct gfx_insn *insn);

/* ------------------------------------------------------------------ address spaces (wave-state.md 6.3 to 6.5) */

/* Fields of amd_queue_t that scratch needs, and the agent's shape. */
struct gfx_scratch_config {
	uint32_t tmpring;        /* compute_tmpring_size */
	uint64_t backing;        /* scratch_backing_memory_location */
	uint64_t backing_per_xcc; /* scratch_backing_memory_byte_size (r_version <= 10) */
	unsigned se_count;       /* shader engines of one XCC */
};
struct gfx_scratch {
	uint64_t base;  /* address of the wave's scratch */
	uint32_t bytes; /* of the wave, all lanes */
};
int gfx_wave_scratch(const struct gfx_wave *w, const struct gfx_scratch_config *config, unsigned xcc, struct gfx_scratch *out,
	struct gfx_error *err);
/* Offset inside the wave's scratch of byte `addr` of a lane's private memory; *run = bytes that follow contiguously. */
uint32_t gfx_swizzle(unsigned lanes, unsigned lane, uint32_t addr, uint32_t *run);

/* Generic addresses (6.5). Bases as the device snapshot names them. */
enum gfx_space { GFX_SPACE_GLOBAL, GFX_SPACE_LOCAL, GFX_SPACE_PRIVATE };
/* *offset: the address itself (global), or the low 32 bits (LDS offset, byte of the lane's private memory). */
enum gfx_space gfx_generic_space(uint64_t addr, uint64_t shared_base, uint64_t private_base, uint64_t *offset);

/* What a vector memory instruction touched, lane by lane. */
enum { GFX_MAX_LANES = 64, GFX_MAX_ACCESS = 16 };
struct gfx_access {
	bool load, store;              /* both: an atomic */
	unsigned bytes;                /* of a lane, from its address on */
	uint64_t lanes;                /* that took part */
	uint64_t addr[GFX_MAX_LANES];  /* as gfx_generic_space() tells: global address, LDS offset, byte of the lane's private memory */
	uint8_t space[GFX_MAX_LANES];  /* enum gfx_space */
	bool data_known, data_high;    /* a plain store: from vector register `data` on, from its upper half on */
	unsigned data;
};
/* Of the instruction at `code` that the wave has carried out last: its registers are as they were left by it. GFX_UNSUPPORTED: none that is
 * followed (scalar loads and LDS instructions are not). GFX_UNKNOWN: its result has replaced its address. GFX_RANGE: truncated. */
int gfx_insn_access(const struct gfx_wave *w, const void *code, size_t n, uint64_t shared_base, uint64_t private_base, struct gfx_access *out);
/* The bytes (a->bytes of them) that a lane of such a store has stored. False: not known. */
bool gfx_access_stored(const struct gfx_wave *w, const struct gfx_access *a, unsigned lane, uint8_t data[GFX_MAX_ACCESS]);

/* Monotonic packet id of an index modulo the ring (6.1). GFX_CORRUPT: not within [read, write), or beyond the ring. */
int gfx_packet_id(uint64_t index, uint64_t ring_packets, uint64_t read_id, uint64_t write_id, uint64_t *out);

/* AQL kernel dispatch packet (6.2). */
enum { GFX_PACKET_BYTES = 64, GFX_PACKET_KERNEL_DISPATCH = 2 };
struct gfx_dispatch_packet {
	uint16_t header;         /* as found; the type byte may already be INVALID (1) while the dispatch runs */
	uint8_t type, dimensions;
	uint16_t group_size[3];  /* work-items */
	uint32_t grid_size[3];   /* work-items */
	uint32_t private_bytes;  /* of a work-item */
	uint32_t group_bytes;    /* LDS */
	uint64_t kernel_object;  /* address of the kernel descriptor */
	uint64_t kernarg, completion_signal;
};
/* `bytes` holds GFX_PACKET_BYTES. */
void gfx_packet_parse(const void *bytes, struct gfx_dispatch_packet *out);

/* ------------------------------------------------------------------ address watch (wave-state.md 8.1) */

/* What one watch register covers: accesses a with (a & mask) == address, that is [address, address + size). */
struct gfx_watch {
	uint64_t address, mask, size;
};
/* Launch control (wave-state 4.11): the wave was stopped when it was launched, or at its end; whether it will be at its end. */
bool gfx_wave_at_begin(const struct gfx_wave *w);
bool gfx_wave_at_end(const struct gfx_wave *w);
bool gfx_wave_traps_at_end(const struct gfx_wave *w);
void gfx_wave_set_trap_at_end(struct gfx_wave *w, bool trap); /* no effect where the family has no such thing */

/* Hits trap, or do not, in this wave; hits of before are forgotten. */
enum { GFX_MAX_WATCHES = 4 };
void gfx_wave_set_watching(struct gfx_wave *w, bool watching);
bool gfx_wave_watching(const struct gfx_wave *w);
/* Watch registers that were hit, bit per id. */
unsigned gfx_wave_watch_hits(const struct gfx_wave *w);
/* Smallest range one register with programmable mask bits low..high can cover for [first, first + size). When no such range holds all of
 * it, covers as much as possible from `first`: the caller goes on at address + size. GFX_RANGE: size 0, or wraps around; low or high
 * out of 0..62. */
int gfx_watch_plan(unsigned low, unsigned high, uint64_t first, uint64_t size, struct gfx_watch *out, struct gfx_error *err);

/* ------------------------------------------------------------------ faults of the virtual memory */

/* What VM_L2_PROTECTION_FAULT_STATUS says of a refused access. */
struct gfx_vm_fault {
	bool not_present;                   /* the page's entry is not valid */
	bool no_read, no_write, no_execute; /* permissions that were missing; of an entry that is not valid they say nothing */
	bool write;                         /* the access was a write */
};
/* False: status 0, there was no fault. */
bool gfx_vm_fault_parse(uint32_t status, struct gfx_vm_fault *out);

#endif
