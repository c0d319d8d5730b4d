#include "dialect.h"

K(matmul_lds)
{
	LOCAL float s[2][16][16];
	uint x = lid(0), y = lid(1), w = 32;
	float sum = 0;
	for (uint t = 0; t < w / 16; t++) {
		s[0][y][x] = as_f(a[gid(1) * w + t * 16 + x]);
		s[1][y][x] = as_f(b[(t * 16 + y) * w + gid(0)]);
		BARRIER();
		for (uint k = 0; k < 16; k++)
			sum = __builtin_fmaf(s[0][y][k], s[1][k][x], sum);
		BARRIER();
	}
	out[gid(1) * w + gid(0)] = as_u(sum);
}

K(reduce_i)
{
	LOCAL int s[256];
	uint l = lid(0), i = gid(0);
	s[l] = i < n ? (int)a[i] : 0;
	BARRIER();
	for (uint k = lsz(0) / 2; k > 0; k >>= 1) {
		if (l < k)
			s[l] += s[l + k];
		BARRIER();
	}
	if (l == 0)
		out[grp(0)] = (uint)s[0];
}

K(reduce_f)
{
	LOCAL float s[256];
	uint l = lid(0);
	s[l] = as_f(a[gid(0)]) * as_f(b[gid(0)]);
	BARRIER();
	for (uint k = 128; k > 0; k >>= 1) {
		if (l < k)
			s[l] += s[l + k];
		BARRIER();
	}
	if (l == 0)
		out[grp(0)] = as_u(s[0]);
}

K(scan)
{
	LOCAL uint s[256];
	uint l = lid(0);
	s[l] = a[gid(0)];
	BARRIER();
	for (uint k = 1; k < 256; k *= 2) {
		uint v = l >= k ? s[l - k] : 0;
		BARRIER();
		s[l] += v;
		BARRIER();
	}
	out[gid(0)] = s[l];
}

K(bitonic)
{
	LOCAL uint s[256];
	uint l = lid(0);
	s[l] = a[gid(0)];
	BARRIER();
	for (uint size = 2; size <= 256; size *= 2)
		for (uint stride = size / 2; stride > 0; stride /= 2) {
			uint p = l ^ stride;
			if (p > l) {
				uint x = s[l], y = s[p];
				if ((x > y) == ((l & size) == 0)) {
					s[l] = y;
					s[p] = x;
				}
			}
			BARRIER();
		}
	out[gid(0)] = s[l];
}

K(histogram)
{
	LOCAL ATOMIC(uint) h[64];
	uint l = lid(0);
	if (l < 64)
		A_STORE(&h[l], 0);
	BARRIER();
	A_ADD(&h[a[gid(0)] % 64], 1);
	BARRIER();
	if (l < 64)
		A_ADD((GLOBAL ATOMIC(uint) *)out + l, A_LOAD(&h[l]));
}

K(lds_atomics)
{
	LOCAL ATOMIC(uint) s[8];
	LOCAL ATOMIC(int) t[2];
	LOCAL ATOMIC(ulong) q[4];
	uint l = lid(0), v = a[gid(0)];
	if (l < 8)
		A_STORE(&s[l], l == 1 ? ~0u : 0);
	if (l < 2)
		A_STORE(&t[l], 0);
	if (l < 4)
		A_STORE(&q[l], 0ul);
	BARRIER();
	A_ADD(&s[0], v);
	A_AND(&s[1], v | 0xff00);
	A_OR(&s[2], v & 0xf0f0);
	A_XOR(&s[3], v);
	A_MAX(&s[4], v);
	A_MIN(&t[0], (int)v);
	A_MAX(&t[1], (int)v);
	A_SUB(&s[5], v);
	A_ADD(&q[0], (ulong)v << 20);
	A_XOR(&q[1], (ulong)v * v);
	A_MAX(&q[2], (ulong)v << 7);
	A_OR(&q[3], (ulong)v << 16);
	BARRIER();
	if (l < 6)
		out[grp(0) * 32 + l] = A_LOAD(&s[l]);
	if (l < 2)
		out[grp(0) * 32 + 8 + l] = (uint)A_LOAD(&t[l]);
	if (l < 4)
		put64(out + grp(0) * 32 + 16, l, A_LOAD(&q[l]));
}

/* Bytes, halves, quads and vectors in LDS. */
K(lds_widths)
{
	LOCAL uchar c[256];
	LOCAL ushort h[256];
	LOCAL ulong q[256];
	LOCAL uint4 v[256];
	uint l = lid(0), i = gid(0), x = a[i];
	c[l] = (uchar)x;
	h[l] = (ushort)(x >> 8);
	q[l] = (ulong)x * b[i];
	v[l] = (uint4)x;
	v[l].y = b[i];
	BARRIER();
	uint r = (l * 7 + 3) & 255, s = (l + 64) & 255;
	uint4 w = v[r];
	ulong z = q[r] + q[s];
	out[i] = c[r] + (uint)(signed char)c[s] + h[r] * 3u + (uint)(short)h[s] + (uint)z + (uint)(z >> 32) + w.x + w.y * 5;
}
