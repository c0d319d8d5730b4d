# sim/isa
