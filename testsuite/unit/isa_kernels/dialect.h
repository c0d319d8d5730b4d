/* One kernel source for GPU (OpenCL C) and host (C): isa-simulator reference, appendix A. Every kernel has the same signature; it casts its
 * buffers. Floating contraction is off on both sides, fused operations are written out. */
#ifndef ISA_KERNELS_DIALECT_H
#define ISA_KERNELS_DIALECT_H

#if defined(__AMDGCN__) && !defined(__OPENCL_C_VERSION__)

/* Plain C on the GPU: generic pointers everywhere. */
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef _Float16 f16;
#define KERNEL __attribute__((amdgpu_kernel, visibility("protected")))
#define GLOBAL
#define GEN
#define CONSTANT static const
#define lid(d) __builtin_amdgcn_workitem_id_x()
#define grp(d) __builtin_amdgcn_workgroup_id_x()
#define lsz(d) __builtin_amdgcn_workgroup_size_x()
#define BARRIER() do { \
		__builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup"); \
		__builtin_amdgcn_s_barrier(); \
		__builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup"); \
	} while (0)
#define A_ADD(p, v) __atomic_fetch_add(p, v, __ATOMIC_RELAXED)
#define A_XOR(p, v) __atomic_fetch_xor(p, v, __ATOMIC_RELAXED)

#elif defined(__AMDGCN__)

#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable
#define KERNEL __kernel
#define GLOBAL __global
#define LOCAL __local
#define PRIVATE __private
#define GEN
#define CONSTANT __constant
typedef half f16;
static inline uint lid(int d)
{
	return d == 0 ? __builtin_amdgcn_workitem_id_x() : d == 1 ? __builtin_amdgcn_workitem_id_y() : __builtin_amdgcn_workitem_id_z();
}
static inline uint grp(int d)
{
	return d == 0 ? __builtin_amdgcn_workgroup_id_x() : d == 1 ? __builtin_amdgcn_workgroup_id_y() : __builtin_amdgcn_workgroup_id_z();
}
static inline uint lsz(int d)
{
	return d == 0 ? __builtin_amdgcn_workgroup_size_x() : d == 1 ? __builtin_amdgcn_workgroup_size_y() : __builtin_amdgcn_workgroup_size_z();
}
static inline uint gsz(int d)
{
	return d == 0 ? __builtin_amdgcn_grid_size_x() : d == 1 ? __builtin_amdgcn_grid_size_y() : __builtin_amdgcn_grid_size_z();
}
#define BARRIER() do { \
		__builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup"); \
		__builtin_amdgcn_s_barrier(); \
		__builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup"); \
	} while (0)
#define SCOPE __OPENCL_MEMORY_SCOPE_DEVICE
#define ATOMIC(T) atomic_##T
#define A_ADD(p, v) __opencl_atomic_fetch_add(p, v, __ATOMIC_RELAXED, SCOPE)
#define A_SUB(p, v) __opencl_atomic_fetch_sub(p, v, __ATOMIC_RELAXED, SCOPE)
#define A_AND(p, v) __opencl_atomic_fetch_and(p, v, __ATOMIC_RELAXED, SCOPE)
#define A_OR(p, v) __opencl_atomic_fetch_or(p, v, __ATOMIC_RELAXED, SCOPE)
#define A_XOR(p, v) __opencl_atomic_fetch_xor(p, v, __ATOMIC_RELAXED, SCOPE)
#define A_MIN(p, v) __opencl_atomic_fetch_min(p, v, __ATOMIC_RELAXED, SCOPE)
#define A_MAX(p, v) __opencl_atomic_fetch_max(p, v, __ATOMIC_RELAXED, SCOPE)
#define A_SWAP(p, v) __opencl_atomic_exchange(p, v, __ATOMIC_RELAXED, SCOPE)
#define A_LOAD(p) __opencl_atomic_load(p, __ATOMIC_SEQ_CST, SCOPE)
#define A_STORE(p, v) __opencl_atomic_store(p, v, __ATOMIC_SEQ_CST, SCOPE)
#define A_CAS(p, e, v) __opencl_atomic_compare_exchange_strong(p, e, v, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED, SCOPE)

#else

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef _Float16 f16;
typedef uchar uchar4 __attribute__((ext_vector_type(4)));
typedef short short2 __attribute__((ext_vector_type(2)));
typedef uint uint4 __attribute__((ext_vector_type(4)));
typedef float float2 __attribute__((ext_vector_type(2)));
typedef float float4 __attribute__((ext_vector_type(4)));
#define KERNEL
#define GLOBAL
#define LOCAL static
#define PRIVATE
#define GEN
#define CONSTANT static const
extern unsigned h_lid[3], h_grp[3], h_lsz[3], h_gsz[3];
void h_barrier(void);
#define lid(d) h_lid[d]
#define grp(d) h_grp[d]
#define lsz(d) h_lsz[d]
#define gsz(d) h_gsz[d]
#define BARRIER() h_barrier()
#define ATOMIC(T) T
/* The host runs one work-item at a time: plain operations do. */
#define OLD_THEN(p, expr) ({ __typeof__(*(p)) old_ = *(p); *(p) = (expr); old_; })
#define A_ADD(p, v) OLD_THEN(p, old_ + (v))
#define A_SUB(p, v) OLD_THEN(p, old_ - (v))
#define A_AND(p, v) OLD_THEN(p, old_ & (v))
#define A_OR(p, v) OLD_THEN(p, old_ | (v))
#define A_XOR(p, v) OLD_THEN(p, old_ ^ (v))
#define A_MIN(p, v) OLD_THEN(p, old_ < (v) ? old_ : (v))
#define A_MAX(p, v) OLD_THEN(p, old_ > (v) ? old_ : (v))
#define A_SWAP(p, v) OLD_THEN(p, (v))
#define A_LOAD(p) (*(p))
#define A_STORE(p, v) ((void)(*(p) = (v)))
#define A_CAS(p, e, v) ({ int same_ = *(p) == *(e); if (same_) *(p) = (v); else *(e) = *(p); same_; })

#endif

#define K(name) KERNEL void name(GLOBAL uint *out, GLOBAL const uint *a, GLOBAL const uint *b, uint n)
#define gid(d) (grp(d) * lsz(d) + lid(d))
#define NOINLINE __attribute__((noinline))

static inline float as_f(uint u)
{
	union { uint u; float f; } v = { u };
	return v.f;
}
static inline uint as_u(float f)
{
	union { float f; uint u; } v = { f };
	return v.u;
}
static inline double as_d(ulong u)
{
	union { ulong u; double f; } v = { u };
	return v.f;
}
static inline ulong as_q(double f)
{
	union { double f; ulong u; } v = { f };
	return v.u;
}
static inline ulong get64(GLOBAL const uint *p, uint i)
{
	return p[2 * i] | (ulong)p[2 * i + 1] << 32;
}
static inline void put64(GLOBAL uint *p, uint i, ulong v)
{
	p[2 * i] = (uint)v;
	p[2 * i + 1] = (uint)(v >> 32);
}

#endif
