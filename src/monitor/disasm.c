#include "src/monitor/disasm.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

struct disasm {
	const struct gfx_family *family;
	void *library, *context;
	/* llvm-c/Disassembler.h; the context is opaque, the symbol callbacks are not used. */
	size_t (*instruction)(void *context, uint8_t *bytes, uint64_t n, uint64_t pc, char *text, size_t text_bytes);
	void (*dispose)(void *context);
};

/* ------------------------------------------------------------------ LLVM */

#if WS_WITH_LLVM
typedef void *create_fn(const char *triple, const char *cpu, const char *features, void *info, int tag_type, void *op_info, void *lookup);

/* By the names that Debian and LLVM itself have given it; gfx942 is known since 17. */
static void *load_library(struct dbg_error *err)
{
	static const char *const names[] = {
		WS_LLVM_LIBRARY, "libLLVM.so.19.1", "libLLVM.so.20.1", "libLLVM.so.21.1", "libLLVM.so.18.1", "libLLVM-18.so.1", "libLLVM-17.so.1",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		void *library = names[i][0] ? dlopen(names[i], RTLD_NOW | RTLD_LOCAL) : NULL;
		if (library)
			return library;
	}
	dbg_fail(err, DBG_UNSUPPORTED, "no LLVM library is installed here (Debian package libllvm19)");
	return NULL;
}

static int start(struct disasm *d, struct dbg_error *err)
{
	static const char *const prepare[] = { "LLVMInitializeAMDGPUTargetInfo", "LLVMInitializeAMDGPUTargetMC", "LLVMInitializeAMDGPUDisassembler" };
	for (size_t i = 0; i < sizeof prepare / sizeof *prepare; i++) {
		void (*initialise)(void) = (void (*)(void))dlsym(d->library, prepare[i]);
		if (!initialise)
			return dbg_fail(err, DBG_UNSUPPORTED, "the LLVM library knows no AMD GPUs (no %s)", prepare[i]);
		initialise();
	}
	create_fn *create = (create_fn *)dlsym(d->library, "LLVMCreateDisasmCPUFeatures");
	d->instruction = (size_t (*)(void *, uint8_t *, uint64_t, uint64_t, char *, size_t))dlsym(d->library, "LLVMDisasmInstruction");
	d->dispose = (void (*)(void *))dlsym(d->library, "LLVMDisasmDispose");
	if (!create || !d->instruction || !d->dispose)
		return dbg_fail(err, DBG_UNSUPPORTED, "the LLVM library has no disassembler");
	d->context = create("amdgcn-amd-amdhsa", d->family->name, "", NULL, 0, NULL, NULL);
	return d->context ? 0 : dbg_fail(err, DBG_UNSUPPORTED, "the LLVM library knows no %s", d->family->name);
}
#else
static void *load_library(struct dbg_error *err)
{
	dbg_fail(err, DBG_UNSUPPORTED, "built without LLVM");
	return NULL;
}

static int start(struct disasm *d, struct dbg_error *err)
{
	(void)d;
	return dbg_fail(err, DBG_UNSUPPORTED, "built without LLVM");
}
#endif

int disasm_open(const struct gfx_family *family, struct disasm **out, struct dbg_error *err)
{
	struct disasm *d = calloc(1, sizeof *d);
	*out = NULL;
	if (!d)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for the disassembler");
	d->family = family;
	d->library = load_library(err);
	int status = d->library ? start(d, err) : -(int)DBG_UNSUPPORTED;
	if (status < 0) {
		disasm_close(d);
		return status;
	}
	*out = d;
	return 0;
}

void disasm_close(struct disasm *d)
{
	if (!d)
		return;
	if (d->context)
		d->dispose(d->context);
	/* The library stays loaded: it has registered functions to run at the end of the process. */
	free(d);
}

const struct gfx_family *disasm_family(const struct disasm *d)
{
	return d->family;
}

/* ------------------------------------------------------------------ one instruction */

/* LLVM begins with a tab and parts mnemonic and operands by one or by none. */
static void tidy(char *text)
{
	char *to = text;
	bool blank = false;
	for (const char *from = text; *from; from++) {
		if (isspace((unsigned char)*from)) {
			blank = to != text;
			continue;
		}
		if (blank)
			*to++ = ' ';
		blank = false;
		*to++ = *from;
	}
	*to = 0;
}

static const char *class_text(enum gfx_insn_class class)
{
	static const char *const texts[] = {
		[GFX_INSN_SEQUENTIAL] = "no jump", [GFX_INSN_BRANCH] = "branch", [GFX_INSN_COND_BRANCH] = "conditional branch",
		[GFX_INSN_CALL] = "call", [GFX_INSN_GETPC] = "reads the PC", [GFX_INSN_SETPC] = "jump by register", [GFX_INSN_SWAPPC] = "call by register",
		[GFX_INSN_FORK] = "fork", [GFX_INSN_ENDPGM] = "end of the wave", [GFX_INSN_TRAP] = "trap", [GFX_INSN_BARRIER] = "barrier",
		[GFX_INSN_SLEEP] = "sleep", [GFX_INSN_SETHALT] = "halt", [GFX_INSN_SENDMSG] = "message", [GFX_INSN_UNKNOWN] = "unknown",
	};
	return (size_t)class < sizeof texts / sizeof *texts ? texts[class] : "unknown";
}

static void words(struct disasm_line *out, const struct gfx_insn *insn)
{
	size_t used = (size_t)snprintf(out->text, sizeof out->text, ".long");
	for (unsigned i = 0; i < out->length && used < sizeof out->text; i += 4) {
		uint32_t word;
		memcpy(&word, out->bytes + i, 4);
		used += (size_t)snprintf(out->text + used, sizeof out->text - used, "%s0x%08x", i ? ", " : " ", word);
	}
	if (insn && used < sizeof out->text)
		snprintf(out->text + used, sizeof out->text - used, " ; %s, %u bytes, not disassembled", class_text(insn->class), insn->length);
}

static uint64_t target_of(const struct gfx_insn *insn, uint64_t addr)
{
	bool direct = insn->class == GFX_INSN_BRANCH || insn->class == GFX_INSN_COND_BRANCH || insn->class == GFX_INSN_CALL;
	return direct ? addr + insn->length + (uint64_t)(int64_t)insn->simm16 * 4 : 0;
}

int disasm_one(const struct disasm *d, const struct gfx_family *family, uint64_t addr, const uint8_t *code, size_t n, struct disasm_line *out,
	struct dbg_error *err)
{
	struct gfx_insn insn;
	memset(out, 0, sizeof *out);
	out->addr = addr;
	if (n < 4)
		return dbg_fail(err, DBG_REFUSED, "an instruction has 4 bytes at least");
	bool known = gfx_insn_decode(family, code, n, &insn) == GFX_OK;
	size_t most = n < sizeof out->bytes ? n : sizeof out->bytes, length = 0;
	memcpy(out->bytes, code, most);
	if (d) {
		length = d->instruction(d->context, out->bytes, most, addr, out->text, sizeof out->text);
		tidy(out->text);
	}
	out->decoded = length >= 4 && length <= most && out->text[0];
	if (out->decoded) {
		out->length = (uint8_t)length;
		out->target = known ? target_of(&insn, addr) : 0;
		return 0;
	}
	/* What LLVM does not know is data, word by word; without it the lengths are our own. */
	out->length = !d && known && insn.length <= most ? insn.length : 4;
	words(out, !d && known ? &insn : NULL);
	out->target = !d && known ? target_of(&insn, addr) : 0;
	return 0;
}
