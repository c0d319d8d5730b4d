/* The dialect of generated kernels: OpenCL C, C and HIP for the GPU, C for the host, where every work-item is a call and SAY() and its like write
 * what variables hold. */
#ifndef VARKERNEL_H
#define VARKERNEL_H

#define NOINLINE __attribute__((noinline))

#ifdef __AMDGCN__
#define WORK_ITEM ((int)__builtin_amdgcn_workitem_id_x())
#endif

#if defined __OPENCL_C_VERSION__
#define KERNEL __kernel
#define GLOBAL __global
#define LOCAL __local
#define PRIVATE __private
#define LDS(type, name, n) __local type name[n]
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
typedef float4 vec4;
typedef bool boolean;
#define BITS(n) /* the language has none */
#else
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef _Float16 half;
typedef float vec4 __attribute__((ext_vector_type(4)));
#if defined __cplusplus
typedef bool boolean;
#else
typedef _Bool boolean;
#endif
#define BITS(n) : n
#define GLOBAL
#define LOCAL
#define PRIVATE
#if defined __HIP__
#define KERNEL extern "C" __attribute__((global))
#undef NOINLINE
#define NOINLINE __attribute__((device, noinline))
#define LDS(type, name, n) __attribute__((shared)) type name[n]
extern "C" __attribute__((device)) inline void __cxa_pure_virtual(void) { }
#elif defined __AMDGCN__
#define KERNEL __attribute__((amdgpu_kernel, visibility("protected")))
#define LDS(type, name, n) static __attribute__((address_space(3), loader_uninitialized)) type name[n]
#undef LOCAL
#define LOCAL __attribute__((address_space(3)))
#else
#include <stdio.h>
#define KERNEL static
#define LDS(type, name, n) static type name[n]
static int work_item;
static long visits[1024][64];
static int said_line;
#define WORK_ITEM work_item
/* One line each: source line, work-item, how often it was there, variable, value. */
#define SAY(line, name) printf("%d %d %ld %s ", line, work_item, line == said_line ? visits[line][work_item] : ++visits[said_line = line][work_item], name)
#define I(v) printf("%ld", (long)(v))
#define U(v) printf("%lu", (unsigned long)(v))
#define F(v) printf("%.9g", (double)(v))
#define B(v) fputs((v) ? "true" : "false", stdout)
#define TEXT(s) fputs(s, stdout)
#define DONE() putchar('\n')
#endif
#endif

#endif
