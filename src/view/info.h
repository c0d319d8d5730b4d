/* What the files of the rewriter of debug information share: what is known of a file's entries and lists, and what has been written of them. */
#ifndef SRC_VIEW_INFO_H
#define SRC_VIEW_INFO_H

#include "src/view/bytes.h"
#include "src/view/dwarf.h"
#include "src/view/expr.h"
#include "src/view/whole.h"

enum {
	AT_LOCATION = 0x02, AT_CONST_VALUE = 0x1c, AT_NOTHING = 0x6f /* string_length_bit_size: of no variable */, AT_BYTE_SIZE = 0x0b, AT_LOW_PC = 0x11, AT_HIGH_PC = 0x12, AT_UPPER_BOUND = 0x2f, AT_ADDRESS_CLASS = 0x33, AT_COUNT = 0x37,
	AT_FRAME_BASE = 0x40, AT_NAME = 0x03, AT_LANGUAGE = 0x13, AT_EXTERNAL = 0x3f, AT_STR_OFFSETS_BASE = 0x72, AT_ABSTRACT_ORIGIN = 0x31, AT_SPECIFICATION = 0x47, AT_TYPE = 0x49,
	AT_ADDR_BASE = 0x73, AT_CALL_ALL_CALLS = 0x7a,
	AT_BIT_OFFSET = 0x0c, AT_BIT_SIZE = 0x0d, AT_CONVENTION = 0x36, AT_MEMBER_LOCATION = 0x38, AT_ENCODING = 0x3e, AT_DATA_BIT_OFFSET = 0x6b,
	AT_ALIGNMENT = 0x88, AT_DATA_LOCATION = 0x50, AT_ALLOCATED = 0x4e, AT_GNU_VECTOR = 0x2107, AT_GNU_ALL_CALL_SITES = 0x2117, AT_LOCLISTS_BASE = 0x8c,
	TAG_ARRAY = 0x01, TAG_COMPILE_UNIT = 0x11, TAG_CLASS = 0x02, TAG_ENUM = 0x04, TAG_PARAMETER = 0x05, TAG_POINTER = 0x0f, TAG_REFERENCE = 0x10, TAG_STRUCTURE = 0x13,
	TAG_TYPEDEF = 0x16, TAG_UNION = 0x17, TAG_SUBRANGE = 0x21, TAG_BASE = 0x24, TAG_CONST = 0x26, TAG_SUBPROGRAM = 0x2e, TAG_VARIABLE = 0x34,
	TAG_DWARF_PROCEDURE = 0x36, TAG_MEMBER = 0x0d, TAG_SUBROUTINE_TYPE = 0x15, TAG_INLINED = 0x1d, TAG_INHERITANCE = 0x1c,
	TAG_CONSTANT = 0x27, TAG_ENUMERATOR = 0x28, TAG_VOLATILE = 0x35, TAG_RESTRICT = 0x37, TAG_RVALUE_REFERENCE = 0x42, TAG_ATOMIC = 0x47, TAG_CALL_SITE = 0x48,
	TAG_CALL_PARAMETER = 0x49, TAG_GNU_CALL_SITE = 0x4109, TAG_GNU_CALL_PARAMETER = 0x410a,
	POINTER_BYTES = 8, SMALL_POINTER_BYTES = 4, OP_BREG6 = 0x76,
	FORM_ADDR = 0x01, FORM_BLOCK2 = 0x03, FORM_BLOCK4 = 0x04, FORM_DATA2 = 0x05, FORM_DATA4 = 0x06, FORM_DATA8 = 0x07, FORM_STRING = 0x08,
	FORM_BLOCK = 0x09, FORM_BLOCK1 = 0x0a, FORM_DATA1 = 0x0b, FORM_FLAG = 0x0c, FORM_SDATA = 0x0d, FORM_STRP = 0x0e, FORM_UDATA = 0x0f,
	FORM_REF_ADDR = 0x10, FORM_REF1 = 0x11, FORM_REF2 = 0x12, FORM_REF4 = 0x13, FORM_REF8 = 0x14, FORM_REF_UDATA = 0x15, FORM_INDIRECT = 0x16,
	FORM_SEC_OFFSET = 0x17, FORM_EXPRLOC = 0x18, FORM_FLAG_PRESENT = 0x19, FORM_STRX = 0x1a, FORM_ADDRX = 0x1b, FORM_REF_SUP4 = 0x1c,
	FORM_STRP_SUP = 0x1d, FORM_DATA16 = 0x1e, FORM_LINE_STRP = 0x1f, FORM_REF_SIG8 = 0x20, FORM_IMPLICIT_CONST = 0x21, FORM_LOCLISTX = 0x22,
	FORM_RNGLISTX = 0x23, FORM_REF_SUP8 = 0x24, FORM_STRX1 = 0x25, FORM_STRX2 = 0x26, FORM_STRX3 = 0x27, FORM_STRX4 = 0x28, FORM_ADDRX1 = 0x29,
	FORM_ADDRX2 = 0x2a, FORM_ADDRX3 = 0x2b, FORM_ADDRX4 = 0x2c,
	UT_TYPE = 0x02, UT_SKELETON = 0x04, UT_SPLIT_COMPILE = 0x05, UT_SPLIT_TYPE = 0x06,
};

