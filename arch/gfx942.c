/* gfx942 (MI300), with gfx940 and gfx941: the family record. All facts are tables; section numbers are those of the wave-state reference. */
#include "arch/families.h"
#include "arch/gfx9_bits.h"
#include "arch/gfx9_insn.h"
#include "arch/layout.h"
#include "arch/rows.h"

/* ------------------------------------------------------------------ registers (7.1 to 7.4) */

/* Field names are AMD's with '_' for '.'. */
static const struct gfx_flag status_flags[] = {
	{ "SCC", 0, 0 },
	{ "SPI_PRIO", 1, 2 },
	{ "USER_PRIO", 3, 4 },
	{ "PRIV", 5, 5 },
	{ "TRAP_EN", 6, 6 },
	{ "TTRACE_EN", 7, 7 },
	{ "EXPORT_RDY", 8, 8 },
	{ "EXECZ", 9, 9 },
	{ "VCCZ", 10, 10 },
	{ "IN_TG", 11, 11 },
	{ "IN_BARRIER", 12, 12 },
	{ "HALT", 13, 13 },
	{ "TRAP", 14, 14 },
	{ "TTRACE_CU_EN", 15, 15 },
	{ "VALID", 16, 16 },
	{ "ECC_ERR", 17, 17 },
	{ "SKIP_EXPORT", 18, 18 },
	{ "PERF_EN", 19, 19 },
	{ "COND_DBG_USER", 20, 20 },
	{ "COND_DBG_SYS", 21, 21 },
	{ "ALLOW_REPLAY", 22, 22 },
	{ "FATAL_HALT", 23, 23 },
	{ "MUST_EXPORT", 27, 27 },
	{ "SCRATCH_EN", 28, 28 },
	{ "IDLE", 31, 31 },
	{ NULL, 0, 0 },
};

static const struct gfx_flag mode_flags[] = {
	{ "FP_ROUND_32", 0, 1 },
	{ "FP_ROUND_64_16", 2, 3 },
	{ "FP_DENORM_32", 4, 5 },
	{ "FP_DENORM_64_16", 6, 7 },
	{ "DX10_CLAMP", 8, 8 },
	{ "IEEE", 9, 9 },
	{ "LOD_CLAMPED", 10, 10 },
	{ "DEBUG_EN", 11, 11 },
	{ "EXCP_EN_INVALID", 12, 12 },
	{ "EXCP_EN_DENORM", 13, 13 },
	{ "EXCP_EN_DIV0", 14, 14 },
	{ "EXCP_EN_OVERFLOW", 15, 15 },
	{ "EXCP_EN_UNDERFLOW", 16, 16 },
	{ "EXCP_EN_INEXACT", 17, 17 },
	{ "EXCP_EN_INT_DIV0", 18, 18 },
	{ "EXCP_EN_ADDR_WATCH", 19, 19 },
	{ "TRAP_ON_END", 21, 21 },
	{ "FP16_OVFL", 23, 23 },
	{ "POPS_PACKER0", 24, 24 },
	{ "POPS_PACKER1", 25, 25 },
	{ "DISABLE_PERF", 26, 26 },
	{ "GPR_IDX_EN", 27, 27 },
	{ "VSKIP", 28, 28 },
	{ "CSP", 29, 31 },
	{ NULL, 0, 0 },
};

static const struct gfx_flag trapsts_flags[] = {
	{ "EXCP_INVALID", 0, 0 },
	{ "EXCP_DENORM", 1, 1 },
	{ "EXCP_DIV0", 2, 2 },
	{ "EXCP_OVERFLOW", 3, 3 },
	{ "EXCP_UNDERFLOW", 4, 4 },
	{ "EXCP_INEXACT", 5, 5 },
	{ "EXCP_INT_DIV0", 6, 6 },
	{ "EXCP_ADDR_WATCH", 7, 7 },
	{ "EXCP_MEM_VIOL", 8, 8 },
	{ "SAVE_CTX", 10, 10 },
	{ "ILLEGAL_INST", 11, 11 },
	{ "EXCP_HI_ADDR_WATCH1", 12, 12 },
	{ "EXCP_HI_ADDR_WATCH2", 13, 13 },
	{ "EXCP_HI_ADDR_WATCH3", 14, 14 },
	{ "EXCP_CYCLE", 16, 21 },
	{ "HOST_TRAP", 22, 22 },
	{ "WAVE_BEGIN", 23, 23 },
	{ "WAVE_END", 24, 24 },
	{ "TRAP_AFTER_INST", 25, 25 },
	{ "PERF_SNAPSHOT", 26, 26 },
	{ "XNACK_ERROR", 28, 28 },
	{ "DP_RATE", 29, 31 },
	{ NULL, 0, 0 },
};

