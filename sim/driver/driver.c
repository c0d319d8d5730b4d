#include "sim/driver/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/driver/backing.h"
#include "sim/driver/inject.h"
#include "sim/driver/smi.h"

enum {
	DEFAULT_CUS_PER_XCC = 38,
	FIRST_RENDER_MINOR = 128,
};
#define RENDER_FIRST_OFFSET (4ull << 30) /* where the real driver's offsets begin */
#define RENDER_FILE_BYTES (1ull << 42)
#define KFD_FILE_BYTES (1ull << 30)

const struct sim_options *sim_driver_options(const struct sim_driver *driver)
{
	return driver->options;
}

unsigned sim_driver_n_devices(const struct sim_driver *driver)
{
	return driver->n_devices;
}

struct sim_device *sim_driver_device(struct sim_driver *driver, unsigned index)
{
	return index < driver->n_devices ? &driver->devices[index] : NULL;
}

struct sim_device *sim_driver_find_device(struct sim_driver *driver, uint32_t gpu_id)
{
	for (unsigned i = 0; i < driver->n_devices; i++)
		if (driver->devices[i].gpu_id == gpu_id)
			return &driver->devices[i];
	return NULL;
}

void sim_log(const struct sim_driver *driver, unsigned level, const char *format, ...)
{
	FILE *log = driver->options->log;
	if (!log || driver->options->verbose < level)
		return;
	va_list ap;
	va_start(ap, format);
	fputs("gpusim: ", log);
	vfprintf(log, format, ap);
	fputc('\n', log);
	va_end(ap);
	fflush(log);
}

uint64_t sim_clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ------------------------------------------------------------------ timers */

struct sim_timer *sim_timer_start(struct sim_driver *driver, uint64_t at_ns, void (*fn)(void *ctx), void *ctx)
{
	struct sim_timer *timer = malloc(sizeof(*timer));
	if (!timer)
		return NULL;
	struct sim_timer **link = &driver->timers;
	while (*link && (*link)->at_ns <= at_ns)
		link = &(*link)->next;
	*timer = (struct sim_timer){ .next = *link, .at_ns = at_ns, .fn = fn, .ctx = ctx };
	*link = timer;
	return timer;
}

void sim_timer_cancel(struct sim_driver *driver, struct sim_timer *timer)
{
	for (struct sim_timer **link = &driver->timers; timer && *link; link = &(*link)->next)
		if (*link == timer) {
			*link = timer->next;
			free(timer);
			return;
		}
}

int64_t sim_driver_run_timers(struct sim_driver *driver)
{
	while (driver->timers) {
		struct sim_timer *timer = driver->timers;
		int64_t left = (int64_t)(timer->at_ns - sim_clock_ns());
		if (left > 0)
			return left;
		driver->timers = timer->next;
		timer->fn(timer->ctx);
		free(timer);
	}
	return -1;
}

/* ------------------------------------------------------------------ the driver as a whole */

static bool make_device(struct sim_driver *driver, unsigned index, const struct sim_model *model)
{
	const struct sim_options *o = driver->options;
	struct sim_device *device = &driver->devices[index];
	*device = (struct sim_device){
		.model = model,
		.xccs = o->xccs,
		.cus = o->cus ? o->cus : DEFAULT_CUS_PER_XCC * o->xccs,
		.vram_bytes = o->vram_bytes,
		.node = index + 1, /* node 0 is the CPU */
		.location_id = (0x83 + index) << 8,
		.drm_render_minor = FIRST_RENDER_MINOR + index,
		.unique_id = 0x5a4d3c2b1a090000 + index,
	};
	device->gpu_id = sim_device_make_gpu_id(device);
	for (unsigned i = 0; i < index; i++)
		while (device->gpu_id == driver->devices[i].gpu_id)
			device->gpu_id = device->gpu_id % 0xffff + 1;
	if (!sim_backing_init(&driver->render[index], "/dev/dri/renderD", RENDER_FIRST_OFFSET, RENDER_FILE_BYTES))
		return false;
	device->gpu = sim_gpu_create(device, driver);
	return device->gpu;
}

static bool options_valid(const struct sim_options *o)
{
	return o->gpus >= 1 && o->gpus <= 16 && o->xccs >= 1 && o->xccs <= 8 && o->cus <= 1024 && o->cus % o->xccs == 0 && o->vram_bytes > 0;
}

struct sim_driver *sim_driver_create(const struct sim_options *options)
{
	const struct sim_model *model = sim_model_by_name(options->gpu);
	if (!model || !options_valid(options)) {
		errno = EINVAL;
		return NULL;
	}
	struct sim_driver *driver = calloc(1, sizeof(*driver));
	if (!driver)
		return NULL;
	driver->options = options;
	driver->kfd.fd = -1;
	driver->devices = calloc(options->gpus, sizeof(*driver->devices));
	driver->render = calloc(options->gpus, sizeof(*driver->render));
	driver->vram_used = calloc(options->gpus, sizeof(*driver->vram_used));
	bool ok = driver->devices && driver->render && driver->vram_used &&
		sim_backing_init(&driver->kfd, "/dev/kfd", 1 << 16, KFD_FILE_BYTES);
	while (ok && driver->n_devices < options->gpus) {
		driver->render[driver->n_devices].fd = -1;
		ok = make_device(driver, driver->n_devices, model);
		driver->n_devices++;
	}
	if (ok)
		return driver;
	int saved = errno;
	sim_driver_destroy(driver);
	errno = saved;
	return NULL;
}

void sim_driver_destroy(struct sim_driver *driver)
{
	if (!driver)
		return;
	while (driver->processes)
		sim_process_destroy(driver->processes);
	sim_smi_close_all(driver);
	for (unsigned i = 0; i < driver->n_devices; i++) {
		if (driver->devices[i].gpu)
			sim_gpu_destroy(driver->devices[i].gpu);
		sim_backing_deinit(&driver->render[i]);
	}
	while (driver->timers)
		sim_timer_cancel(driver, driver->timers);
	sim_inject_forget(driver);
	sim_backing_deinit(&driver->kfd);
	free(driver->devices);
	free(driver->render);
	free(driver->vram_used);
	free(driver->sysfs);
	free(driver);
}
