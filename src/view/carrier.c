#include "src/view/carrier.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "src/view/internal.h"

/* ------------------------------------------------------------------ x86-64 */

#define R64(name_) { .name = name_, .bits = 64, .type = "int64", .group = "general" }
#define R32(name_) { .name = name_, .bits = 32, .type = "int32", .group = "general" }
#define ST(name_) { .name = name_, .bits = 80, .type = "i387_ext", .group = "float" }
#define FP(name_) { .name = name_, .bits = 32, .type = "int", .group = "float" }

/* Names are fixed by the feature, order by what clients expect before they have read this; enum view_x86 counts along. Clients take a register that
 * `g` does not tell for zero when they look for a function's result, but one that `p` refuses for an error. So rax and rdx are not in `g`, and
 * others have their places there. */
static const struct rsp_reg x86_regs[] = {
	R64("wave_id"), R64("rbx"), R64("rcx"), R64("kernarg"), R64("rsi"), R64("rdi"),
	{ .name = "rbp", .bits = 64, .type = "data_ptr", .group = "general" },
	{ .name = "rsp", .bits = 64, .type = "data_ptr", .group = "general" },
	R64("r8"), R64("r9"), R64("r10"), R64("r11"), R64("r12"), R64("r13"), R64("r14"), R64("r15"),
	{ .name = "rip", .bits = 64, .type = "code_ptr", .group = "general" },
	{ .name = "eflags", .bits = 32, .type = "i386_eflags", .group = "general" },
	R32("cs"), R32("ss"), R32("ds"), R32("es"), R32("fs"), R32("gs"),
	ST("st0"), ST("st1"), ST("st2"), ST("st3"), ST("st4"), ST("st5"), ST("st6"), ST("st7"),
	FP("fctrl"), FP("fstat"), FP("ftag"), FP("fiseg"), FP("fioff"), FP("foseg"), FP("fooff"), FP("fop"),
	R64("rax"), R64("rdx"),
};
_Static_assert(sizeof x86_regs / sizeof *x86_regs == VIEW_N_CORE, "one row per register of the feature");

#define XMM(name_) { .name = name_, .bits = 128, .type = "vec128", .group = "vector" }

/* Results of functions are taken from here; without the feature a client that looks for one ends in an internal error. */
static const struct rsp_reg sse_regs[] = {
	XMM("xmm0"), XMM("xmm1"), XMM("xmm2"), XMM("xmm3"), XMM("xmm4"), XMM("xmm5"), XMM("xmm6"), XMM("xmm7"), XMM("xmm8"), XMM("xmm9"),
	XMM("xmm10"), XMM("xmm11"), XMM("xmm12"), XMM("xmm13"), XMM("xmm14"), XMM("xmm15"),
	{ .name = "mxcsr", .bits = 32, .type = "int", .group = "vector" },
};
_Static_assert(VIEW_N_CORE + sizeof sse_regs / sizeof *sse_regs == VIEW_N_X86, "one row per register of the feature");

static const struct rsp_type_field eflags[] = {
	{ "CF", 0, 0 }, { "PF", 2, 2 }, { "AF", 4, 4 }, { "ZF", 6, 6 }, { "SF", 7, 7 }, { "TF", 8, 8 }, { "IF", 9, 9 }, { "DF", 10, 10 },
	{ "OF", 11, 11 }, { "NT", 14, 14 }, { "RF", 16, 16 }, { "VM", 17, 17 }, { "AC", 18, 18 }, { "VIF", 19, 19 }, { "VIP", 20, 20 },
	{ "ID", 21, 21 }, { NULL, 0, 0 },
};

static const struct rsp_type x86_types[] = { { .id = "i386_eflags", .kind = RSP_TYPE_FLAGS, .fields = eflags, .size = 4 } };

static const struct rsp_type sse_types[] = {
	{ .id = "v4f", .kind = RSP_TYPE_VECTOR, .element = "ieee_single", .count = 4 },
	{ .id = "v2d", .kind = RSP_TYPE_VECTOR, .element = "ieee_double", .count = 2 },
	{ .id = "v16i8", .kind = RSP_TYPE_VECTOR, .element = "int8", .count = 16 },
	{ .id = "v8i16", .kind = RSP_TYPE_VECTOR, .element = "int16", .count = 8 },
	{ .id = "v4i32", .kind = RSP_TYPE_VECTOR, .element = "int32", .count = 4 },
	{ .id = "v2i64", .kind = RSP_TYPE_VECTOR, .element = "int64", .count = 2 },
	{ .id = "vec128", .kind = RSP_TYPE_RAW,
		.xml = "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/><field name=\"v2_double\" type=\"v2d\"/>"
		       "<field name=\"v16_int8\" type=\"v16i8\"/><field name=\"v8_int16\" type=\"v8i16\"/>"
		       "<field name=\"v4_int32\" type=\"v4i32\"/><field name=\"v2_int64\" type=\"v2i64\"/>"
		       "<field name=\"uint128\" type=\"uint128\"/></union>" },
};

static const struct rsp_feature x86_core[] = {
	{ .name = "org.gnu.gdb.i386.core", .types = x86_types, .n_types = 1, .regs = x86_regs, .n_regs = VIEW_N_CORE },
	{ .name = "org.gnu.gdb.i386.sse", .types = sse_types, .n_types = sizeof sse_types / sizeof *sse_types, .regs = sse_regs,
		.n_regs = sizeof sse_regs / sizeof *sse_regs },
};

