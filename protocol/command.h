/* The packet table: one row per packet. Matching, argument checks, what is advertised and the support table all come from it. */
#ifndef PROTOCOL_COMMAND_H
#define PROTOCOL_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/args.h"
#include "protocol/reply.h"
#include "protocol/target.h"

struct rsp_session;

/* Abilities: one for each operation that a row can need. X(name, member of struct rsp_target_ops) */
#define RSP_ABILITIES(X) \
	X(TDESC, tdesc) \
	X(LAST_STOP, last_stop) \
	X(ATTACH, attach) \
	X(RUN, run) \
	X(DETACH, detach) \
	X(KILL, kill) \
	X(ATTACHED, attached) \
	X(THREADS, threads) \
	X(ALIVE, thread_alive) \
	X(REG_READ, reg_read) \
	X(REG_WRITE, reg_write) \
	X(MEM_READ, mem_read) \
	X(MEM_WRITE, mem_write) \
	X(BREAK_INSERT, break_insert) \
	X(BREAK_REMOVE, break_remove) \
	X(RESUME, resume) \
	X(INTERRUPT, interrupt) \
	X(SET_NONSTOP, set_nonstop) \
	X(STOPS, stops) \
	X(THREAD_EVENTS, thread_events) \
	X(PASS_SIGNALS, pass_signals) \
	X(PROGRAM_SIGNALS, program_signals) \
	X(BREAK_CONDITIONS, break_conditions) \
	X(BREAK_COMMANDS, break_commands) \
	X(LIBRARIES, libraries) \
	X(EXEC_FILE, exec_file) \
	X(AUXV, auxv) \
	X(SIGINFO, siginfo) \
	X(OFFSETS, offsets) \
	X(MONITOR, monitor) \
	X(SETFS, file_setfs) \
	X(OPEN, file_open) \
	X(PREAD, file_pread) \
	X(PWRITE, file_pwrite) \
	X(FSTAT, file_fstat) \
	X(CLOSE, file_close) \
	X(READLINK, file_readlink) \
	X(UNLINK, file_unlink)

enum rsp_ability_index {
#define X(name, member) RSP_INDEX_##name,
	RSP_ABILITIES(X)
#undef X
	RSP_N_ABILITIES
};

/* A set of abilities is a word of these bits. */
#define RSP_CAN(name) (UINT64_C(1) << RSP_INDEX_##name)

/* The abilities an operations record offers. */
uint64_t rsp_abilities(const struct rsp_target_ops *ops);
/* "mem_read"; static. */
const char *rsp_ability_name(enum rsp_ability_index index);

enum rsp_match { RSP_EXACT, RSP_PREFIX };

enum rsp_command_flag {
	RSP_MAY_STOP_REPLY = 1, /* the answer may be a stop reply that comes later */
	RSP_NO_REPLY = 2,       /* the packet has no answer by definition */
	RSP_WHILE_RUNNING = 4,  /* also served between a resume and its stop reply */
	RSP_ANY_NEED = 8,       /* one of the needed abilities is enough */
	RSP_ERROR_TEXT = 16,    /* every gdb takes a text for an error here, and shows it: what is refused says why */
};

struct rsp_command {
	const char *name;
	enum rsp_match match;
	const char *args; /* schema of what follows the name, see args.h */
	uint64_t needs;   /* abilities; the packet is unknown without them */
	unsigned flags;
	const char *feature; /* what qSupported says when the row is offered; NULL: nothing */
	/* Returns enum rsp_status or the negative class of an error. */
	int (*run)(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply);
	const char *doc;
};

extern const struct rsp_command rsp_commands[];
extern const size_t rsp_n_commands;

/* Whether a target with these abilities is offered this packet. */
bool rsp_command_offered(const struct rsp_command *c, uint64_t abilities);
/* The row with the longest name that matches the packet and is offered; NULL for an unknown packet. */
const struct rsp_command *rsp_command_find(const char *packet, size_t n, uint64_t abilities);

#endif
