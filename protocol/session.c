#include "protocol/session.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/command.h"
#include "protocol/hex.h"
#include "protocol/ptid.h"
#include "protocol/state.h"
#include "protocol/tdesc_xml.h"

enum {
	DEFAULT_PACKET_SIZE = 0x20000,
	SMALLEST_PACKET_SIZE = 0x400, /* an error text, the qSupported reply */
	ROOM = 64,                    /* packet name and numbers beside the bulk of a packet */
	OUTPUT_PACKETS = 4,           /* that many unsent packets of the largest size hold up the input */
};

/* A packet must hold the largest register, and `G` with all of its registers, in hex. */
static size_t packet_size(const struct rsp_target_ops *ops, void *t, const struct rsp_session_config *config)
{
	size_t size = config && config->packet_size ? config->packet_size : DEFAULT_PACKET_SIZE;
	if (size < SMALLEST_PACKET_SIZE)
		size = SMALLEST_PACKET_SIZE;
	const struct rsp_tdesc *desc = ops->tdesc ? ops->tdesc(t) : NULL;
	if (desc) {
		size_t largest = rsp_tdesc_largest(desc), all = rsp_tdesc_g_bytes(desc);
		size_t need = 2 * (largest > all ? largest : all) + ROOM;
		if (size < need)
			size = need;
	}
	return size;
}

struct rsp_session *rsp_session_create(const struct rsp_target_ops *ops, void *t, const struct rsp_session_config *config)
{
	struct rsp_session *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->ops = ops;
	s->t = t;
	s->abilities = rsp_abilities(ops);
	s->packet_size = packet_size(ops, t, config);
	if (config) {
		s->log = config->log;
		s->log_arg = config->log_arg;
		s->extended = config->extended;
	}
	rsp_link_init(&s->link);
	rsp_buf_init(&s->held, 0);
	rsp_reply_init(&s->reply, s->packet_size);
	rsp_buf_init(&s->client.registers, 0);
	rsp_buf_init(&s->run.text, 0);
	rsp_buf_init(&s->thread_ids, 0);
	rsp_xfer_init(&s->xfer);
	s->cont = (struct rsp_ptid){ 0, 0 };
	s->general = (struct rsp_ptid){ 0, 0 };
	s->scratch = malloc(s->packet_size);
	if (!rsp_frame_init(&s->frame, s->packet_size) || !s->scratch) {
		rsp_session_destroy(s);
		return NULL;
	}
	return s;
}

void rsp_session_destroy(struct rsp_session *s)
{
	if (!s)
		return;
	free(s->scratch);
	rsp_frame_deinit(&s->frame);
	rsp_xfer_deinit(&s->xfer);
	rsp_buf_deinit(&s->thread_ids);
	rsp_events_clear(s);
	free(s->events.stop);
	rsp_buf_deinit(&s->run.text);
	rsp_buf_deinit(&s->client.registers);
	rsp_reply_deinit(&s->reply);
	rsp_buf_deinit(&s->held);
	rsp_link_deinit(&s->link);
	free(s);
}

static void log_bytes(struct rsp_session *s, char dir, const char *bytes, size_t n)
{
	if (s->log)
		s->log(s->log_arg, dir, bytes, n);
}

static void control(struct rsp_session *s, char c)
{
	if (s->link.noack)
		return;
	rsp_link_control(&s->link, c);
	log_bytes(s, '>', &c, 1);
}

void rsp_session_packet(struct rsp_session *s, const void *payload, size_t n, bool binary)
{
	rsp_link_packet(&s->link, payload, n, binary);
	log_bytes(s, '>', n ? payload : "", n);
	if (rsp_link_broken(&s->link))
		rsp_session_end(s, RSP_ENDED_BROKEN);
	if (s->ending != RSP_GOES_ON)
		rsp_link_settle(&s->link);
}

void rsp_session_notification(struct rsp_session *s, const void *payload, size_t n)
{
	static const char mark[] = "%";
	rsp_link_notification(&s->link, payload, n);
	if (s->log) {
		struct rsp_buf text;
		rsp_buf_init(&text, 0);
		rsp_buf_puts(&text, mark);
		rsp_buf_add(&text, payload, n);
		log_bytes(s, '>', text.data, text.len);
		rsp_buf_deinit(&text);
	}
	if (rsp_link_broken(&s->link))
		rsp_session_end(s, RSP_ENDED_BROKEN);
}

static void log_control(struct rsp_session *s, enum rsp_frame_event event)
{
	static const char characters[] = { [RSP_FRAME_ACK] = '+', [RSP_FRAME_NACK] = '-', [RSP_FRAME_INTERRUPT] = 0x03 };
	log_bytes(s, '<', &characters[event], 1);
}

