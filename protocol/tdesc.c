#include "protocol/tdesc.h"

#include "protocol/tdesc_xml.h"
#include "protocol/xfer.h"

const struct rsp_reg *rsp_tdesc_reg(const struct rsp_tdesc *desc, size_t regno)
{
	for (size_t i = 0; i < desc->n_features; i++) {
		if (regno < desc->features[i].n_regs)
			return &desc->features[i].regs[regno];
		regno -= desc->features[i].n_regs;
	}
	return NULL;
}

size_t rsp_tdesc_n_regs(const struct rsp_tdesc *desc)
{
	size_t n = 0;
	for (size_t i = 0; i < desc->n_features; i++)
		n += desc->features[i].n_regs;
	return n;
}

size_t rsp_tdesc_largest(const struct rsp_tdesc *desc)
{
	size_t largest = 0;
	for (size_t i = 0; i < desc->n_features; i++)
		for (size_t k = 0; k < desc->features[i].n_regs; k++)
			if (desc->features[i].regs[k].bits / 8 > largest)
				largest = desc->features[i].regs[k].bits / 8;
	return largest;
}

size_t rsp_tdesc_g_bytes(const struct rsp_tdesc *desc)
{
	size_t bytes = 0;
	for (size_t i = 0; i < desc->n_in_g; i++) {
		const struct rsp_reg *reg = rsp_tdesc_reg(desc, i);
		bytes += reg ? reg->bits / 8 : 0;
	}
	return bytes;
}

static void attribute(struct rsp_buf *out, const char *name, const char *value)
{
	rsp_buf_printf(out, " %s=\"", name);
	rsp_xml_text(out, value);
	rsp_buf_puts(out, "\"");
}

static void write_flags(struct rsp_buf *out, const struct rsp_type *type)
{
	rsp_buf_puts(out, "<flags");
	attribute(out, "id", type->id);
	rsp_buf_printf(out, " size=\"%u\">\n", type->size);
	for (const struct rsp_type_field *f = type->fields; f->name; f++) {
		rsp_buf_puts(out, "<field");
		attribute(out, "name", f->name);
		rsp_buf_printf(out, " start=\"%u\" end=\"%u\"/>\n", f->low, f->high);
	}
	rsp_buf_puts(out, "</flags>\n");
}

static void write_type(struct rsp_buf *out, const struct rsp_type *type)
{
	switch (type->kind) {
	case RSP_TYPE_VECTOR:
		rsp_buf_puts(out, "<vector");
		attribute(out, "id", type->id);
		attribute(out, "type", type->element);
		rsp_buf_printf(out, " count=\"%u\"/>\n", type->count);
		break;
	case RSP_TYPE_FLAGS:
		write_flags(out, type);
		break;
	case RSP_TYPE_RAW:
		rsp_buf_puts(out, type->xml);
		rsp_buf_puts(out, "\n");
		break;
	}
}

static void write_reg(struct rsp_buf *out, const struct rsp_reg *reg, size_t regno)
{
	rsp_buf_puts(out, "<reg");
	attribute(out, "name", reg->name);
	rsp_buf_printf(out, " bitsize=\"%u\"", reg->bits);
	if (reg->type)
		attribute(out, "type", reg->type);
	rsp_buf_printf(out, " regnum=\"%zu\"", regno);
	if (reg->group)
		attribute(out, "group", reg->group);
	rsp_buf_puts(out, "/>\n");
}

void rsp_tdesc_xml(const struct rsp_tdesc *desc, struct rsp_buf *out)
{
	size_t regno = 0;
	rsp_buf_puts(out, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n<architecture>");
	rsp_xml_text(out, desc->architecture);
	rsp_buf_puts(out, "</architecture>\n");
	if (desc->osabi) {
		rsp_buf_puts(out, "<osabi>");
		rsp_xml_text(out, desc->osabi);
		rsp_buf_puts(out, "</osabi>\n");
	}
	for (size_t i = 0; i < desc->n_features; i++) {
		const struct rsp_feature *feature = &desc->features[i];
		rsp_buf_puts(out, "<feature");
		attribute(out, "name", feature->name);
		rsp_buf_puts(out, ">\n");
		for (size_t k = 0; k < feature->n_types; k++)
			write_type(out, &feature->types[k]);
		for (size_t k = 0; k < feature->n_regs; k++)
			write_reg(out, &feature->regs[k], regno++);
		rsp_buf_puts(out, "</feature>\n");
	}
	rsp_buf_puts(out, "</target>\n");
}
