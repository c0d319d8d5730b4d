/* The description of the target: the carrier's core feature in full, then the GPU's registers from the family's rows. */
#include <stdlib.h>
#include <string.h>

#include "src/view/internal.h"

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

/* The PC is the carrier's. */
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
	v->regs[view_carrier_n_regs(v->carrier) + *n] = (struct view_reg){ kind, (uint16_t)index };
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
	const struct view_carrier *carrier = v->carrier;
	size_t n_core = view_carrier_n_regs(carrier), n_gpu = f ? f->n_regs + 1 + VIEW_N_PLACE : 0, n = 0;
	v->regs = calloc(n_core + n_gpu, sizeof *v->regs);
	v->gpu_regs = calloc(n_gpu + 1, sizeof *v->gpu_regs);
	v->types = calloc(n_gpu + 1, sizeof *v->types);
	v->fields = calloc(f ? count_flags(f) + n_gpu : 1, sizeof *v->fields);
	if (!v->regs || !v->gpu_regs || !v->types || !v->fields)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for the target description");
	for (size_t i = 0; i < n_core; i++)
		v->regs[i] = (struct view_reg){ VIEW_CORE, (uint16_t)i };
	memcpy(v->features, carrier->core, carrier->n_core * sizeof *carrier->core);
	if (f) {
		n = build_regs(v);
		v->features[carrier->n_core] = (struct rsp_feature){
			.name = "org.wavestub.amdgpu",
			.types = v->types,
			.n_types = build_types(v),
			.regs = v->gpu_regs,
			.n_regs = n,
		};
	}
	v->n_regs = n_core + n;
	v->tdesc = (struct rsp_tdesc){
		.architecture = carrier->architecture,
		.osabi = "none", /* keeps the client's own ideas of this machine's system away from GPU code */
		.features = v->features,
		.n_features = carrier->n_core + (f != NULL),
		/* A client that runs a program reads registers once before it asks for this description, and refuses a longer `g` than it
		 * expects of the architecture. The rest is fetched one by one when somebody wants it. */
		.n_in_g = carrier->n_in_g,
		.expedite = carrier->expedite,
		.n_expedite = carrier->n_expedite,
	};
	return 0;
}

void view_tdesc_free(struct view *v)
{
	free(v->regs);
	free(v->gpu_regs);
	free(v->types);
	free(v->fields);
	v->regs = NULL;
	v->n_regs = 0;
	v->gpu_regs = NULL;
	v->types = NULL;
	v->fields = NULL;
}
