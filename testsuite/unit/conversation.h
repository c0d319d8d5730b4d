/* The client's side of a session, for tests: says packets, reads what comes back with a parser of its own, counts answers. */
#ifndef TESTSUITE_UNIT_CONVERSATION_H
#define TESTSUITE_UNIT_CONVERSATION_H

#include "testsuite/unit/mock_target.h"

enum { CONV_MAX_PACKETS = 4096, CONV_MAX_NOTIFICATIONS = 64 };

struct conv {
	struct mock mock;
	struct rsp_target_ops ops;
	struct rsp_tdesc plain; /* of conv_start_plain() */
	struct rsp_session *session;
	struct rsp_buf wire; /* every byte that came from the stub */
	/* Packets out of `wire`, checksum checked, run lengths undone; escapes are left in. */
	struct {
		char *text;
		size_t n;
	} packet[CONV_MAX_PACKETS];
	size_t n_packets, taken; /* taken: how many the test has looked at */
	struct {
		char *text;
		size_t n;
	} notification[CONV_MAX_NOTIFICATIONS]; /* the same for `%` */
	size_t n_notifications, noted;
	size_t acks, nacks;
	const char *broken; /* what was wrong with the stub's bytes, NULL if nothing */
	bool noack;         /* do not acknowledge what comes */
};

/* The usual start: all operations, acknowledgements on. */
void conv_start(struct conv *c);
/* The same without expedited registers: stop replies are easier to read. */
void conv_start_plain(struct conv *c);
/* The same with fewer operations or other settings: change c->mock and c->ops between prepare and open. */
void conv_prepare(struct conv *c);
void conv_open(struct conv *c, const struct rsp_session_config *config);
void conv_end(struct conv *c);

/* Feeds raw bytes, then takes the output as conv_read does. */
void conv_feed(struct conv *c, const void *bytes, size_t n);
/* Takes all output and acknowledges its packets, until nothing more comes. */
void conv_read(struct conv *c);
/* Frames a payload (escaping what must be) and feeds it. */
void conv_say(struct conv *c, const void *payload, size_t n);
/* The next packet that the test has not seen; NULL when there is none. NUL-ended as well. */
const char *conv_next(struct conv *c, size_t *n);
/* The next notification that the test has not seen, NULL when there is none. */
const char *conv_note(struct conv *c);
/* Says a packet and returns its answer. Fails the test unless exactly one came. */
const char *conv_ask(struct conv *c, const char *payload);
const char *conv_ask_bytes(struct conv *c, const void *payload, size_t n, size_t *answer_n);
/* Says a packet that must not be answered now. */
void conv_silent(struct conv *c, const char *payload);
/* $payload#xx, payload taken as it is. */
void conv_frame(struct rsp_buf *out, const void *payload, size_t n);
/* Undoes escapes; returns the length. */
size_t conv_unescape(char *text, size_t n);
/* What the mock was asked since the last call, NUL-ended. */
const char *conv_said(struct conv *c);

#define conv_expect(c, payload, answer) ck_assert_str_eq(conv_ask(c, payload), answer)

#endif
