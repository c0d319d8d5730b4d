#include "testsuite/unit/mock_target.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/fileio.h"

/* --- description --- */

static const struct rsp_type_field status_fields[] = { { "scc", 0, 0 }, { "mode", 4, 7 }, { NULL, 0, 0 } };
static const struct rsp_type types[] = {
	{ .id = "status_t", .kind = RSP_TYPE_FLAGS, .fields = status_fields, .size = 4 },
	{ .id = "v64", .kind = RSP_TYPE_VECTOR, .element = "uint32", .count = 64 },
	{ .id = "pair", .kind = RSP_TYPE_RAW, .xml = "<struct id=\"pair\"><field name=\"a\" type=\"int32\"/></struct>" },
};
static const struct rsp_reg core_regs[] = { { "sp", 64, "data_ptr", NULL }, { "pc", 64, "code_ptr", NULL } };
static const struct rsp_reg wave_regs[] = { { "status", 32, "status_t", "general" }, { "v0", 2048, "v64", "vector" } };
static const struct rsp_feature features[] = {
	{ "org.mock.core", NULL, 0, core_regs, 2 },
	{ "org.mock.wave", types, 3, wave_regs, 2 },
};
static const uint16_t expedite[] = { MOCK_REG_PC };
const struct rsp_tdesc mock_tdesc = {
	.architecture = "i386:x86-64", .osabi = "none", .features = features, .n_features = 2, .n_in_g = MOCK_N_IN_G,
	.expedite = expedite, .n_expedite = 1,
};

size_t mock_reg_offset(const struct rsp_tdesc *desc, size_t regno)
{
	size_t offset = 0;
	for (size_t i = 0; i < regno; i++)
		offset += rsp_tdesc_reg(desc, i)->bits / 8;
	return offset;
}

void mock_init(struct mock *m)
{
	memset(m, 0, sizeof(*m));
	rsp_buf_init(&m->said, 0);
	m->desc = &mock_tdesc;
	m->process = true;
	m->thread_name = "wave";
	m->library_name = "/tmp/a.co";
	for (size_t t = 0; t <= MOCK_THREADS; t++)
		for (size_t i = 0; i < MOCK_REG_BYTES; i++)
			m->regs[t][i] = (uint8_t)(16 * t + i);
	for (size_t i = 0; i < MOCK_MEMORY_SIZE; i++)
		m->memory[i] = (uint8_t)(i * 7 + (i >> 8));
	for (size_t i = 0; i < MOCK_FILE_SIZE; i++)
		m->file[i] = (uint8_t)(i * 13 + (i >> 9));
	m->stop = (struct rsp_stop){ .kind = RSP_STOP_SIGNAL, .thread = { MOCK_PID, 1 }, .value = 5 };
}

void mock_deinit(struct mock *m)
{
	rsp_buf_deinit(&m->said);
}

static int refuse(struct mock *m, struct rsp_error *err)
{
	return m->fail ? rsp_fail(err, m->fail, "the mock says no") : 0;
}

static const struct rsp_tdesc *op_tdesc(void *t)
{
	struct mock *m = t;
	return m->process ? m->desc : NULL;
}

/* --- process life --- */

static int op_last_stop(void *t, struct rsp_stop *out)
{
	struct mock *m = t;
	if (m->process)
		*out = m->stop;
	else
		out->kind = RSP_STOP_NONE;
	return 0;
}

static int op_attach(void *t, int64_t pid, struct rsp_error *err)
{
	struct mock *m = t;
	int rc = refuse(m, err);
	rsp_buf_printf(&m->said, "attach %" PRIx64 "; ", pid);
	if (rc == 0)
		m->process = true;
	return rc;
}

static int op_run(void *t, char *const argv[], struct rsp_error *err)
{
	struct mock *m = t;
	int rc = refuse(m, err);
	rsp_buf_puts(&m->said, "run");
	for (; *argv; argv++)
		rsp_buf_printf(&m->said, " [%s]", *argv);
	rsp_buf_puts(&m->said, "; ");
	if (rc == 0)
		m->process = true;
	return rc;
}

static int leave(struct mock *m, const char *how, int64_t pid, struct rsp_error *err)
{
	int rc = refuse(m, err);
	if (rc == 0 && pid != 0 && pid != MOCK_PID)
		return rsp_fail(err, RSP_GONE, "no process %" PRIx64, pid);
	rsp_buf_printf(&m->said, "%s %" PRIx64 "; ", how, pid);
	if (rc == 0)
		m->process = false;
	return rc;
}

