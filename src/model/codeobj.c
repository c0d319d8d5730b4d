#include "src/model/codeobj.h"

#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/model/breakpoint.h"
#include "src/model/memory.h"

enum {
	MAX_OBJECTS = 65536,            /* a list that goes on is a loop or garbage */
	MAX_URI = 4096,
	MAX_IMAGE = 1 << 30,
	MIN_GAP = 16,
	R_MAP = 8, R_STATE = 24, R_BYTES = 40, /* wave-state 9.1 */
	L_ADDR = 0, L_NAME = 8, L_NEXT = 24, L_BYTES = 40,
};

/* ------------------------------------------------------------------ URIs (wave-state 9.2) */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes n bytes of percent encoding into a new string; NULL when malformed, or with a NUL inside. */
static char *percent_decode(const char *s, size_t n)
{
	char *out = malloc(n + 1);
	size_t len = 0;
	for (size_t i = 0; out && i < n; i++) {
		int c = (unsigned char)s[i];
		if (c == '%') {
			int hi = n - i > 2 ? hex_digit(s[i + 1]) : -1;
			int lo = hi >= 0 ? hex_digit(s[i + 2]) : -1;
			c = lo >= 0 ? hi << 4 | lo : 0;
			i += 2;
		}
		if (!c) {
			free(out);
			return NULL;
		}
		out[len++] = (char)c;
	}
	if (out)
		out[len] = 0;
	return out;
}

/* 0x hex, leading 0 octal, else decimal; the whole of [s, end). */
static bool number(const char *s, const char *end, uint64_t *out)
{
	unsigned base = 10;
	uint64_t v = 0;
	if (end - s > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	} else if (end - s > 1 && s[0] == '0') {
		base = 8;
		s++;
	}
	if (s == end)
		return false;
	for (; s < end; s++) {
		int d = hex_digit(*s);
		if (d < 0 || (unsigned)d >= base || v > (UINT64_MAX - (unsigned)d) / base)
			return false;
		v = v * base + (unsigned)d;
	}
	*out = v;
	return true;
}

static bool parameters(const char *s, struct codeobj_uri *out, bool *has_offset)
{
	while (*s) {
		const char *end = s + strcspn(s, "&");
		if (strncmp(s, "offset=", 7) == 0) {
			if (!number(s + 7, end, &out->offset))
				return false;
			*has_offset = true;
		} else if (strncmp(s, "size=", 5) == 0) {
			if (!number(s + 5, end, &out->size))
				return false;
			out->has_size = true;
		} else
			return false;
		s = *end ? end + 1 : end;
	}
	return true;
}

int codeobj_parse_uri(const char *uri, struct codeobj_uri *out, struct dbg_error *err)
{
	struct codeobj_uri u = { 0 };
	bool has_offset = false, file = strncmp(uri, "file://", 7) == 0;
	u.memory = strncmp(uri, "memory://", 9) == 0;
	if (!file && !u.memory)
		return dbg_fail(err, DBG_UNSUPPORTED, "neither a file:// nor a memory:// URI: %.100s", uri);
	const char *body = uri + (file ? 7 : 9);
	size_t n = strcspn(body, "#?");
	if (body[n] && !parameters(body + n + 1, &u, &has_offset))
		return dbg_fail(err, DBG_BAD_REQUEST, "malformed offset or size in %.100s", uri);
	if (u.memory && (!has_offset || !u.has_size))
		return dbg_fail(err, DBG_BAD_REQUEST, "memory URI without offset or size: %.100s", uri);
	if (u.memory && (n == 0 || strspn(body, "0123456789") != n))
		return dbg_fail(err, DBG_BAD_REQUEST, "memory URI without a process id: %.100s", uri);
	if (file) {
		u.path = n ? percent_decode(body, n) : NULL;
		if (!u.path)
			return dbg_fail(err, DBG_BAD_REQUEST, "malformed path in %.100s", uri);
	}
	*out = u;
	return 0;
}

/* ------------------------------------------------------------------ the ELF file */

static int add_segment(struct dbg_codeobj *o, const GElf_Phdr *ph, struct dbg_error *err)
{
	struct dbg_segment *grown = realloc(o->segments, (o->n_segments + 1) * sizeof *grown);
	if (!grown)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for segments");
	o->segments = grown;
	grown[o->n_segments++] = (struct dbg_segment){
		.addr = o->load_bias + ph->p_vaddr,
		.vaddr = ph->p_vaddr,
		.bytes = ph->p_memsz,
		.exec = ph->p_flags & PF_X,
	};
	return 0;
}

