#include "protocol/handlers.h"
#include "protocol/hex.h"
#include "protocol/ptid.h"
#include "protocol/state.h"
#include "protocol/tdesc_xml.h"

/* Writes the object to s->xfer.data. annex is what stands between the object's name and the offset. */
typedef int fill_fn(struct rsp_session *s, const struct rsp_arg *annex, struct rsp_error *err);

/* One window of an object, made by fill when need be. The arguments are annex, offset, length. */
static int transfer(struct rsp_session *s, const char *object, fill_fn *fill, const struct rsp_args *args, struct rsp_reply *reply)
{
	const struct rsp_arg *annex = &args->v[0];
	uint64_t offset = args->v[1].number, length = args->v[2].number;
	if (rsp_xfer_begin(&s->xfer, object, annex->bytes, annex->n, offset)) {
		int rc = fill(s, annex, &reply->err);
		if (rc < 0) {
			rsp_xfer_forget(&s->xfer);
			return rc;
		}
	}
	return rsp_xfer_window(&s->xfer, offset, length, reply);
}

static int no_annex(const struct rsp_arg *annex, struct rsp_error *err)
{
	return annex->n ? rsp_fail(err, RSP_BAD_REQUEST, "this object takes no annex") : 0;
}

static int fill_features(struct rsp_session *s, const struct rsp_arg *annex, struct rsp_error *err)
{
	struct rsp_cursor c = { annex->bytes, annex->bytes + annex->n };
	if (!rsp_cut_text(&c, "target.xml") || rsp_left(&c))
		return rsp_fail(err, RSP_BAD_REQUEST, "the target description is \"target.xml\"");
	const struct rsp_tdesc *desc = s->ops->tdesc(s->t);
	if (!desc)
		return rsp_fail(err, RSP_GONE, "no process, hence no target description");
	rsp_tdesc_xml(desc, &s->xfer.data);
	return 0;
}

int rsp_cmd_xfer_features(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return transfer(s, "features", fill_features, args, reply);
}

static void emit_thread(void *sink, const struct rsp_thread *thread)
{
	struct rsp_session *s = sink;
	struct rsp_buf *out = &s->xfer.data;
	rsp_buf_puts(out, "<thread id=\"");
	rsp_ptid_append(out, thread->id, s->client.multiprocess);
	rsp_buf_puts(out, "\"");
	if (thread->core >= 0)
		rsp_buf_printf(out, " core=\"%d\"", thread->core);
	if (thread->name) {
		rsp_buf_puts(out, " name=\"");
		rsp_xml_text(out, thread->name);
		rsp_buf_puts(out, "\"");
	}
	/* There may be thousands, in windows of 4 KiB: no byte more than needed. */
	if (!thread->extra || !*thread->extra) {
		rsp_buf_puts(out, "/>");
		return;
	}
	rsp_buf_puts(out, ">");
	rsp_xml_text(out, thread->extra);
	rsp_buf_puts(out, "</thread>");
}

static int fill_threads(struct rsp_session *s, const struct rsp_arg *annex, struct rsp_error *err)
{
	int rc = no_annex(annex, err);
	if (rc < 0)
		return rc;
	rsp_buf_puts(&s->xfer.data, "<?xml version=\"1.0\"?>\n<threads>\n");
	rc = s->ops->threads(s->t, emit_thread, s, err);
	rsp_buf_puts(&s->xfer.data, "</threads>\n");
	return rc;
}

int rsp_cmd_xfer_threads(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return transfer(s, "threads", fill_threads, args, reply);
}

static void emit_library(void *sink, const struct rsp_library *library)
{
	struct rsp_session *s = sink;
	struct rsp_buf *out = &s->xfer.data;
	const char *element = library->sections ? "section" : "segment";
	rsp_buf_puts(out, "<library name=\"");
	rsp_xml_text(out, library->name);
	rsp_buf_puts(out, "\">");
	for (size_t i = 0; i < library->n_addresses; i++)
		rsp_buf_printf(out, "<%s address=\"0x%llx\"/>", element, (unsigned long long)library->addresses[i]);
	rsp_buf_puts(out, "</library>\n");
}

static int fill_libraries(struct rsp_session *s, const struct rsp_arg *annex, struct rsp_error *err)
{
	int rc = no_annex(annex, err);
	if (rc < 0)
		return rc;
	rsp_buf_puts(&s->xfer.data, "<library-list version=\"1.0\">\n");
	rc = s->ops->libraries(s->t, emit_library, s, err);
	rsp_buf_puts(&s->xfer.data, "</library-list>\n");
	return rc;
}

int rsp_cmd_xfer_libraries(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return transfer(s, "libraries", fill_libraries, args, reply);
}

static int fill_exec_file(struct rsp_session *s, const struct rsp_arg *annex, struct rsp_error *err)
{
	uint64_t pid = 0;
	struct rsp_cursor c = { annex->bytes, annex->bytes + annex->n };
	if (annex->n && (!rsp_cut_hex(&c, &pid) || rsp_left(&c) || pid > INT64_MAX))
		return rsp_fail(err, RSP_BAD_REQUEST, "the annex of exec-file is a process id in hex");
	return s->ops->exec_file(s->t, (int64_t)pid, &s->xfer.data, err);
}

int rsp_cmd_xfer_exec_file(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return transfer(s, "exec-file", fill_exec_file, args, reply);
}

static int fill_auxv(struct rsp_session *s, const struct rsp_arg *annex, struct rsp_error *err)
{
	int rc = no_annex(annex, err);
	return rc < 0 ? rc : s->ops->auxv(s->t, &s->xfer.data, err);
}

int rsp_cmd_xfer_auxv(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return transfer(s, "auxv", fill_auxv, args, reply);
}

static int fill_siginfo(struct rsp_session *s, const struct rsp_arg *annex, struct rsp_error *err)
{
	struct rsp_ptid id;
	int rc = no_annex(annex, err);
	if (rc == 0)
		rc = rsp_session_general(s, &id, err);
	return rc < 0 ? rc : s->ops->siginfo(s->t, id, &s->xfer.data, err);
}

int rsp_cmd_xfer_siginfo(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	/* A client may ask for one member alone, so that an offset does not tell the rest of an old question from a new one about another
	 * thread or another stop: no snapshot serves twice. */
	rsp_xfer_forget(&s->xfer);
	return transfer(s, "siginfo", fill_siginfo, args, reply);
}