#define SPECIAL(name, bytes, class, dwarf, which, type, flags) { name, bytes, 0, GFX_CLASS_##class, dwarf, GFX_SP_##which, type, flags }
#define SGPR(n) { "s" #n, 4, 0, GFX_CLASS_SCALAR, (n) < 64 ? 32 + (n) : 1088 + (n) - 64, n, "int32", NULL },
#define TTMP(n) { "ttmp" #n, 4, 0, GFX_CLASS_TRAP, -1, n, "uint32", NULL }
#define VGPR(n) { "v" #n, 256, 64, GFX_CLASS_VECTOR, 2560 + (n), n, "v64i32", NULL },
#define AGPR(n) { "a" #n, 256, 64, GFX_CLASS_ACC, 3072 + (n), n, "v64i32", NULL },

/* The order is part of the interface: PC, masks and system registers, SGPRs, TTMPs; then v0 to v255, a0 to a255. */
static const struct gfx_reg_row regs[] = {
	SPECIAL("pc", 8, GENERAL, 16, PC, "code_ptr", NULL),
	SPECIAL("exec", 8, GENERAL, 17, EXEC, "uint64", NULL),
	SPECIAL("vcc", 8, GENERAL, 768, VCC, "uint64", NULL),
	SPECIAL("m0", 4, GENERAL, -1, M0, "uint32", NULL),
	SPECIAL("status", 4, SYSTEM, 128, STATUS, "status", status_flags),
	SPECIAL("mode", 4, SYSTEM, -1, MODE, "mode", mode_flags),
	SPECIAL("trapsts", 4, SYSTEM, -1, TRAPSTS, "trapsts", trapsts_flags),
	SPECIAL("flat_scratch", 8, SYSTEM, -1, FLAT_SCRATCH, "uint64", NULL),
	SPECIAL("xnack_mask", 8, SYSTEM, -1, XNACK_MASK, "uint64", NULL),
	GFX_ROWS_101(SGPR)
	TTMP(4), TTMP(5), TTMP(6), TTMP(7), TTMP(8), TTMP(9), TTMP(10), TTMP(11), TTMP(13),
	GFX_ROWS_255(VGPR)
	GFX_ROWS_255(AGPR)
};

enum {
	N_REGS = sizeof regs / sizeof regs[0],
	N_VECTORS = 512,
};

/* ------------------------------------------------------------------ stop reasons (3.9, 4.2) */

#define BIT(n) (UINT32_C(1) << (n))

#define WATCH_HITS \
	(BIT(GFX9_TRAPSTS_ADDR_WATCH0_BIT) | BIT(GFX9_TRAPSTS_ADDR_WATCH1_BIT) | BIT(GFX9_TRAPSTS_ADDR_WATCH2_BIT) | \
	 BIT(GFX9_TRAPSTS_ADDR_WATCH3_BIT))
#define BEGIN_END (BIT(GFX940_TRAPSTS_WAVE_BEGIN_BIT) | BIT(GFX940_TRAPSTS_WAVE_END_BIT))

/* An exception of TRAPSTS that traps only when MODE enables it. */
#define MASKABLE(reason_, exception) \
	{ .reason = reason_, .hwreg = GFX9_SAVE_TRAPSTS, .flags = BIT(exception), .clear = BIT(exception), \
	  .enable_hwreg = GFX9_SAVE_MODE, .enables = BIT(GFX9_MODE_EXCP_EN_LOW + (exception)) }
#define ALWAYS(reason_, flags_, unless_, clear_) \
	{ .reason = reason_, .hwreg = GFX9_SAVE_TRAPSTS, .flags = flags_, .unless = unless_, .clear = clear_ }

