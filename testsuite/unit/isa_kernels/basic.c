#include "dialect.h"

K(vecadd)
{
	uint i = gid(0);
	if (i < n)
		out[i] = a[i] + b[i];
}

K(saxpy)
{
	uint i = gid(0);
	if (i < n)
		out[i] = as_u(2.5f * as_f(a[i]) + as_f(b[i]));
}

K(vecadd4)
{
	uint i = gid(0);
	if (i * 4 + 3 < n) {
		float4 x = ((GLOBAL const float4 *)a)[i], y = ((GLOBAL const float4 *)b)[i];
		((GLOBAL float4 *)out)[i] = x + y * 0.5f;
	}
}

K(matmul)
{
	uint x = gid(0), y = gid(1), w = 32;
	float sum = 0;
	for (uint k = 0; k < w; k++)
		sum = __builtin_fmaf(as_f(a[y * w + k]), as_f(b[k * w + x]), sum);
	out[y * w + x] = as_u(sum);
}

K(ids)
{
	uint x = gid(0), y = gid(1), z = gid(2);
	uint i = x + gsz(0) * (y + gsz(1) * z);
	if (i < n)
		out[i] = lid(0) | lid(1) << 5 | lid(2) << 10 | grp(0) << 15 | grp(1) << 20 | grp(2) << 25;
}

K(stencil3)
{
	uint i = gid(0);
	if (i == 0 || i + 1 >= n)
		return;
	out[i] = as_u((as_f(a[i - 1]) + as_f(a[i]) + as_f(a[i + 1])) / 4.0f);
}

K(transpose)
{
	LOCAL uint tile[16][17];
	uint x = lid(0), y = lid(1), w = gsz(0);
	tile[y][x] = a[gid(1) * w + gid(0)];
	BARRIER();
	out[(grp(0) * 16 + y) * gsz(1) + grp(1) * 16 + x] = tile[x][y];
}

K(nbody)
{
	uint i = gid(0);
	float x = as_f(a[i]), f = 0;
	for (uint j = 0; j < n; j++) {
		float d = as_f(a[j]) - x;
		float r = d * d + 0.01f;
		f = __builtin_fmaf(as_f(b[j]), d / (r * r), f);
	}
	out[i] = as_u(f);
}

K(polyf)
{
	uint i = gid(0);
	float x = as_f(a[i]), p = 1.0f;
	for (int k = 0; k < 8; k++)
		p = __builtin_fmaf(p, x, 0.25f * (float)k);
	out[i] = as_u(p);
}

K(mat4)
{
	uint i = gid(0);
	float4 v = ((GLOBAL const float4 *)a)[i], r = 0;
	float m[4][4];
	for (int y = 0; y < 4; y++)
		for (int x = 0; x < 4; x++)
			m[y][x] = (float)(y * 3 - x) * 0.5f;
	for (int y = 0; y < 4; y++) {
		float s = 0;
		for (int x = 0; x < 4; x++)
			s = __builtin_fmaf(m[y][x], v[x], s);
		r[y] = s;
	}
	((GLOBAL float4 *)out)[i] = r;
}

K(pk_f32)
{
	uint i = gid(0);
	float2 x = ((GLOBAL const float2 *)a)[i], y = ((GLOBAL const float2 *)b)[i];
	float2 r = x * y + (x - y);
	r = r * 3.0f + x;
	((GLOBAL float2 *)out)[i] = r + r * y;
}

/* Partial last group: the grid is not a multiple of the group. */
K(partial)
{
	uint i = gid(0);
	out[i] = lsz(0) * 1000 + lid(0) + a[i];
}
