/* ports.c - see ports.h. */
#include "harness/worker/net/ports.h"

#include <unistd.h>

#include "harness/sys/sandbox.h"

void ports_init(struct ports *p, struct task *t)
{
	*p = (struct ports){ .task = t, .fd = -1 };
}

void ports_fini(struct ports *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void ports_begin(void *part, const struct step *st)
{
	struct ports *p = part;
	struct err e = { 0 };

	if (!p->task->job->sandbox) {
		task_skipped(p->task, "needs a sandbox");
		return;
	}
	ports_fini(p);
	if (network_ports((int)st->ports.left, &p->fd, &e))
		task_skipped(p->task, e.msg);
	else
		rec(p->task, ports, .left = st->ports.left);
}

const struct step_ops step_ports_ops = { .part = PART_PORTS,
					 .begin = ports_begin };
