#include "src/model/siginfo.h"

#include <string.h>

enum address { NONE, AT_PC, OF_FAULT, OF_WATCH };

/* Order and signals: wave-state 8.4. */
static const struct {
	unsigned reason;
	int signal, code;
	enum address address;
} rows[] = {
	{ GFX_STOP_ADDRESS_ERROR, SIGBUS, SI_KERNEL, NONE },
	{ GFX_STOP_MEMORY_VIOLATION, SIGSEGV, SI_KERNEL, OF_FAULT },
	{ GFX_STOP_ILLEGAL_INSTRUCTION, SIGILL, ILL_ILLOPC, AT_PC },
	{ GFX_STOP_INT_DIV0, SIGFPE, FPE_INTDIV, AT_PC },
	{ GFX_STOP_FP_DIV0, SIGFPE, FPE_FLTDIV, AT_PC },
	{ GFX_STOP_FP_OVERFLOW, SIGFPE, FPE_FLTOVF, AT_PC },
	{ GFX_STOP_FP_UNDERFLOW, SIGFPE, FPE_FLTUND, AT_PC },
	{ GFX_STOP_FP_INVALID, SIGFPE, FPE_FLTINV, AT_PC },
	{ GFX_STOP_FP_INEXACT, SIGFPE, FPE_FLTRES, AT_PC },
	{ GFX_STOP_FP_DENORM, SIGFPE, FPE_FLTUNK, AT_PC },
	{ GFX_STOP_BREAKPOINT, SIGTRAP, TRAP_BRKPT, AT_PC },
	{ GFX_STOP_WATCHPOINT, SIGTRAP, TRAP_HWBKPT, OF_WATCH },
	{ GFX_STOP_DEBUG_TRAP, SIGTRAP, TRAP_BRKPT, AT_PC },
	{ GFX_STOP_TRAP, SIGTRAP, TRAP_UNK, AT_PC },
	{ GFX_STOP_SINGLE_STEP, SIGTRAP, TRAP_TRACE, AT_PC },
	{ GFX_STOP_ASSERT_TRAP, SIGABRT, SI_KERNEL, AT_PC },
};
enum { N_ROWS = sizeof rows / sizeof *rows };

int siginfo_signal(unsigned reasons)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (reasons & rows[i].reason)
			return rows[i].signal;
	return 0;
}

static void put_fault(const struct dbg_fault *f, siginfo_t *out)
{
	if (!f->valid || f->imprecise)
		return;
	out->si_code = f->not_present ? SEGV_MAPERR : SEGV_ACCERR;
	out->si_addr = (void *)(uintptr_t)f->page;
}

void siginfo_of_wave(const struct dbg_wave *w, int asked_signal, siginfo_t *out)
{
	memset(out, 0, sizeof *out);
	out->si_signo = asked_signal;
	out->si_code = SI_USER;
	for (size_t i = 0; i < N_ROWS; i++) {
		if (!(w->reasons & rows[i].reason))
			continue;
		out->si_signo = rows[i].signal;
		out->si_code = rows[i].code;
		if (rows[i].address == AT_PC)
			out->si_addr = (void *)(uintptr_t)gfx_wave_pc(&w->g);
		else if (rows[i].address == OF_WATCH)
			out->si_addr = (void *)(uintptr_t)w->watch_addr;
		else if (rows[i].address == OF_FAULT)
			put_fault(&w->fault, out);
		return;
	}
}
