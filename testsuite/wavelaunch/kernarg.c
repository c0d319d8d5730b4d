#include "testsuite/wavelaunch/kernarg.h"

#include <string.h>

enum { MIN_STACK = 16 << 10 };

static unsigned explicit_params(const struct wl_kernel *k)
{
	unsigned n = 0;
	for (unsigned i = 0; i < k->n_params; i++)
		n += k->params[i].kind != WL_PARAM_HIDDEN;
	return n;
}

/* Explicit parameter number `n`; the caller knows that there is one. */
static const struct wl_param *explicit_param(const struct wl_kernel *k, unsigned n)
{
	for (unsigned i = 0; i < k->n_params; i++)
		if (k->params[i].kind != WL_PARAM_HIDDEN && n-- == 0)
			return &k->params[i];
	return NULL;
}

static const char *wants(const struct wl_param *p)
{
	switch (p->kind) {
	case WL_PARAM_POINTER:
		return "a pointer to global memory: buf:BYTES (or u64:ADDRESS)";
	case WL_PARAM_LDS:
		return "a pointer to LDS: lds:BYTES";
	case WL_PARAM_VALUE:
		switch (p->size) {
		case 1:
			return "one byte: u8 or i8";
		case 2:
			return "two bytes: u16 or i16";
		case 4:
			return "four bytes: u32, i32 or f32";
		case 8:
			return "eight bytes: u64, i64 or f64";
		default:
			return "a structure: bytes:N=@FILE";
		}
	default:
		return "something that cannot be given here";
	}
}

static bool fits(const struct wl_param *p, const struct wl_value *v)
{
	switch (p->kind) {
	case WL_PARAM_POINTER:
		return v->kind == WL_VALUE_BUF || (v->kind == WL_VALUE_SCALAR && v->bytes == 8);
	case WL_PARAM_LDS:
		return v->kind == WL_VALUE_LDS;
	case WL_PARAM_VALUE:
		return (v->kind == WL_VALUE_SCALAR || v->kind == WL_VALUE_BYTES) && v->bytes == p->size;
	default:
		return false;
	}
}

int wl_kernarg_check(const struct wl_kernel *k, const struct wl_value *values, unsigned n, struct wl_err *err)
{
	unsigned expected = explicit_params(k);
	if (n != expected)
		return wl_fail(err, WL_USAGE, "kernel '%s' has %u argument%s, %u given", k->name, expected, expected == 1 ? "" : "s", n);
	for (unsigned i = 0; i < n; i++) {
		const struct wl_param *p = explicit_param(k, i);
		if (!fits(p, &values[i]))
			return wl_fail(err, WL_USAGE, "argument %u%s%s%s of kernel '%s' is %s (%u bytes, %s), not %s", i, p->name[0] ? " '" : "",
				       p->name, p->name[0] ? "'" : "", k->name, wants(p), p->size, p->value_kind, values[i].text);
	}
	return 0;
}

int wl_shape_check(const struct wl_kernel *k, const struct wl_options *o, struct wl_err *err)
{
	const uint32_t *want = k->required_group;
	if (want[0] && memcmp(want, o->group, sizeof o->group) != 0)
		return wl_fail(err, WL_USAGE, "kernel '%s' was compiled for groups of %u,%u,%u, not %u,%u,%u", k->name, want[0], want[1], want[2],
			       o->group[0], o->group[1], o->group[2]);
	uint32_t items = o->group[0] * o->group[1] * o->group[2];
	if (k->max_group_items && items > k->max_group_items)
		return wl_fail(err, WL_USAGE, "kernel '%s' was compiled for groups of at most %u work-items, not %u", k->name, k->max_group_items,
			       items);
	return 0;
}

static uint32_t align_up(uint32_t n, uint32_t to)
{
	return to > 1 ? (n + to - 1) / to * to : n;
}

void wl_kernarg_lds(const struct wl_kernel *k, const struct wl_value *values, struct wl_launch *launch)
{
	uint32_t end = k->group_bytes;
	for (unsigned i = 0, n = explicit_params(k); i < n; i++) {
		const struct wl_param *p = explicit_param(k, i);
		if (p->kind == WL_PARAM_LDS)
			end = align_up(end, p->pointee_align) + (uint32_t)values[i].bytes;
	}
	launch->lds_bytes = end;
	launch->dynamic_lds = end - k->group_bytes;
}

uint32_t wl_private_bytes(const struct wl_kernel *k, const struct wl_options *o)
{
	if (o->private_given)
		return o->private_bytes > k->private_bytes ? o->private_bytes : k->private_bytes;
	/* The compiler does not always count recursion, nor does it then admit a dynamic stack: any private memory may need more. */
	if ((k->dynamic_stack || k->private_bytes) && k->private_bytes < MIN_STACK)
		return MIN_STACK;
	return k->private_bytes;
}

