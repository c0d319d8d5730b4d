#!/bin/bash
# The probe under gpusim: its TAP output is ours.
exec timeout 120 ./gpusim -- ./sim_probe
