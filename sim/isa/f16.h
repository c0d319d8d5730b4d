/* Half precision on bit patterns. mode is the wave's MODE register: rounding [3:2], FP16_OVFL. */
#ifndef SIM_ISA_F16_H
#define SIM_ISA_F16_H

#include <stdint.h>

float f16_to_f32(uint16_t h);
uint16_t f16_from_f64(double v, uint32_t mode);
uint16_t f16_from_f64_rtz(double v);

uint16_t f16_add(uint16_t a, uint16_t b, uint32_t mode);
uint16_t f16_sub(uint16_t a, uint16_t b, uint32_t mode);
uint16_t f16_mul(uint16_t a, uint16_t b, uint32_t mode);
uint16_t f16_fma(uint16_t a, uint16_t b, uint16_t c, uint32_t mode);
uint16_t f16_min(uint16_t a, uint16_t b, uint32_t mode);
uint16_t f16_max(uint16_t a, uint16_t b, uint32_t mode);
uint16_t f16_med3(uint16_t a, uint16_t b, uint16_t c, uint32_t mode);
uint16_t f16_ldexp(uint16_t a, int16_t e, uint32_t mode);
uint16_t f16_fract(uint16_t a, uint32_t mode);
/* Division fix-up (isa-simulator.md 7.5): quotient, denominator, numerator. */
uint16_t f16_div_fixup(uint16_t q, uint16_t d, uint16_t n);

#endif
