/* Tables of the vector opcodes: name, kinds, flags from the .def files. */
#include "sim/isa/valu.h"
#include "sim/isa/vopc_blocks.h"

#define V(OP, NAME, KD, KA, KB, KC, FLAGS, ...) \
	[OP] = { .name = #NAME, .d = KIND_##KD, .a = KIND_##KA, .b = KIND_##KB, .c = KIND_##KC, .flags = FLAGS },
#define VP(OP, NAME, KD, KA, KB, KC, FLAGS, ...) V(OP, NAME, KD, KA, KB, KC, (FLAGS) | RF_PK, )
#define VM(OP, NAME, KD, KA, KB, KC, FLAGS, ...) V(OP, NAME, KD, KA, KB, KC, FLAGS | RF_MASK, )
#define VX(OP, NAME, KD, KA, KB, KC, FLAGS, RUN) \
	[OP] = { .name = #NAME, .run = RUN, .d = KIND_##KD, .a = KIND_##KA, .b = KIND_##KB, .c = KIND_##KC, .flags = FLAGS },

const struct isa_row sim_rows_vop2[N_VOP2] = {
#include "sim/isa/vop2.def"
};

const struct isa_row sim_rows_vop1[N_VOP1] = {
#include "sim/isa/vop1.def"
};

const struct isa_row sim_rows_vop3[N_VOP3] = {
#include "sim/isa/vop3.def"
};

const struct isa_row sim_rows_vop3p[N_VOP3P] = {
#include "sim/isa/vop3p.def"
};

#define CMP_ROW(OP, TEXT, KA, KB, FLAGS) [OP] = { .name = TEXT, .d = 'n', .a = KIND_##KA, .b = KIND_##KB, .c = 'n', .flags = FLAGS },
#define VC(OP, NAME, KA, KB, COND) \
	CMP_ROW(OP, "v_cmp_" #NAME, KA, KB, RF_CMP) CMP_ROW(OP + VOPC_X(OP), "v_cmpx_" #NAME, KA, KB, RF_CMP | RF_CMPX)

const struct isa_row sim_rows_vopc[N_VOPC] = {
#include "sim/isa/vopc.def"
};
