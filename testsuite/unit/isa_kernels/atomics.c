#include "dialect.h"

#define AT(T) GLOBAL ATOMIC(T) *

/* Results that do not depend on the order of the work-items. */
K(atomics32)
{
	uint v = a[gid(0)];
	AT(uint) p = (AT(uint))out;
	AT(int) s = (AT(int))(out + 8);
	A_ADD(p, v);
	A_SUB(p + 1, v);
	A_AND(p + 2, v | 0xffff);
	A_OR(p + 3, v & 0xff00ff);
	A_XOR(p + 4, v);
	A_MAX(p + 5, v);
	A_MIN(p + 6, v);
	A_MIN(s, (int)v);
	A_MAX(s + 1, (int)v);
	A_SWAP((AT(uint))(out + 64) + gid(0), v * 3);
}

K(atomics64)
{
	ulong v = get64(a, gid(0));
	AT(ulong) p = (AT(ulong))out;
	AT(long) s = (AT(long))(out + 32);
	A_ADD(p, v);
	A_SUB(p + 1, v);
	A_AND(p + 2, v | 0xffff);
	A_OR(p + 3, v & 0xff00ff);
	A_XOR(p + 4, v);
	A_MAX(p + 5, v);
	A_MIN(p + 6, v);
	A_MIN(s, (long)v);
	A_MAX(s + 1, (long)v);
	A_SWAP((AT(ulong))(out + 64) + gid(0), v * 3);
}

K(atomics_cas)
{
	uint v = a[gid(0)] & 0xffff;
	AT(uint) p = (AT(uint))out + (gid(0) & 3);
	uint e = A_LOAD(p);
	while (!A_CAS(p, &e, e + v))
		;
	AT(ulong) q = (AT(ulong))(out + 16) + (gid(0) & 1);
	ulong f = A_LOAD(q);
	while (!A_CAS(q, &f, f ^ (ulong)v << 13))
		;
}

/* Returned old values: their sum tells whether each came up once. */
K(atomics_rtn)
{
	AT(uint) p = (AT(uint))out;
	uint ticket = A_ADD(p, 1);
	out[16 + ticket] = ticket * 7;
	AT(ulong) q = (AT(ulong))(out + 2);
	ulong t64 = A_ADD(q, 2ul);
	A_ADD((AT(ulong))(out + 4), t64);
}

/* The value comes from all work-items of a wave: the compiler's optimizer scans lanes. */
K(atomics_uniform)
{
	AT(uint) p = (AT(uint))out;
	if (a[gid(0)] & 1)
		A_ADD(p, 5);
	A_ADD(p + 1, lid(0));
	A_MAX(p + 2, gid(0));
}
