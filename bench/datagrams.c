/*
 * datagrams.c - sends datagrams into one socket and looks at what comes out of
 * another, for bench/udp.
 *
 *	datagrams IN OUT SIZE COUNT RATE
 *
 * IN and OUT are descriptors of sockets that are connected to what lies
 * between.  RATE is how many are sent a second; 0: as many as it carries, that
 * is, WINDOW of them are under way at any time.  Prints the seconds from the
 * first one that went in to the last one that came out, and how many came.  The
 * exit status is 1 when something came that was not sent, or not in order.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#define SIZE_MAX_ 65507
/* By one system call. */
#define BATCH 32
/* What fits into the socket of a relay that asks for no more than the usual. */
#define WINDOW 64
/* Nothing for so long: what is under way is lost. */
#define SILENCE_MS 1000
#define TICK_US 1000
#define BURST_MS 5

static int in, out;
static size_t size;
static uint64_t count, rate;
static uint8_t pattern[SIZE_MAX_];

static atomic_bool all_sent;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static uint64_t received; /* under the lock */

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void vectors(struct mmsghdr *msgs, struct iovec *iov, uint8_t *room)
{
	memset(msgs, 0, BATCH * sizeof(*msgs));
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ room + (size_t)i * SIZE_MAX_, size };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
}

/* ---- what goes in ---- */

/* How many more may be sent behind the @sent first ones. */
static uint64_t by_window(uint64_t sent)
{
	static uint64_t lost;
	struct timespec until;
	uint64_t before;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SILENCE_MS / 1000;
	pthread_mutex_lock(&lock);
	before = received;
	while (sent - lost - received >= WINDOW)
		if (pthread_cond_timedwait(&more, &lock, &until) == ETIMEDOUT &&
		    received == before)
			lost = sent - received;
	before = sent - lost - received;
	pthread_mutex_unlock(&lock);
	return WINDOW - before;
}

/* So that the rate is never exceeded for long: what a sender that was held up
 * has missed is not made up for. */
static uint64_t by_time(void)
{
	static double due = 1;
	static uint64_t last;
	struct timespec tick = { .tv_nsec = TICK_US * 1000 };
	double most = (double)rate * BURST_MS / 1000 + 1;
	uint64_t now, n;

	for (;;) {
		now = now_us();
		if (last)
			due += (double)(now - last) * (double)rate / 1e6;
		last = now;
		due = due > most ? most : due;
		n = due > BATCH ? BATCH : (uint64_t)due;
		if (n > 0)
			break;
		nanosleep(&tick, NULL);
	}
	due -= (double)n;
	return n;
}

static void *send_all(void *nothing)
{
	static uint8_t room[BATCH * SIZE_MAX_];
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	uint64_t sent = 0;

	vectors(msgs, iov, room);
	for (int i = 0; i < BATCH; i++)
		memcpy(iov[i].iov_base, pattern, size);
	while (sent < count) {
		uint64_t n = rate ? by_time() : by_window(sent);
		int put;

		n = n > BATCH ? BATCH : n;
		n = n > count - sent ? count - sent : n;
		for (uint64_t i = 0; i < n; i++) {
			uint64_t nr = sent + i + 1;

			memcpy(iov[i].iov_base, &nr, sizeof(nr));
		}
		put = sendmmsg(in, msgs, (unsigned)n, 0);
		/* What cannot be sent is as good as lost. */
		sent += put > 0 ? (uint64_t)put : 1;
	}
	all_sent = true;
	return nothing;
}

/* ---- what comes out ---- */

static bool is_next(const uint8_t *p, size_t n, uint64_t *last)
{
	uint64_t nr;

	if (n != size)
		return false;
	memcpy(&nr, p, sizeof(nr));
	if (nr <= *last || nr > count)
		return false;
	*last = nr;
	return memcmp(p + sizeof(nr), pattern + sizeof(nr),
		      size - sizeof(nr)) == 0;
}

/* Until all have come or nothing comes any more; when the last one did, or 0
 * where one is not what was sent. */
static uint64_t receive_all(void)
{
	static uint8_t room[BATCH * SIZE_MAX_];
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	uint64_t at = now_us(), last = 0;

	vectors(msgs, iov, room);
	/* Larger ones must show. */
	for (int i = 0; i < BATCH; i++)
		iov[i].iov_len = SIZE_MAX_;
	while (last < count) {
		bool over = all_sent;
		int n = recvmmsg(out, msgs, BATCH, MSG_WAITFORONE, NULL);

		if (n < 0 && errno == EAGAIN && over)
			break;
		if (n < 0)
			continue;
		at = now_us();
		for (int i = 0; i < n; i++)
			if (!is_next(iov[i].iov_base, msgs[i].msg_len, &last))
				return 0;
		pthread_mutex_lock(&lock);
		received += (uint64_t)n;
		pthread_cond_signal(&more);
		pthread_mutex_unlock(&lock);
	}
	return at;
}

int main(int argc, char **argv)
{
	struct timeval silence = { .tv_sec = SILENCE_MS / 1000 };
	uint64_t began, end;
	pthread_t sender;

	if (argc != 6 || (size = strtoul(argv[3], NULL, 10)) < 8 ||
	    size > SIZE_MAX_) {
		fprintf(stderr, "usage: datagrams IN OUT SIZE COUNT RATE\n");
		return 2;
	}
	in = atoi(argv[1]);
	out = atoi(argv[2]);
	count = strtoull(argv[4], NULL, 10);
	rate = strtoull(argv[5], NULL, 10);
	for (size_t i = 0; i < size; i++)
		pattern[i] = (uint8_t)(i * 7 + i / 256);
	setsockopt(out, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
	began = now_us();
	if (pthread_create(&sender, NULL, send_all, NULL) != 0)
		return 2;
	end = receive_all();
	if (!end) {
		fprintf(stderr, "datagrams: other bytes, or another order\n");
		return 1;
	}
	pthread_join(sender, NULL);
	printf("%.6f %ju\n", (double)(end - began) / 1e6, (uintmax_t)received);
	return 0;
}
