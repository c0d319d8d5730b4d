/* Registry of families, and errors. */
#include "arch/arch.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arch/families.h"

static const struct gfx_family *const families[] = {
	&gfx942_family,
};

enum { N_FAMILIES = sizeof families / sizeof families[0] };

int gfx_fail(struct gfx_error *err, enum gfx_status status, const char *fmt, ...)
{
	if (err) {
		va_list args;
		va_start(args, fmt);
		err->status = status;
		vsnprintf(err->text, sizeof err->text, fmt, args);
		va_end(args);
	}
	return status;
}

const struct gfx_family *gfx_family_by_version(uint32_t gfx_target_version)
{
	for (size_t i = 0; i < N_FAMILIES; i++)
		for (const uint32_t *v = families[i]->versions; *v; v++)
			if (*v == gfx_target_version)
				return families[i];
	return NULL;
}

const struct gfx_family *gfx_family_by_mach(unsigned ef_amdgpu_mach)
{
	for (size_t i = 0; i < N_FAMILIES; i++)
		for (const uint8_t *m = families[i]->elf_machs; *m; m++)
			if (*m == ef_amdgpu_mach)
				return families[i];
	return NULL;
}

const struct gfx_family *gfx_family_by_name(const char *name)
{
	for (size_t i = 0; i < N_FAMILIES; i++)
		if (strcmp(families[i]->name, name) == 0)
			return families[i];
	return NULL;
}
