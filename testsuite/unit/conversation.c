#include "testsuite/unit/conversation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

void conv_prepare(struct conv *c)
{
	memset(c, 0, sizeof(*c));
	mock_init(&c->mock);
	c->ops = mock_ops;
	rsp_buf_init(&c->wire, 0);
}

void conv_open(struct conv *c, const struct rsp_session_config *config)
{
	c->session = rsp_session_create(&c->ops, &c->mock, config);
	ck_assert_ptr_nonnull(c->session);
	c->mock.session = c->session;
}

void conv_start(struct conv *c)
{
	conv_prepare(c);
	conv_open(c, NULL);
}

void conv_start_plain(struct conv *c)
{
	conv_start(c);
	c->plain = mock_tdesc;
	c->plain.n_expedite = 0;
	c->mock.desc = &c->plain;
}

void conv_end(struct conv *c)
{
	if (c->broken)
		ck_abort_msg("%s", c->broken);
	rsp_session_destroy(c->session);
	for (size_t i = 0; i < c->n_packets; i++)
		free(c->packet[i].text);
	for (size_t i = 0; i < c->n_notifications; i++)
		free(c->notification[i].text);
	rsp_buf_deinit(&c->wire);
	mock_deinit(&c->mock);
}

void conv_frame(struct rsp_buf *out, const void *payload, size_t n)
{
	const unsigned char *p = payload;
	unsigned sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += p[i];
	rsp_buf_puts(out, "$");
	rsp_buf_add(out, payload, n);
	rsp_buf_printf(out, "#%02x", sum & 0xff);
}

size_t conv_unescape(char *text, size_t n)
{
	size_t to = 0;
	for (size_t i = 0; i < n; i++)
		text[to++] = text[i] == '}' && i + 1 < n ? (char)(text[++i] ^ 0x20) : text[i];
	return to;
}

/* Undoes run lengths into a fresh packet or notification. */
static void keep_packet(struct conv *c, char mark, const char *p, size_t n)
{
	struct rsp_buf text;
	rsp_buf_init(&text, 0);
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '*') {
			rsp_buf_add(&text, p + i, 1);
			continue;
		}
		if (i == 0 || i + 1 == n || p[i + 1] < ' ' || p[i + 1] > '~') {
			c->broken = "the stub sent a malformed run length";
			break;
		}
		char last = text.data[text.len - 1];
		for (int k = p[++i] - 29; k > 0; k--)
			rsp_buf_add(&text, &last, 1);
	}
	rsp_buf_add(&text, "", 1);
	if (mark == '%' && c->n_notifications < CONV_MAX_NOTIFICATIONS) {
		c->notification[c->n_notifications].text = text.data;
		c->notification[c->n_notifications++].n = text.len - 1;
		return;
	}
	if (mark == '%' || c->n_packets == CONV_MAX_PACKETS) {
		c->broken = "more packets than a test expects";
		rsp_buf_deinit(&text);
		return;
	}
	c->packet[c->n_packets].text = text.data;
	c->packet[c->n_packets++].n = text.len - 1;
}

/* Parses what the stub sent in one piece; returns how many packets want an acknowledgement. */
static size_t parse(struct conv *c, const char *p, size_t n)
{
	size_t packets = 0;
	for (size_t i = 0; i < n;) {
		if (p[i] == '+' || p[i] == '-') {
			*(p[i] == '+' ? &c->acks : &c->nacks) += 1;
			i++;
			continue;
		}
		const char *hash = memchr(p + i, '#', n - i);
		if ((p[i] != '$' && p[i] != '%') || !hash || hash + 2 >= p + n) {
			c->broken = "the stub sent something that is no packet";
			return packets;
		}
		unsigned sum = 0, want;
		for (const char *q = p + i + 1; q < hash; q++)
			sum += (unsigned char)*q;
		char digits[3] = { hash[1], hash[2], '\0' };
		if (sscanf(digits, "%2x", &want) != 1 || (sum & 0xff) != want)
			c->broken = "the stub sent a wrong checksum";
		if (memchr(p + i + 1, '$', (size_t)(hash - p) - i - 1))
			c->broken = "the stub sent a raw $ inside a packet";
		keep_packet(c, p[i], p + i + 1, (size_t)(hash - p) - i - 1);
		packets += p[i] == '$';
		i = (size_t)(hash - p) + 3;
	}
	return packets;
}

void conv_read(struct conv *c)
{
	for (;;) {
		size_t n;
		const void *out = rsp_session_output(c->session, &n);
		if (!n)
			return;
		rsp_buf_add(&c->wire, out, n);
		size_t packets = parse(c, out, n);
		rsp_session_sent(c->session, n);
		for (size_t i = 0; i < packets && !c->noack; i++)
			rsp_session_feed(c->session, "+", 1);
	}
}

void conv_feed(struct conv *c, const void *bytes, size_t n)
{
	rsp_session_feed(c->session, bytes, n);
	conv_read(c);
}

void conv_say(struct conv *c, const void *payload, size_t n)
{
	struct rsp_buf escaped, framed;
	const char *p = payload;
	rsp_buf_init(&escaped, 0);
	rsp_buf_init(&framed, 0);
	for (size_t i = 0; i < n; i++) {
		if (strchr("#$*}", p[i]) && p[i]) {
			char flipped = (char)(p[i] ^ 0x20);
			rsp_buf_puts(&escaped, "}");
			rsp_buf_add(&escaped, &flipped, 1);
		} else {
			rsp_buf_add(&escaped, p + i, 1);
		}
	}
	conv_frame(&framed, escaped.data, escaped.len);
	conv_feed(c, framed.data, framed.len);
	rsp_buf_deinit(&escaped);
	rsp_buf_deinit(&framed);
}

const char *conv_next(struct conv *c, size_t *n)
{
	if (c->taken == c->n_packets)
		return NULL;
	if (n)
		*n = c->packet[c->taken].n;
	return c->packet[c->taken++].text;
}

const char *conv_note(struct conv *c)
{
	return c->noted == c->n_notifications ? NULL : c->notification[c->noted++].text;
}

const char *conv_ask_bytes(struct conv *c, const void *payload, size_t n, size_t *answer_n)
{
	ck_assert_uint_eq(c->taken, c->n_packets);
	conv_say(c, payload, n);
	ck_assert_msg(c->n_packets - c->taken == 1, "%zu answers to \"%s\"", c->n_packets - c->taken, (const char *)payload);
	return conv_next(c, answer_n);
}

const char *conv_ask(struct conv *c, const char *payload)
{
	return conv_ask_bytes(c, payload, strlen(payload), NULL);
}

void conv_silent(struct conv *c, const char *payload)
{
	ck_assert_uint_eq(c->taken, c->n_packets);
	conv_say(c, payload, strlen(payload));
	ck_assert_msg(c->n_packets == c->taken, "\"%s\" was answered by \"%s\"", payload, c->packet[c->taken].text);
}

const char *conv_said(struct conv *c)
{
	rsp_buf_add(&c->mock.said, "", 1);
	c->mock.said.len = 0;
	return c->mock.said.data;
}
