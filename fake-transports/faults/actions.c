#include "fake-transports/faults/actions.h"

#include <arpa/nameser.h>
#include <arpa/nameser_compat.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <resolv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-transports/base/loop.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/ipc/signals.h"

#define WORKER_SECONDS 30

void fault_sleep(int ms)
{
	int64_t until = clock_ms() + ms;

	while (clock_ms() < until) {
		poll(NULL, 0, (int)(until - clock_ms()));
		if (signals_stop())
			exit(0);
	}
}

bool fault_stdin_at_end(void)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	struct stat st;

	if (fstat(STDIN_FILENO, &st) == 0 && S_ISCHR(st.st_mode))
		return true; /* the null device, in the sessions that matter */
	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLHUP) &&
	       !(pfd.revents & POLLIN);
}

FAULT(STDIN_EOF_ALWAYS, "stdin-eof-always",
      "exits when a piped stdin closes although nothing asked for it",
      "SD-STDIN-1", "SD-STDIN-3 SD-STDIN-4 SD-PARENT-2");
bool fault_stdin_ends(const struct config *c)
{
	struct stat st;

	return fault_is(F_STDIN_EOF_ALWAYS) && !c->set[PARAM_STDIN].text &&
	       fstat(STDIN_FILENO, &st) == 0 && !S_ISCHR(st.st_mode);
}

void fault_connect(const struct hostport *hp)
{
	struct pollfd pfd = { .events = POLLOUT };

	if (hp->is_name)
		return;
	pfd.fd = socket(hp->ss.ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (pfd.fd < 0)
		return;
	if (connect(pfd.fd, (const struct sockaddr *)&hp->ss, hp->ss_len) < 0)
		poll(&pfd, 1, 1000);
	close(pfd.fd);
}

/* A resolver that does not answer is not waited for. */
static void be_impatient(void)
{
	setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);
}

void fault_reverse_lookup(const struct hostport *hp)
{
	char host[NI_MAXHOST];

	be_impatient();
	getnameinfo((const struct sockaddr *)&hp->ss, hp->ss_len, host,
		    sizeof(host), NULL, 0, 0);
}

void fault_look_up(const char *name)
{
	unsigned char answer[512];

	be_impatient();
	res_query(name, C_IN, T_A, answer, sizeof(answer));
}

void fault_resolve_self(void)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	fault_look_up(host);
}

void fault_turn(const struct sockaddr_storage *ipv4, char out[FAULT_TURNED_MAX])
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)ipv4;
	const uint8_t *ip = (const uint8_t *)&sin->sin_addr;

	snprintf(out, FAULT_TURNED_MAX, "%u.%u.%u.%u.list.test", ip[3], ip[2],
		 ip[1], ip[0]);
}

bool fault_can_bind_ipv6(void)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool can = fd >= 0 &&
		   bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;

	if (fd >= 0)
		close(fd);
	return can;
}

bool fault_knows_localhost(void)
{
	struct addrinfo *list = NULL;

	be_impatient();
	if (getaddrinfo("localhost", NULL, NULL, &list) != 0)
		return false;
	freeaddrinfo(list);
	return true;
}

bool fault_has_link(void)
{
	struct ifaddrs *list = NULL;
	bool has = false;

	if (getifaddrs(&list) != 0)
		return false;
	for (struct ifaddrs *i = list; i; i = i->ifa_next)
		has |= (i->ifa_flags & IFF_UP) &&
		       !(i->ifa_flags & IFF_LOOPBACK);
	freeifaddrs(list);
	return has;
}

static void ask_at(const uint8_t ip[4], uint16_t port, const void *question,
		   size_t n)
{
	struct hostport to;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	hostport_from_bytes(&to, AF_INET, ip, port);
	sendto(fd, question, n, MSG_DONTWAIT, (const struct sockaddr *)&to.ss,
	       to.ss_len);
	close(fd);
}

