/*
 * output.c - see output.h.
 */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "parent/lib/poller.h"
#include "parent/program/output.h"

/* --- systemd --- */

static void notify_open(struct output *o)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = path ? strlen(path) : 0;

	o->notify = -1;
	if (n < 2 || n >= sizeof(a.sun_path) || !strchr("/@", path[0]))
		return;
	memcpy(a.sun_path, path, n);
	if (path[0] == '@')
		a.sun_path[0] = '\0';
	o->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (o->notify >= 0 &&
	    connect(o->notify, (struct sockaddr *)&a,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) <
		    0) {
		close(o->notify);
		o->notify = -1;
	}
}

void output_notify(const struct output *o, const char *state)
{
	if (o->notify >= 0 &&
	    send(o->notify, state, strlen(state), MSG_NOSIGNAL) < 0)
		output_say(o, "systemd cannot be told: %s", strerror(errno));
}

/* --- opening --- */

int output_open(struct output *o, const char *events, bool quiet,
		struct ptp_error *err)
{
	*o = (struct output){ .quiet = quiet, .start = clock_now() };
	notify_open(o);
	if (!events)
		return 0;
	o->events = fopen(events, "ae");
	if (o->events) {
		setvbuf(o->events, NULL, _IOLBF, 0);
		return 0;
	}
	snprintf(err->text, sizeof(err->text), "%s: %s", events,
		 strerror(errno));
	return -1;
}

void output_close(struct output *o)
{
	if (o->events && fclose(o->events) != 0)
		output_say(o, "the file of events is not whole: %s",
			   strerror(errno));
	if (o->notify >= 0)
		close(o->notify);
}

void output_say(const struct output *o, const char *fmt, ...)
{
	char line[2048];
	va_list ap;

	if (o->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "ptparent: %s\n", line);
}

/* --- JSON --- */

static void put_text(json_t *to, const char *key, const char *text)
{
	char shown[8192];
	json_t *value;

	if (!text)
		return;
	/* As it is where that is UTF-8; json_string() tells. */
	value = json_string(text);
	if (!value)
		value = json_string(ptp_printable(shown, sizeof(shown), text));
	json_object_set_new(to, key, value);
}

static json_t *event_new(const struct output *o, int64_t at, const char *word)
{
	json_t *j = json_object();

	json_object_set_new(j, "t",
			    json_real((double)(at - o->start) / 1000000));
	json_object_set_new(j, "event", json_string(word));
	return j;
}

static void event_write(struct output *o, json_t *j)
{
	json_dumpf(j, o->events,
		   JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));
	fputc('\n', o->events);
	json_decref(j);
}

static void put_method(json_t *j, const struct ptp_method *m)
{
	json_t *args = json_object();

	put_text(j, "transport", m->name);
	if (*m->protocol)
		put_text(j, "protocol", m->protocol);
	put_text(j, "address", m->address);
	for (size_t i = 0; i < m->args.n; i++)
		put_text(args, m->args.v[i].key, m->args.v[i].value);
	json_object_set_new(j, "args", args);
}

static bool is_line(enum ptp_what what)
{
	return what == PTP_LOG || what == PTP_STATUS || what == PTP_OTHER ||
	       what == PTP_VIOLATION;
}

static void event_json(struct output *o, const struct ptp_event *ev)
{
	json_t *j;

	if (!o->events)
		return;
	j = event_new(o, ev->at, ptp_what_word(ev->what));
	put_text(j, "transport", ev->name);
	put_text(j, "keyword", ev->keyword);
	put_text(j, "text", ev->text);
	put_text(j, "reason", ev->reason);
	if (is_line(ev->what)) {
		put_text(j, "stream",
			 ev->on == PTP_STDOUT ? "stdout" : "stderr");
		json_object_set_new(j, "offset",
				    json_integer((json_int_t)ev->offset));
	}
	if (ev->method)
		put_method(j, ev->method);
	if (ev->what == PTP_SIGNAL)
		put_text(j, "signal", sigabbrev_np(ev->signal));
	if (ev->attempt)
		json_object_set_new(j, "attempt", json_integer(ev->attempt));
	if (ev->wait)
		json_object_set_new(j, "wait",
				    json_real((double)ev->wait / 1000000));
	event_write(o, j);
}

void output_listen(struct output *o, const char *transport, const char *address,
		   const char *to)
{
	printf("%s %s %s\n", address, transport, to);
	fflush(stdout);
	if (o->events) {
		json_t *j = event_new(o, clock_now(), "listen");

		put_text(j, "transport", transport);
		put_text(j, "address", address);
		put_text(j, "bridge", to);
		event_write(o, j);
	}
}

void output_bridge(struct output *o, const char *line)
{
	char shown[8192];

	printf("%s\n", ptp_printable(shown, sizeof(shown), line));
	fflush(stdout);
	if (o->events) {
		json_t *j = event_new(o, clock_now(), "bridge-line");

		put_text(j, "text", line);
		event_write(o, j);
	}
}

/* --- people --- */

static void say_event(const struct output *o, const struct ptp_event *ev)
{
	char text[1024], name[256];

	ptp_printable(text, sizeof(text), ev->text ? ev->text : "");
	ptp_printable(name, sizeof(name),
		      ev->name	    ? ev->name
		      : ev->keyword ? ev->keyword
		      : ev->method  ? ev->method->name
				    : "");
	switch (ev->what) {
	case PTP_METHOD:
		ptp_printable(text, sizeof(text), ev->method->address);
		output_say(o, "%s listens at %s", name, text);
		break;
	case PTP_METHOD_ERROR:
		output_say(o, "%s cannot be used: %s", name, text);
		break;
	case PTP_MISSING:
		output_say(o, "%s is unknown to the transport program", name);
		break;
	case PTP_VIOLATION:
		output_say(o, "it broke the protocol, %s: %s", ev->reason,
			   text);
		break;
	case PTP_LOG:
	case PTP_STATUS:
	case PTP_OTHER:
		output_say(o, "it says: %s", text);
		break;
	case PTP_FAILED:
		output_say(o, "the transport failed: %s", text);
		break;
	case PTP_EXITED:
		output_say(o, "the transport %s", text);
		break;
	case PTP_RESTART:
		output_say(o, "it is started again in %.1f s",
			   (double)ev->wait / 1000000);
		break;
	case PTP_READY:
		output_say(o, "ready");
		break;
	case PTP_SPAWN:
	case PTP_CLOSE_STDIN:
	case PTP_SIGNAL:
	case PTP_STARTED:
	case PTP_VERSION:
	case PTP_PROXY:
	case PTP_STOPPED:
		break;
	}
}

void output_event(struct output *o, const struct ptp_event *ev)
{
	if (ev->what == PTP_STARTED)
		o->others = 0;
	if (is_line(ev->what) && ++o->others >= OUTPUT_OTHER_MAX) {
		if (o->others == OUTPUT_OTHER_MAX)
			output_say(o, "further lines of this run are not "
				      "told");
		return;
	}
	event_json(o, ev);
	say_event(o, ev);
}
