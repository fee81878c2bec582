/*
 * hygiene.h - the judges of good behaviour, beside which no specification
 * stands.
 *
 * The rows are in hygiene.c; the judges of processes and what they hold in
 * hygiene_life.c, those of hard times in hygiene_torture.c, those of secrets
 * in hygiene_secret.c.
 */
#ifndef PTCHECK_REQ_CONDUCT_HYGIENE_H
#define PTCHECK_REQ_CONDUCT_HYGIENE_H

#include "harness/req/core/req.h"

/*
 * So much of one processor is too much for a transport with nothing to do.
 * One that polls every 10 ms uses less than 1; one that spins gets all that
 * the machine can spare, which is little where many launches share it.
 */
#define BUSY_PERCENT 5

/* A case that aims at the rule ran where it cannot be seen; then that was
 * said. */
bool blind(struct judge *j);
/* The same where its calls are not watched, which is how they fail. */
bool unwatched(struct judge *j);

/* A window of absence that it lived through, and how much it worked. */
struct spell {
	const struct event *open, *closed; /* of kind EV_CPU */
	int64_t percent;		   /* of one processor */
};

/* The first such window at or after event @from. */
bool spell_next(const struct view *v, uint32_t from, struct spell *out);

judge_fn hy_crash, hy_signal, hy_child, hy_zombie;
judge_fn hy_listen, hy_local, hy_fds, hy_idle, hy_emfile;
judge_fn hy_full, hy_closed, hy_stdin, hy_slow;
judge_fn hy_nofile, hy_disk, hy_socket, hy_accept;
judge_fn hy_argv, hy_secret;

#endif