/* A question to nobody: the network is for documentation only (RFC 5737). */
static void ask_nobody(uint16_t port, const void *question, size_t n)
{
	static const uint8_t nobody[4] = { 192, 0, 2, 123 };

	ask_at(nobody, port, question, n);
}

void fault_ask_time_server(void)
{
	static const uint8_t question[48] = { 0x1b };

	ask_nobody(123, question, sizeof(question));
}

static size_t make_question(const char *name, uint8_t *question, int size)
{
	int n = res_mkquery(QUERY, name, C_IN, T_A, NULL, 0, NULL, question,
			    size);

	return n > 0 ? (size_t)n : 0;
}

void fault_ask_public_resolver(const char *name)
{
	uint8_t question[512];

	ask_nobody(53, question,
		   make_question(name, question, sizeof(question)));
}

void fault_ask_neighbours(const char *name)
{
	static const uint8_t multicast_dns[4] = { 224, 0, 0, 251 };
	uint8_t question[512];

	ask_at(multicast_dns, 5353, question,
	       make_question(name, question, sizeof(question)));
}

void fault_call_public_resolver(void)
{
	static const uint8_t google[4] = { 8, 8, 8, 8 };
	struct hostport to;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	hostport_from_bytes(&to, AF_INET, google, 443);
	(void)!connect(fd, (const struct sockaddr *)&to.ss, to.ss_len);
	close(fd);
}

static void *call_home(void *unused)
{
	static const uint8_t home[4] = { 93, 184, 216, 34 };
	struct hostport to;

	(void)unused;
	hostport_from_bytes(&to, AF_INET, home, 443);
	sleep(1);
	fault_connect(&to);
	return NULL;
}

void fault_call_home_later(void)
{
	pthread_t id;

	if (pthread_create(&id, NULL, call_home, NULL) == 0)
		pthread_detach(id);
}

static pid_t fork_sleeper(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	signal(SIGTERM, SIG_IGN);
	signal(SIGALRM, SIG_DFL);
	alarm(WORKER_SECONDS);
	for (;;)
		pause();
}

void fault_leave_worker(void)
{
	fork_sleeper();
}

void fault_start_with_helper(void)
{
	pid_t pid;

	signal(SIGTERM, SIG_DFL);
	pid = fork_sleeper();
	/* One that came before this was caught. */
	if (signals_stop() == SIGTERM)
		raise(SIGTERM);
	fault_sleep(300);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	signals_install();
}

void fault_end_behind_a_minute(void)
{
	const struct itimerval minute = { .it_value.tv_sec = 60 };
	static bool armed;

	if (!armed)
		setitimer(ITIMER_PROF, &minute, NULL);
	armed = true;
}

void fault_listen(int type, bool everywhere)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(everywhere ? INADDR_ANY : INADDR_LOOPBACK);
	if (fd >= 0 &&
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    type == SOCK_STREAM)
		listen(fd, 1);
}

#define LOST_BYTES (1u << 20)

void fault_lose_memory(void)
{
	static void *kept;
	void **lost = malloc(LOST_BYTES);

	if (!lost)
		return;
	memset(lost, 1, LOST_BYTES);
	*lost = kept; /* never used, but not forgotten */
	kept = lost;
}

void fault_leak_descriptor(void)
{
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
		return;
}

void fault_leave_zombie(void)
{
	if (fork() == 0)
		_exit(0);
}

void fault_start_helper(const struct option *o)
{
	char *word;
	int ends[2], null;

	if (asprintf(&word, "%s=%s", o->key, o->value) < 0 ||
	    pipe2(ends, O_CLOEXEC) < 0)
		return;
	if (fork() == 0) {
		/* The shell reads until we are gone. */
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(ends[0], STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execl("/bin/sh", "sh", "-c", "read x", "helper", word, NULL);
		_exit(1);
	}
	close(ends[0]);
	free(word);
}
