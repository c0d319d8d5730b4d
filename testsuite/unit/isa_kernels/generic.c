#include "dialect.h"

static NOINLINE uint f_add(uint x)
{
	return x + 3;
}

static NOINLINE uint f_mul(uint x)
{
	return x * 5;
}

static NOINLINE uint f_xor(uint x)
{
	return x ^ 0xabcd;
}

K(fnptr)
{
	uint i = gid(0);
	uint (*f)(uint) = a[i] % 3 == 0 ? f_add : a[i] % 3 == 1 ? f_mul : f_xor;
	out[i] = f(b[i]);
}

/* Pointers in initialised data need relocations. */
typedef uint op(uint);
static op *const volatile ops[4] = { f_xor, f_mul, f_add, f_mul };

K(ftable)
{
	uint i = gid(0), r = b[i];
	for (uint k = 0; k < (a[i] & 3); k++)
		r = ops[(a[i] + k) & 3](r);
	out[i] = r;
}

struct odd {
	uchar c;
	ushort h;
	uint u;
	ulong q;
	uint t[4];
};

static NOINLINE void fill(volatile struct odd *o, uint x, ulong y)
{
	o->c = (uchar)x;
	o->h = (ushort)(x >> 3);
	o->u = x * 3;
	o->q = y;
	for (int k = 0; k < 4; k++)
		o->t[k] = x >> k;
}

static NOINLINE ulong sum(volatile struct odd *o)
{
	return o->c + (ulong)(int)(signed char)o->c + o->h + (ulong)(int)(short)o->h + o->u + o->q + o->t[0] + o->t[3] * 7ul;
}

K(flat_widths)
{
	uint i = gid(0);
	struct odd o;
	fill(&o, a[i], (ulong)a[i] * b[i]);
	put64(out, i, sum(&o));
}

K(flat_atomics)
{
	uint i = gid(0);
	A_ADD(out, a[i]);
	A_XOR(out + 1, b[i]);
	A_ADD((ulong *)(out + 2), (ulong)a[i] << 10);
	uint mine = 5;
	A_ADD(&mine, a[i]);
	A_ADD(out + 4, mine);
}

#ifdef __AMDGCN__
extern __attribute__((address_space(3))) uint heap[];
#else
static uint heap[64];
#endif

K(dynamic_lds)
{
	uint l = lid(0);
	heap[l] = a[gid(0)];
	BARRIER();
	out[gid(0)] = heap[63 - l] + heap[l ^ 5];
}

static NOINLINE uint total(volatile uint *p, uint n)
{
	uint s = 0;
	for (uint k = 0; k < n; k++)
		s = s * 3 + p[k];
	return s;
}

K(alloca_k)
{
	uint i = gid(0);
	volatile uint t[40];
	for (uint k = 0; k < 40; k++)
		t[k] = a[i] ^ k * b[i];
	out[i] = total(t + (a[i] & 7), 20);
}
