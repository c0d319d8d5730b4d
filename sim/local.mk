include sim/isa/local.mk
include sim/gpu/local.mk
include sim/driver/local.mk
include sim/client/local.mk
