/* repro.c - see repro.h. */
#include "harness/report/repro.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "harness/report/words.h"

/* What a script waits at most for a line or an end, in seconds: longer than a
 * transport takes, shorter than a reader's patience. */
#define PATIENCE_S 10

/* From how many digits on a number may be a port that the system gave. */
#define LONG_DIGITS 4

/* --- can it be shown so? --- */

/* Things that only a harness can do. */
static const bool of_harness[EV_KINDS] = {
	[EV_CONNECT] = true,  [EV_ACCEPT] = true, [EV_SEND] = true,
	[EV_RECV] = true,     [EV_UDP] = true,	  [EV_SENT] = true,
	[EV_GOT] = true,      [EV_PORTS] = true,  [EV_INJECT] = true,
	[EV_PLACE] = true,    [EV_PUMP] = true,	  [EV_SOCKS] = true,
	[EV_UPSTREAM] = true, [EV_EXTOR] = true,  [EV_WRITE] = true,
	[EV_TOLD] = true,     [EV_ORPHAN] = true, [EV_EXEC_FAILED] = true,
};

static bool needs_harness(const struct event *ev)
{
	if (ev->kind == EV_SPAWN)
		return !span_eqs(ev->spawn.what, "pt");
	/* A shell has them ignored in what it starts. */
	if (ev->kind == EV_SIGNAL)
		return span_eqs(ev->signal.signal, "INT") ||
		       span_eqs(ev->signal.signal, "QUIT");
	return of_harness[ev->kind];
}

/* Does it show in the streams or the end of a process? */
static bool shows(const struct event *ev)
{
	return ev->kind == EV_OUT || ev->kind == EV_EXIT ||
	       ev->kind == EV_LIMIT || ev->kind == EV_KILL ||
	       ev->kind == EV_WINDOW || ev->kind == EV_EOF;
}

static uint32_t last_of(const struct evidence *e)
{
	uint32_t last = 0;

	for (size_t i = 0; i < e->nev; i++)
		last = e->ev[i] > last ? e->ev[i] : last;
	return last;
}

/* Has its start-up come to an end with that?  Pieces of a line may miss it:
 * then a command does. */
static bool is_done(const struct event *ev)
{
	return ev->kind == EV_OUT &&
	       span_contains(ev->out.data, SPAN("METHODS DONE\n"));
}

static bool can_show(const struct evidence *e, const struct trace *t)
{
	uint32_t last = last_of(e);
	bool started = false, done = false;

	if (!e->nev || last > t->nev || !e->ev[0] ||
	    !shows(&t->ev[e->ev[0] - 1]) || !t->head.argv.n)
		return false;
	for (size_t i = 0; i < last; i++) {
		if (needs_harness(&t->ev[i]))
			return false;
		/* A shell that looks once a second is too late for the rest. */
		if (t->ev[i].kind == EV_SIGNAL && !done)
			return false;
		done |= is_done(&t->ev[i]);
		started |= t->ev[i].kind == EV_SPAWN;
	}
	return started;
}

/*
 * A script looks later than the harness did, so what the transport did by
 * itself behind @last, until anything was done to it, belongs to it.
 */
static uint32_t settled(const struct trace *t, uint32_t last)
{
	uint32_t i = last;

	for (; i < t->nev; i++) {
		const struct event *ev = &t->ev[i];

		if (ev->kind == EV_CLOSE || ev->kind == EV_SIGNAL ||
		    ev->kind == EV_KILL || needs_harness(ev))
			break;
		if (ev->kind == EV_OUT || ev->kind == EV_EXIT)
			last = i + 1;
	}
	return last;
}

/* --- text for a shell --- */

static bool is_plain(struct span s, struct span work)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) &&
		    (s.p[i] == '\0' || !strchr("_./:=,+@-", s.p[i])))
			return false;
	return s.n && !(work.n && span_contains(s, work));
}

/* As a word: quoted, with the script's own directory where the launch's was. */
static void put_word(struct buf *out, struct span s, struct span work)
{
	if (is_plain(s, work)) {
		buf_add(out, s);
		return;
	}
	buf_addc(out, '\'');
	while (s.n) {
		if (work.n && span_starts(s, work)) {
			buf_adds(out, "'\"$work\"'");
			s = span_sub(s, work.n, s.n);
			continue;
		}
		if (s.p[0] == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, s.p[0]);
		s = span_sub(s, 1, s.n);
	}
	buf_addc(out, '\'');
}

