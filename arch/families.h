/* The family records, one per file. */
#ifndef ARCH_FAMILIES_H
#define ARCH_FAMILIES_H

#include "arch/arch.h"

extern const struct gfx_family gfx942_family;

#endif
