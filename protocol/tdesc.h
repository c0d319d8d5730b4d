/* Target descriptions as data: features, vector types, flag types and registers in one table per view. The XML document, the layout
 * of `g` and the register numbers of `p` all come from the same rows. */
#ifndef PROTOCOL_TDESC_H
#define PROTOCOL_TDESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A user-defined type, written out before the registers of its feature. */
struct rsp_type {
	const char *id;
	enum { RSP_TYPE_VECTOR, RSP_TYPE_FLAGS, RSP_TYPE_RAW } kind;
	const char *element; /* VECTOR: element type */
	unsigned count;      /* VECTOR: number of elements */
	const struct rsp_type_field *fields; /* FLAGS: fields, ended by a NULL name */
	unsigned size;                       /* FLAGS: bytes */
	const char *xml;                     /* RAW: the element as it stands */
};

struct rsp_type_field {
	const char *name; /* [A-Za-z_][A-Za-z0-9_]* */
	unsigned low, high; /* bits, inclusive */
};

struct rsp_reg {
	const char *name;
	unsigned bits;     /* multiple of 8 */
	const char *type;  /* "int32", "code_ptr", or the id of a struct rsp_type of the same feature */
	const char *group; /* "general", "vector", ...; NULL lets the client choose */
};

struct rsp_feature {
	const char *name; /* "org.gnu.gdb.i386.core" */
	const struct rsp_type *types;
	size_t n_types;
	const struct rsp_reg *regs;
	size_t n_regs;
};

/* Register numbers run through the features in order, from 0. */
struct rsp_tdesc {
	const char *architecture; /* "i386:x86-64" */
	const char *osabi;        /* "none"; NULL leaves the element out */
	const struct rsp_feature *features;
	size_t n_features;
	size_t n_in_g; /* registers 0..n_in_g-1 are in `g`; the rest is read by `p` only */
	/* The registers that go into every stop reply, by number. */
	const uint16_t *expedite;
	size_t n_expedite;
};

/* Row of register `regno`, NULL when there is none. */
const struct rsp_reg *rsp_tdesc_reg(const struct rsp_tdesc *desc, size_t regno);
size_t rsp_tdesc_n_regs(const struct rsp_tdesc *desc);

#endif
