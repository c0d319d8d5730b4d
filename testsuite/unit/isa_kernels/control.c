#include "dialect.h"

K(collatz)
{
	uint i = gid(0), v = (a[i] & 0xffff) + 1, steps = 0;
	while (v != 1 && steps < 400) {
		v = v & 1 ? 3 * v + 1 : v / 2;
		steps++;
	}
	out[i] = steps;
}

K(sw)
{
	uint i = gid(0), v = a[i], r;
	switch (v % 11) {
	case 0: r = v + 1; break;
	case 1: r = v * 3; break;
	case 2: r = v ^ 0x1234; break;
	case 3: r = v >> 3; break;
	case 4: r = v << 5; /* fall through */
	case 5: r = ~v; break;
	case 7: r = v / 7; break;
	case 8: r = v % 13; break;
	case 9: r = v & 0xff00; break;
	default: r = 42;
	}
	out[i] = r;
}

K(nest)
{
	uint i = gid(0), v = a[i] & 15, r = 0;
	for (uint x = 0; x < v; x++) {
		if (x == 7)
			continue;
		for (uint y = x; y < 12; y++) {
			if ((x ^ y ^ i) % 5 == 3)
				break;
			r = r * 31 + y;
			if (r & 0x100)
				r ^= x;
		}
		if (r % 17 == 1)
			break;
	}
	out[i] = r;
}

K(mandel)
{
	uint i = gid(0);
	float cx = (float)(i % 64) / 24.0f - 2.0f, cy = (float)(i / 64) / 24.0f - 1.0f, x = 0, y = 0;
	uint k = 0;
	while (k < 100 && x * x + y * y < 4.0f) {
		float t = x * x - y * y + cx;
		y = 2.0f * x * y + cy;
		x = t;
		k++;
	}
	out[i] = k;
}

static NOINLINE uint mix(uint x, uint y)
{
	return x * 2654435761u ^ (y >> 3) + 17;
}

static NOINLINE uint mix3(uint x, uint y, uint z)
{
	return mix(mix(x, y), z) + mix(z, x);
}

K(calls)
{
	uint i = gid(0);
	out[i] = a[i] & 1 ? mix3(a[i], b[i], i) : mix(b[i], a[i]);
}

static NOINLINE uint fib(uint n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

K(recurse)
{
	uint i = gid(0);
	out[i] = fib(a[i] % 9);
}

static NOINLINE ulong many(uint x0, uint x1, uint x2, uint x3, uint x4, uint x5, uint x6, uint x7, uint x8, uint x9, ulong y0, ulong y1,
	ulong y2, ulong y3, ulong y4, ulong y5, ulong y6, ulong y7, ulong y8, ulong y9, ulong y10, ulong y11)
{
	return x0 + 2 * x1 + 3 * x2 + 5 * x3 + x4 + x5 + x6 + x7 + x8 + x9 + y0 * 3 + y1 * 5 + y2 + y3 + y4 + y5 + y6 + y7 * 7 + y8 + y9 +
		y10 * 11 + y11 * 13;
}

K(stackargs)
{
	uint i = gid(0), v = a[i];
	ulong w = b[i];
	put64(out, i, many(v, v + 1, v + 2, v ^ 3, v, v, v, v, v, v, w, w + 1, w, w, w, w, w, w + 9, w, w, w + 4, w + 5));
}

struct pair {
	uint x;
	ulong y;
	uchar z[5];
	float f;
};

static NOINLINE struct pair build(uint x, ulong y)
{
	struct pair p = { x, y, { 0 }, (float)x };
	for (int k = 0; k < 5; k++)
		p.z[k] = (uchar)(x >> k);
	return p;
}

static NOINLINE ulong use(struct pair p)
{
	ulong s = p.x + p.y + (ulong)p.f;
	for (int k = 0; k < 5; k++)
		s = s * 3 + p.z[k];
	return s;
}

K(structs)
{
	uint i = gid(0);
	struct pair p = build(a[i] & 0xffffff, b[i]), q = p;
	q.x += 5;
	put64(out, i, use(p) ^ use(q));
}

K(divergence)
{
	uint i = gid(0), r = 0;
	if (lid(0) & 1) {
		if (lid(0) & 2)
			r = a[i] * 3;
		else
			for (uint k = 0; k < lid(0); k++)
				r += a[(i + k) % n];
	} else if (lid(0) % 3 == 0) {
		r = b[i];
		do
			r = r * 5 + 1;
		while (r & 0x300);
	}
	out[i] = r;
}
