#include "dialect.h"

K(privarr)
{
	uint i = gid(0), t[16];
	for (int k = 0; k < 16; k++)
		t[k] = a[i] * (uint)k + b[i];
	for (int k = 0; k < 16; k++)
		t[(a[i] + (uint)k * 5) & 15] ^= t[k] >> 3;
	uint r = 0;
	for (int k = 0; k < 16; k++)
		r = r * 31 + t[k];
	out[i] = r + t[b[i] & 15];
}

K(smallarr)
{
	uint i = gid(0), t[4] = { a[i], b[i], a[i] ^ b[i], a[i] + b[i] };
	t[a[i] & 3] += 7;
	out[i] = t[b[i] & 3] ^ t[a[i] >> 2 & 3];
}

K(privbytes)
{
	uint i = gid(0);
	uchar t[37];
	for (int k = 0; k < 37; k++)
		t[k] = (uchar)(a[i] >> k % 13) ^ (uchar)k;
	for (int k = 0; k < 36; k++)
		t[(b[i] + (uint)k) % 37] += t[k + 1];
	uint r = 0;
	for (int k = 0; k < 37; k++)
		r = r * 17 + t[k];
	out[i] = r;
}

static NOINLINE uint sum_through(GEN const uint *p, uint n)
{
	uint s = 0;
	for (uint k = 0; k < n; k++)
		s = s * 3 + p[k];
	return s;
}

static NOINLINE void bump(GEN uint *p, uint v)
{
	*p += v;
}

/* One generic pointer to three address spaces, differing by lane. */
K(genptr)
{
	LOCAL uint s[256];
	uint i = gid(0), l = lid(0), t[4];
	s[l] = a[i];
	for (int k = 0; k < 4; k++)
		t[k] = b[i] + (uint)k;
	out[i] = 1;
	BARRIER();
	uint first = l & ~3u;
	GEN uint *p = l % 3 == 0 ? (GEN uint *)&s[l] : l % 3 == 1 ? (GEN uint *)&t[1] : (GEN uint *)&out[i];
	bump(p, l);
	BARRIER();
	uint r = *p + sum_through(l & 1 ? (GEN const uint *)(s + first) : (GEN const uint *)t, l & 1 ? 1 : 4);
	BARRIER();
	out[i] = r;
}

static NOINLINE void swap2(uint *x, uint *y)
{
	uint t = *x;
	*x = *y;
	*y = t;
}

K(privptr)
{
	uint i = gid(0), x = a[i], y = b[i], z = i;
	swap2(&x, &y);
	if (x & 1)
		swap2(&y, &z);
	out[i] = x * 3 + y * 5 + z;
}

CONSTANT uint table[32] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5 };

K(consttab)
{
	uint i = gid(0);
	out[i] = table[a[i] & 31] * table[b[i] >> 5 & 31];
}

K(unaligned)
{
	uint i = gid(0);
	GLOBAL const uchar *p = (GLOBAL const uchar *)a + i * 3 + 1;
	uint v = 0;
	for (int k = 0; k < 7; k++)
		v = v << 4 ^ p[k];
	GLOBAL ushort *o = (GLOBAL ushort *)out + i * 2;
	o[0] = (ushort)v;
	o[1] = (ushort)(short)((signed char)p[1] * 5);
}

K(uchar4k)
{
	uint i = gid(0);
	uchar4 x = ((GLOBAL const uchar4 *)a)[i], y = ((GLOBAL const uchar4 *)b)[i];
	uchar4 r = x * (uchar)3 + (y >> (uchar)1);
	((GLOBAL uchar4 *)out)[i] = r ^ (x & y);
}