static int op_detach(void *t, int64_t pid, struct rsp_error *err)
{
	return leave(t, "detach", pid, err);
}

static int op_kill(void *t, int64_t pid, struct rsp_error *err)
{
	return leave(t, "kill", pid, err);
}

static int op_attached(void *t, int64_t pid, bool *existing, struct rsp_error *err)
{
	if (pid != 0 && pid != MOCK_PID)
		return rsp_fail(err, RSP_GONE, "no process %" PRIx64, pid);
	*existing = true;
	return refuse(t, err);
}

/* --- threads --- */

static bool alive(const struct mock *m, struct rsp_ptid id)
{
	if (!m->process || id.pid != MOCK_PID || id.tid < 1)
		return false;
	if (m->many_threads)
		return (uint64_t)id.tid <= m->many_threads;
	return id.tid <= MOCK_THREADS && !m->dead[id.tid];
}

static int op_threads(void *t, rsp_thread_emit *emit, void *sink, struct rsp_error *err)
{
	struct mock *m = t;
	m->snapshots++;
	int rc = refuse(m, err);
	for (int64_t tid = 1; rc == 0 && tid <= (m->many_threads ? (int64_t)m->many_threads : MOCK_THREADS); tid++) {
		struct rsp_thread thread = { { MOCK_PID, tid }, m->thread_name, tid == 2 ? "halted" : NULL, tid == 3 ? 7 : -1 };
		if (alive(m, thread.id))
			emit(sink, &thread);
	}
	return rc;
}

static int op_alive(void *t, struct rsp_ptid id, bool *is)
{
	*is = alive(t, id);
	return refuse(t, NULL);
}

static int op_resolve(void *t, struct rsp_ptid *id, struct rsp_error *err)
{
	struct mock *m = t;
	struct rsp_ptid found = { id->pid > 0 ? id->pid : MOCK_PID, id->tid > 0 ? id->tid : 1 };
	while (id->tid <= 0 && found.tid < MOCK_THREADS && !alive(m, found))
		found.tid++;
	if (!alive(m, found))
		return rsp_fail(err, RSP_GONE, "no such thread");
	*id = found;
	return 0;
}

/* --- registers and memory --- */

/* The mock does not refuse, and the thread is there. */
static int reachable(struct mock *m, struct rsp_ptid id, struct rsp_error *err)
{
	int rc = refuse(m, err);
	return rc == 0 && !alive(m, id) ? rsp_fail(err, RSP_GONE, "no such thread") : rc;
}

static int reg_place(struct mock *m, struct rsp_ptid id, size_t regno, uint8_t **at, size_t *size, struct rsp_error *err)
{
	int rc = reachable(m, id, err);
	if (rc < 0)
		return rc;
	const struct rsp_reg *reg = rsp_tdesc_reg(m->desc, regno);
	if (!reg)
		return rsp_fail(err, RSP_BAD_REQUEST, "no such register");
	*size = reg->bits / 8;
	*at = m->regs[m->many_threads ? 1 : id.tid] + mock_reg_offset(m->desc, regno);
	return 0;
}

static int op_reg_read(void *t, struct rsp_ptid id, size_t regno, uint8_t *buf, bool *available, struct rsp_error *err)
{
	uint8_t *at;
	size_t size;
	int rc = reg_place(t, id, regno, &at, &size, err);
	if (rc < 0)
		return rc;
	memcpy(buf, at, size);
	*available = !((struct mock *)t)->unavailable;
	return 0;
}

static int op_reg_write(void *t, struct rsp_ptid id, size_t regno, const uint8_t *buf, struct rsp_error *err)
{
	uint8_t *at;
	size_t size;
	int rc = reg_place(t, id, regno, &at, &size, err);
	if (rc < 0)
		return rc;
	memcpy(at, buf, size);
	return 0;
}

static bool mapped(uint64_t addr)
{
	return addr >= MOCK_MEMORY_AT && addr < MOCK_MEMORY_AT + MOCK_MEMORY_SIZE;
}

