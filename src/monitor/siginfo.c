/* `monitor siginfo`: stock gdb reads siginfo only where the client's operating system has one, which that of the served view has not. */
#include <string.h>

#include "src/model/siginfo.h"
#include "src/model/wave.h"
#include "src/monitor/monitor.h"

static const struct {
	int signal, code; /* signal 0: any */
	const char *name;
} codes[] = {
	{ SIGSEGV, SEGV_MAPERR, "SEGV_MAPERR" }, { SIGSEGV, SEGV_ACCERR, "SEGV_ACCERR" },
	{ SIGBUS, BUS_ADRALN, "BUS_ADRALN" }, { SIGBUS, BUS_ADRERR, "BUS_ADRERR" },
	{ SIGILL, ILL_ILLOPC, "ILL_ILLOPC" },
	{ SIGFPE, FPE_INTDIV, "FPE_INTDIV" }, { SIGFPE, FPE_FLTDIV, "FPE_FLTDIV" }, { SIGFPE, FPE_FLTOVF, "FPE_FLTOVF" },
	{ SIGFPE, FPE_FLTUND, "FPE_FLTUND" }, { SIGFPE, FPE_FLTRES, "FPE_FLTRES" }, { SIGFPE, FPE_FLTINV, "FPE_FLTINV" },
	{ SIGFPE, FPE_FLTUNK, "FPE_FLTUNK" },
	{ SIGTRAP, TRAP_BRKPT, "TRAP_BRKPT" }, { SIGTRAP, TRAP_TRACE, "TRAP_TRACE" }, { SIGTRAP, TRAP_HWBKPT, "TRAP_HWBKPT" },
	{ SIGTRAP, TRAP_UNK, "TRAP_UNK" },
	{ 0, SI_USER, "SI_USER" }, { 0, SI_KERNEL, "SI_KERNEL" },
};

static const char *code_name(const siginfo_t *info)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].code == info->si_code && (!codes[i].signal || codes[i].signal == info->si_signo))
			return codes[i].name;
	return "?";
}

int monitor_siginfo(const struct monitor_call *c)
{
	const char *at = c->args, *name;
	const struct dbg_process *p = c->d->process;
	struct dbg_wave *w;
	siginfo_t info;
	int status = monitor_find_wave(c, &at, &w);
	if (status < 0)
		return status;
	siginfo_of_wave(w, p->last.tid == wave_tid(w) ? p->last.signal : 0, &info);
	if (!info.si_signo) {
		rsp_buf_puts(c->out, "the wave was stopped on request\n");
		return 0;
	}
	name = sigabbrev_np(info.si_signo);
	rsp_buf_printf(c->out, "si_signo = %d (SIG%s)\nsi_code = %d (%s)\n", info.si_signo, name ? name : "?", info.si_code, code_name(&info));
	bool refused = info.si_signo == SIGSEGV && (info.si_code == SEGV_MAPERR || info.si_code == SEGV_ACCERR); /* the null pointer's page is 0 */
	if (info.si_addr || refused)
		rsp_buf_printf(c->out, "si_addr = 0x%llx\n", (unsigned long long)(uintptr_t)info.si_addr);
	return 0;
}
