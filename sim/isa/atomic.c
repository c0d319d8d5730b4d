/* Read-modify-write operations on 32 and 64 bits. */
#include <string.h>

#include "sim/isa/f16.h"
#include "sim/isa/lane_math.h"
#include "sim/isa/mem.h"

static uint64_t pk_add(uint64_t old, uint64_t data, bool bf16)
{
	uint32_t r = 0;
	for (unsigned k = 0; k < 32; k += 16) {
		uint32_t a = old >> k & 0xffff, b = data >> k & 0xffff, h;
		if (bf16) {
			uint32_t sum = f32_bits(f32_of(a << 16) + f32_of(b << 16));
			bool nan = (sum & 0x7fffffff) > 0x7f800000;
			h = nan ? sum >> 16 | 0x40 : (sum + 0x7fff + (sum >> 16 & 1)) >> 16;
		} else {
			h = f16_add((uint16_t)a, (uint16_t)b, 0);
		}
		r |= (h & 0xffff) << k;
	}
	return r;
}

static uint64_t apply_float(enum atomic_op op, unsigned bytes, uint64_t old, uint64_t data, uint64_t data2)
{
	if (bytes == 4) {
		float m = f32_of((uint32_t)old), d = f32_of((uint32_t)data);
		switch (op) {
		case AT_FADD: return f32_bits(m + d);
		case AT_FMIN: return f32_bits(min_f32(m, d, MODE_IEEE));
		case AT_FMAX: return f32_bits(max_f32(m, d, MODE_IEEE));
		default: return m == d ? data2 : old;
		}
	}
	double m = f64_of(old), d = f64_of(data);
	switch (op) {
	case AT_FADD: return f64_bits(m + d);
	case AT_FMIN: return f64_bits(min_f64(m, d, MODE_IEEE));
	case AT_FMAX: return f64_bits(max_f64(m, d, MODE_IEEE));
	default: return m == d ? data2 : old;
	}
}

uint64_t atomic_apply(enum atomic_op op, unsigned bytes, uint64_t old, uint64_t data, uint64_t data2)
{
	int64_t sold = bytes == 4 ? (int32_t)old : (int64_t)old, sdata = bytes == 4 ? (int32_t)data : (int64_t)data;
	switch (op) {
	case AT_SWAP: return data;
	case AT_CMPSWAP: return old == data ? data2 : old;
	case AT_ADD: return old + data;
	case AT_SUB: return old - data;
	case AT_RSUB: return data - old;
	case AT_SMIN: return sold < sdata ? old : data;
	case AT_UMIN: return old < data ? old : data;
	case AT_SMAX: return sold > sdata ? old : data;
	case AT_UMAX: return old > data ? old : data;
	case AT_AND: return old & data;
	case AT_OR: return old | data;
	case AT_XOR: return old ^ data;
	case AT_INC: return old >= data ? 0 : old + 1;
	case AT_DEC: return old == 0 || old > data ? data : old - 1;
	case AT_MSKOR: return (old & ~data) | data2;
	case AT_WRAP: return old >= data ? old - data : old + data2;
	case AT_PK_ADD_F16: return pk_add(old, data, false);
	case AT_PK_ADD_BF16: return pk_add(old, data, true);
	default: return apply_float(op, bytes, old, data, data2);
	}
}

uint64_t atomic_host(enum atomic_op op, unsigned bytes, uint8_t *host, uint64_t data, uint64_t data2)
{
	if ((uintptr_t)host % bytes) { /* mapped at an odd place: no other thread can rely on it */
		uint64_t old = 0;
		memcpy(&old, host, bytes);
		uint64_t value = atomic_apply(op, bytes, old, data, data2);
		memcpy(host, &value, bytes);
		return old;
	}
	if (bytes == 4) {
		uint32_t *p = (uint32_t *)(void *)host, old = __atomic_load_n(p, __ATOMIC_RELAXED);
		while (!__atomic_compare_exchange_n(p, &old, (uint32_t)atomic_apply(op, 4, old, data, data2), false, __ATOMIC_SEQ_CST,
				__ATOMIC_RELAXED))
			;
		return old;
	}
	uint64_t *p = (uint64_t *)(void *)host, old = __atomic_load_n(p, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(p, &old, atomic_apply(op, 8, old, data, data2), false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
	return old;
}