static bool executes(const struct dbg_codeobj *o, uint64_t addr, uint64_t n)
{
	for (size_t i = 0; i < o->n_segments; i++) {
		uint64_t in = addr - o->segments[i].addr;
		if (o->segments[i].exec && in < o->segments[i].bytes && n <= o->segments[i].bytes - in)
			return true;
	}
	return false;
}

struct span {
	uint64_t low, high;
};

static int by_low(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	return x->low < y->low ? -1 : x->low > y->low;
}

static void add_gap(struct dbg_codeobj *o, uint64_t low, uint64_t high)
{
	enum { TRAP_BYTES = 4 };
	/* A wave that stops at a trap in place of the function's last instruction has its PC behind it: no copy may begin there, or the wave would be
	 * taken for one that is in the copy. */
	low = ((low + 3) & ~UINT64_C(3)) + TRAP_BYTES;
	high &= ~UINT64_C(3);
	if (high < low + MIN_GAP || high - low > UINT32_MAX || !executes(o, o->load_bias + low, high - low))
		return;
	struct dbg_gap *grown = realloc(o->gaps, (o->n_gaps + 1) * sizeof *grown);
	if (!grown)
		return; /* fewer gaps: slower, not wrong */
	o->gaps = grown;
	grown[o->n_gaps++] = (struct dbg_gap){ .addr = o->load_bias + low, .bytes = (uint32_t)(high - low) };
}

/* Functions of one executable section, from the symbol table. */
static size_t functions(Elf_Scn *symbols, const GElf_Shdr *table, const GElf_Shdr *text, size_t index, struct span **out)
{
	Elf_Data *data = elf_getdata(symbols, NULL);
	size_t count = data && table->sh_entsize ? data->d_size / table->sh_entsize : 0, n = 0;
	struct span *spans = calloc(count ? count : 1, sizeof *spans);
	for (size_t i = 0; spans && i < count; i++) {
		GElf_Sym sym;
		if (!gelf_getsym(data, (int)i, &sym) || GELF_ST_TYPE(sym.st_info) != STT_FUNC || sym.st_shndx != index)
			continue;
		if (sym.st_value < text->sh_addr || sym.st_value - text->sh_addr > text->sh_size)
			continue;
		/* A function of unknown size, or of one that cannot be, may reach to the end of the section. */
		uint64_t rest = text->sh_size - (sym.st_value - text->sh_addr), size = sym.st_size && sym.st_size <= rest ? sym.st_size : rest;
		spans[n++] = (struct span){ sym.st_value, sym.st_value + size };
	}
	if (spans)
		qsort(spans, n, sizeof *spans, by_low);
	*out = spans;
	return spans ? n : 0;
}

/* Room behind functions. Only a full symbol table tells where a function ends: stripped files have no gaps. */
static void find_gaps(struct dbg_codeobj *o, Elf *elf)
{
	Elf_Scn *symbols = NULL, *scn = NULL;
	GElf_Shdr table, text;
	while ((symbols = elf_nextscn(elf, symbols)) != NULL)
		if (gelf_getshdr(symbols, &table) && table.sh_type == SHT_SYMTAB)
			break;
	if (!symbols)
		return;
	while ((scn = elf_nextscn(elf, scn)) != NULL) {
		struct span *spans;
		if (!gelf_getshdr(scn, &text) || text.sh_type != SHT_PROGBITS || !(text.sh_flags & SHF_EXECINSTR))
			continue;
		size_t n = functions(symbols, &table, &text, elf_ndxscn(scn), &spans);
		uint64_t end = 0;
		for (size_t i = 0; i < n; i++) {
			if (end && spans[i].low > end)
				add_gap(o, end, spans[i].low);
			if (spans[i].high > end)
				end = spans[i].high;
		}
		if (end && end < text.sh_addr + text.sh_size)
			add_gap(o, end, text.sh_addr + text.sh_size);
		free(spans);
	}
}

