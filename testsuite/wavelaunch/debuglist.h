/* The list of loaded code objects that debuggers read, in the form of the C library's own r_debug. */
#ifndef TESTSUITE_WAVELAUNCH_DEBUGLIST_H
#define TESTSUITE_WAVELAUNCH_DEBUGLIST_H

#include <link.h>
#include <stddef.h>
#include <stdint.h>

#include "testsuite/wavelaunch/error.h"

/* The name and the type are given by the interface: debuggers look the symbol up, and the kernel hands out its address. This is the one
 * variable of file scope in the program. */
extern struct r_debug _amdgpu_r_debug;

/* Called before (state ADD or DELETE) and after (state CONSISTENT) each change; debuggers put their breakpoint here. */
void wavelaunch_debug_state(void);

/* Publishes an empty list. */
void wl_debuglist_init(int version);
/* Adds a code object at the end. `entry` and the URI in it belong to the caller and stay until removed. */
void wl_debuglist_add(struct link_map *entry, uint64_t load_bias, char *uri);
void wl_debuglist_remove(struct link_map *entry);

/* "file://PATH#offset=0&size=N" with the absolute path, percent-encoded. The caller frees it. */
int wl_uri_file(const char *path, size_t size, char **out, struct wl_err *err);
/* "memory://PID#offset=0xADDRESS&size=N". The caller frees it. */
int wl_uri_memory(const void *image, size_t size, char **out, struct wl_err *err);

#endif
