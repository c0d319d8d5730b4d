/* The carrier's description: the x86-64 core feature in full, then the GPU's registers from the family's rows. */
#include <stdlib.h>
#include <string.h>

#include "src/view_internal.h"

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

const struct rsp_feature view_x86_feature = {
	.name = "org.gnu.gdb.i386.core",
	.types = x86_types,
	.n_types = 1,
	.regs = x86_regs,
	.n_regs = VIEW_N_CORE,
};

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

const struct rsp_feature view_sse_feature = {
	.name = "org.gnu.gdb.i386.sse",
	.types = sse_types,
	.n_types = sizeof sse_types / sizeof *sse_types,
	.regs = sse_regs,
	.n_regs = sizeof sse_regs / sizeof *sse_regs,
};

static const uint16_t expedite[] = { VIEW_RBP, VIEW_RSP, VIEW_RIP };

static const char *group_of(enum gfx_reg_class class)
{
	switch (class) {
	case GFX_CLASS_VECTOR:
	case GFX_CLASS_ACC:
		return "vector";
	case GFX_CLASS_GENERAL:
	case GFX_CLASS_SCALAR:
		return "general";
	default:
		return "system";
	}
}

/* The PC is rip. */
static bool shown(const struct gfx_reg_row *row)
{
	return strcmp(row->name, "pc") != 0;
}

static bool has_type(const struct view *v, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v->types[i].id, id) == 0)
			return true;
	return false;
}

static size_t count_flags(const struct gfx_family *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n_regs; i++)
		for (const struct gfx_flag *flag = f->regs[i].flags; flag && flag->name; flag++)
			n++;
	return n;
}

/* Types that rows name and the protocol does not: flags, vectors of lanes. */
static size_t build_types(struct view *v)
{
	const struct gfx_family *f = v->family;
	struct rsp_type_field *field = v->fields;
	size_t n = 0;
	for (size_t i = 0; i < f->n_regs; i++) {
		const struct gfx_reg_row *row = &f->regs[i];
		if (!shown(row) || has_type(v, n, row->type))
			continue;
		if (row->lanes) {
			v->types[n++] = (struct rsp_type){ .id = row->type, .kind = RSP_TYPE_VECTOR, .element = "int32", .count = row->lanes };
		} else if (row->flags) {
			v->types[n++] = (struct rsp_type){ .id = row->type, .kind = RSP_TYPE_FLAGS, .fields = field, .size = row->bytes };
			for (const struct gfx_flag *flag = row->flags; flag->name; flag++)
				*field++ = (struct rsp_type_field){ flag->name, flag->low, flag->high };
			*field++ = (struct rsp_type_field){ NULL, 0, 0 };
		}
	}
	return n;
}

static void add(struct view *v, size_t *n, const struct rsp_reg *reg, enum view_reg_kind kind, size_t index)
{
	v->gpu_regs[*n] = *reg;
	v->regs[VIEW_N_X86 + *n] = (struct view_reg){ kind, (uint16_t)index };
	++*n;
}

static size_t build_regs(struct view *v)
{
	static const struct rsp_reg lane = { .name = "lane", .bits = 32, .type = "uint32", .group = "general" };
	const struct gfx_family *f = v->family;
	size_t n = 0;
	add(v, &n, &lane, VIEW_LANE, 0);
	for (size_t i = 0; i < f->n_regs; i++) {
		const struct gfx_reg_row *row = &f->regs[i];
		if (!shown(row))
			continue;
		struct rsp_reg reg = { .name = row->name, .bits = row->bytes * 8u, .type = row->type, .group = group_of(row->class) };
		add(v, &n, &reg, VIEW_GPU, i);
	}
	for (size_t i = 0; i < VIEW_N_PLACE; i++)
		add(v, &n, &view_place_regs[i], VIEW_PLACE, i);
	return n;
}

int view_tdesc_build(struct view *v, struct dbg_error *err)
{
	const struct gfx_family *f = v->family;
	size_t n_gpu = f ? f->n_regs + 1 + VIEW_N_PLACE : 0, n = 0;
	v->regs = calloc(VIEW_N_X86 + n_gpu, sizeof *v->regs);
	v->gpu_regs = calloc(n_gpu + 1, sizeof *v->gpu_regs);
	v->types = calloc(n_gpu + 1, sizeof *v->types);
	v->fields = calloc(f ? count_flags(f) + n_gpu : 1, sizeof *v->fields);
	if (!v->regs || !v->gpu_regs || !v->types || !v->fields)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for the target description");
	for (size_t i = 0; i < VIEW_N_X86; i++)
		v->regs[i] = (struct view_reg){ VIEW_X86, (uint16_t)i };
	v->features[0] = view_x86_feature;
	v->features[1] = view_sse_feature;
	if (f) {
		n = build_regs(v);
		v->features[2] = (struct rsp_feature){
			.name = "org.wavestub.amdgpu",
			.types = v->types,
			.n_types = build_types(v),
			.regs = v->gpu_regs,
			.n_regs = n,
		};
	}
	v->n_regs = VIEW_N_X86 + n;
	v->tdesc = (struct rsp_tdesc){
		.architecture = "i386:x86-64",
		.osabi = "none", /* keeps the client's own ideas of this machine's system away from GPU code */
		.features = v->features,
		.n_features = f ? 3 : 2,
		/* A client that runs a program reads registers once before it asks for this description, and refuses a longer `g` than it
		 * expects of x86-64. The rest is fetched one by one when somebody wants it. */
		.n_in_g = VIEW_IN_G,
		.expedite = expedite,
		.n_expedite = sizeof expedite / sizeof *expedite,
	};
	return 0;
}

void view_tdesc_free(struct view *v)
{
	free(v->regs);
	free(v->gpu_regs);
	free(v->types);
	free(v->fields);
}