/* One line of comment, harmless whatever it says. */
static void put_comment(struct buf *out, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	buf_addf(out, "# %s", name);
	words_scrub(out, text);
	buf_addc(out, '\n');
}

static void put_head(struct buf *out, const struct result_row *row,
		     const struct evidence *ev)
{
	buf_adds(out, "#!/bin/sh\n");
	put_comment(out, "", row->req->id);
	put_comment(out, "", row->req->title);
	put_comment(out, "expected: ", row->expected);
	put_comment(out, "saw:      ", row->seen ? row->seen : row->reason);
	if (ev)
		put_comment(out, "launch:   ", ev->launch);
}

/* --- the parts of a script --- */

static bool needs_bytes(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

/* The words behind those of the user are the case's. */
static void put_argv(struct buf *out, const struct result *r,
		     const struct trace *t, struct span work)
{
	size_t own = 0;

	while (r->argv && r->argv[own])
		own++;
	buf_adds(out, "if [ $# -eq 0 ]; then\n\tset --");
	for (size_t i = 0; i < t->head.argv.n && i < own; i++) {
		buf_addc(out, ' ');
		put_word(out, t->head.argv.v[i], work);
	}
	buf_adds(out, "\nfi\n"
		      "prog=$1\n"
		      "shift\n"
		      "case $prog in */*)\n"
		      "\tprog=$(cd \"$(dirname \"$prog\")\" && pwd)/"
		      "${prog##*/};;\n"
		      "esac\n"
		      "set -- \"$prog\" \"$@\"");
	for (size_t i = own; i < t->head.argv.n; i++) {
		buf_addc(out, ' ');
		put_word(out, t->head.argv.v[i], work);
	}
	buf_adds(out, "\n\n");
}

static void put_launch(struct buf *out, const struct result *r,
		       const struct trace *t)
{
	struct span work = pairs_get(&t->head.vars, "work");

	buf_adds(out, "work=$(mktemp -d) || exit 2\n"
		      "trap 'exec 3>&-; kill -9 \"$(cat \"$work/pid\")\" "
		      "2>/dev/null; rm -rf \"$work\"' EXIT\n"
		      "mkdir \"$work/cwd\" \"$work/home\" \"$work/tmp\"\n"
		      "mkfifo \"$work/stdin\"\n"
		      ": >\"$work/end\"\n"
		      ": >\"$work/pid\"\n"
		      ": >\"$work/stdout\"\n"
		      ": >\"$work/stderr\"\n\n");
	put_argv(out, r, t, work);
	buf_adds(out, "cd \"$work/cwd\" || exit 2\n"
		      "(sh -c 'echo $$ >\"$0/pid\"; exec env -i \"$@\"' "
		      "\"$work\"");
	for (size_t i = 0; i < t->head.env.n; i++) {
		const struct pair *p = &t->head.env.v[i];

		buf_adds(out, " \\\n\t");
		put_word(out, p->key, work);
		buf_addc(out, '=');
		put_word(out, p->value, work);
	}
	buf_adds(out, " \\\n\t\"$@\" <\"$work/stdin\" >\"$work/stdout\" "
		      "2>\"$work/stderr\"\n"
		      "echo $? >\"$work/end\") 2>/dev/null &\n"
		      "exec 3>\"$work/stdin\"\n\n");
}

static void put_functions(struct buf *out)
{
	buf_addf(out,
		 "# Until the transport has said that many lines, or is gone.\n"
		 "lines() {\n"
		 "\ti=0\n"
		 "\twhile [ \"$(wc -l <\"$work/stdout\")\" -lt \"$1\" ] &&\n"
		 "\t\t[ ! -s \"$work/end\" ] && [ $i -lt %d ]; do\n"
		 "\t\tsleep 1\n"
		 "\t\ti=$((i + 1))\n"
		 "\tdone\n"
		 "}\n"
		 "# Until it is gone, at most that many seconds.\n"
		 "end() {\n"
		 "\ti=0\n"
		 "\twhile [ ! -s \"$work/end\" ] && [ $i -lt \"$1\" ]; do\n"
		 "\t\tsleep 1\n"
		 "\t\ti=$((i + 1))\n"
		 "\tdone\n"
		 "}\n"
		 "\n",
		 PATIENCE_S);
}

/* The next number of a port's size in @s, which then is behind it. */
static bool next_long(struct span *s, struct span *out)
{
	while (s->n) {
		size_t n = 0;

		while (n < s->n && isdigit((unsigned char)s->p[n]))
			n++;
		*out = span_sub(*s, 0, n);
		*s = span_sub(*s, n ? n : 1, s->n);
		if (n >= LONG_DIGITS)
			return true;
	}
	return false;
}

static void put_told(struct buf *out, struct span told)
{
	struct span number;

	while (next_long(&told, &number))
		buf_addf(out, "\t\t-e 's/<\\(%.*s\\)>/(\\1)/g' \\\n",
			 SPAN_ARG(number));
}

/*
 * What differs from launch to launch by nature: times, ports that the system
 * gave, certificates.  Numbers that the transport was told are none of it, and
 * neither are small ones: versions, the bytes of addresses, port 0.
 */
static void put_plain(struct buf *out, const struct trace *t)
{
	buf_addf(out,
		 "# Without what differs from launch to launch by nature.\n"
		 "plain() {\n"
		 "\tsed -e 's/[0-9][0-9]:[0-9][0-9]:[0-9][0-9][.0-9]*/TIME/g' "
		 "\\\n"
		 "\t\t-e 's|[0-9]\\{4\\}[-/][0-9][0-9][-/][0-9][0-9]|DATE|g' "
		 "\\\n"
		 "\t\t-e 's/[0-9]\\{%d,\\}/<&>/g' \\\n",
		 LONG_DIGITS);
	for (size_t i = 0; i < t->head.env.n; i++)
		put_told(out, t->head.env.v[i].value);
	for (size_t i = 0; i < t->head.argv.n; i++)
		put_told(out, t->head.argv.v[i]);
	buf_adds(out, "\t\t-e 's/<[0-9]*>/N/g' "
		      "-e 's/cert=[^ ,]*/cert=X/g'\n"
		      "}\n\n");
}

static size_t count_lines(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

static int64_t seconds_of(int64_t ms)
{
	int64_t s = (ms + 999) / 1000;

	return s < 1 ? 1 : s > PATIENCE_S ? PATIENCE_S : s;
}

/* What was done to the transport, in its order, up to event @last. */
static void put_deeds(struct buf *out, const struct trace *t, uint32_t last)
{
	size_t lines = 0, waited = 0;

	for (uint32_t i = 0; i < last; i++) {
		const struct event *ev = &t->ev[i];

		if (ev->kind == EV_OUT && span_eqs(ev->out.on, "stdout"))
			lines += count_lines(ev->out.data);
		if ((ev->kind == EV_CLOSE || ev->kind == EV_SIGNAL) &&
		    lines > waited) {
			buf_addf(out, "lines %zu\n", lines);
			waited = lines;
		}
		if (ev->kind == EV_CLOSE && span_eqs(ev->close.what, "stdin"))
			buf_adds(out, "exec 3>&-\n");
		else if (ev->kind == EV_SIGNAL)
			buf_addf(out, "kill -%.*s \"$(cat \"$work/pid\")\"\n",
				 SPAN_ARG(ev->signal.signal));
		else if (ev->kind == EV_WINDOW &&
			 ev->window.state == WINDOW_CLOSED)
			buf_addf(out, "end %" PRId64 "\n",
				 seconds_of(ev->window.ms));
		else if (ev->kind == EV_LIMIT)
			buf_addf(out, "end %" PRId64 "\n",
				 seconds_of(ev->limit.ms));
	}
	if (lines > waited)
		buf_addf(out, "lines %zu\n", lines);
}

/* Where the transport stood at event @last: "exit N", "signal N", "running". */
static const struct event *ended(const struct trace *t, uint32_t last)
{
	for (uint32_t i = 0; i < last; i++)
		if (t->ev[i].kind == EV_EXIT &&
		    span_eqs(t->ev[i].exit.what, "pt"))
			return &t->ev[i];
	return NULL;
}

/* The stream up to there, as `plain` leaves it. */
static void put_recorded(struct buf *out, const struct trace *t, uint32_t last,
			 const char *stream)
{
	buf_addf(out, "printf '%%b' '");
	for (uint32_t i = 0; i < last; i++) {
		struct span s =
			t->ev[i].kind == EV_OUT &&
					span_eqs(t->ev[i].out.on, stream)
				? t->ev[i].out.data
				: (struct span){ 0 };

		for (size_t k = 0; k < s.n; k++) {
			unsigned char c = (unsigned char)s.p[k];

			if (c == '\n')
				buf_adds(out, "\\n");
			else if (c < 0x20 || c > 0x7e || c == '\'' || c == '\\')
				buf_addf(out, "\\0%03o", c);
			else
				buf_addc(out, (char)c);
		}
	}
	buf_addf(out,
		 "' | plain >\"$work/recorded-%s\"\n"
		 "plain <\"$work/%s\" >\"$work/now-%s\"\n",
		 stream, stream, stream);
}

/* Is something of it on that stream? */
static bool is_on(const struct evidence *e, const struct trace *t,
		  const char *stream)
{
	for (size_t i = 0; i < e->nev; i++) {
		const struct event *ev = e->ev[i] ? &t->ev[e->ev[i] - 1] : NULL;

		if (ev && ev->kind == EV_OUT && span_eqs(ev->out.on, stream))
			return true;
	}
	return false;
}

static void put_verdict(struct buf *out, const struct trace *t, uint32_t last,
			const struct evidence *e)
{
	bool with_stderr = is_on(e, t, "stderr");
	bool with_stdout = is_on(e, t, "stdout") || !with_stderr;
	const struct event *end = ended(t, last);

	if (end)
		buf_addf(out, "end %d\n", PATIENCE_S / 2);
	else
		buf_adds(out, "end 1\n");
	buf_adds(out, "how=$(cat \"$work/end\")\n"
		      "how=${how:-running}\n\n"
		      "echo '--- stdout'\ncat \"$work/stdout\"\n"
		      "echo '--- stderr'\ncat \"$work/stderr\"\n"
		      "echo \"--- end: $how\"\n\n");
	if (with_stdout)
		put_recorded(out, t, last, "stdout");
	if (with_stderr)
		put_recorded(out, t, last, "stderr");
	buf_adds(out, "if [ \"$how\" = ");
	if (!end)
		buf_adds(out, "running");
	else
		buf_addf(out, "%" PRId64,
			 end->exit.how == EXIT_HOW_EXITED
				 ? end->exit.code
				 : 128 + end->exit.code);
	buf_addf(out, " ]%s%s; then\n",
		 with_stdout ? " && cmp -s \"$work/recorded-stdout\" "
			       "\"$work/now-stdout\""
			     : "",
		 with_stderr ? " && cmp -s \"$work/recorded-stderr\" "
			       "\"$work/now-stderr\""
			     : "");
	buf_adds(out, "\techo 'It is as it was found.'\n"
		      "\texit 1\n"
		      "fi\n"
		      "echo 'It is not as it was found.'\n"
		      "exit 0\n");
}

/* Nothing of that launch could be written down for a shell. */
static bool unspeakable(const struct trace *t)
{
	for (size_t i = 0; i < t->head.argv.n; i++)
		if (needs_bytes(t->head.argv.v[i]))
			return true;
	for (size_t i = 0; i < t->head.env.n; i++)
		if (needs_bytes(t->head.env.v[i].key) ||
		    needs_bytes(t->head.env.v[i].value))
			return true;
	return false;
}

bool repro_script(const struct result *r, const struct result_row *row,
		  const struct evidence *ev, const struct trace *t,
		  struct buf *out)
{
	uint32_t last;

	put_head(out, row, ev);
	if (!ev || !t || !can_show(ev, t) || unspeakable(t)) {
		put_comment(out, "", "Only ptcheck can play the other side.");
		buf_adds(out, "exec ");
		/* It is quoted for a shell already. */
		words_scrub(out, row->repro);
		buf_addc(out, '\n');
		return false;
	}
	last = settled(t, last_of(ev));
	buf_adds(out, "#\n# sh THIS [TRANSPORT [ARG...]]\n"
		      "# Exit status: 1 it is as it was found, 0 it is not, 2 "
		      "trouble.\n\n");
	put_launch(out, r, t);
	put_functions(out);
	put_plain(out, t);
	put_deeds(out, t, last);
	put_verdict(out, t, last, ev);
	return true;
}
