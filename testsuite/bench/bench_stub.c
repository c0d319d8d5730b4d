/* What debugging costs: stops, steps, lists and memory through the stub, memory beside gdbserver's.
 *   bench_stub DIRECTORY [memory] [waves]     DIRECTORY: of the build; the rest: only these parts
 * Figures and goals; nothing is judged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/bench/bench_client.h"
#include "testsuite/bench/bench_parts.h"

enum { PATH = 512 };

char *bench_path(const char *directory, const char *name)
{
	char *text = malloc(PATH);
	if (!text)
		fail("out of memory");
	snprintf(text, PATH, "%s/%s", directory, name);
	return text;
}

static bool wanted(int argc, char **argv, const char *name)
{
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc <= 2;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		fail("usage: bench_stub DIRECTORY [waves] [memory]");
	if (wanted(argc, argv, "waves"))
		bench_waves(argv[1]);
	if (wanted(argc, argv, "memory"))
		bench_memory(argv[1]);
	return 0;
}
