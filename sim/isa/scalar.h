/* Shared by the scalar opcode files. */
#ifndef SIM_ISA_SCALAR_H
#define SIM_ISA_SCALAR_H

#include "sim/isa/insn.h"

/* Value types and access by operand kind: s 32 bits, p and P 64 bits, n none, x raw number. */
#define SVT_s uint32_t
#define SVT_p uint64_t
#define SVT_P uint64_t
#define SVT_n uint32_t
#define SVT_x uint32_t
#define SGET_s(x, i, j) src32(x, i, j)
#define SGET_p(x, i, j) src64(x, i, j)
#define SGET_P(x, i, j) src64(x, i, j)
#define SGET_n(x, i, j) 0u
#define SGET_x(x, i, j) ((uint32_t)(i)->offset)
#define SPUT_s(x, i, d) sgpr_set(x, (i)->dst, d)
#define SPUT_p(x, i, d) sgpr_set64(x, (i)->dst, d)
#define SPUT_n(x, i, d) ((void)(d))

#define I32(v) ((int32_t)(v))
#define I64(v) ((int64_t)(v))

#endif
