/* Pointers of four bytes, to local and private memory, as clients see them: what they mean, and arrays of them (view/window.h). */
#include <string.h>

#include "src/view/internal.h"
#include "src/view/window.h"

static int base_of(const struct dbg_wave *w, bool of_private, uint64_t *base, struct dbg_error *err)
{
	if (!w)
		return dbg_fail(err, DBG_REFUSED, "a pointer to local or private memory means nothing to a thread of the host");
	*base = of_private ? w->queue->agent->info.scratch_base : w->queue->agent->info.lds_base;
	return 0;
}

int view_meant_read(const struct dbg_wave *w, uint64_t addr, uint8_t *buf, size_t n, size_t *got, struct dbg_error *err)
{
	uint64_t base = 0, pointer = addr & ((UINT64_C(1) << 55) - 1);
	int status = base_of(w, addr >> 55 & 1, &base, err);
	if (status == 0 && n > VIEW_PLACE_BYTES)
		status = dbg_fail(err, DBG_REFUSED, "one address is read at a time");
	if (status < 0)
		return status;
	if (pointer <= UINT32_MAX)
		pointer |= base;
	memcpy(buf, &pointer, n);
	*got = n;
	return 0;
}

int view_row_read(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, uint8_t *buf, size_t n, size_t *got, struct dbg_error *err)
{
	bool of_private;
	uint64_t base = 0;
	for (*got = 0; *got < n;) {
		uint64_t at = addr + *got, word = view_row_pointer(at, &of_private);
		size_t skip = at % sizeof base, part = sizeof base - skip, read = 0;
		uint32_t pointer = 0;
		int status = base_of(w, of_private, &base, err);
		if (status == 0 && (!word || view_in_rows(word)))
			status = dbg_fail(err, DBG_REFUSED, "the array of pointers ends here");
		if (status == 0)
			status = view_mem_read(v, p, w, word, (uint8_t *)&pointer, sizeof pointer, &read, err);
		if (status == 0 && read < sizeof pointer)
			status = dbg_fail(err, DBG_REFUSED, "half of a pointer is not there");
		if (status < 0)
			return *got ? 0 : status;
		base |= pointer;
		part = part < n - *got ? part : n - *got;
		memcpy(buf + *got, (uint8_t *)&base + skip, part);
		*got += part;
	}
	return 0;
}

static int write_pointer(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, const uint8_t *buf, struct dbg_error *err)
{
	bool of_private;
	uint64_t base = 0, pointer, word = view_row_pointer(addr, &of_private);
	memcpy(&pointer, buf, sizeof pointer);
	int status = base_of(w, of_private, &base, err);
	if (status == 0)
		status = view_pointer_to_store(v, p, w, word, pointer, &pointer, err);
	if (status < 0)
		return status;
	uint32_t low = (uint32_t)pointer;
	if (pointer - low != base)
		return dbg_fail(err, DBG_REFUSED, "not a pointer to %s memory, so it does not fit four bytes", of_private ? "private" : "local");
	return view_mem_write(v, p, w, word, (const uint8_t *)&low, sizeof low, err);
}

int view_row_write(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, const uint8_t *buf, size_t n, struct dbg_error *err)
{
	int status = 0;
	if (addr % sizeof(uint64_t) || n % sizeof(uint64_t))
		return dbg_fail(err, DBG_REFUSED, "pointers of four bytes are written whole");
	for (size_t at = 0; status == 0 && at < n; at += sizeof(uint64_t))
		status = write_pointer(v, p, w, addr + at, buf + at, err);
	return status;
}
