#include "protocol/hex.h"

#include <string.h>

/* Digit value + 1, so that what is not named is 0 = no digit. */
static const uint8_t digit_values[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static const char digits[16] = { '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f' };

/* Characters that framing or run lengths would take for their own. */
static const bool special[256] = { ['#'] = true, ['$'] = true, ['*'] = true, ['}'] = true };

int rsp_hex_digit(char c)
{
	return digit_values[(unsigned char)c] - 1;
}

/* Each byte of a word, for arithmetic on all of them at once. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Four bytes, the first one lowest, as eight digits in the same order. */
static uint64_t eight_digits(uint32_t four)
{
	uint64_t x = four;
	x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
	x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
	/* the high half of a byte comes first */
	x = (x >> 4 & UINT64_C(0x000f000f000f000f)) | (x & UINT64_C(0x000f000f000f000f)) << 8;
	uint64_t letters = (x + EACH(6)) >> 4 & EACH(1);
	return x + EACH('0') + letters * ('a' - '0' - 10);
}

static uint64_t load_low_first(const void *bytes, size_t n)
{
	uint64_t word = 0;
	memcpy(&word, bytes, n);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

static void store_low_first(void *bytes, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	memcpy(bytes, &word, sizeof(word));
}

void rsp_hex_encode(char *out, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;
	for (; n >= 4; n -= 4, from += 4, out += 8)
		store_low_first(out, eight_digits((uint32_t)load_low_first(from, 4)));
	for (size_t i = 0; i < n; i++) {
		*out++ = digits[from[i] >> 4];
		*out++ = digits[from[i] & 15];
	}
}

void rsp_hex_append(struct rsp_buf *out, const void *bytes, size_t n)
{
	if (!n)
		return;
	char *to = rsp_buf_reserve(out, 2 * n);
	if (!to)
		return;
	rsp_hex_encode(to, bytes, n);
	out->len += 2 * n;
}

bool rsp_hex_decode(uint8_t *out, const char *text, size_t n)
{
	if (n % 2)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		int high = rsp_hex_digit(text[i]), low = rsp_hex_digit(text[i + 1]);
		if (high < 0 || low < 0)
			return false;
		*out++ = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Not zero where a byte of the word is `byte`. */
static uint64_t where(uint64_t word, uint8_t byte)
{
	uint64_t differ = word ^ EACH(byte);
	return (differ - EACH(1)) & ~differ & EACH(0x80);
}

/* Copies up to the first special byte, at most n bytes; returns how many. Eight at once, since long stretches without one are the rule. */
static size_t copy_plain(char *to, const uint8_t *from, size_t n)
{
	size_t i = 0;
	for (; i + 8 <= n; i += 8) {
		uint64_t word;
		memcpy(&word, from + i, sizeof word);
		if (where(word, '#') | where(word, '$') | where(word, '*') | where(word, '}'))
			break;
		memcpy(to + i, &word, sizeof word);
	}
	for (; i < n && !special[from[i]]; i++)
		to[i] = (char)from[i];
	return i;
}

size_t rsp_escape(char *out, size_t room, const void *bytes, size_t n, size_t *used)
{
	const uint8_t *from = bytes;
	size_t taken = 0, made = 0;
	while (taken < n) {
		size_t plain = copy_plain(out + made, from + taken, n - taken < room - made ? n - taken : room - made);
		taken += plain;
		made += plain;
		if (taken == n || made + 2 > room || !special[from[taken]])
			break;
		out[made++] = '}';
		out[made++] = (char)(from[taken++] ^ 0x20);
	}
	*used = made;
	return taken;
}

unsigned rsp_rle_count(char count)
{
	unsigned char c = (unsigned char)count;
	return c >= ' ' && c <= '~' && count != '#' && count != '$' ? c - 29u : 0;
}

/* Largest repeat count not above n that has an allowed character; 0 when a run is not worth it. `+` and `-` would pass too, but an
 * old client takes them for acknowledgements. */
static unsigned best_count(size_t n)
{
	unsigned count = n > 97 ? 97 : (unsigned)n;
	while (count >= 3) {
		char c = (char)(count + 29);
		if (c != '#' && c != '$' && c != '+' && c != '-')
			return count;
		count--;
	}
	return 0;
}

/* How many characters come before the next run that is worth a count: four of a kind. */
static size_t before_run(const char *text, size_t n)
{
	size_t i = 0;
	/* Eight characters at once hold the beginnings of five runs: a byte of `differ` is zero where four of a kind begin. */
	for (; i + 8 <= n; i += 5) {
		uint64_t word = load_low_first(text + i, 8), next = word ^ word >> 8;
		uint64_t differ = next | next >> 8 | next >> 16;
		uint64_t zero = (differ - EACH(1)) & ~differ & UINT64_C(0x0000008080808080);
		if (zero)
			return i + (size_t)__builtin_ctzll(zero) / 8;
	}
	for (; i + 4 <= n; i++) {
		uint32_t four;
		memcpy(&four, text + i, sizeof(four));
		if (four == (four & 0xff) * UINT32_C(0x01010101))
			return i;
	}
	return n;
}

uint8_t rsp_checksum(const char *text, size_t n)
{
	enum { MOST = 128 }; /* words whose sums fit the sixteen bits that each pair of bytes has */
	uint64_t sum = 0;
	while (n >= 8) {
		size_t words = n / 8 < MOST ? n / 8 : MOST;
		uint64_t lanes = 0;
		for (size_t i = 0; i < words; i++, text += 8) {
			uint64_t word = load_low_first(text, 8);
			lanes += (word & UINT64_C(0x00ff00ff00ff00ff)) + (word >> 8 & UINT64_C(0x00ff00ff00ff00ff));
		}
		n -= 8 * words;
		sum += (lanes & 0xffff) + (lanes >> 16 & 0xffff) + (lanes >> 32 & 0xffff) + (lanes >> 48);
	}
	for (size_t i = 0; i < n; i++)
		sum += (uint8_t)text[i];
	return (uint8_t)sum;
}

static size_t run_length(const char *text, size_t n)
{
	size_t run = 1;
	while (run < n && text[run] == text[0])
		run++;
	return run;
}

/* Writes a run of c; returns the characters written, at most as many as the run has. */
static size_t put_run(char *to, char c, size_t run)
{
	size_t made = 0;
	while (run > 0) {
		to[made++] = c;
		unsigned count = best_count(--run);
		if (count) {
			to[made++] = '*';
			to[made++] = (char)(count + 29);
			run -= count;
		}
	}
	return made;
}

void rsp_rle_append(struct rsp_buf *out, const char *text, size_t n)
{
	char *to = rsp_buf_reserve(out, n);
	if (!to)
		return;
	while (n > 0) {
		size_t plain = before_run(text, n);
		memcpy(to, text, plain);
		to += plain;
		text += plain;
		n -= plain;
		if (!n)
			break;
		size_t run = run_length(text, n);
		to += put_run(to, *text, run);
		text += run;
		n -= run;
	}
	out->len = (size_t)(to - out->data);
}