static int op_mem_read(void *t, struct rsp_ptid id, uint64_t addr, uint8_t *buf, size_t len, size_t *got, struct rsp_error *err)
{
	struct mock *m = t;
	int rc = reachable(m, id, err);
	if (rc < 0)
		return rc;
	/* The very last byte of the address space is there too, to see what happens at the end. */
	if (addr == UINT64_MAX && len == 1) {
		*buf = 0xee;
		*got = 1;
		return 0;
	}
	if (!mapped(addr))
		return rsp_fail(err, RSP_REFUSED, "nothing is mapped at %#" PRIx64, addr);
	size_t left = MOCK_MEMORY_AT + MOCK_MEMORY_SIZE - addr;
	*got = len < left ? len : left;
	memcpy(buf, m->memory + (addr - MOCK_MEMORY_AT), *got);
	return 0;
}

static int op_mem_write(void *t, struct rsp_ptid id, uint64_t addr, const uint8_t *buf, size_t len, struct rsp_error *err)
{
	struct mock *m = t;
	int rc = reachable(m, id, err);
	if (rc < 0)
		return rc;
	if (!mapped(addr) || len > MOCK_MEMORY_AT + MOCK_MEMORY_SIZE - addr)
		return rsp_fail(err, RSP_REFUSED, "nothing is mapped at %#" PRIx64, addr);
	memcpy(m->memory + (addr - MOCK_MEMORY_AT), buf, len);
	return 0;
}

/* --- breakpoints and running --- */

static void say_expressions(struct mock *m, const char *what, const struct rsp_bytecode *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		rsp_buf_printf(&m->said, "%s ", what);
		for (size_t k = 0; k < e[i].n; k++)
			rsp_buf_printf(&m->said, "%02x", e[i].code[k]);
	}
}

static int breakpoint(struct mock *m, const char *what, const struct rsp_break *b, struct rsp_error *err)
{
	int rc = refuse(m, err);
	if (b->type != RSP_BREAK_SW && b->type != RSP_WATCH_WRITE)
		return rsp_fail(err, RSP_UNSUPPORTED, "no breakpoints of type %d", (int)b->type);
	rsp_buf_printf(&m->said, "%s %d %" PRIx64 " %" PRIx64, what, (int)b->type, b->addr, b->kind);
	say_expressions(m, " if", b->conditions, b->n_conditions);
	say_expressions(m, b->persist ? " do for ever" : " do", b->commands, b->n_commands);
	rsp_buf_puts(&m->said, "; ");
	return rc;
}

static int op_break_insert(void *t, const struct rsp_break *b, struct rsp_error *err)
{
	return breakpoint(t, "insert", b, err);
}

static int op_break_remove(void *t, const struct rsp_break *b, struct rsp_error *err)
{
	return breakpoint(t, "remove", b, err);
}

static int op_resume(void *t, const struct rsp_resume *actions, size_t n, struct rsp_error *err)
{
	static const char *const kinds[] = { [RSP_CONTINUE] = "c", [RSP_STEP] = "s", [RSP_RANGE_STEP] = "r", [RSP_HALT] = "t" };
	struct mock *m = t;
	int rc = refuse(m, err);
	rsp_buf_puts(&m->said, "resume");
	for (size_t i = 0; i < n; i++) {
		rsp_buf_printf(&m->said, " %s", kinds[actions[i].kind]);
		if (actions[i].signal)
			rsp_buf_printf(&m->said, "(%u)", actions[i].signal);
		if (actions[i].kind == RSP_RANGE_STEP)
			rsp_buf_printf(&m->said, "[%" PRIx64 ",%" PRIx64 ")", actions[i].start, actions[i].end);
		rsp_buf_printf(&m->said, " %" PRId64 ".%" PRId64, actions[i].who.pid, actions[i].who.tid);
	}
	rsp_buf_puts(&m->said, "; ");
	if (rc == 0 && m->stop_inside)
		return rsp_session_stopped(m->session, &m->stop);
	return rc;
}

static void op_interrupt(void *t)
{
	struct mock *m = t;
	rsp_buf_puts(&m->said, "interrupt; ");
}

/* --- non-stop and signals --- */

static int op_set_nonstop(void *t, bool on, struct rsp_error *err)
{
	struct mock *m = t;
	rsp_buf_printf(&m->said, "nonstop %d; ", on);
	return refuse(m, err);
}

