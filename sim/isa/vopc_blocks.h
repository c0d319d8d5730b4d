/* Expands the blocks of vopc.def to VC rows; VC(opcode, name suffix row, kinds, condition). */
#ifndef SIM_ISA_VOPC_BLOCKS_H
#define SIM_ISA_VOPC_BLOCKS_H

/* Distance to the v_cmpx form: classes are neighbours, integer blocks come in pairs. */
#define VOPC_X(OP) ((OP) < 32 ? 1 : 16)

#define VC1(OP, T, KA, KB, COND) VC(OP, T, KA, KB, COND)

#define VCF(BASE, T, K, CV) \
	VC(BASE + 0, f_##T, K, K, 0) \
	VC(BASE + 1, lt_##T, K, K, CV(A) < CV(B)) \
	VC(BASE + 2, eq_##T, K, K, CV(A) == CV(B)) \
	VC(BASE + 3, le_##T, K, K, CV(A) <= CV(B)) \
	VC(BASE + 4, gt_##T, K, K, CV(A) > CV(B)) \
	VC(BASE + 5, lg_##T, K, K, CV(A) < CV(B) || CV(A) > CV(B)) \
	VC(BASE + 6, ge_##T, K, K, CV(A) >= CV(B)) \
	VC(BASE + 7, o_##T, K, K, CV(A) == CV(A) && CV(B) == CV(B)) \
	VC(BASE + 8, u_##T, K, K, CV(A) != CV(A) || CV(B) != CV(B)) \
	VC(BASE + 9, nge_##T, K, K, !(CV(A) >= CV(B))) \
	VC(BASE + 10, nlg_##T, K, K, !(CV(A) < CV(B) || CV(A) > CV(B))) \
	VC(BASE + 11, ngt_##T, K, K, !(CV(A) > CV(B))) \
	VC(BASE + 12, nle_##T, K, K, !(CV(A) <= CV(B))) \
	VC(BASE + 13, neq_##T, K, K, CV(A) != CV(B)) \
	VC(BASE + 14, nlt_##T, K, K, !(CV(A) < CV(B))) \
	VC(BASE + 15, tru_##T, K, K, 1)

#define VCI(BASE, T, K) \
	VC(BASE + 0, f_##T, K, K, 0) \
	VC(BASE + 1, lt_##T, K, K, A < B) \
	VC(BASE + 2, eq_##T, K, K, A == B) \
	VC(BASE + 3, le_##T, K, K, A <= B) \
	VC(BASE + 4, gt_##T, K, K, A > B) \
	VC(BASE + 5, ne_##T, K, K, A != B) \
	VC(BASE + 6, ge_##T, K, K, A >= B) \
	VC(BASE + 7, t_##T, K, K, 1)

#endif