static const uint8_t x86_roles[VIEW_N_X86] = {
	[VIEW_RBP] = VIEW_FRAME, [VIEW_RSP] = VIEW_FRAME, [VIEW_RIP] = VIEW_PC,
	[VIEW_WAVE_ID] = VIEW_WAVE, [VIEW_KERNARG] = VIEW_ARGUMENTS, [VIEW_RAX] = VIEW_RESULT, [VIEW_RDX] = VIEW_RESULT, [VIEW_XMM0] = VIEW_RESULT,
	[VIEW_XMM1] = VIEW_RESULT, [VIEW_R12] = VIEW_TOLD, [VIEW_R13] = VIEW_PRIVATE, [VIEW_R14] = VIEW_REGISTERS, [VIEW_R15] = VIEW_LDS,
};

static const uint16_t x86_expedite[] = { VIEW_RBP, VIEW_RSP, VIEW_RIP };

#define X86_64 \
	.name = "x86-64", \
	.architecture = "i386:x86-64", \
	.machine = EM_X86_64, \
	.core = x86_core, \
	.n_core = sizeof x86_core / sizeof *x86_core, \
	.n_in_g = VIEW_IN_G, \
	.roles = x86_roles, \
	.expedite = x86_expedite, \
	.n_expedite = sizeof x86_expedite / sizeof *x86_expedite, \
	.dwarf_return = 16, \
	.dwarf_stack = 7, \
	.ret_c3 = true, \
	.results = true,

static const struct view_carrier newer_x86_64 = { X86_64 .place_expressions = true };
const struct view_carrier view_x86_64 = { X86_64 .newer = &newer_x86_64 };

/* ------------------------------------------------------------------ aarch64 */

enum { ARM_X0, ARM_X6 = 6, ARM_X12 = 12, ARM_X13, ARM_X14, ARM_X15, ARM_X29 = 29, ARM_X30, ARM_SP, ARM_PC, ARM_CPSR, ARM_N };

#define PTR(name_, type_) { .name = name_, .bits = 64, .type = type_, .group = "general" }

/* Order and names are fixed by the feature; enum above counts along. */
static const struct rsp_reg arm_regs[] = {
	R64("x0"), R64("x1"), R64("x2"), R64("x3"), R64("x4"), R64("x5"), R64("x6"), R64("x7"), R64("x8"), R64("x9"), R64("x10"), R64("x11"),
	R64("x12"), R64("x13"), R64("x14"), R64("x15"), R64("x16"), R64("x17"), R64("x18"), R64("x19"), R64("x20"), R64("x21"), R64("x22"),
	R64("x23"), R64("x24"), R64("x25"), R64("x26"), R64("x27"), R64("x28"), R64("x29"), R64("x30"), PTR("sp", "data_ptr"),
	PTR("pc", "code_ptr"), R32("cpsr"),
};
_Static_assert(sizeof arm_regs / sizeof *arm_regs == ARM_N, "one row per register of the feature");

static const struct rsp_feature arm_core = { .name = "org.gnu.gdb.aarch64.core", .regs = arm_regs, .n_regs = ARM_N };

static const uint8_t arm_roles[ARM_N] = {
	[ARM_X6] = VIEW_FRAME, [ARM_X29] = VIEW_FRAME, [ARM_SP] = VIEW_FRAME, [ARM_PC] = VIEW_PC,
	[ARM_X12] = VIEW_TOLD, [ARM_X13] = VIEW_PRIVATE, [ARM_X14] = VIEW_REGISTERS, [ARM_X15] = VIEW_LDS,
};

/* Of a host thread, which is none of this machine, where it is. */
static const int8_t arm_host[ARM_N] = {
	[ARM_X0 ... ARM_X30] = VIEW_NO_HOST, [ARM_SP] = VIEW_RSP, [ARM_PC] = VIEW_RIP, [ARM_CPSR] = VIEW_NO_HOST,
};

static const uint16_t arm_expedite[] = { ARM_X6, ARM_SP, ARM_PC };

#define AARCH64 \
	.name = "aarch64", \
	.architecture = "aarch64", \
	.machine = EM_AARCH64, \
	.core = &arm_core, \
	.n_core = 1, \
	.n_in_g = ARM_N, \
	.roles = arm_roles, \
	.host = arm_host, \
	.expedite = arm_expedite, \
	.n_expedite = sizeof arm_expedite / sizeof *arm_expedite, \
	.dwarf_return = 30, \
	.dwarf_stack = 31,

static const struct view_carrier newer_aarch64 = { AARCH64 .place_expressions = true };
const struct view_carrier view_aarch64 = { AARCH64 .newer = &newer_aarch64 };

/* ------------------------------------------------------------------ which */

size_t view_carrier_n_regs(const struct view_carrier *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n_core; i++)
		n += c->core[i].n_regs;
	return n;
}

static const struct view_carrier *const carriers[] = { &view_x86_64, &view_aarch64 };

const struct view_carrier *view_carrier_named(const char *name)
{
	for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++)
		if (strcmp(carriers[i]->name, name) == 0)
			return carriers[i];
	return NULL;
}

/* Clients for Arm name "arm" and not "i386"; those for both name both. */
const struct view_carrier *view_carrier_for(const char *registers, bool gdb)
{
	bool arm = gdb && !*registers;
	for (const char *at = registers; *at; at += strspn(at, ",")) {
		size_t n = strcspn(at, ",");
		if (n == 4 && memcmp(at, "i386", n) == 0)
			return &view_x86_64;
		arm |= (n == 3 && memcmp(at, "arm", n) == 0) || (n == 7 && memcmp(at, "aarch64", n) == 0);
		at += n;
	}
	return arm ? &view_aarch64 : &view_x86_64;
}
