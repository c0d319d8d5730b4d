# sim/driver
