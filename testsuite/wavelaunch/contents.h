/* Contents of buffers: from files and patterns, and back to files. */
#ifndef TESTSUITE_WAVELAUNCH_CONTENTS_H
#define TESTSUITE_WAVELAUNCH_CONTENTS_H

#include "testsuite/wavelaunch/options.h"

/* Fills `memory` (v->bytes, zero before) as the argument says. */
int wl_contents_fill(const struct wl_value *v, void *memory, struct wl_err *err);
int wl_contents_dump(const char *file, const void *memory, size_t size, struct wl_err *err);
/* Class WL_DIFFER with the first difference. */
int wl_contents_expect(unsigned arg, const char *file, const void *memory, size_t size, struct wl_err *err);

#endif
