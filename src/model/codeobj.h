/* Code objects: the runtime's list, and what is in the files. Facts: wave-state 9. */
#ifndef SRC_MODEL_CODEOBJ_H
#define SRC_MODEL_CODEOBJ_H

#include "src/model/model.h"

/* Reads the list when it is consistent. *changed: some came or went. */
int codeobj_update(struct dbg_process *p, bool *changed, struct dbg_error *err);
void codeobj_forget_all(struct dbg_process *p);
struct dbg_codeobj *codeobj_at(const struct dbg_process *p, uint64_t addr);
/* True when [addr, addr+n) is executable code of a loaded code object. */
bool codeobj_is_code(const struct dbg_process *p, uint64_t addr, uint64_t n);

/* A parsed URI; path is malloc'ed (file://). */
struct codeobj_uri {
	bool memory;
	char *path;
	uint64_t offset, size;
	bool has_size;
};
/* file://PATH[#|?offset=N&size=N] or memory://PID[#|?]offset=N&size=N; percent decoding. */
int codeobj_parse_uri(const char *uri, struct codeobj_uri *out, struct dbg_error *err);
/* Segments, and gaps when the symbol table tells where functions end, of an ELF image; checked. */
int codeobj_parse(struct dbg_codeobj *o, struct dbg_error *err);

#endif
