/* wavestub: a gdbserver for the waves of AMD GPUs.
 *
 *	main options comm log loop err     the program
 *	server listen conn                 clients
 *	host*, guard                       the traced process
 *	kif, kif_kfd, sysfs, drm, smi      the kernel's debug interface
 *	events                             what happens, as lines of JSON, with a client or (events_watch) without
 *	dbg_target and what it includes    the model of process, agents, queues and waves, and the view of it that clients see
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/events/watch.h"
#include "src/options.h"
#include "src/server/server.h"
#include "src/target/dbg_target.h"

static void on_end_signal(void *arg, int signo)
{
	log_info("%s", strsignal(signo));
	server_stop(arg, 128 + signo);
}

/* A signal that whoever started us ignores (nohup, a background job of a shell) stays ignored. */
static int end_on_signals(struct loop *l, struct server *s, struct loop_source *sources[3], struct dbg_error *err)
{
	static const int signals[3] = { SIGTERM, SIGINT, SIGHUP };
	for (int i = 0; i < 3; i++) {
		struct sigaction action;
		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			continue;
		int rc = loop_add_signal(l, signals[i], on_end_signal, s, &sources[i], err);
		if (rc)
			return rc;
	}
	return 0;
}

/* The program of the command line, by the same operations that vRun and vAttach use. */
static int begin_process(const struct options *o, const struct server_target *target, struct dbg_error *err)
{
	char *none[] = { NULL };
	struct rsp_error why = { .class = RSP_OK, .text = "" };
	int rc = 0;
	if (o->attach)
		rc = target->ops->attach(target->t, o->pid, &why);
	else if (o->argv)
		rc = target->ops->run(target->t, none, &why);
	return rc ? dbg_fail(err, DBG_REFUSED, "%s", why.text) : 0;
}

static int serve(struct loop *l, const struct options *o, struct server *s, struct dbg_error *err)
{
	struct loop_source *signals[3] = { NULL, NULL, NULL };
	struct dbg_target *target = NULL;
	int rc = end_on_signals(l, s, signals, err);
	if (!rc)
		rc = dbg_target_create(l, o, &target, err);
	if (!rc) {
		const struct server_target *st = dbg_target_server(target);
		rc = begin_process(o, st, err);
		if (!rc)
			rc = server_start(s, st, err);
		if (!rc)
			rc = loop_run(l, err);
		server_end_client(s);
		st->shut_down(st->t);
	}
	dbg_target_destroy(target);
	for (int i = 0; i < 3; i++)
		loop_remove(signals[i]);
	return rc;
}

/* gdbserver's custom: a program that was started here and detached from keeps its place in the shell until it ends. */
static void wait_for_program(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

int main(int argc, char **argv)
{
	struct options o;
	int status = options_parse(argc, argv, &o);
	if (status)
		return status;
	if (o.action != OPTIONS_SERVE && o.action != OPTIONS_EVENTS) {
		options_print(o.action, stdout);
		return 0;
	}
	log_set_categories(o.debug);
	signal(SIGPIPE, SIG_IGN); /* a client that is gone is an error of write() */
	signal(SIGXFSZ, SIG_IGN); /* so is a file of events that may not grow */
	if (o.action == OPTIONS_EVENTS)
		return events_watch(&o);

	struct dbg_error err;
	struct loop *l = NULL;
	struct server *s = NULL;
	const struct server_config config = { .comm = &o.comm, .once = o.once, .extended = o.multi };
	int rc = loop_create(&l, &err);
	if (!rc) {
		rc = server_create(l, &config, &s, &err);
		if (!rc)
			rc = serve(l, &o, s, &err);
		status = s ? server_exit_status(s) : 0;
	}
	if (rc) {
		log_error("%s", err.text);
		status = 1;
	}
	bool wait = s && !rc && server_left_running(s);
	server_destroy(s);
	if (l)
		loop_destroy(l);
	if (wait)
		wait_for_program();
	return status;
}