static void unreadable(struct rsp_session *s, enum rsp_class class, const char *what)
{
	log_bytes(s, '<', s->frame.data, s->frame.len);
	rsp_link_settle(&s->link);
	control(s, '+');
	rsp_dispatch_error(s, class, what);
}

static void bad_checksum(struct rsp_session *s)
{
	log_bytes(s, '<', s->frame.data, s->frame.len);
	/* With acknowledgements the client sends it again; without, an answer is all that keeps it from waiting for ever. */
	if (s->link.noack)
		rsp_dispatch_error(s, RSP_BAD_REQUEST, "packet with a wrong checksum");
	else
		control(s, '-');
}

static void handle(struct rsp_session *s, enum rsp_frame_event event)
{
	switch (event) {
	case RSP_FRAME_MORE:
		break;
	case RSP_FRAME_ACK:
		log_control(s, event);
		rsp_link_ack(&s->link);
		break;
	case RSP_FRAME_NACK:
		log_control(s, event);
		rsp_link_nack(&s->link);
		break;
	case RSP_FRAME_INTERRUPT:
		log_control(s, event);
		/* One that comes while nothing runs is not lost: the client may not show that stop to anybody (gdb resumes by itself after
		 * a change of libraries), and would wait for ever for the interrupt to take effect. */
		if (s->run.running || s->events.on)
			rsp_session_interrupt(s);
		else if (s->run.reported)
			s->run.interrupt_due = true;
		break;
	case RSP_FRAME_PACKET:
		log_bytes(s, '<', s->frame.data, s->frame.len);
		rsp_link_settle(&s->link);
		control(s, '+');
		rsp_dispatch(s, s->frame.data, s->frame.len);
		break;
	case RSP_FRAME_OVERFLOW:
		unreadable(s, RSP_BAD_REQUEST, "packet longer than the PacketSize of qSupported");
		break;
	case RSP_FRAME_MALFORMED:
		unreadable(s, RSP_BAD_REQUEST, "packet with a broken escape or run length");
		break;
	case RSP_FRAME_BAD_CHECKSUM:
		bad_checksum(s);
		break;
	}
}

/* What waits for an acknowledgement does not count: the `+` that it waits for is input. */
static bool output_full(const struct rsp_session *s)
{
	size_t n;
	rsp_link_output(&s->link, &n);
	return n >= OUTPUT_PACKETS * s->packet_size;
}

bool rsp_session_wants_input(const struct rsp_session *s)
{
	return s->held.len == 0 && !output_full(s);
}

/* Handles events until the bytes are used up or the output is full; returns how many were used. */
static size_t consume(struct rsp_session *s, const char *bytes, size_t n)
{
	size_t used = 0;
	while (used < n && s->ending == RSP_GOES_ON && !output_full(s)) {
		enum rsp_frame_event event;
		used += rsp_frame_feed(&s->frame, bytes + used, n - used, &event);
		handle(s, event);
	}
	return used;
}

static void hold(struct rsp_session *s, const void *bytes, size_t n)
{
	rsp_buf_add(&s->held, bytes, n);
	if (s->held.failed)
		rsp_session_end(s, RSP_ENDED_BROKEN);
}

void rsp_session_feed(struct rsp_session *s, const void *bytes, size_t n)
{
	if (s->ending != RSP_GOES_ON)
		return;
	if (s->held.len) {
		hold(s, bytes, n);
		return;
	}
	size_t used = consume(s, bytes, n);
	if (used < n && s->ending == RSP_GOES_ON)
		hold(s, (const char *)bytes + used, n - used);
}

const void *rsp_session_output(const struct rsp_session *s, size_t *n)
{
	return rsp_link_output(&s->link, n);
}

void rsp_session_sent(struct rsp_session *s, size_t n)
{
	rsp_link_sent(&s->link, n);
	if (!s->held.len)
		return;
	size_t used = consume(s, s->held.data, s->held.len);
	memmove(s->held.data, s->held.data + used, s->held.len - used);
	s->held.len -= used;
}

enum rsp_ending rsp_session_ending(const struct rsp_session *s)
{
	return s->ending;
}

void rsp_session_end(struct rsp_session *s, enum rsp_ending how)
{
	if (s->ending != RSP_GOES_ON || how == RSP_GOES_ON)
		return;
	s->ending = how;
	/* No acknowledgement will be read any more. */
	rsp_link_settle(&s->link);
}

bool rsp_session_running(const struct rsp_session *s)
{
	return s->run.running;
}

bool rsp_session_extended(const struct rsp_session *s)
{
	return s->extended;
}

