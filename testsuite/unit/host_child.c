/* The program that the host tests trace: does on request what a debugger must cope with.
 *
 *	host_child FD WHAT		FD: descriptor of the shared page */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "testsuite/unit/host_child.h"

/* A leak checker cannot work in a traced process. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return 1;
}

static struct child_page *page;
static volatile uint64_t word = UINT64_C(0x1122334455667788);

void mark(void);
__attribute__((noinline)) void mark(void)
{
	__atomic_fetch_add(&page->marks, 1, __ATOMIC_RELAXED);
}

static void snooze(void)
{
	nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
}

static void wait_go(void)
{
	while (!page->go)
		snooze();
}

static void on_signal(int signo)
{
	(void)signo;
	page->signals++;
}

static void *spin(void *arg)
{
	int n = (int)(intptr_t)arg;
	page->tids[n] = (int)syscall(SYS_gettid);
	while (!page->stop) {
		mark();
		page->loops[n]++;
		if (n % 2)
			snooze();
	}
	return NULL;
}

static void threads(void)
{
	pthread_t t[CHILD_THREADS];
	wait_go();
	for (int i = 0; i < CHILD_THREADS; i++)
		pthread_create(&t[i], NULL, spin, (void *)(intptr_t)i);
	for (int i = 0; i < CHILD_THREADS; i++)
		pthread_join(t[i], NULL);
}

/* Threads that come and go as fast as they can. */
static void *nothing(void *arg)
{
	return arg;
}

static void churn(void)
{
	wait_go();
	while (!page->stop) {
		pthread_t t;
		if (pthread_create(&t, NULL, nothing, NULL) == 0)
			pthread_join(t, NULL);
		page->loops[0]++;
	}
}

static void forks(void)
{
	wait_go();
	pid_t child = fork();
	if (child == 0) {
		uint64_t before = page->marks;
		mark();
		page->child_marks = (int)(page->marks - before);
		_exit(3);
	}
	int status = 0;
	waitpid(child, &status, 0);
	page->child_status = status;
	child = vfork();
	if (child == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(4);
	}
	waitpid(child, &status, 0);
	mark();
}

static void alarms(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	struct itimerval every = { { 0, 500 }, { 0, 500 } };
	wait_go();
	setitimer(ITIMER_REAL, &every, NULL);
	while (!page->stop)
		mark();
}

static void violate(void)
{
	signal(SIGSEGV, SIG_DFL); /* a sanitizer's run time catches it */
	wait_go();
	raise(SIGSEGV);
}

static void become(void)
{
	wait_go();
	execl("/bin/true", "true", (char *)NULL);
}

static void loop(void)
{
	while (!page->stop) {
		page->loops[0]++;
		snooze();
	}
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 99;
	page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[1]), 0);
	if (page == MAP_FAILED)
		return 98;
	page->word_addr = (uint64_t)(uintptr_t)&word;
	page->mark_addr = (uint64_t)(uintptr_t)&mark;
	const char *what = argv[2];
	if (strcmp(what, "marks") == 0) {
		wait_go();
		for (int i = 0; i < 5; i++)
			mark();
		return 7;
	}
	if (strcmp(what, "threads") == 0)
		threads();
	else if (strcmp(what, "churn") == 0)
		churn();
	else if (strcmp(what, "forks") == 0)
		forks();
	else if (strcmp(what, "alarms") == 0)
		alarms();
	else if (strcmp(what, "loop") == 0)
		loop();
	else if (strcmp(what, "segv") == 0)
		violate();
	else if (strcmp(what, "exec") == 0)
		become();
	return 0;
}
