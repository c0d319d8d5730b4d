# sim/gpu