static int op_stops(void *t, rsp_stop_emit *emit, void *sink, struct rsp_error *err)
{
	struct mock *m = t;
	int rc = refuse(m, err);
	for (int64_t tid = 1; rc == 0 && tid <= MOCK_THREADS; tid++) {
		struct rsp_stop stop = m->stop;
		stop.thread.tid = tid;
		if (alive(m, stop.thread) && !m->running[tid])
			emit(sink, &stop);
	}
	return rc;
}

static int op_thread_events(void *t, bool on, struct rsp_error *err)
{
	struct mock *m = t;
	rsp_buf_printf(&m->said, "thread events %d; ", on);
	return refuse(m, err);
}

static int say_signals(struct mock *m, const char *what, const struct rsp_signals *set, struct rsp_error *err)
{
	rsp_buf_printf(&m->said, "%s", what);
	for (unsigned i = 0; i < RSP_MAX_SIGNALS; i++)
		if (rsp_signals_have(set, i))
			rsp_buf_printf(&m->said, " %u", i);
	rsp_buf_puts(&m->said, "; ");
	return refuse(m, err);
}

static int op_pass_signals(void *t, const struct rsp_signals *set, struct rsp_error *err)
{
	return say_signals(t, "pass", set, err);
}

static int op_program_signals(void *t, const struct rsp_signals *set, struct rsp_error *err)
{
	return say_signals(t, "program", set, err);
}

/* --- objects --- */

static int op_libraries(void *t, rsp_library_emit *emit, void *sink, struct rsp_error *err)
{
	static const uint64_t segments[] = { 0x7f0000000000, 0x7f0000002000 }, sections[] = { 0x5000 };
	struct mock *m = t;
	m->snapshots++;
	int rc = refuse(m, err);
	if (rc < 0)
		return rc;
	emit(sink, &(struct rsp_library){ m->library_name, segments, 2, false });
	emit(sink, &(struct rsp_library){ "/tmp/b.co", sections, 1, true });
	return 0;
}

static int op_exec_file(void *t, int64_t pid, struct rsp_buf *out, struct rsp_error *err)
{
	if (pid != 0 && pid != MOCK_PID)
		return rsp_fail(err, RSP_GONE, "no process %" PRIx64, pid);
	rsp_buf_puts(out, "/bin/prog}#$*");
	return refuse(t, err);
}

static int op_auxv(void *t, struct rsp_buf *out, struct rsp_error *err)
{
	static const uint8_t bytes[] = { 6, 0, 0, 0, 0, 0, 0, 0, '#', '$', '*', '}', 0, 0, 0, 0 };
	rsp_buf_add(out, bytes, sizeof(bytes));
	return refuse(t, err);
}

static int op_siginfo(void *t, struct rsp_ptid id, struct rsp_buf *out, struct rsp_error *err)
{
	rsp_buf_printf(out, "siginfo of %" PRId64, id.tid);
	return refuse(t, err);
}

static int op_offsets(void *t, uint64_t *text, uint64_t *data, struct rsp_error *err)
{
	*text = *data = 0x555500000000;
	return refuse(t, err);
}

static int op_monitor(void *t, struct rsp_ptid selected, const char *command, struct rsp_buf *out, struct rsp_error *err)
{
	(void)selected;
	struct mock *m = t;
	rsp_buf_printf(&m->said, "monitor [%s]; ", command);
	if (strcmp(command, "help") == 0)
		rsp_buf_puts(out, "help: this text\n");
	else if (strcmp(command, "exit") == 0)
		rsp_session_end(m->session, RSP_ENDED_EXIT);
	else if (strcmp(command, "flood") == 0)
		for (unsigned i = 0; i < 40000; i++)
			rsp_buf_printf(out, "line %u\n", i);
	else if (strcmp(command, "cut off") == 0)
		out->failed = true;
	else if (strcmp(command, "quiet") != 0)
		return rsp_fail(err, RSP_BAD_REQUEST, "unknown command \"%s\" {#$*}", command);
	return 0;
}

/* --- files --- */

static int file_failed(struct mock *m, int fd, int *file_errno)
{
	*file_errno = m->fail ? RSP_FILE_EIO : RSP_FILE_EBADF;
	return m->fail || !m->open || fd != 5 ? -1 : 0;
}