struct view_decl {
	uint64_t code, tag;
	size_t list; /* position of its attributes */
	size_t tail; /* and of the two zeros that end them */
	bool children;
	size_t constant; /* of variables: position of the name of the attribute that says a constant; 0 none */
	bool doubted;    /* that constant is not believed of one of them, so of none */
	bool convention; /* of functions: has an attribute that names one; otherwise it gets one (view_result_known) */
};

struct view_unit {
	size_t at, end;     /* from its length on */
	size_t new_at;
	size_t entries;     /* position of the first */
	unsigned version, offset_bytes;
	size_t abbrev_field, type_field; /* positions in its header; type_field 0: none */
	uint64_t abbrev;    /* offset of its table */
	size_t abbrev_end;  /* position of the table's last zero */
	uint64_t addr_base, loclists_base, str_offsets_base;
	uint64_t low;       /* address that location lists count from */
	struct view_decl *abbrevs;
	size_t n_abbrevs;
	uint64_t small_code; /* first abbreviation added to the table, for pointers of four bytes; the one behind them is that of absent.c */
	size_t small_at;     /* position in the output of such a pointer that says nothing of its target */
	size_t word_at;      /* of a type of eight bytes, for what is read of a place (info_follow.c) */
	bool cplus;
	uint32_t absent_at;  /* of the entry whose location is the list of absent.c, from the unit's start; 0 none */
	size_t absent_ref;   /* position of the list's offset in the output */
};

struct view_die {
	size_t at, new_at;
	uint64_t tag;      /* 0: end of a list */
	size_t type;       /* position of its type's entry; 0 none */
	size_t origin;     /* entry that it is an instance or a part of; 0 none */
	uint64_t bytes, count;
	unsigned space;    /* of a pointer */
	size_t small_at;   /* of a pointer: position in the output of what stands for it where it keeps its four bytes; 0 none */
	struct {
		uint32_t at, place_at; /* from the unit's start in the output; 0 none */
	} copies[2];       /* of a type: what such pointers lead to that can be followed, by the space less one, and what says where it is */
	size_t follow_at;  /* the same of what stands for it where clients can follow it all the same; 0 none */
	size_t row_at;     /* of an array of such pointers: of the array of generic pointers that stands for it as a variable; 0 none */
	size_t scope;      /* index of the function around it; SIZE_MAX none */
	bool has_count, names_lds, lds_known;
	bool in_loop;      /* in a register that a loop changes */
	bool is_static;
	uint32_t align;    /* asked for; 0 not */
	uint32_t lds_at;   /* if lds_known: place in LDS */
	const char *name;  /* NULL: none, or not to be found */
	uint64_t low, high; /* of a function */
	bool has_low, has_location;
	bool counts;       /* a function that counts bits (view_loops_counts) */
	bool inlined;      /* a part of a call that was inlined */
	/* of types and members, for results of functions */
	uint64_t offset;     /* of a member */
	uint8_t encoding;
	bool children, vector, optimised;
	bool odd;            /* laid out in a way that is not followed: bit-fields, alignments of its own, passed by reference */
};

