/* What the trap handlers of both levels leave behind, without running them: the kernel's first-level handler (wave-state.md 3.3) and the
 * runtime's second-level one (3.6), which is "there" when SET_TRAP_HANDLER gave an address. */
#include "sim/gpu/gpu.h"

#include "sim/driver/exceptions.h"
#include "sim/gpu/bits.h"

enum {
	TRAP_ABORT = 2,
	TRAP_DEBUG = 3,
	RUNTIME_ENABLED = 1,
	DEBUG_PROP_DISPATCH_INFO = 0x400, /* the launch hardware always sets them up (kfd-debug-interface.md 7.3) */
	UNINITIALISED_TTMP = 0x5eed0000, /* plus its number; bit 30 set: a reader that trusts it sees a stopped wave */
	TTMP = SIM_S_TTMP0,
};

enum { /* bits of the message besides the doorbell (wave-state.md 3.6) */
	WORD_ABORT = 1 << 10,
	WORD_TRAP = 1 << 11,
	WORD_MATH = 1 << 12,
	WORD_ILLEGAL = 1 << 13,
	WORD_MEMORY = 1 << 14,
	WORD_APERTURE = 1 << 15,
};

static const uint32_t not_maskable = TRAPSTS_MEM_VIOL | TRAPSTS_ILLEGAL | TRAPSTS_HOST_TRAP | TRAPSTS_WAVE_BEGIN | TRAPSTS_WAVE_END
	| TRAPSTS_AFTER_INST;

/* True when the debugger-attached flag of the process's trap handler is set. */
static bool debugger_attached(const struct sim_process *process)
{
	return process->debug.enabled && process->debug.runtime_state == RUNTIME_ENABLED;
}

void gpu_trap_init_ttmps(struct gpu_wave *wave)
{
	const struct gpu_group *g = wave->group;
	const struct gpu_packet *d = g->dispatch;
	const struct sim_process *process = d->queue->process;
	uint32_t *s = wave->w.s;
	for (unsigned i = 0; i < 16; i++)
		s[TTMP + i] = UNINITIALISED_TTMP + i;
	s[TTMP + 11] = 0; /* bit 31: not initialised by a trap handler */
	s[TTMP + 13] = 0;
	bool always = d->queue->pdd->device->model->debug_prop & DEBUG_PROP_DISPATCH_INFO;
	if (!always && !process->debug.ttmp_setup && !debugger_attached(process))
		return;
	uint64_t slot = d->id % (d->queue->ring_bytes / AQL_PACKET_BYTES);
	for (unsigned i = 0; i < 3; i++)
		s[TTMP + 8 + i] = g->id[i];
	s[TTMP + 11] = (wave->index & TTMP11_WAVE_MASK) | (uint32_t)(slot & 0x1ffffff) << TTMP11_PACKET_SHIFT;
}

bool gpu_trap_pending(const struct sim_wave *w)
{
	uint32_t enabled = w->trapsts & 0x1ff;
	if (w->status & STATUS_HALT)
		return false;
	if (w->trapsts & TRAPSTS_WATCH123)
		enabled |= TRAPSTS_WATCH0;
	return w->trapsts & not_maskable || enabled << MODE_EXCP_SHIFT & w->mode;
}

uint32_t gpu_trap_message(const struct sim_wave *w, unsigned doorbell, int trap_id)
{
	uint32_t bits = 0;
	if (w->trapsts & TRAPSTS_XNACK_ERROR)
		bits |= WORD_MEMORY;
	else if (w->trapsts & TRAPSTS_MEM_VIOL)
		bits |= WORD_APERTURE;
	if (w->trapsts & TRAPSTS_ILLEGAL)
		bits |= WORD_ILLEGAL;
	if ((w->trapsts & TRAPSTS_MATH) << MODE_EXCP_SHIFT & w->mode)
		bits |= WORD_MATH;
	if (trap_id == TRAP_ABORT)
		bits |= WORD_ABORT;
	return doorbell | (bits ? bits : WORD_TRAP);
}

/* No second-level handler: s_trap is skipped, anything else halts the wave where it is, rewound by 8 bytes so that it does not sit on an
 * s_endpgm; nobody is told. */
static void first_level_only(struct gpu_wave *wave, int trap_id)
{
	if (trap_id >= 0) {
		wave->w.pc += 4;
		return;
	}
	wave->w.status |= STATUS_HALT;
	wave->w.pc -= 8;
	gpu_run_remove(wave);
}

void gpu_trap_enter(struct gpu_wave *wave, int trap_id)
{
	struct sim_wave *w = &wave->w;
	struct sim_queue *q = gpu_wave_queue(wave);
	uint32_t *ttmp = w->s + TTMP;
	bool attached = debugger_attached(q->process);
	ttmp[13] = attached ? TTMP13_DEBUG : 0;
	if (!q->pdd->tba) {
		first_level_only(wave, trap_id);
		return;
	}
	if (trap_id > 0) {
		bool stay = trap_id == TRAP_ABORT && sim_driver_options(q->process->driver)->trap2_pc_at;
		w->pc += stay ? 0 : 4;
		if (trap_id == TRAP_DEBUG && !attached)
			return;
	}
	uint32_t saved_id = trap_id <= 0 ? 0 : trap_id < 15 ? (uint32_t)trap_id : 15;
	ttmp[6] &= ~((uint32_t)TTMP6_TRAP_ID_MASK | TTMP6_HALT);
	ttmp[6] |= saved_id << TTMP6_TRAP_ID_SHIFT | (w->status & STATUS_HALT ? TTMP6_HALT : 0) | TTMP6_STOPPED;
	w->status |= STATUS_HALT | STATUS_SKIP_EXPORT;
	if (!(ttmp[11] & TTMP11_INITIALISED)) {
		ttmp[4] = ttmp[5] = 0;
		ttmp[6] &= ~TTMP6_NO_SPI_SETUP;
		ttmp[11] |= TTMP11_INITIALISED;
	}
	gpu_run_remove(wave);
	gpu_interrupt(q, gpu_trap_message(w, q->doorbell, trap_id));
}

/* Instruction fetch: the sequencer halts the wave at once, and the first-level handler waits for a save (wave-state.md 3.3 item 2, 8.3). */
static bool is_fetch_fault(const struct sim_wave *w, const struct sim_result *result)
{
	return w->trapsts & TRAPSTS_MEM_VIOL && result->fault_addr - w->pc < 8 && !result->fault_unmapped;
}

void gpu_trap_fault(struct gpu_wave *wave, const struct sim_result *result)
{
	struct sim_wave *w = &wave->w;
	struct sim_queue *q = gpu_wave_queue(wave);
	struct sim_pdd *pdd = q->pdd;
	bool fetch = is_fetch_fault(w, result);
	bool vm = fetch || w->trapsts & TRAPSTS_XNACK_ERROR;
	uint64_t addr = result->fault_addr;
	if (vm)
		sim_log(q->process->driver, 1, "memory fault of queue %u at PC %#llx: %s %#llx", q->id, (unsigned long long)w->pc,
			fetch ? "fetch from" : result->fault_write ? "write to" : "read of", (unsigned long long)addr);
	if (fetch) {
		w->status |= STATUS_HALT;
		gpu_run_remove(wave);
	} else if (gpu_trap_pending(w)) {
		gpu_trap_enter(wave, -1);
	}
	/* Last: it may evict the queue, and the wave with it. */
	if (vm)
		sim_exception_vm_fault(pdd, addr, !fetch && sim_memory_mapped(pdd->process, pdd->device, addr, 1), result->fault_write);
}