int codeobj_parse(struct dbg_codeobj *o, struct dbg_error *err)
{
	enum { EM_AMDGPU_ = 224 };
	GElf_Ehdr eh;
	size_t n;
	int status = 0;
	elf_version(EV_CURRENT);
	Elf *elf = elf_memory((char *)o->image, o->image_bytes);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh) || elf_getphdrnum(elf, &n) != 0) {
		if (elf)
			elf_end(elf);
		return dbg_fail(err, DBG_REFUSED, "not an ELF file: %s", elf_errmsg(-1));
	}
	if (eh.e_machine != EM_AMDGPU_ || gelf_getclass(elf) != ELFCLASS64)
		status = dbg_fail(err, DBG_REFUSED, "not a 64-bit AMDGPU file (machine %u)", eh.e_machine);
	for (size_t i = 0; status == 0 && i < n; i++) {
		GElf_Phdr ph;
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD)
			status = add_segment(o, &ph, err);
	}
	if (status == 0 && !o->n_segments)
		status = dbg_fail(err, DBG_REFUSED, "the file has nothing to load");
	if (status == 0)
		find_gaps(o, elf);
	elf_end(elf);
	return status;
}

static void free_object(struct dbg_codeobj *o)
{
	if (!o)
		return;
	free(o->uri);
	free(o->name);
	free(o->image);
	free(o->segments);
	free(o->gaps);
	free(o);
}

/* ------------------------------------------------------------------ reading the file */

static int read_file(struct dbg_process *p, struct dbg_codeobj *o, const struct codeobj_uri *uri, struct dbg_error *err)
{
	char path[MAX_URI + 64];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/root%s", (int)p->pid, uri->path);
	/* The path is the program's word: opening a FIFO or a terminal must not keep us waiting. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) /* no privilege to look through /proc: the same path of ours */
		fd = open(uri->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			close(fd);
		return dbg_fail(err, DBG_REFUSED, "cannot open %s", uri->path);
	}
	uint64_t size = (uint64_t)st.st_size;
	int status = 0;
	if (uri->offset > size || (uri->has_size && uri->size > size - uri->offset))
		status = dbg_fail(err, DBG_REFUSED, "%s ends before the code object does", uri->path);
	size = uri->has_size ? uri->size : size - uri->offset;
	if (status == 0 && (!size || size > MAX_IMAGE))
		status = dbg_fail(err, DBG_REFUSED, "a code object of %" PRIu64 " bytes", size);
	if (status == 0 && !(o->image = malloc(size)))
		status = dbg_fail(err, DBG_INTERNAL, "out of memory for a code object");
	for (size_t done = 0; status == 0 && done < size;) {
		ssize_t got = pread(fd, o->image + done, size - done, (off_t)(uri->offset + done));
		if (got <= 0)
			status = dbg_fail(err, DBG_REFUSED, "cannot read %s", uri->path);
		else
			done += (size_t)got;
	}
	o->image_bytes = size;
	close(fd);
	return status;
}

static int read_memory(struct dbg_process *p, struct dbg_codeobj *o, const struct codeobj_uri *uri, struct dbg_error *err)
{
	if (!uri->size || uri->size > MAX_IMAGE)
		return dbg_fail(err, DBG_REFUSED, "a code object of %" PRIu64 " bytes", uri->size);
	o->image = malloc(uri->size);
	if (!o->image)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a code object");
	o->image_bytes = uri->size;
	return memory_get(p, uri->offset, o->image, uri->size, err);
}

static void name_it(struct dbg_codeobj *o, const struct codeobj_uri *uri)
{
	char text[64];
	const char *slash = uri->path ? strrchr(uri->path, '/') : NULL;
	snprintf(text, sizeof text, "memory-0x%" PRIx64, uri->offset);
	o->name = strdup(!uri->path ? text : slash ? slash + 1 : uri->path);
}

static int load(struct dbg_process *p, struct dbg_codeobj *o, struct dbg_error *err)
{
	struct codeobj_uri uri;
	int status = codeobj_parse_uri(o->uri, &uri, err);
	if (status < 0)
		return status;
	name_it(o, &uri);
	status = uri.memory ? read_memory(p, o, &uri, err) : read_file(p, o, &uri, err);
	free(uri.path);
	if (status == 0)
		status = codeobj_parse(o, err);
	if (status < 0) {
		free(o->image);
		o->image = NULL;
		o->image_bytes = 0;
		o->n_segments = o->n_gaps = 0;
	}
	return status;
}

/* ------------------------------------------------------------------ the list */

static int read_string(struct dbg_process *p, uint64_t addr, char **out, struct dbg_error *err)
{
	char text[MAX_URI];
	size_t got;
	int status = kif_mem_read(p->kif, addr, text, sizeof text, &got, err);
	if (status < 0)
		return status;
	if (!memchr(text, 0, got))
		return dbg_fail(err, DBG_REFUSED, "no string at 0x%" PRIx64, addr);
	*out = strdup(text);
	return *out ? 0 : dbg_fail(err, DBG_INTERNAL, "out of memory for a URI");
}