const char *rsp_session_client_registers(const struct rsp_session *s)
{
	return s->client.registers.len && !s->client.registers.failed ? s->client.registers.data : "";
}

bool rsp_session_client_is_gdb(const struct rsp_session *s)
{
	return s->client.relocates && s->client.asks_vcont;
}

bool rsp_session_client_is_newer(const struct rsp_session *s)
{
	return s->client.single_inf_arg;
}

const char *rsp_session_last_error(const struct rsp_session *s)
{
	return s->last_error.text;
}

void rsp_session_say(struct rsp_session *s, const char *text, size_t n)
{
	struct rsp_buf packet;
	rsp_buf_init(&packet, s->packet_size);
	size_t most = (s->packet_size - 1) / 2;
	while (n && !packet.failed) {
		size_t some = n < most ? n : most;
		rsp_buf_clear(&packet);
		rsp_buf_puts(&packet, "O");
		rsp_hex_append(&packet, text, some);
		if (!packet.failed)
			rsp_session_packet(s, packet.data, packet.len, false);
		text += some;
		n -= some;
	}
	rsp_buf_deinit(&packet);
}

void rsp_session_console(struct rsp_session *s, const char *text, size_t n)
{
	if (s->run.running && s->ending == RSP_GOES_ON)
		rsp_session_say(s, text, n);
}

int rsp_session_thread(struct rsp_session *s, struct rsp_ptid id, struct rsp_ptid *out, struct rsp_error *err)
{
	if (!rsp_ptid_concrete(id) && s->ops->thread_resolve) {
		int rc = s->ops->thread_resolve(s->t, &id, err);
		if (rc < 0)
			return rc;
	}
	*out = id;
	return 0;
}

void rsp_session_selected(const struct rsp_session *s, struct rsp_ptid *out)
{
	*out = s->general;
}

int rsp_session_general(struct rsp_session *s, struct rsp_ptid *out, struct rsp_error *err)
{
	return rsp_session_thread(s, s->general, out, err);
}

int rsp_session_check_alive(struct rsp_session *s, struct rsp_ptid id, struct rsp_error *err)
{
	bool alive = true;
	int rc = 0;
	if (id.tid > 0 && id.pid <= 0)
		rc = rsp_session_thread(s, id, &id, err);
	if (rc == 0 && rsp_ptid_concrete(id) && s->ops->thread_alive)
		rc = s->ops->thread_alive(s->t, id, &alive);
	if (rc < 0 && rc != -RSP_GONE)
		return rc;
	if (rc < 0 || !alive)
		return rsp_fail(err, RSP_GONE, "no thread %llx.%llx", (unsigned long long)id.pid, (unsigned long long)id.tid);
	return 0;
}

/* A stop the client will ask for with `?`, or never. */
static void keep(struct rsp_session *s, const struct rsp_stop *stop)
{
	s->run.stop = *stop;
	s->run.kept = true;
	if (!stop->text)
		return;
	rsp_buf_clear(&s->run.text);
	rsp_buf_add(&s->run.text, stop->text, strlen(stop->text) + 1);
	s->run.stop.text = s->run.text.failed ? NULL : s->run.text.data;
}

void rsp_session_interrupt(struct rsp_session *s)
{
	if (!s->ops->interrupt || !(s->run.running || s->events.on))
		return;
	s->run.interrupted = true;
	s->ops->interrupt(s->t);
}

static int stopped_nonstop(struct rsp_session *s, const struct rsp_stop *stop)
{
	if (s->ending != RSP_GOES_ON)
		return 0;
	if (rsp_events_add(s, stop))
		rsp_events_notify(s);
	else
		rsp_session_end(s, RSP_ENDED_BROKEN);
	return 0;
}

int rsp_session_stopped(struct rsp_session *s, const struct rsp_stop *stop)
{
	if (s->events.on)
		return stopped_nonstop(s, stop);
	if (s->run.reported && !s->run.running)
		return -RSP_INTERNAL;
	s->run.reported = true;
	if (!s->run.running) {
		keep(s, stop);
		return 0;
	}
	s->run.running = false;
	if (s->ending != RSP_GOES_ON)
		return 0;
	struct rsp_buf packet;
	rsp_buf_init(&packet, s->packet_size);
	rsp_stop_reply(s, stop, &packet);
	if (packet.failed)
		rsp_session_end(s, RSP_ENDED_BROKEN);
	else
		rsp_session_packet(s, packet.data, packet.len, false);
	if (s->run.interrupted && stop->kind == RSP_STOP_SIGNAL && stop->reason == RSP_REASON_LIBRARY)
		s->run.interrupt_due = true;
	rsp_buf_deinit(&packet);
	return 0;
}
