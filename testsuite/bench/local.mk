# make bench: figures, never asserted.
.PHONY: bench
bench: testsuite/bench/bench_isa
	@echo "instruction engine, one core: instructions times 64 lanes (active or not) per second"
	testsuite/bench/bench_isa
