/* Repetition for tables of numbered registers: GFX_ROWS_n(M) is M(0) M(1) ... M(n). */
#ifndef ARCH_ROWS_H
#define ARCH_ROWS_H

#define GFX_ROWS_TEN(M, tens) \
	M(tens##0) M(tens##1) M(tens##2) M(tens##3) M(tens##4) M(tens##5) M(tens##6) M(tens##7) M(tens##8) M(tens##9)
#define GFX_ROWS_UNITS(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9)
#define GFX_ROWS_99(M) \
	GFX_ROWS_UNITS(M) GFX_ROWS_TEN(M, 1) GFX_ROWS_TEN(M, 2) GFX_ROWS_TEN(M, 3) GFX_ROWS_TEN(M, 4) GFX_ROWS_TEN(M, 5) \
	GFX_ROWS_TEN(M, 6) GFX_ROWS_TEN(M, 7) GFX_ROWS_TEN(M, 8) GFX_ROWS_TEN(M, 9)
#define GFX_ROWS_101(M) GFX_ROWS_99(M) M(100) M(101)
#define GFX_ROWS_105(M) GFX_ROWS_101(M) M(102) M(103) M(104) M(105)
#define GFX_ROWS_255(M) \
	GFX_ROWS_99(M) GFX_ROWS_TEN(M, 10) GFX_ROWS_TEN(M, 11) GFX_ROWS_TEN(M, 12) GFX_ROWS_TEN(M, 13) GFX_ROWS_TEN(M, 14) \
	GFX_ROWS_TEN(M, 15) GFX_ROWS_TEN(M, 16) GFX_ROWS_TEN(M, 17) GFX_ROWS_TEN(M, 18) GFX_ROWS_TEN(M, 19) GFX_ROWS_TEN(M, 20) \
	GFX_ROWS_TEN(M, 21) GFX_ROWS_TEN(M, 22) GFX_ROWS_TEN(M, 23) GFX_ROWS_TEN(M, 24) \
	M(250) M(251) M(252) M(253) M(254) M(255)

#endif
