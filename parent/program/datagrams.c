/*
 * datagrams.c - see datagrams.h.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <unistd.h>

#include "parent/program/datagrams.h"

#define SILENCE_US 300000000
/* Applications at a time; more push out the one that is silent longest. */
#define PATHS_MAX 1024
#define DATAGRAM_MAX 65536
/* In a row before others get their turn. */
#define ROUNDS 64

/* One application and its socket. */
struct path {
	struct datagrams *of;
	struct poll_watch w;
	struct sockaddr_storage app;
	socklen_t n;
	TAILQ_ENTRY(path) in;
};

struct datagrams {
	struct poller *poller;
	struct poll_watch local;
	struct sockaddr_storage to;
	socklen_t n;
	/* The one that spoke last comes first. */
	TAILQ_HEAD(path_list, path) paths;
	size_t npaths;
};

static void path_free(struct path *p)
{
	poller_drop(p->of->poller, &p->w);
	close(p->w.fd);
	TAILQ_REMOVE(&p->of->paths, p, in);
	p->of->npaths--;
	free(p);
}

static void path_used(struct path *p)
{
	struct datagrams *d = p->of;

	poller_deadline(d->poller, &p->w, clock_now() + SILENCE_US);
	TAILQ_REMOVE(&d->paths, p, in);
	TAILQ_INSERT_HEAD(&d->paths, p, in);
}

static void path_late(struct poll_watch *w)
{
	path_free(POLL_OWNER(w, struct path, w));
}

/* What the transport sends back. */
static void path_ready(struct poll_watch *w, uint32_t events)
{
	struct path *p = POLL_OWNER(w, struct path, w);
	char datagram[DATAGRAM_MAX];

	(void)events;
	for (int i = 0; i < ROUNDS; i++) {
		ssize_t n = recv(w->fd, datagram, sizeof(datagram), 0);

		/* An ICMP error tells that it listens no more: the next
		 * datagram may find it again. */
		if (n < 0)
			break;
		sendto(p->of->local.fd, datagram, (size_t)n, 0,
		       (const struct sockaddr *)&p->app, p->n);
	}
	path_used(p);
}

static struct path *path_new(struct datagrams *d,
			     const struct sockaddr_storage *app, socklen_t n)
{
	struct path *p = calloc(1, sizeof(*p));
	int fd = socket(d->to.ss_family,
			SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (d->npaths >= PATHS_MAX)
		path_free(TAILQ_LAST(&d->paths, path_list));
	if (!p || fd < 0 ||
	    connect(fd, (const struct sockaddr *)&d->to, d->n) < 0) {
		if (fd >= 0)
			close(fd);
		free(p);
		return NULL;
	}
	p->of = d;
	p->app = *app;
	p->n = n;
	p->w = (struct poll_watch){ .fd = fd,
				    .events = EPOLLIN,
				    .deadline = -1,
				    .ready = path_ready,
				    .late = path_late };
	d->npaths++;
	TAILQ_INSERT_HEAD(&d->paths, p, in);
	poller_add(d->poller, &p->w);
	path_used(p);
	return p;
}

static struct path *path_of(struct datagrams *d,
			    const struct sockaddr_storage *app, socklen_t n)
{
	struct path *p;

	TAILQ_FOREACH(p, &d->paths, in)
	if (p->n == n && memcmp(&p->app, app, n) == 0)
		return p;
	return path_new(d, app, n);
}

static void local_ready(struct poll_watch *w, uint32_t events)
{
	struct datagrams *d = POLL_OWNER(w, struct datagrams, local);
	char datagram[DATAGRAM_MAX];

	(void)events;
	for (int i = 0; i < ROUNDS; i++) {
		struct sockaddr_storage app = { 0 };
		socklen_t size = sizeof(app);
		ssize_t n = recvfrom(w->fd, datagram, sizeof(datagram), 0,
				     (struct sockaddr *)&app, &size);
		struct path *p;

		if (n < 0)
			break;
		p = path_of(d, &app, size);
		/* Lost where there is no room, as datagrams may be. */
		if (p && send(p->w.fd, datagram, (size_t)n, 0) >= 0)
			path_used(p);
	}
}

struct datagrams *datagrams_new(struct poller *p, int fd,
				const struct sockaddr_storage *to, socklen_t n)
{
	struct datagrams *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	TAILQ_INIT(&d->paths);
	d->poller = p;
	d->to = *to;
	d->n = n;
	d->local = (struct poll_watch){ .fd = fd,
					.events = EPOLLIN,
					.deadline = -1,
					.ready = local_ready };
	poller_add(p, &d->local);
	return d;
}

void datagrams_free(struct datagrams *d)
{
	while (!TAILQ_EMPTY(&d->paths))
		path_free(TAILQ_FIRST(&d->paths));
	poller_drop(d->poller, &d->local);
	close(d->local.fd);
	free(d);
}
