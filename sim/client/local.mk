# sim/client