static struct dbg_codeobj *find(const struct dbg_process *p, uint64_t bias, const char *uri)
{
	for (struct dbg_codeobj *o = p->codeobjs; o; o = o->next)
		if (!o->listed && o->load_bias == bias && strcmp(o->uri, uri) == 0)
			return o;
	return NULL;
}

static int learn(struct dbg_process *p, uint64_t bias, char *uri, struct dbg_error *err)
{
	struct dbg_error why;
	struct dbg_codeobj *o = calloc(1, sizeof *o);
	if (!o) {
		free(uri);
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a code object");
	}
	o->load_bias = bias;
	o->uri = uri;
	o->number = ++p->last_codeobj;
	o->listed = true;
	if (load(p, o, &why) < 0)
		log_warning("code object %s is not shown: %s", uri, why.text);
	log_debug(LOG_CODE, "code object %u at 0x%" PRIx64 ": %s", o->number, bias, uri);
	struct dbg_codeobj **at = &p->codeobjs;
	while (*at)
		at = &(*at)->next;
	*at = o;
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_CODE_LOADED, .object = o });
	return 0;
}

static void unload(struct dbg_process *p, struct dbg_codeobj *o)
{
	for (struct dbg_codeobj **at = &p->codeobjs; *at; at = &(*at)->next)
		if (*at == o) {
			*at = o->next;
			break;
		}
	log_debug(LOG_CODE, "code object %u is gone", o->number);
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_CODE_UNLOADED, .object = o });
	for (size_t i = 0; i < o->n_segments; i++)
		break_forget_range(p, o->segments[i].addr, o->segments[i].bytes);
	if (p->hooks.codeobj_gone)
		p->hooks.codeobj_gone(p->hooks.arg, o);
	free_object(o);
}

static bool drop_unlisted(struct dbg_process *p)
{
	bool any = false;
	for (struct dbg_codeobj *o = p->codeobjs, *next; o; o = next) {
		next = o->next;
		if (!o->listed) {
			unload(p, o);
			any = true;
		}
	}
	return any;
}

int codeobj_update(struct dbg_process *p, bool *changed, struct dbg_error *err)
{
	uint8_t head[R_BYTES], node[L_BYTES];
	uint64_t at;
	int32_t state;
	unsigned count = 0;
	*changed = false;
	int status = memory_get(p, p->runtime.info.r_debug, head, sizeof head, err);
	if (status < 0)
		return status;
	memcpy(&state, head + R_STATE, sizeof state);
	if (state != 0) /* being changed; r_brk is called again */
		return 0;
	memcpy(&at, head + R_MAP, sizeof at);
	for (struct dbg_codeobj *o = p->codeobjs; o; o = o->next)
		o->listed = false;
	while (at && status == 0) {
		uint64_t bias, name, next;
		char *uri;
		status = memory_get(p, at, node, sizeof node, err);
		if (status == 0 && ++count > MAX_OBJECTS)
			status = dbg_fail(err, DBG_REFUSED, "the list of code objects does not end");
		if (status < 0)
			break;
		memcpy(&bias, node + L_ADDR, 8);
		memcpy(&name, node + L_NAME, 8);
		memcpy(&next, node + L_NEXT, 8);
		at = next;
		status = read_string(p, name, &uri, err);
		if (status < 0)
			break;
		struct dbg_codeobj *o = find(p, bias, uri);
		if (o) {
			o->listed = true;
			free(uri);
			continue;
		}
		*changed = true;
		status = learn(p, bias, uri, err);
	}
	if (status == 0)
		*changed |= drop_unlisted(p);
	return status;
}

void codeobj_forget_all(struct dbg_process *p)
{
	for (struct dbg_codeobj *o = p->codeobjs; o; o = o->next)
		o->listed = false;
	drop_unlisted(p);
}

struct dbg_codeobj *codeobj_at(const struct dbg_process *p, uint64_t addr)
{
	for (struct dbg_codeobj *o = p->codeobjs; o; o = o->next)
		for (size_t i = 0; i < o->n_segments; i++)
			if (addr - o->segments[i].addr < o->segments[i].bytes)
				return o;
	return NULL;
}

bool codeobj_is_code(const struct dbg_process *p, uint64_t addr, uint64_t n)
{
	for (const struct dbg_codeobj *o = p->codeobjs; o; o = o->next)
		if (executes(o, addr, n))
			return true;
	return false;
}