static int op_setfs(void *t, int64_t pid, int *file_errno)
{
	struct mock *m = t;
	*file_errno = RSP_FILE_EINVAL;
	return pid == 0 || pid == MOCK_PID ? -(int)m->fail : -1;
}

static int op_open(void *t, const char *path, unsigned flags, unsigned mode, int *fd, int *file_errno)
{
	struct mock *m = t;
	rsp_buf_printf(&m->said, "open [%s] %x %x; ", path, flags, mode);
	*file_errno = RSP_FILE_ENOENT;
	if (m->fail || strcmp(path, "/tmp/a.co") != 0)
		return -1;
	m->open = true;
	*fd = 5;
	return 0;
}

static int op_pread(void *t, int fd, uint8_t *buf, size_t len, uint64_t offset, size_t *got, int *file_errno)
{
	struct mock *m = t;
	if (file_failed(m, fd, file_errno) < 0)
		return -1;
	size_t left = offset < MOCK_FILE_SIZE ? MOCK_FILE_SIZE - (size_t)offset : 0;
	*got = len < left ? len : left;
	memcpy(buf, m->file + (left ? offset : 0), *got);
	return 0;
}

static int op_pwrite(void *t, int fd, const uint8_t *buf, size_t len, uint64_t offset, size_t *put, int *file_errno)
{
	struct mock *m = t;
	if (file_failed(m, fd, file_errno) < 0)
		return -1;
	*file_errno = RSP_FILE_EFBIG;
	if (offset > MOCK_FILE_SIZE || len > MOCK_FILE_SIZE - offset)
		return -1;
	memcpy(m->file + offset, buf, len);
	*put = len;
	return 0;
}

static int op_fstat(void *t, int fd, struct rsp_file_stat *st, int *file_errno)
{
	if (file_failed(t, fd, file_errno) < 0)
		return -1;
	*st = (struct rsp_file_stat){ .dev = 1, .ino = 0x12345678, .mode = 0100644, .nlink = 1, .uid = 1000, .gid = 1000,
				      .size = MOCK_FILE_SIZE, .blksize = 4096, .blocks = 200, .atime = 1, .mtime = 2, .ctime = 3 };
	return 0;
}

static int op_close(void *t, int fd, int *file_errno)
{
	struct mock *m = t;
	if (file_failed(m, fd, file_errno) < 0)
		return -1;
	m->open = false;
	return 0;
}

static int op_readlink(void *t, const char *path, struct rsp_buf *out, int *file_errno)
{
	struct mock *m = t;
	*file_errno = RSP_FILE_EINVAL;
	if (m->fail || strcmp(path, "/link") != 0)
		return -1;
	rsp_buf_puts(out, "/tmp/a}b");
	return 0;
}

static int op_unlink(void *t, const char *path, int *file_errno)
{
	struct mock *m = t;
	*file_errno = RSP_FILE_EACCES;
	if (m->fail)
		return -1;
	rsp_buf_printf(&m->said, "unlink [%s]; ", path);
	return 0;
}

const struct rsp_target_ops mock_ops = {
	.tdesc = op_tdesc,
	.last_stop = op_last_stop,
	.attach = op_attach,
	.run = op_run,
	.detach = op_detach,
	.kill = op_kill,
	.attached = op_attached,
	.threads = op_threads,
	.thread_alive = op_alive,
	.thread_resolve = op_resolve,
	.reg_read = op_reg_read,
	.reg_write = op_reg_write,
	.mem_read = op_mem_read,
	.mem_write = op_mem_write,
	.break_insert = op_break_insert,
	.break_remove = op_break_remove,
	.break_conditions = true,
	.break_commands = true,
	.resume = op_resume,
	.interrupt = op_interrupt,
	.set_nonstop = op_set_nonstop,
	.stops = op_stops,
	.thread_events = op_thread_events,
	.pass_signals = op_pass_signals,
	.program_signals = op_program_signals,
	.libraries = op_libraries,
	.exec_file = op_exec_file,
	.auxv = op_auxv,
	.siginfo = op_siginfo,
	.offsets = op_offsets,
	.monitor = op_monitor,
	.file_setfs = op_setfs,
	.file_open = op_open,
	.file_pread = op_pread,
	.file_fstat = op_fstat,
	.file_close = op_close,
	.file_readlink = op_readlink,
	.file_pwrite = op_pwrite,
	.file_unlink = op_unlink,
};
