#include "fake-transports/net/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "fake-transports/base/buf.h"
#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"

/* Names that nobody answers for take long: so many at a time. */
#define THREADS_MAX 16

struct lookup {
	struct lookup *next; /* in the queue */
	struct hostport asked;
	int fd; /* an eventfd */
	/* The rest is guarded by the lock. */
	bool done;
	bool abandoned;
	int result; /* a count or a negative errno */
	struct hostport found[LOOKUP_MAX];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lookup *queue;
static struct lookup **queue_end = &queue;
static unsigned threads;

static void destroy(struct lookup *l)
{
	close(l->fd);
	free(l);
}

FAULT(NAMES_IPV4_ONLY, "names-ipv4-only",
      "looks names up for IPv4 addresses only", "SK-REQ-3 OR-DOM-1",
      "OR-FWD-1");
/* Only for a fault. */
static bool is_old_world(const struct addrinfo *ai)
{
	return ai->ai_family == AF_INET6 && fault_is(F_NAMES_IPV4_ONLY);
}

FAULT(RESOLVER_SECOND, "resolver-second",
      "asks a resolver of its own when the system's one fails", "AN-DNS-4",
      "PX-USE-* AN-FC-1");
FAULT(RESOLVER_IMPATIENT, "resolver-impatient",
      "asks a resolver of its own when the system's one is silent", "AN-DNS-4",
      "PX-USE-* AN-FC-1");
/* Less than a system's resolver waits for an answer. */
#define SILENCE_S 0.5
static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Not where there is no such name. */
static void ask_elsewhere(const struct hostport *asked, int error, double took)
{
	if (error == EAI_AGAIN &&
	    (fault_is(F_RESOLVER_SECOND) ||
	     (fault_is(F_RESOLVER_IMPATIENT) && took > SILENCE_S)))
		fault_ask_public_resolver(asked->host);
}

static int ask(const struct hostport *asked, struct hostport out[LOOKUP_MAX])
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	double begun = now_s();
	int n = 0, error = getaddrinfo(asked->host, NULL, &hints, &list);

	if (error != 0) {
		ask_elsewhere(asked, error, now_s() - begun);
		return -EHOSTUNREACH;
	}
	for (struct addrinfo *ai = list; ai && n < LOOKUP_MAX;
	     ai = ai->ai_next) {
		if (is_old_world(ai) ||
		    (ai->ai_family != AF_INET && ai->ai_family != AF_INET6))
			continue;
		out[n] = *asked;
		out[n].is_name = false;
		memcpy(&out[n].ss, ai->ai_addr, ai->ai_addrlen);
		out[n].ss_len = ai->ai_addrlen;
		addr_set_port(&out[n].ss, asked->port);
		n++;
	}
	freeaddrinfo(list);
	return n ? n : -EHOSTUNREACH;
}

FAULT(NAMES_KEPT, "names-kept", "keeps the first address of a name for ever",
      "SK-REQ-3 OR-DOM-1", "");
/* Called with the lock held: what is known of the last name that was asked
 * for. */
static int ask_once(const struct hostport *asked,
		    struct hostport out[LOOKUP_MAX], int known)
{
	static struct hostport kept[LOOKUP_MAX];
	static int n;

	if (!fault_is(F_NAMES_KEPT))
		return known;
	if (known > 0) {
		memcpy(kept, out, (size_t)known * sizeof(*kept));
		n = known;
	} else if (n > 0 && strcmp(kept[0].host, asked->host) == 0) {
		memcpy(out, kept, (size_t)n * sizeof(*kept));
		return n;
	}
	return known;
}

/* Called and left with the lock held. */
static void answer(struct lookup *l)
{
	struct hostport found[LOOKUP_MAX];
	int result = -ECANCELED;

	if (!l->abandoned && ask_once(&l->asked, found, 0) == 0) {
		pthread_mutex_unlock(&lock);
		result = ask(&l->asked, found);
		pthread_mutex_lock(&lock);
	}
	result = ask_once(&l->asked, found, result);
	if (l->abandoned) {
		destroy(l);
		return;
	}
	if (result > 0)
		memcpy(l->found, found, (size_t)result * sizeof(*found));
	l->result = result;
	l->done = true;
	eventfd_write(l->fd, 1);
}

static void *lookup_thread(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	while (queue) {
		struct lookup *l = queue;

		queue = l->next;
		if (!queue)
			queue_end = &queue;
		answer(l);
	}
	threads--;
	pthread_mutex_unlock(&lock);
	return NULL;
}

/* Threads inherit our signal mask: all that matter are blocked. */
static int add_thread(void)
{
	pthread_attr_t attr;
	pthread_t id;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&id, &attr, lookup_thread, NULL);
	pthread_attr_destroy(&attr);
	if (r == 0)
		threads++;
	return -r;
}

int lookup_start(const struct hostport *hp, struct lookup **out)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct lookup *l;
	int r = 0;

	if (fd < 0)
		return -errno;
	l = xcalloc(1, sizeof(*l));
	l->asked = *hp;
	l->fd = fd;
	pthread_mutex_lock(&lock);
	if (threads < THREADS_MAX)
		r = add_thread();
	/* With others at work it just takes longer. */
	if (threads > 0) {
		*queue_end = l;
		queue_end = &l->next;
		r = 0;
	}
	pthread_mutex_unlock(&lock);
	if (r < 0) {
		destroy(l);
		return r;
	}
	*out = l;
	return 0;
}

int lookup_fd(const struct lookup *l)
{
	return l->fd;
}

int lookup_take(struct lookup *l, struct hostport out[LOOKUP_MAX])
{
	int r = -EAGAIN;

	pthread_mutex_lock(&lock);
	if (l->done) {
		r = l->result;
		memcpy(out, l->found, sizeof(l->found));
	}
	pthread_mutex_unlock(&lock);
	return r;
}

void lookup_free(struct lookup *l)
{
	bool done;

	if (!l)
		return;
	pthread_mutex_lock(&lock);
	done = l->done;
	l->abandoned = true;
	pthread_mutex_unlock(&lock);
	if (done)
		destroy(l);
}