static const struct gfx_reason_row reasons[] = {
	MASKABLE(GFX_STOP_FP_INVALID, GFX9_TRAPSTS_INVALID_BIT),
	MASKABLE(GFX_STOP_FP_DENORM, GFX9_TRAPSTS_DENORM_BIT),
	MASKABLE(GFX_STOP_FP_DIV0, GFX9_TRAPSTS_DIV0_BIT),
	MASKABLE(GFX_STOP_FP_OVERFLOW, GFX9_TRAPSTS_OVERFLOW_BIT),
	MASKABLE(GFX_STOP_FP_UNDERFLOW, GFX9_TRAPSTS_UNDERFLOW_BIT),
	MASKABLE(GFX_STOP_FP_INEXACT, GFX9_TRAPSTS_INEXACT_BIT),
	MASKABLE(GFX_STOP_INT_DIV0, GFX9_TRAPSTS_INT_DIV0_BIT),
	ALWAYS(GFX_STOP_MEMORY_VIOLATION, BIT(GFX9_TRAPSTS_XNACK_ERROR_BIT), 0,
		BIT(GFX9_TRAPSTS_XNACK_ERROR_BIT) | BIT(GFX9_TRAPSTS_MEM_VIOL_BIT)),
	ALWAYS(GFX_STOP_ADDRESS_ERROR, BIT(GFX9_TRAPSTS_MEM_VIOL_BIT), BIT(GFX9_TRAPSTS_XNACK_ERROR_BIT), BIT(GFX9_TRAPSTS_MEM_VIOL_BIT)),
	ALWAYS(GFX_STOP_ILLEGAL_INSTRUCTION, BIT(GFX9_TRAPSTS_ILLEGAL_INST_BIT), 0, BIT(GFX9_TRAPSTS_ILLEGAL_INST_BIT)),
	{ .reason = GFX_STOP_WATCHPOINT, .hwreg = GFX9_SAVE_TRAPSTS, .flags = WATCH_HITS, .clear = WATCH_HITS,
	  .enable_hwreg = GFX9_SAVE_MODE, .enables = BIT(GFX9_MODE_EXCP_EN_ADDR_WATCH_BIT) },
	ALWAYS(GFX_STOP_SINGLE_STEP, BIT(GFX940_TRAPSTS_TRAP_AFTER_INST_BIT), 0, BIT(GFX940_TRAPSTS_TRAP_AFTER_INST_BIT)),
	ALWAYS(GFX_STOP_TRAP, BEGIN_END, 0, BEGIN_END),
	{ .reason = 0 },
};

/* ------------------------------------------------------------------ instructions (4.6, 4.7) */

static const struct gfx_flow_row sopp_flow[] = {
	{ 1, GFX_INSN_ENDPGM, GFX_ALWAYS },
	{ 2, GFX_INSN_BRANCH, GFX_ALWAYS },
	{ 4, GFX_INSN_COND_BRANCH, GFX_IF_SCC0 },
	{ 5, GFX_INSN_COND_BRANCH, GFX_IF_SCC1 },
	{ 6, GFX_INSN_COND_BRANCH, GFX_IF_VCCZ },
	{ 7, GFX_INSN_COND_BRANCH, GFX_IF_VCCNZ },
	{ 8, GFX_INSN_COND_BRANCH, GFX_IF_EXECZ },
	{ 9, GFX_INSN_COND_BRANCH, GFX_IF_EXECNZ },
	{ 10, GFX_INSN_BARRIER, GFX_ALWAYS },
	{ 13, GFX_INSN_SETHALT, GFX_ALWAYS },
	{ 14, GFX_INSN_SLEEP, GFX_ALWAYS },
	{ 16, GFX_INSN_SENDMSG, GFX_ALWAYS },
	{ 17, GFX_INSN_SENDMSG, GFX_ALWAYS }, /* and halt */
	{ 18, GFX_INSN_TRAP, GFX_ALWAYS },
	{ 23, GFX_INSN_COND_BRANCH, GFX_IF_CDBG_SYS },
	{ 24, GFX_INSN_COND_BRANCH, GFX_IF_CDBG_USER },
	{ 25, GFX_INSN_COND_BRANCH, GFX_IF_CDBG_SYS_OR_USER },
	{ 26, GFX_INSN_COND_BRANCH, GFX_IF_CDBG_SYS_AND_USER },
	{ 27, GFX_INSN_ENDPGM, GFX_ALWAYS }, /* s_endpgm_saved */
	{ 30, GFX_INSN_ENDPGM, GFX_ALWAYS }, /* s_endpgm_ordered_ps_done */
	{ 0, GFX_INSN_SEQUENTIAL, GFX_ALWAYS },
};

static const struct gfx_flow_row sop1_flow[] = {
	{ 28, GFX_INSN_GETPC, GFX_ALWAYS },
	{ 29, GFX_INSN_SETPC, GFX_ALWAYS },
	{ 30, GFX_INSN_SWAPPC, GFX_ALWAYS },
	{ 46, GFX_INSN_FORK, GFX_ALWAYS },
	{ 0, GFX_INSN_SEQUENTIAL, GFX_ALWAYS },
};

