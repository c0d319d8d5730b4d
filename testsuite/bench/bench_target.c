/* The program whose memory bench_stub reads: 64 MiB of noise at a known address. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#include "testsuite/bench/bench_target.h"

int main(void)
{
	uint64_t *words = mmap((void *)BENCH_ADDRESS, BENCH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (words == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (uint64_t i = 0; i < BENCH_BYTES / sizeof *words; i++)
		words[i] = bench_word(i);
	raise(SIGTRAP);
	return 0;
}