/* A location list and what it is the location of. */
struct view_list {
	size_t at, new_at;
	const struct view_unit *unit; /* NULL: the base of a table, or a place that another record describes */
	size_t die;
	bool shared; /* by several variables: nothing may be assumed */
	bool v5;     /* in .debug_loclists, not .debug_loc */
	bool placed;
};

struct view_fixup {
	size_t at;         /* position in the output */
	uint64_t target;   /* position in the old section */
	uint64_t base;     /* position in the new one that the reference counts from */
	uint8_t bytes;
	bool uleb;
	bool v5;
	const struct view_die *small; /* the target is what stands for this pointer, or array of pointers, of four bytes */
	enum { VIEW_AS_IT_IS, VIEW_AS_PART, VIEW_AS_ROW } as;
	const struct view_unit *any_small; /* or this unit's pointer that says nothing of its target */
};

struct view_info {
	struct view_dwarf *d;
	struct view_unit *units;
	size_t n_units;
	struct view_die *dies;
	size_t n_dies, room_dies;
	struct view_list *lists;
	size_t n_lists, room_lists;
	struct view_fixup *infos;        /* references to entries */
	size_t n_infos, room_infos;
	struct view_fixup *list_refs;    /* references from .debug_info to lists */
	size_t n_list_refs, room_list_refs;
	struct view_first_writes first_writes;
	bool out_of_memory;
};

struct view_attribute {
	uint64_t name, form;
	size_t at, end;    /* bytes of the value, with an indirect form */
	size_t number_at;  /* bytes of the value proper */
	uint64_t number;
	size_t block_at, block_n;
	bool is_addrx, is_block;
};

/* --- view/dwarf.c: arrays that grow; NULL, false: no memory (s->out_of_memory) --- */
void *view_grow(struct view_info *s, void *array, size_t *n, size_t *room, size_t each);
bool view_add_fixup(struct view_info *s, struct view_fixup **array, size_t *n, size_t *room, struct view_fixup f);

/* --- view/info_form.c: how entries are cut --- */
/* Reads the next attribute; false at the end of the list or when it is damaged (list->bad, c->bad). */
bool view_next_attribute(struct view_cur *c, struct view_cur *list, const struct view_unit *u, struct view_attribute *a);
bool view_read_decls(struct view_info *s, struct view_unit *u);
const struct view_decl *view_decl_of(const struct view_unit *u, uint64_t code); /* NULL: no such abbreviation */
/* Position of the entry that a reference names; 0: in another unit's language (signatures, supplementary files). */
size_t view_target_of(const struct view_unit *u, const struct view_attribute *a);
bool view_is_list_attribute(uint64_t name); /* it may hold a location list */

/* --- view/info_read.c: the first pass --- */
uint64_t view_unit_length(struct view_cur *c, unsigned *offset_bytes); /* c->bad: it does not fit */
bool view_read_unit_header(struct view_cur *all, struct view_unit *u);
bool view_note_unit(struct view_info *s, struct view_unit *u);
bool view_indexed_address(const struct view_dwarf *d, const struct view_unit *u, uint64_t index, uint64_t *out); /* of .debug_addr; false: not there */
const struct view_kernel *view_kernel_at(const struct view_dwarf *d, uint64_t entry); /* NULL none */

/* --- view/info_type.c --- */
struct view_die *view_die_at(const struct view_info *s, size_t at); /* NULL none */
/* The type behind names and qualifiers; NULL unknown. */
struct view_die *view_plain_type(const struct view_info *s, size_t at);
/* Type of a variable, or of a function's result, also by way of what it is an instance of; 0 none. */
size_t view_type_of(const struct view_info *s, const struct view_die *die);
/* Bytes of a type; 0 unknown. */
uint64_t view_type_bytes(const struct view_info *s, size_t type);
/* Whether optimisers work out such numbers in part where only a part is wanted: integers, and what may hold some. */
bool view_type_in_part(const struct view_info *s, size_t type);
/* Address space of a pointer type that is stored in four bytes. */
unsigned view_small_space(const struct view_info *s, size_t type);
/* An array of such pointers; NULL: it is none. */
const struct view_die *view_small_array(const struct view_info *s, size_t type);
/* What the encoder has to know of a variable; die may be NULL. `c` must live as long as x is used. */
struct view_unit_context {
	const struct view_info *s;
	const struct view_unit *u;
};
void view_describe(const struct view_info *s, const struct view_unit *u, const struct view_die *die, struct view_unit_context *c,
	struct view_expr_context *x);

