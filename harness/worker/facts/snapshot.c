/* snapshot.c - see snapshot.h. */
#include "harness/worker/facts/snapshot.h"

#include <stdio.h>

#include "harness/sys/network/sockets.h"
#include "harness/sys/observe.h"

/* What a trace keeps of a command line. */
#define COMMAND_KEEP 4096

void snapshots_init(struct snapshots *s, struct task *t,
		    struct instances *instances,
		    const struct listeners *listeners,
		    const struct resolvers *resolvers)
{
	*s = (struct snapshots){
		.task = t,
		.instances = instances,
		.listeners = listeners,
		.resolvers = resolvers,
	};
}

struct snapshot_look {
	struct snapshots *s;
	struct span as;
	int64_t count;
	bool orphans;
};

static bool snapshot_is_ours(const struct snapshots *s, pid_t pid)
{
	for (size_t i = 0; i < s->instances->n; i++)
		if (pid == s->instances->v[i].spawn.parent ||
		    pid == s->instances->v[i].spawn.reaper)
			return true;
	return false;
}

static void snapshot_saw_socket(void *ctx, const char *proto,
				const struct addr *a, uint32_t inode)
{
	struct snapshot_look *l = ctx;
	const struct inst *of;
	char text[ADDR_STRLEN];

	if (listen_is_own(l->s->listeners, a) ||
	    resolvers_have(l->s->resolvers, a))
		return;
	l->count++;
	of = inst_of_socket(l->s->instances, inode);
	rec(l->s->task, socket, .in = l->as, .proto = span_str(proto),
	    .addr = span_str(addr_format(a, text)),
	    .of = span_str(of ? of->pt : ""));
}

/* The words that a descendant was started with; those of the transport itself
 * are the harness's own. */
static void snapshot_saw_command(struct snapshot_look *l, pid_t pid)
{
	char words[COMMAND_KEEP];
	size_t n;

	for (size_t i = 0; i < l->s->instances->n; i++)
		if (pid == l->s->instances->v[i].spawn.pid)
			return;
	n = observe_command(pid, words, sizeof(words));
	if (n)
		rec(l->s->task, command, .in = l->as, .argv = span_of(words, n),
		    .pid = pid);
}

static void snapshot_saw_process(void *ctx, pid_t pid, pid_t ppid, char state,
				 const char *name)
{
	struct snapshot_look *l = ctx;

	if (snapshot_is_ours(l->s, pid))
		return;
	l->count++;
	if (l->orphans) {
		rec(l->s->task, orphan, .name = span_str(name), .pid = pid);
		return;
	}
	rec(l->s->task, process, .in = l->as, .name = span_str(name),
	    .state = span_of(&state, 1), .pid = pid, .ppid = ppid);
	snapshot_saw_command(l, pid);
}

static void snapshot_saw_fds(struct snapshots *s, struct span as)
{
	struct inst *in = inst_own(s->instances);
	int n = in && in->alive ? observe_fds(in->spawn.pid) : -1;

	if (n < 0)
		return;
	rec(s->task, fds, .as = as, .of = span_str(in->pt), .count = n);
	if (s->nfds < SNAPSHOTS_FDS)
		s->fds[s->nfds++] = (struct snapshot_fds){ as, n };
}

static void snapshot_saw_memory(struct snapshots *s, struct span as)
{
	struct inst *in = inst_own(s->instances);
	int64_t kib = in && in->alive ? observe_memory_kib(in->spawn.pid) : -1;

	if (kib >= 0)
		rec(s->task, memory, .as = as, .of = span_str(in->pt),
		    .kib = kib);
}

static void snapshot_saw_file(void *ctx, const char *path, char type,
			      unsigned mode, int64_t size)
{
	struct snapshot_look *l = ctx;

	l->count++;
	rec(l->s->task, file, .in = l->as,
	    .type = type == 'd'	  ? FILE_IS_DIR
		    : type == 'f' ? FILE_IS_FILE
				  : FILE_IS_OTHER,
	    .path = span_str(path), .mode = mode, .size = size);
}

void snapshots_take(struct snapshots *s, enum snapshot of, struct span as)
{
	struct snapshot_look l = { .s = s, .as = as };
	struct err e = { 0 };
	char work[256];
	int rc;

	snprintf(work, sizeof(work), "%.*s", SPAN_ARG(s->task->plan->work));
	if ((of == SNAPSHOT_FDS || of == SNAPSHOT_MEMORY) &&
	    !observe_is_ours()) {
		task_skipped(s->task, OBSERVE_FOREIGN);
		return;
	}
	if (of == SNAPSHOT_FDS) {
		snapshot_saw_fds(s, as);
		return;
	}
	if (of == SNAPSHOT_MEMORY) {
		snapshot_saw_memory(s, as);
		return;
	}
	if (of == SNAPSHOT_FILES)
		rc = observe_files(work, snapshot_saw_file, &l, &e);
	else if (!s->task->job->sandbox)
		rc = err_set(&e, 0, "needs a sandbox");
	else if (of == SNAPSHOT_SOCKETS && s->instances->n > 1 &&
		 !observe_is_ours())
		rc = err_set(&e, 0, OBSERVE_FOREIGN); /* whose are they? */
	else if (of == SNAPSHOT_SOCKETS)
		rc = sockets_listening(snapshot_saw_socket, &l, &e);
	else
		rc = observe_processes(snapshot_saw_process, &l, &e);
	if (rc)
		task_skipped(s->task, e.msg);
	else
		rec(s->task, snapshot, .in = as,
		    .of = span_str(words_snapshot.names[of]), .count = l.count);
}

void snapshots_orphans(struct snapshots *s)
{
	struct snapshot_look l = { .s = s, .orphans = true };
	struct err e = { 0 };

	observe_processes(snapshot_saw_process, &l, &e);
}

bool snapshots_fds_settled(const struct snapshots *s, struct span as)
{
	const struct inst *in = inst_own(s->instances);

	for (size_t i = 0; i < s->nfds; i++)
		if (span_eq(s->fds[i].as, as))
			return observe_fds(in->spawn.pid) <= s->fds[i].n;
	return true;
}

static void snapshot_begin(void *part, const struct step *st)
{
	snapshots_take(part, st->snapshot.of, st->snapshot.as);
}

const struct step_ops step_snapshot_ops = { .part = PART_SNAPSHOTS,
					    .begin = snapshot_begin };
