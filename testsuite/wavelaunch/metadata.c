/* The metadata note of a code object: a MessagePack map, of which a launch needs the kernel's sizes and its argument layout. */
#include <msgpack.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/wavelaunch/codeobj.h"

enum { MAX_KERNARG = 1 << 20 };

static bool is_text(const msgpack_object *o, const char *text)
{
	return o->type == MSGPACK_OBJECT_STR && o->via.str.size == strlen(text) && memcmp(o->via.str.ptr, text, o->via.str.size) == 0;
}

static const msgpack_object *member(const msgpack_object *map, const char *key)
{
	if (map->type != MSGPACK_OBJECT_MAP)
		return NULL;
	for (uint32_t i = 0; i < map->via.map.size; i++)
		if (is_text(&map->via.map.ptr[i].key, key))
			return &map->via.map.ptr[i].val;
	return NULL;
}

/* An unsigned member; absent, negative or too large ones give the fallback. */
static uint32_t number(const msgpack_object *map, const char *key, uint32_t fallback)
{
	const msgpack_object *o = member(map, key);
	return o && o->type == MSGPACK_OBJECT_POSITIVE_INTEGER && o->via.u64 <= UINT32_MAX ? (uint32_t)o->via.u64 : fallback;
}

static bool truth(const msgpack_object *map, const char *key)
{
	const msgpack_object *o = member(map, key);
	return o && o->type == MSGPACK_OBJECT_BOOLEAN && o->via.boolean;
}

static void text(const msgpack_object *map, const char *key, char *out, size_t size)
{
	const msgpack_object *o = member(map, key);
	if (o && o->type == MSGPACK_OBJECT_STR)
		snprintf(out, size, "%.*s", (int)(o->via.str.size < size ? o->via.str.size : size), o->via.str.ptr);
	else
		out[0] = '\0';
}

static enum wl_param_kind kind_of(const char *value_kind)
{
	if (strcmp(value_kind, "by_value") == 0)
		return WL_PARAM_VALUE;
	if (strcmp(value_kind, "global_buffer") == 0)
		return WL_PARAM_POINTER;
	if (strcmp(value_kind, "dynamic_shared_pointer") == 0)
		return WL_PARAM_LDS;
	return strncmp(value_kind, "hidden_", 7) == 0 ? WL_PARAM_HIDDEN : WL_PARAM_OTHER;
}

static int read_params(const struct wl_codeobj *co, const msgpack_object *args, struct wl_kernel *k, struct wl_err *err)
{
	if (args->type != MSGPACK_OBJECT_ARRAY)
		return wl_fail(err, WL_INPUT, "%s: the metadata of kernel '%s' is damaged (arguments)", co->path, k->name);
	if (args->via.array.size > WL_MAX_PARAMS)
		return wl_fail(err, WL_INPUT, "%s: kernel '%s' has %u arguments, more than %d", co->path, k->name, args->via.array.size,
			       WL_MAX_PARAMS);
	for (uint32_t i = 0; i < args->via.array.size; i++) {
		const msgpack_object *arg = &args->via.array.ptr[i];
		struct wl_param *p = &k->params[i];
		text(arg, ".value_kind", p->value_kind, sizeof p->value_kind);
		/* Names are there only on request (-cl-kernel-arg-info), types always. */
		text(arg, member(arg, ".name") ? ".name" : ".type_name", p->name, sizeof p->name);
		p->kind = kind_of(p->value_kind);
		p->offset = number(arg, ".offset", UINT32_MAX);
		p->size = number(arg, ".size", UINT32_MAX);
		p->pointee_align = number(arg, ".pointee_align", 1);
		if (p->offset > k->kernarg_bytes || p->size > k->kernarg_bytes - p->offset)
			return wl_fail(err, WL_INPUT, "%s: the metadata of kernel '%s' is damaged (argument %u is outside of its %u bytes)",
				       co->path, k->name, i, k->kernarg_bytes);
		k->n_params++;
	}
	return 0;
}

static int read_kernel(const struct wl_codeobj *co, const msgpack_object *map, struct wl_kernel *k, struct wl_err *err)
{
	k->kernarg_bytes = number(map, ".kernarg_segment_size", 0);
	k->kernarg_align = number(map, ".kernarg_segment_align", 16);
	k->wavefront = number(map, ".wavefront_size", 64);
	k->max_group_items = number(map, ".max_flat_workgroup_size", 0);
	k->dynamic_stack = truth(map, ".uses_dynamic_stack");
	if (k->wavefront != 32 && k->wavefront != 64)
		return wl_fail(err, WL_INPUT, "%s: the metadata of kernel '%s' is damaged (waves of %u work-items)", co->path, k->name, k->wavefront);
	if (k->kernarg_bytes > MAX_KERNARG || k->kernarg_align > 4096 || k->kernarg_align & (k->kernarg_align - 1))
		return wl_fail(err, WL_INPUT, "%s: the metadata of kernel '%s' is damaged (argument block of %u bytes aligned to %u)", co->path,
			       k->name, k->kernarg_bytes, k->kernarg_align);
	const msgpack_object *required = member(map, ".reqd_workgroup_size");
	if (required && required->type == MSGPACK_OBJECT_ARRAY && required->via.array.size == 3)
		for (unsigned i = 0; i < 3; i++)
			if (required->via.array.ptr[i].type == MSGPACK_OBJECT_POSITIVE_INTEGER)
				k->required_group[i] = (uint32_t)required->via.array.ptr[i].via.u64;
	const msgpack_object *args = member(map, ".args");
	return args ? read_params(co, args, k, err) : 0;
}

int wl_metadata_kernel(const struct wl_codeobj *co, const void *note, size_t size, const char *symbol, struct wl_kernel *out, struct wl_err *err)
{
	msgpack_unpacked unpacked;
	msgpack_unpacked_init(&unpacked);
	int result = -1;
	if (msgpack_unpack_next(&unpacked, note, size, NULL) != MSGPACK_UNPACK_SUCCESS) {
		wl_fail(err, WL_INPUT, "%s: the metadata note is damaged", co->path);
		goto out;
	}
	const msgpack_object *kernels = member(&unpacked.data, "amdhsa.kernels");
	if (!kernels || kernels->type != MSGPACK_OBJECT_ARRAY) {
		wl_fail(err, WL_INPUT, "%s: the metadata note lists no kernels", co->path);
		goto out;
	}
	for (uint32_t i = 0; i < kernels->via.array.size; i++) {
		const msgpack_object *map = &kernels->via.array.ptr[i], *name = member(map, ".symbol");
		if (name && is_text(name, symbol)) {
			result = read_kernel(co, map, out, err);
			goto out;
		}
	}
	wl_fail(err, WL_INPUT, "%s: the metadata note does not describe kernel '%s'", co->path, out->name);
out:
	msgpack_unpacked_destroy(&unpacked);
	return result;
}