static const struct gfx_flow_row sopk_flow[] = {
	{ 16, GFX_INSN_FORK, GFX_ALWAYS },
	{ 21, GFX_INSN_CALL, GFX_ALWAYS },
	{ 0, GFX_INSN_SEQUENTIAL, GFX_ALWAYS },
};

static const struct gfx_flow_row sop2_flow[] = {
	{ 41, GFX_INSN_FORK, GFX_ALWAYS },
	{ 0, GFX_INSN_SEQUENTIAL, GFX_ALWAYS },
};

/* Made by testsuite/unit/insn_oracle from LLVM's disassembler; insn_oracle.sh compares them again. Without the returns from trap handlers,
 * which must not run anywhere else. */
static const struct gfx9_opcodes opcodes = {
#include "arch/gfx942_opcodes.inc"
};

/* ------------------------------------------------------------------ the record */

static const struct gfx_layout layout = {
	.state_words = 1,
	.state_vgprs = { 0, 6 },
	.state_sgprs = { 6, 3 },
	.state_lds = { 9, 8 },
	.state_accum = { 24, 6 },
	.acc = GFX_ACC_UNIFIED,
	.vgpr_unit = 8,
	.lds_unit = 512,

	.wave_scoreboard = { 0, 9 },
	.wave_se = { 9, 2 },
	.wave_scratch = { 15, 1 },
	.wave_first = { 17, 1 },
	.wave_last = { 16, 1 },

	.record_pad = 64,
	.sgpr_end = 108,
	.sgpr_aliases = 6,
	.special = {
		[GFX_SP_PC] = { GFX_IN_HWREG, GFX9_SAVE_PC_LO, 0 },
		[GFX_SP_EXEC] = { GFX_IN_HWREG, GFX9_SAVE_EXEC_LO, 0 },
		[GFX_SP_VCC] = { GFX_IN_SGPR_END, 2, 0 },
		[GFX_SP_M0] = { GFX_IN_HWREG, GFX9_SAVE_M0, 0 },
		/* bits 5-7, 9-12, 14-16, 18-19, 22-26, 29-30 */
		[GFX_SP_STATUS] = { GFX_IN_HWREG, GFX9_SAVE_STATUS, 0x67CDDEE0 },
		[GFX_SP_MODE] = { GFX_IN_HWREG, GFX9_SAVE_MODE, BIT(22) },
		[GFX_SP_TRAPSTS] = { GFX_IN_HWREG, GFX9_SAVE_TRAPSTS, BIT(9) | BIT(15) | BIT(27) },
		[GFX_SP_FLAT_SCRATCH] = { GFX_IN_SGPR_END, 6, 0 },
		[GFX_SP_XNACK_MASK] = { GFX_IN_HWREG, GFX9_SAVE_XNACK_MASK_LO, 0 },
	},

	.halt = { GFX9_SAVE_STATUS, GFX9_STATUS_HALT_BIT },
	.in_barrier = { GFX9_SAVE_STATUS, GFX9_STATUS_IN_BARRIER_BIT },
	.skip_export = { GFX9_SAVE_STATUS, GFX9_STATUS_SKIP_EXPORT_BIT },
	.priv = { GFX9_SAVE_STATUS, GFX9_STATUS_PRIV_BIT },
	.scc = { GFX9_SAVE_STATUS, GFX9_STATUS_SCC_BIT },
	.execz = { GFX9_SAVE_STATUS, GFX9_STATUS_EXECZ_BIT },
	.vccz = { GFX9_SAVE_STATUS, GFX9_STATUS_VCCZ_BIT },
	.cond_user = { GFX9_SAVE_STATUS, GFX9_STATUS_COND_DBG_USER_BIT },
	.cond_sys = { GFX9_SAVE_STATUS, GFX9_STATUS_COND_DBG_SYS_BIT },
	.step_enable = { GFX9_SAVE_MODE, GFX9_MODE_DEBUG_EN_BIT },
	.begin = { GFX9_SAVE_TRAPSTS, GFX940_TRAPSTS_WAVE_BEGIN_BIT },
	.end = { GFX9_SAVE_TRAPSTS, GFX940_TRAPSTS_WAVE_END_BIT },
	.end_enable = { GFX9_SAVE_MODE, GFX940_MODE_TRAP_ON_END_BIT },
	.watch_enable = { GFX9_SAVE_MODE, GFX9_MODE_EXCP_EN_ADDR_WATCH_BIT },
	.watch_hit = {
		{ GFX9_SAVE_TRAPSTS, GFX9_TRAPSTS_ADDR_WATCH0_BIT }, { GFX9_SAVE_TRAPSTS, GFX9_TRAPSTS_ADDR_WATCH1_BIT },
		{ GFX9_SAVE_TRAPSTS, GFX9_TRAPSTS_ADDR_WATCH2_BIT }, { GFX9_SAVE_TRAPSTS, GFX9_TRAPSTS_ADDR_WATCH3_BIT },
	},

	.trap_id = { 6, GFX9_TTMP6_TRAP_ID_LOW, GFX9_TTMP6_TRAP_ID_WIDTH },
	.saved_halt = { 6, GFX9_TTMP6_SAVED_HALT_BIT, 1 },
	.stopped = { 6, GFX9_TTMP6_STOPPED_BIT, 1 },
	.no_setup = { 6, GFX9_TTMP6_NO_SETUP_BIT, 1 },
	.initialised = { 11, GFX940_TTMP11_INITIALISED_BIT, 1 },
	.packet_index = { 11, GFX940_TTMP11_PACKET_INDEX_LOW, GFX940_TTMP11_PACKET_INDEX_WIDTH },
	.wave_in_group = { 11, GFX9_TTMP11_WAVE_IN_GROUP_LOW, GFX9_TTMP11_WAVE_IN_GROUP_WIDTH },
	.group = { { 8, 0, 32 }, { 9, 0, 32 }, { 10, 0, 32 } },
	.spi_ttmps = 0x0F00, /* ttmp8 to ttmp11 */

	.reasons = reasons,
	.always_clear_hwreg = GFX9_SAVE_TRAPSTS,
	.always_clear = BEGIN_END,

	.ring_waves = { 0, 12 },
	.ring_wave_size = { 12, 13 },
	.ring_unit = 1024,

	.sopp = sopp_flow,
	.sop1 = sop1_flow,
	.sopk = sopk_flow,
	.sop2 = sop2_flow,
	.opcodes = &opcodes,
};

