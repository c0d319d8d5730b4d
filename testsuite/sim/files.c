/* The generated files, by every way that programs look at files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testsuite/sim/probe.h"

#define TOPOLOGY "/sys/devices/virtual/kfd/kfd/topology"

static void test_topology(void)
{
	check(number_in(TOPOLOGY "/generation_id") > 0, "generation");
	check(property(TOPOLOGY "/system_properties", "platform_rev") == 0, "system properties");
	check(number_in(TOPOLOGY "/nodes/0/gpu_id") == 0 && number_in(TOPOLOGY "/nodes/1/gpu_id") > 0, "a CPU node and a GPU node");
	check(property(TOPOLOGY "/nodes/0/properties", "cpu_cores_count") > 0 && property(TOPOLOGY "/nodes/0/properties", "simd_count") == 0,
	      "the CPU node has cores, and no SIMDs");
	const char *gpu = TOPOLOGY "/nodes/1/properties";
	check(property(gpu, "gfx_target_version") == 90402 && property(gpu, "drm_render_minor") == 128, "a gfx942 with its render node");
	check(property(gpu, "capability") == 0x2c07a280, "its capability");
	long long simds = property(gpu, "simd_count"), per_cu = property(gpu, "simd_per_cu");
	check(simds > 0 && per_cu == 4 && simds % per_cu == 0, "its SIMDs");
	check(property(gpu, "array_count") > 0 && property(gpu, "simd_arrays_per_engine") > 0, "its arrays");
	static const struct { const char *count, *dir; } lists[] = { { "mem_banks_count", "mem_banks" }, { "caches_count", "caches" },
		{ "io_links_count", "io_links" }, { "p2p_links_count", "p2p_links" } };
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (int node = 0; node < 2; node++) {
			char path[256];
			snprintf(path, sizeof(path), TOPOLOGY "/nodes/%d/properties", node);
			long long n = property(path, lists[i].count), there = 0;
			for (struct stat st; there <= n; there++) {
				snprintf(path, sizeof(path), TOPOLOGY "/nodes/%d/%s/%lld/properties", node, lists[i].dir, there);
				if (stat(path, &st))
					break;
			}
			check(n >= 0 && there == n, "node %d: %s agrees with the directory", node, lists[i].count);
		}
	check(property(TOPOLOGY "/nodes/1/io_links/0/properties", "node_to") == 0 &&
	      property(TOPOLOGY "/nodes/0/io_links/0/properties", "node_to") == 1, "a link each way");
}

static void test_ways(void)
{
	char buf[PATH_MAX];
	ssize_t n = readlink("/sys/class/kfd/kfd", buf, sizeof(buf));
	check(n > 0 && !strncmp(buf, "../../devices/virtual/kfd/kfd", (size_t)n), "readlink");
	check(realpath("/sys/class/kfd/kfd", buf) && !strcmp(buf, "/sys/devices/virtual/kfd/kfd"), "realpath");
	check(!access(TOPOLOGY "/generation_id", R_OK) && access(TOPOLOGY "/no_such_file", F_OK), "access");
	struct stat st;
	check(!lstat("/sys/class/kfd/kfd", &st) && S_ISLNK(st.st_mode), "lstat of a link");
	check(!stat("/sys/class/kfd/kfd", &st) && S_ISDIR(st.st_mode), "stat through it");
	check(!lstat("/sys/class/kfd/kfd/", &st) && S_ISDIR(st.st_mode), "and with a slash at the end");
	check(number_in("//sys/./class//kfd/kfd/topology/nodes/1/gpu_id") > 0, "paths with doubled slashes and dots");
	struct dirent **list;
	int found = scandir(TOPOLOGY "/nodes", &list, NULL, alphasort);
	check(found == 4, "scandir: two nodes");
	for (int i = 0; i < found; i++)
		free(list[i]);
	if (found >= 0)
		free(list);
	glob_t g = { 0 };
	check(!glob(TOPOLOGY "/nodes/*/gpu_id", 0, NULL, &g) && g.gl_pathc == 2 && !strcmp(g.gl_pathv[0], TOPOLOGY "/nodes/0/gpu_id"), "glob");
	globfree(&g);
	int home = open(".", O_RDONLY | O_DIRECTORY);
	check(!chdir("/sys/class/kfd/kfd/topology") && number_in("nodes/1/gpu_id") > 0, "chdir and a relative path");
	check(getcwd(buf, sizeof(buf)) && !strcmp(buf, TOPOLOGY), "getcwd");
	check(!fchdir(home), "and back");
	close(home);
	int dir = open("/sys/class/kfd/kfd", O_RDONLY | O_DIRECTORY), fd = openat(dir, "topology/generation_id", O_RDONLY);
	check(fd >= 0 && read(fd, buf, sizeof(buf)) > 0, "openat");
	close(fd);
	close(dir);
	check(number_in("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size") != 0 && !access("/sys/kernel", F_OK),
	      "the rest of /sys is the machine's own");
	FILE *f = fopen("/sys/module/amdgpu/initstate", "r");
	check(f && fgets(buf, sizeof(buf), f) && !strcmp(buf, "live\n"), "the module is live");
	if (f)
		fclose(f);
}

static void test_process_directory(void)
{
	char path[128];
	struct gpu gpu;
	struct stat st;
	snprintf(path, sizeof(path), "/sys/class/kfd/kfd/proc/%d", (int)getpid());
	gpu.kfd = open("/dev/kfd", O_RDWR);
	gpu.id = (uint32_t)number_in(NODE "/gpu_id");
	check(!stat(path, &st) && S_ISDIR(st.st_mode), "this process has its directory");
	snprintf(path, sizeof(path), "/sys/class/kfd/kfd/proc/%d/vram_%u", (int)getpid(), gpu.id);
	long long before = number_in(path);
	struct buffer b = { .va = 0x7000000000, .size = 1 << 20, .flags = MEM_VRAM };
	check(!buffer_alloc(&gpu, &b) && number_in(path) == before + (1 << 20), "its device memory is counted there");
	buffer_free(&gpu, &b);
	snprintf(path, sizeof(path), "/sys/class/kfd/kfd/proc/%d/pasid", (int)getpid());
	check(number_in(path) > 0, "and its address space has an id");
	close(gpu.kfd);
}

void test_files(void)
{
	test_topology();
	test_ways();
	test_process_directory();
}
