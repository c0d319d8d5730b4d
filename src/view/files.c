/* Code objects as files of the target: /wavestub/N/NAME is the rewritten one, /wavestub/N/original/NAME the runtime's own.
 * /wavestub/host/NAME stands in for a program that a client of another architecture could not read. */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/view/internal.h"

#define ROOT "/wavestub/"
#define HOST "host/"

struct view_object *view_object_of(struct view *v, const struct dbg_codeobj *o)
{
	struct dbg_error err;
	for (struct view_object *known = v->objects; known; known = known->next)
		if (known->number == o->number)
			return known->elf.data ? known : NULL;
	if (!o->image)
		return NULL;
	struct view_object *made = calloc(1, sizeof *made);
	if (!made)
		return NULL;
	made->number = o->number;
	if (view_elf_rewrite(o->image, o->image_bytes, v->carrier, &made->elf, &err) < 0)
		log_warning("code object %u is not served: %s", o->number, err.text);
	else
		log_debug(LOG_VIEW, "code object %u is served in %zu bytes", o->number, made->elf.n);
	made->next = v->objects;
	v->objects = made;
	return made->elf.data ? made : NULL;
}

void view_prepare(struct view *v, const struct dbg_process *p)
{
	for (const struct dbg_codeobj *o = p->codeobjs; o; o = o->next)
		view_object_of(v, o);
}

void view_forget(struct view *v, const struct dbg_codeobj *o)
{
	for (struct view_object **at = &v->objects; *at; at = &(*at)->next)
		if ((*at)->number == o->number) {
			struct view_object *gone = *at;
			*at = gone->next;
			view_frames_forget(v);
			view_elf_free(&gone->elf);
			free(gone);
			return;
		}
}

void view_objects_free(struct view *v)
{
	while (v->objects) {
		struct view_object *next = v->objects->next;
		view_elf_free(&v->objects->elf);
		free(v->objects);
		v->objects = next;
	}
}

int view_libraries(struct view *v, struct dbg_process *p, rsp_library_emit *emit, void *sink, struct rsp_error *err)
{
	(void)err;
	for (const struct dbg_codeobj *o = p->codeobjs; o; o = o->next) {
		char name[4200];
		if (!view_object_of(v, o))
			continue;
		snprintf(name, sizeof name, ROOT "%u/%s", o->number, o->name);
		/* One address moves all segments by the same distance. */
		uint64_t first = o->segments[0].addr;
		struct rsp_library library = { .name = name, .addresses = &first, .n_addresses = 1 };
		emit(sink, &library);
	}
	return 0;
}

static const struct dbg_codeobj *by_number(const struct dbg_process *p, const char *digits, size_t n)
{
	for (const struct dbg_codeobj *o = p->codeobjs; o; o = o->next) {
		char text[16];
		if ((size_t)snprintf(text, sizeof text, "%u", o->number) == n && memcmp(text, digits, n) == 0)
			return o;
	}
	return NULL;
}

/* A client asks for libraries only when it knows a program, and wants that to have a section which it can move. */
static void make_stand_in(const struct view *v, struct view_stand_in *s)
{
	static const char names[sizeof s->names] = "\0.text\0.shstrtab";
	*s = (struct view_stand_in){
		.head = { .e_type = ET_EXEC, .e_machine = v->carrier->machine, .e_version = EV_CURRENT, .e_shoff = offsetof(struct view_stand_in, sections),
			.e_ehsize = sizeof s->head, .e_shentsize = sizeof *s->sections, .e_shnum = 3, .e_shstrndx = 2 },
		.sections = {
			[1] = { .sh_name = 1, .sh_type = SHT_NOBITS, .sh_flags = SHF_ALLOC | SHF_EXECINSTR, .sh_addralign = 4,
				.sh_offset = sizeof *s },
			[2] = { .sh_name = 7, .sh_type = SHT_STRTAB, .sh_offset = offsetof(struct view_stand_in, names), .sh_size = sizeof s->names,
				.sh_addralign = 1 },
		},
	};
	memcpy(s->head.e_ident, (const uint8_t[]){ 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, 7);
	memcpy(s->names, names, sizeof names);
}

bool view_program(const struct view *v, const char *real, char *path, size_t n)
{
	const char *slash = strrchr(real, '/');
	if (!v->carrier->host)
		return false;
	snprintf(path, n, ROOT HOST "%s", slash ? slash + 1 : real);
	return true;
}

bool view_file(struct view *v, struct dbg_process *p, const char *path, const uint8_t **data, size_t *n)
{
	static const char original[] = "original/";
	if (strncmp(path, ROOT, strlen(ROOT)) != 0)
		return false;
	path += strlen(ROOT);
	if (strncmp(path, HOST, strlen(HOST)) == 0 && v->carrier->host) {
		make_stand_in(v, &v->stand_in);
		*data = (const uint8_t *)&v->stand_in;
		*n = sizeof v->stand_in;
		return true;
	}
	size_t digits = strspn(path, "0123456789");
	const struct dbg_codeobj *o = path[digits] == '/' ? by_number(p, path, digits) : NULL;
	if (!o || !o->image)
		return false;
	path += digits + 1;
	if (strncmp(path, original, strlen(original)) == 0 && strcmp(path + strlen(original), o->name) == 0) {
		*data = o->image;
		*n = o->image_bytes;
		return true;
	}
	const struct view_object *served = strcmp(path, o->name) == 0 ? view_object_of(v, o) : NULL;
	if (!served)
		return false;
	*data = served->elf.data;
	*n = served->elf.n;
	return true;
}
