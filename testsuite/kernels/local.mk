# sample kernels