/* --- view/info_result.c: whether a client finds the result of a function, or that there is none, in the carrier's registers of results, which
 * are v0 to v3 of a lane --- */
bool view_result_known(const struct view_info *s, const struct view_die *function);
bool view_takes_convention(uint64_t tag); /* entries that say how a function is called */

/* --- view/lds.c: finds places of variables in LDS, when all units have been noted; false: no memory --- */
bool view_lds_place(struct view_info *s);

/* --- view/info_write.c: the second pass. `text` is room for one expression --- */
bool view_put_unit(struct view_info *s, struct view_unit *u, const struct view_unit *before, uint64_t *abbrevs, size_t *index, struct view_bytes *text);
/* The location of an entry of a unit from `low` on, into text. UINT64_MAX: not known. */
bool view_constant_doubted(const struct view_info *s, const struct view_die *die); /* a constant that the compiler says of it is not believed */
bool view_put_expression(struct view_info *s, const struct view_unit *u, const struct view_die *die, const uint8_t *e, size_t n, uint64_t low, uint64_t high,
	struct view_bytes *text);
/* Writes an entry's abbreviation and attributes once more, for a copy of it. */
bool view_put_copy(struct view_info *s, const struct view_unit *u, const struct view_die *die, struct view_bytes *text);
/* Writes one reference whose target has its place now. */
bool view_settle(const struct view_info *s, uint8_t *out, const struct view_fixup *f);

/* --- view/info_small.c: what stands for pointers that keep their four bytes; for those among the entries [first, end), which are a unit's.
 * `text` is room for one expression --- */
bool view_put_small_pointers(struct view_info *s, struct view_unit *u, size_t first, size_t end, struct view_bytes *text);
/* Abbreviations added to each table, from u->small_code on. */
enum view_small_code {
	SMALL_BOX, SMALL_BYTES, SMALL_NAME, SMALL_POINTER,
	SMALL_BASE, SMALL_ENUM, SMALL_STRUCTURE, SMALL_UNION, SMALL_ARRAY, SMALL_VECTOR, SMALL_ROW, SMALL_PART, SMALL_PLACE, SMALL_PLACED, SMALL_COMPUTED,
	VIEW_SMALL_CODES
};
void view_put_small_abbrevs(const struct view_unit *u, struct view_bytes *out);
void view_put_small_code(const struct view_unit *u, struct view_bytes *out, enum view_small_code which);
/* Four bytes that refer to a type of the same unit. */
bool view_put_small_type(struct view_info *s, const struct view_unit *u, size_t type);

/* --- view/info_follow.c: such pointers that clients can follow, as parts of structures, in three steps: what stands outside of the entry that hides
 * names, and inside it what else is needed. `name` is that of the type pointed to. Where it is of no such kind nothing is written, and
 * pointer->follow_at is 0; false: no memory --- */
void view_put_word(struct view_unit *u, struct view_bytes *out);
bool view_put_followed_structure(struct view_info *s, const struct view_unit *u, const struct view_die *pointer, struct view_bytes *text);
bool view_put_followed(struct view_info *s, const struct view_unit *u, struct view_die *pointer, const char *name, struct view_bytes *text);
/* What stands for an array of such pointers that is a variable. */
bool view_put_row(struct view_info *s, const struct view_unit *u, struct view_die *array, struct view_bytes *text);

/* --- view/info_lists.c --- */
void view_sort_lists(struct view_info *s);
struct view_list *view_find_list(const struct view_info *s, size_t at, bool v5); /* NULL none */
bool view_put_loc(struct view_info *s, struct view_bytes *text);
bool view_put_loclists(struct view_info *s, struct view_bytes *text);

/* --- view/absent.c: when all other lists are written --- */
bool view_put_absent(struct view_info *s);

#endif
