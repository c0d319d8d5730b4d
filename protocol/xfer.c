#include "protocol/xfer.h"

#include <stdio.h>
#include <string.h>

#include "protocol/tdesc.h"

void rsp_xfer_init(struct rsp_xfer *x)
{
	*x = (struct rsp_xfer){ .annex_n = 0 };
	rsp_buf_init(&x->data, 0);
}

void rsp_xfer_deinit(struct rsp_xfer *x)
{
	rsp_buf_deinit(&x->data);
}

void rsp_xfer_forget(struct rsp_xfer *x)
{
	rsp_buf_clear(&x->data);
	x->object[0] = '\0';
}

bool rsp_xfer_begin(struct rsp_xfer *x, const char *object, const char *annex, size_t annex_n, uint64_t offset)
{
	bool same = strcmp(x->object, object) == 0 && annex_n == x->annex_n && memcmp(annex, x->annex, annex_n) == 0;
	if (same && offset != 0)
		return false;
	rsp_xfer_forget(x);
	/* An annex too long to remember is made anew for each window. */
	if (annex_n <= sizeof(x->annex)) {
		snprintf(x->object, sizeof(x->object), "%s", object);
		memcpy(x->annex, annex, annex_n);
		x->annex_n = annex_n;
	}
	return true;
}

int rsp_xfer_window(const struct rsp_xfer *x, uint64_t offset, uint64_t length, struct rsp_reply *reply)
{
	if (x->data.failed)
		return rsp_fail(&reply->err, RSP_INTERNAL, "out of memory for qXfer:%s", x->object);
	if (offset > x->data.len)
		return rsp_fail(&reply->err, RSP_BAD_REQUEST, "offset %#llx is past the end of the object (%#zx bytes)",
				(unsigned long long)offset, x->data.len);
	size_t left = x->data.len - (size_t)offset;
	size_t want = length < left ? (size_t)length : left;
	rsp_buf_puts(&reply->out, "l");
	size_t taken = rsp_reply_binary(reply, left ? x->data.data + offset : NULL, want);
	if (taken < left && reply->out.data)
		reply->out.data[0] = 'm';
	return RSP_REPLY_READY;
}

/* Length of the UTF-8 sequence at p, 0 when it is none that XML allows. */
static size_t utf8_length(const unsigned char *p)
{
	if (*p < 0x80)
		return *p >= ' ' || *p == '\t' || *p == '\n' ? 1 : 0;
	size_t n = *p >= 0xf0 && *p <= 0xf4 ? 4 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xc2 && *p < 0xe0 ? 2 : 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates and what lies past U+10FFFF. */
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	/* U+FFFE and U+FFFF are not characters. */
	if (n == 3 && *p == 0xef && p[1] == 0xbf && p[2] >= 0xbe)
		return 0;
	return n;
}

static const char *entity(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	case '\n':
		return "&#10;";
	case '\t':
		return "&#9;";
	default:
		return NULL;
	}
}

void rsp_xml_text(struct rsp_buf *out, const char *text)
{
	while (*text) {
		/* Stretches of plain ASCII, which nearly everything is, at once. */
		size_t plain = 0;
		while (text[plain] >= ' ' && text[plain] < 0x7f && !entity(text[plain]))
			plain++;
		rsp_buf_add(out, text, plain);
		text += plain;
		if (!*text)
			break;
		size_t n = utf8_length((const unsigned char *)text);
		const char *special = entity(*text);
		if (special)
			rsp_buf_puts(out, special);
		else if (n)
			rsp_buf_add(out, text, n);
		else
			rsp_buf_puts(out, "?");
		text += n ? n : 1;
	}
}
