/* Work-item functions of OpenCL for code that is compiled without a device library (-nogpulib): made of the compiler's builtins. They are
 * macros, not functions, so that a debugger steps through the kernel and not through these.
 *
 * The global offset is 0. Dimensions may be constants or not. */
#ifndef TESTSUITE_KERNELS_OPENCL_IDS_H
#define TESTSUITE_KERNELS_OPENCL_IDS_H

#define WL_BY_DIM(d, x, y, z, other) ((d) == 0 ? (x) : (d) == 1 ? (y) : (d) == 2 ? (z) : (other))

#define get_local_id(d) \
	((size_t)WL_BY_DIM(d, __builtin_amdgcn_workitem_id_x(), __builtin_amdgcn_workitem_id_y(), __builtin_amdgcn_workitem_id_z(), 0u))
#define get_group_id(d) \
	((size_t)WL_BY_DIM(d, __builtin_amdgcn_workgroup_id_x(), __builtin_amdgcn_workgroup_id_y(), __builtin_amdgcn_workgroup_id_z(), 0u))
#define get_enqueued_local_size(d) \
	((size_t)WL_BY_DIM(d, __builtin_amdgcn_workgroup_size_x(), __builtin_amdgcn_workgroup_size_y(), __builtin_amdgcn_workgroup_size_z(), 1u))
#define get_global_size(d) \
	((size_t)WL_BY_DIM(d, __builtin_amdgcn_grid_size_x(), __builtin_amdgcn_grid_size_y(), __builtin_amdgcn_grid_size_z(), 1u))

/* The last group of a dimension may be smaller than the others. */
#define get_num_groups(d) ((get_global_size(d) + get_enqueued_local_size(d) - 1) / get_enqueued_local_size(d))
#define get_local_size(d) \
	(get_group_id(d) + 1 < get_num_groups(d) ? get_enqueued_local_size(d) : get_global_size(d) - get_group_id(d) * get_enqueued_local_size(d))
#define get_global_id(d) (get_group_id(d) * get_enqueued_local_size(d) + get_local_id(d))

#define barrier(flags) \
	do { \
		__builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup"); \
		__builtin_amdgcn_s_barrier(); \
		__builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup"); \
	} while (0)

#endif
