/* A wave's chain of calls, from what its functions' code says about the places of return addresses, and the registers that outer frames had
 * when they called. */
#ifndef SRC_UNWIND_UNWIND_H
#define SRC_UNWIND_UNWIND_H

#include "src/model/model.h"
#include "src/unwind/cfi.h"
#include "src/unwind/code.h"
#include "src/unwind/table.h"

/* Where the functions of a code object are told, and its frame information; NULL: none known. */
struct unwind_source {
	const struct unwind_function *(*function)(void *arg, const struct dbg_codeobj *o, uint64_t addr_in_file);
	const struct unwind_cfi *(*cfi)(void *arg, const struct dbg_codeobj *o);
	void *arg;
};

struct unwind_frame {
	uint64_t pc;       /* of an outer frame: where its call returns to */
	uint64_t low;      /* loaded address of its function; 0 not known */
	const struct unwind_state *state; /* what its code says; NULL: not known. Owned by the cache. */
	const struct unwind_row *row;     /* what frame information says; NULL: nothing. Owned by the cache. */
	bool kernel;
	bool lanes_known;     /* what follows is set: lanes that were switched on at the entry, and those of which that is told */
	uint64_t lanes, told;
};

struct unwind_chain {
	struct dbg_process *p;
	struct dbg_wave *w;
	struct unwind_frame *frames; /* from the innermost on; at least one */
	size_t n;
	bool complete;        /* the last frame is a kernel */
	struct dbg_error why; /* it ends there, when not complete */
};

/* States by code address, kept while the code objects stay. */
struct unwind_cache;
struct unwind_cache *unwind_cache_new(void);
void unwind_cache_free(struct unwind_cache *c); /* takes NULL */
void unwind_cache_clear(struct unwind_cache *c); /* chains made before are void */

enum { UNWIND_MAX_FRAMES = 1000 };
/* The process is stopped. A chain always has its first frame; that it ends early is not an error. */
int unwind_chain_make(struct unwind_cache *c, struct dbg_process *p, struct dbg_wave *w, const struct unwind_source *source, struct unwind_chain *out,
	struct dbg_error *err);
void unwind_chain_free(struct unwind_chain *c);

/* A scalar register by operand code (SGPRs, VCC, EXEC), and a lane of a vector register (accumulation registers from GFX_ACC on), as frame
 * `frame` has them; frame n of a chain of n is the caller that is not there any more. DBG_REFUSED: not known. */
int unwind_scalar(const struct unwind_chain *c, size_t frame, unsigned code, uint32_t *out, struct dbg_error *err);
int unwind_vector(const struct unwind_chain *c, size_t frame, unsigned vector, unsigned lane, uint32_t *out, struct dbg_error *err);
/* Whether a lane was switched on when the function of `frame` was entered: 1, 0, or -1 not known. */
int unwind_lane_entered(const struct unwind_chain *c, size_t frame, unsigned lane);

#endif
