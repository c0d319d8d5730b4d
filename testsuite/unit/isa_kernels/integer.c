#include "dialect.h"

K(i32ops)
{
	uint i = gid(0), x = a[i], y = b[i], s = y & 31;
	int ix = (int)x, iy = (int)y;
	uint r = x / (y | 1) + x % (y | 1);
	r ^= (uint)(ix / (iy | 1)) + (uint)(ix % (iy | 1)) * 3;
	r += (x << s) ^ (x >> s) ^ (uint)(ix >> s);
	r ^= x < y ? 0x11 : 0x22;
	r += ix < iy ? 0x1100 : ix == iy ? 0x2200 : 0x3300;
	r += (uint)(ix > iy ? ix : iy) + (x > y ? y : x);
	r ^= (uint)__builtin_popcount(x) << 8 ^ (x ? (uint)__builtin_clz(x) : 32) << 16 ^ (y ? (uint)__builtin_ctz(y) : 32) << 24;
	r += (uint)(((ulong)x * y) >> 32) ^ (uint)(((long)ix * iy) >> 32);
	out[i] = r;
}

K(i64ops)
{
	uint i = gid(0);
	ulong x = get64(a, i), y = get64(b, i);
	long ix = (long)x, iy = (long)y;
	uint s = (uint)y & 63;
	ulong r = x / (y >> 20 | 1) + x % (y >> 30 | 1);
	r ^= (ulong)(ix / (iy >> 24 | 1)) + (ulong)(ix % (iy >> 11 | 1)) * 3;
	r += (x << s) ^ (x >> s) ^ (ulong)(ix >> s);
	r += x * y + (x < y) + (ulong)(ix < iy) * 2 + (ulong)(x == y) + (ulong)(ix >= 0) * 4 + (ulong)(x <= y) * 8 + (ulong)(ix > iy) * 16;
	r ^= (ulong)__builtin_popcountl(x) << 40 ^ (ulong)(x ? __builtin_clzl(x) : 64) << 50;
	r -= y ^ ~x;
	put64(out, i, r);
}

K(small_int)
{
	uint i = gid(0), x = a[i], y = b[i];
	ushort h = (ushort)x, k = (ushort)(y >> 3);
	short sh = (short)x, sk = (short)y;
	signed char c = (signed char)x, d = (signed char)(y >> 9);
	uchar u = (uchar)(x >> 4), v = (uchar)y;
	uint r = (ushort)(h * k + h) + (uint)(ushort)(h << (k & 7)) * 3u + (uint)(ushort)(h >> (k & 7));
	r += (uint)(short)(sh - sk) ^ (uint)(sh > sk ? sh : sk) ^ (uint)(short)(sh >> (k & 7));
	r ^= (uint)(c * d) + (uint)(uchar)(u + v) * 7u + (uint)(u > v ? u - v : v - u);
	r += h == k ? 5 : h < k ? 6 : 7;
	out[i] = r;
}

K(hash)
{
	uint i = gid(0), h = 2166136261u;
	for (uint k = 0; k < 8; k++) {
		h = (h ^ a[(i + k) % n]) * 16777619u;
		h = h << 13 | h >> 19;
		h = h * 5 + 0xe6546b64;
	}
	h ^= h >> 16;
	out[i] = h * 0x85ebca6b;
}

K(crc)
{
	uint i = gid(0), c = ~0u;
	for (uint k = 0; k < 4; k++) {
		c ^= a[(i + k) % n];
		for (int bit = 0; bit < 32; bit++)
			c = c >> 1 ^ (0xedb88320u & -(c & 1));
	}
	out[i] = ~c;
}

K(mul128)
{
	uint i = gid(0);
	ulong x = get64(a, i), y = get64(b, i);
	ulong xl = (uint)x, xh = x >> 32, yl = (uint)y, yh = y >> 32;
	ulong ll = xl * yl, lh = xl * yh, hl = xh * yl, hh = xh * yh;
	ulong mid = (ll >> 32) + (uint)lh + (uint)hl;
	put64(out, 2 * i, (uint)ll | mid << 32);
	put64(out, 2 * i + 1, hh + (lh >> 32) + (hl >> 32) + (mid >> 32));
}

K(bits)
{
	uint i = gid(0), x = a[i], y = b[i], s = y & 31;
	uint r = x << s | (s ? x >> (32 - s) : 0);
	r ^= (x & y) | (~x & 0x0f0f0f0f);
	r += (x >> 8 & 0xff) * 3 + (x >> 5 & 0x1f);
	r ^= (uint)((int)(x << 7) >> 19);
	r += (x & 0xffff0000) | (y & 0xffff);
	r ^= (x & 0xff00) >> 8 | (y & 0xff) << 8 | (x & 0xff0000) << 8;
	uint v = x;
	v = (v >> 1 & 0x55555555) | (v & 0x55555555) << 1;
	r += v + ((x + y) << 3) + ((x << 4) + y) + (x ^ y ^ 0x1234567) + (x | y | 77);
	out[i] = r;
}

K(mul24)
{
	uint i = gid(0), x = a[i] & 0xffffff, y = b[i] & 0xffffff;
	int sx = (int)(a[i] << 8) >> 8, sy = (int)(b[i] << 8) >> 8;
	out[i] = x * y + 7 + (uint)(sx * sy) + (uint)((ulong)x * y >> 32);
}

K(minmax)
{
	uint i = gid(0);
	int x = (int)a[i], y = (int)b[i], z = (int)(a[i] ^ b[i] << 3);
	int lo = x < y ? x : y, hi = x < y ? y : x;
	int med = hi < z ? hi : lo > z ? lo : z;
	uint u = a[i], v = b[i];
	uint m3 = u < v ? u : v;
	m3 = m3 < 1000 ? m3 : 1000;
	out[i] = (uint)med + (uint)(lo < z ? lo : z) * 3 + m3;
}

K(short_p)
{
	uint i = gid(0);
	short2 x = ((GLOBAL const short2 *)a)[i], y = ((GLOBAL const short2 *)b)[i];
	short2 r = x * y - (x >> (short)3) + (y << (short)2);
	((GLOBAL short2 *)out)[i] = r ^ (x + y);
}