/* ------------------------------------------------------------------ hidden arguments */

enum source { ZERO, BLOCKS, GROUP, REMAINDER, DIMS, DYNAMIC_LDS, PRIVATE_BASE, SHARED_BASE, QUEUE };

struct hidden {
	const char *kind;
	enum source source;
	unsigned dim;
};

/* Code object version 4 uses the offsets, the printf buffer and below; version 5 and 6 all of them. Services this program does not offer
 * (printf, host calls, device malloc, device enqueue, several grids at once) are null, as the run time gives them when they are absent. */
static const struct hidden hidden_kinds[] = {
	{ "hidden_block_count_x", BLOCKS, 0 },
	{ "hidden_block_count_y", BLOCKS, 1 },
	{ "hidden_block_count_z", BLOCKS, 2 },
	{ "hidden_group_size_x", GROUP, 0 },
	{ "hidden_group_size_y", GROUP, 1 },
	{ "hidden_group_size_z", GROUP, 2 },
	{ "hidden_remainder_x", REMAINDER, 0 },
	{ "hidden_remainder_y", REMAINDER, 1 },
	{ "hidden_remainder_z", REMAINDER, 2 },
	{ "hidden_global_offset_x", ZERO, 0 },
	{ "hidden_global_offset_y", ZERO, 0 },
	{ "hidden_global_offset_z", ZERO, 0 },
	{ "hidden_grid_dims", DIMS, 0 },
	{ "hidden_none", ZERO, 0 },
	{ "hidden_printf_buffer", ZERO, 0 },
	{ "hidden_hostcall_buffer", ZERO, 0 },
	{ "hidden_default_queue", ZERO, 0 },
	{ "hidden_completion_action", ZERO, 0 },
	{ "hidden_multigrid_sync_arg", ZERO, 0 },
	{ "hidden_heap_v1", ZERO, 0 },
	{ "hidden_dynamic_lds_size", DYNAMIC_LDS, 0 },
	{ "hidden_private_base", PRIVATE_BASE, 0 },
	{ "hidden_shared_base", SHARED_BASE, 0 },
	{ "hidden_queue_ptr", QUEUE, 0 },
};

static uint64_t hidden_value(const struct hidden *h, const struct wl_launch *l)
{
	switch (h->source) {
	case BLOCKS:
		return l->grid[h->dim] / l->group[h->dim];
	case GROUP:
		return l->group[h->dim];
	case REMAINDER:
		return l->grid[h->dim] % l->group[h->dim];
	case DIMS:
		return l->dims;
	case DYNAMIC_LDS:
		return l->dynamic_lds;
	case PRIVATE_BASE:
		return l->private_aperture_high;
	case SHARED_BASE:
		return l->lds_aperture_high;
	case QUEUE:
		return l->queue;
	case ZERO:
		break;
	}
	return 0;
}

static int put_hidden(const struct wl_kernel *k, const struct wl_param *p, const struct wl_launch *launch, uint8_t *block, struct wl_err *err)
{
	for (size_t i = 0; i < sizeof hidden_kinds / sizeof *hidden_kinds; i++) {
		if (strcmp(p->value_kind, hidden_kinds[i].kind) != 0)
			continue;
		uint64_t value = hidden_value(&hidden_kinds[i], launch);
		if (p->size <= sizeof value)
			memcpy(block + p->offset, &value, p->size);
		return 0;
	}
	return wl_fail(err, WL_INPUT, "kernel '%s' needs a hidden argument '%s' that is not known", k->name, p->value_kind);
}

int wl_kernarg_build(const struct wl_kernel *k, const struct wl_value *values, void *const contents[], const struct wl_launch *launch,
		     uint8_t *block, struct wl_err *err)
{
	memset(block, 0, k->kernarg_bytes);
	uint32_t lds = k->group_bytes;
	unsigned n = 0;
	for (unsigned i = 0; i < k->n_params; i++) {
		const struct wl_param *p = &k->params[i];
		if (p->kind == WL_PARAM_HIDDEN) {
			if (put_hidden(k, p, launch, block, err))
				return -1;
			continue;
		}
		const struct wl_value *v = &values[n];
		uint64_t word = v->bits;
		const void *from = &word;
		if (v->kind == WL_VALUE_BUF) {
			word = (uintptr_t)contents[n];
		} else if (v->kind == WL_VALUE_BYTES) {
			from = contents[n];
		} else if (v->kind == WL_VALUE_LDS) {
			lds = align_up(lds, p->pointee_align);
			word = lds;
			lds += (uint32_t)v->bytes;
		}
		if (v->kind != WL_VALUE_BYTES && p->size > sizeof word)
			return wl_fail(err, WL_INPUT, "argument %u of kernel '%s' has %u bytes", n, k->name, p->size);
		memcpy(block + p->offset, from, p->size);
		n++;
	}
	return 0;
}
