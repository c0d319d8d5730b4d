/* Runs a fuzz target over saved inputs: every file of the folders (and every file) named as arguments, or else of
 * testsuite/fuzz/corpus/CORPUS in the source tree (environment srcdir, or SRCDIR as compiled in). Prints TAP. A target that aborts takes
 * the program down, which Automake reports. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "testsuite/fuzz/fuzz.h"

static int only_files(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool replay(const char *path, const struct stat *st)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	/* Exactly as large as the input, so that a read past its end is seen by a sanitizer. */
	size_t size = (size_t)st->st_size;
	uint8_t *data = malloc(size ? size : 1);
	bool ok = data && fread(data, 1, size, f) == size;
	if (ok)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	fclose(f);
	return ok;
}

static unsigned one(const char *path, bool *ok);

static unsigned folder(const char *path, bool *ok)
{
	struct dirent **entries;
	unsigned done = 0;
	int n = scandir(path, &entries, only_files, alphasort);
	if (n < 0) {
		*ok = false;
		return 0;
	}
	for (int i = 0; i < n; i++) {
		char name[4096];
		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		done += one(name, ok);
		free(entries[i]);
	}
	free(entries);
	return done;
}

static unsigned one(const char *path, bool *ok)
{
	struct stat st;
	if (stat(path, &st) < 0) {
		*ok = false;
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return folder(path, ok);
	if (!replay(path, &st)) {
		*ok = false;
		return 0;
	}
	return 1;
}

static int run(int argc, char **argv)
{
	printf("1..%d\n", argc - 1);
	bool all = argc > 1;
	for (int i = 1; i < argc; i++) {
		bool ok = true;
		unsigned done = one(argv[i], &ok);
		/* An empty corpus proves nothing. */
		ok = ok && done > 0;
		all = all && ok;
		printf("%sok %d - %s: %u inputs\n", ok ? "" : "not ", i, strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i], done);
		fflush(stdout);
	}
	return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return run(argc, argv);
	const char *root = getenv("srcdir");
	char path[4096];
	snprintf(path, sizeof(path), "%s/testsuite/fuzz/corpus/%s", root ? root : SRCDIR, CORPUS);
	char *args[] = { argv[0], path, NULL };
	return run(2, args);
}
