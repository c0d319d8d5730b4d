/* How the remote protocol carries bytes: hexadecimal pairs, `}` escapes, run lengths. */
#ifndef PROTOCOL_HEX_H
#define PROTOCOL_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buf.h"

/* Value of a digit of either case, -1 for any other character. */
int rsp_hex_digit(char c);

/* Writes 2 * n lower-case digits, no NUL. */
void rsp_hex_encode(char *out, const void *bytes, size_t n);
void rsp_hex_append(struct rsp_buf *out, const void *bytes, size_t n);
/* Reads n digits into n / 2 bytes; out may be the same memory as text. False for an odd n or any other character. */
bool rsp_hex_decode(uint8_t *out, const char *text, size_t n);

/* What stands behind the `#` of a packet: the sum of the characters between, modulo 256. */
uint8_t rsp_checksum(const char *text, size_t n);

/* Binary data: `#`, `$`, `*` and `}` go out as `}` and the character with bit 5 flipped (appendix "Remote Protocol", Binary Data).
 * Escapes as many leading bytes of the n as fit into room characters; returns how many, *used is what they became. out holds at
 * least room characters. */
size_t rsp_escape(char *out, size_t room, const void *bytes, size_t n, size_t *used);

/* Run lengths: `c*X` stands for c and (X - 29) more. Appends the encoded form of text, which must hold neither `*` nor any other
 * character with a meaning in framing. */
void rsp_rle_append(struct rsp_buf *out, const char *text, size_t n);
/* How often more the character before `*` stands; 0 for a count character that is not allowed. */
unsigned rsp_rle_count(char count);

#endif
