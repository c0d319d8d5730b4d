#include "testsuite/wavelaunch/debuglist.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct r_debug _amdgpu_r_debug;

/* Not inlined, not cloned, not removed: its address is the place of a breakpoint. */
__attribute__((noinline, used)) void wavelaunch_debug_state(void)
{
	__asm__ volatile("" ::: "memory");
}

static void announce(int state)
{
	_amdgpu_r_debug.r_state = state;
	wavelaunch_debug_state();
}

void wl_debuglist_init(int version)
{
	_amdgpu_r_debug = (struct r_debug){ .r_version = version, .r_brk = (uintptr_t)wavelaunch_debug_state, .r_state = RT_CONSISTENT };
}

void wl_debuglist_add(struct link_map *entry, uint64_t load_bias, char *uri)
{
	announce(RT_ADD);
	*entry = (struct link_map){ .l_addr = load_bias, .l_name = uri };
	struct link_map **tail = &_amdgpu_r_debug.r_map;
	while (*tail) {
		entry->l_prev = *tail;
		tail = &(*tail)->l_next;
	}
	*tail = entry;
	announce(RT_CONSISTENT);
}

void wl_debuglist_remove(struct link_map *entry)
{
	announce(RT_DELETE);
	if (entry->l_prev)
		entry->l_prev->l_next = entry->l_next;
	else
		_amdgpu_r_debug.r_map = entry->l_next;
	if (entry->l_next)
		entry->l_next->l_prev = entry->l_prev;
	announce(RT_CONSISTENT);
}

/* ------------------------------------------------------------------ names */

static bool unreserved(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("/_.~-", c));
}

int wl_uri_file(const char *path, size_t size, char **out, struct wl_err *err)
{
	char *real = realpath(path, NULL);
	if (!real)
		return wl_fail(err, WL_INPUT, "%s: %s", path, strerror(errno));
	size_t room = 3 * strlen(real) + 64;
	char *uri = malloc(room);
	if (!uri) {
		free(real);
		return wl_fail(err, WL_SYSTEM, "no memory");
	}
	char *at = stpcpy(uri, "file://");
	for (const char *c = real; *c; c++) {
		if (unreserved(*c))
			*at++ = *c;
		else
			at += sprintf(at, "%%%02X", (unsigned char)*c);
	}
	snprintf(at, room - (size_t)(at - uri), "#offset=0&size=%zu", size);
	free(real);
	*out = uri;
	return 0;
}

int wl_uri_memory(const void *image, size_t size, char **out, struct wl_err *err)
{
	if (asprintf(out, "memory://%d#offset=0x%llx&size=%zu", (int)getpid(), (unsigned long long)(uintptr_t)image, size) < 0)
		return wl_fail(err, WL_SYSTEM, "no memory");
	return 0;
}
