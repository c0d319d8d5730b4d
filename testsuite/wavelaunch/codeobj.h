/* Code objects: checking the ELF file, finding a kernel, placing the segments. Knows nothing of devices; the destination of a load is
 * plain memory. Facts: ELF form, relocations, descriptor and note of AMDGPU code objects (LLVM's AMDGPU usage document). */
#ifndef TESTSUITE_WAVELAUNCH_CODEOBJ_H
#define TESTSUITE_WAVELAUNCH_CODEOBJ_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testsuite/wavelaunch/error.h"

struct wl_codeobj {
	const char *path;   /* borrowed */
	uint8_t *image;     /* the file's bytes, owned */
	size_t image_size;
	Elf *elf;
	uint64_t first;     /* lowest p_vaddr of a PT_LOAD, rounded down to its alignment */
	uint64_t span;      /* bytes from there to the end of the last segment */
	uint64_t align;     /* largest p_align */
	unsigned mach;      /* e_flags[7:0] */
	unsigned abi_version;
};

enum wl_param_kind {
	WL_PARAM_VALUE,  /* by_value */
	WL_PARAM_POINTER, /* global_buffer */
	WL_PARAM_LDS,    /* dynamic_shared_pointer */
	WL_PARAM_OTHER,  /* image, sampler, pipe, queue: cannot be given */
	WL_PARAM_HIDDEN,
};

struct wl_param {
	enum wl_param_kind kind;
	char value_kind[40];
	char name[40];
	uint32_t offset, size;
	uint32_t pointee_align;
};

enum { WL_MAX_PARAMS = 256 };

struct wl_kernel {
	char name[256];
	uint64_t descriptor;          /* address of the kernel descriptor before relocation */
	uint32_t kernarg_bytes, kernarg_align;
	uint32_t group_bytes, private_bytes;
	bool dynamic_stack;
	uint32_t wavefront;
	uint32_t max_group_items;     /* 0 unknown */
	uint32_t required_group[3];   /* 0 any */
	struct wl_param params[WL_MAX_PARAMS];
	unsigned n_params;
};

/* Reads and checks the file. On success the caller owns `co` until wl_codeobj_deinit(). Errors are of class WL_INPUT. */
int wl_codeobj_open(const char *path, struct wl_codeobj *co, struct wl_err *err);
void wl_codeobj_deinit(struct wl_codeobj *co);

/* Finds a kernel by name (with or without ".kd"); the error names the kernels that are there. */
int wl_codeobj_kernel(const struct wl_codeobj *co, const char *name, struct wl_kernel *out, struct wl_err *err);

/* Places the segments in `memory` (at least co->span bytes, which the GPU knows as `base`) and applies the relocations. The load bias, the
 * difference between run-time addresses and those of the file, is base - co->first. */
int wl_codeobj_load(const struct wl_codeobj *co, uint8_t *memory, uint64_t base, struct wl_err *err);

/* Metadata note of one kernel, by its symbol ("name.kd"); descriptor fields are left alone. */
int wl_metadata_kernel(const struct wl_codeobj *co, const void *note, size_t size, const char *symbol, struct wl_kernel *out, struct wl_err *err);

/* Name of the machine in e_flags[7:0] as "gfx942" and the number that the topology shows for it (90402); 0 for an unknown machine. */
uint32_t wl_mach_target(unsigned mach, const char **name);

#endif