static const struct gfx_wave_ops ops = {
	.insn_decode = gfx9_insn_decode,
	.insn_effect = gfx9_insn_effect,
	.insn_use = gfx9_insn_use,
	.insn_access = gfx9_insn_access,
};

static const uint32_t versions[] = { 90400, 90401, 90402, 0 };
static const uint8_t elf_machs[] = { 0x40, 0x4B, 0x4C, 0 };

static const struct gfx_pattern counts[] = {
	{ 0xFFFF0000, 0xD28B0000 }, /* v_bcnt_u32_b32 */
	{ 0xFE01FE00, 0x7E005A00 }, /* v_ffbh_u32 */
	{ 0xFE01FE00, 0x7E005C00 }, /* v_ffbl_b32 */
	{ 0xFFFF0000, 0xD16D0000 }, /* the same with two dwords */
	{ 0xFFFF0000, 0xD16E0000 },
	{ 0xFF80FE00, 0xBE800A00 }, /* s_bcnt0_i32_b32, _b64 */
	{ 0xFF80FE00, 0xBE800C00 }, /* s_bcnt1_i32_b32, _b64 */
	{ 0xFF80FE00, 0xBE800E00 }, /* s_ff0_i32_b32, _b64 */
	{ 0xFF80FE00, 0xBE801000 }, /* s_ff1_i32_b32, _b64 */
	{ 0xFF80FE00, 0xBE801200 }, /* s_flbit_i32_b32, _b64 */
	{ 0, 0 },
};

static const struct gfx_pattern idle[] = {
	{ 0xFFFF0000, 0xBF800000 }, /* s_nop */
	{ 0xFFFF0000, 0xBF8C0000 }, /* s_waitcnt */
	{ 0xFE01FF00, 0x7E000300 }, /* v_mov_b32 from a vector register */
	{ 0xFE01FF00, 0x7E007100 }, /* v_mov_b64 from vector registers */
	{ 0, 0 },
};

const struct gfx_family gfx942_family = {
	.name = "gfx942",
	.versions = versions,
	.elf_machs = elf_machs,
	.regs = regs,
	.n_regs = N_REGS,
	.n_scalar_regs = N_REGS - N_VECTORS,
	.max_lanes = 64,
	.trap_insn = 0xBF920000,
	.endpgm_insn = 0xBF810000,
	.nop_insn = 0xBF800000,
	.counts = counts,
	.idle = idle,
	.branch_insn = 0xBF820000,
	.max_insn_bytes = 8,
	.parks = false,
	.has_step_status = true,
	.ttmps_always_valid = false,
	.architected_scratch = true,
	.watch_registers = 4,
	.watch_mask_low = 7,
	.watch_mask_high = 30,
	.layout = &layout,
	.ops = &ops,
};
