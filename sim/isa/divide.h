/* The division helpers of isa-simulator.md 7.5 and the reduction helper of 7.8. */
#ifndef SIM_ISA_DIVIDE_H
#define SIM_ISA_DIVIDE_H

#include <stdbool.h>
#include <stdint.h>

/* s: the operand to scale (bit-equal to d or n), d denominator, n numerator. *vcc receives the mask bit. */
float sim_div_scale_f32(float s, float d, float n, bool *vcc);
double sim_div_scale_f64(double s, double d, double n, bool *vcc);
/* fma(a, b, c), rescaled when vcc is set. */
float sim_div_fmas_f32(float a, float b, float c, bool vcc);
double sim_div_fmas_f64(double a, double b, double c, bool vcc);
/* q: quotient, d denominator, n numerator. */
float sim_div_fixup_f32(float q, float d, float n);
double sim_div_fixup_f64(double q, double d, double n);
/* Exceptions of a division (EXCP_ bits of the fix-up step). */
unsigned sim_div_exceptions(double d, double n);

double sim_trig_preop(double a, uint32_t segment);

#endif
