/* trace.c - file form of a trace; see trace.h.  jansson does the JSON. */
#include "harness/trace/trace.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/text.h"
#include "harness/trace/written.h"

/* One event line at most: a read of 64 KiB, every byte escaped. */
#define LINE_MAX_BYTES (512u * 1024u)

const char *role_name(enum role r)
{
	return r == ROLE_CLIENT ? "client" : "server";
}

const char *profile_name(enum profile p)
{
	return p == PROFILE_10 ? "1.0" : "2.0";
}

const char *config_name(enum config c)
{
	switch (c) {
	case CONFIG_LEGAL:
		return "legal";
	case CONFIG_ODD:
		return "odd";
	case CONFIG_BROKEN:
		return "broken";
	}
	return "?";
}

bool role_parse(struct span s, enum role *out)
{
	if (span_eqs(s, "client"))
		*out = ROLE_CLIENT;
	else if (span_eqs(s, "server"))
		*out = ROLE_SERVER;
	else
		return false;
	return true;
}

bool profile_parse(struct span s, enum profile *out)
{
	if (span_eqs(s, "1.0"))
		*out = PROFILE_10;
	else if (span_eqs(s, "2.0"))
		*out = PROFILE_20;
	else
		return false;
	return true;
}

bool config_parse(struct span s, enum config *out)
{
	for (int c = CONFIG_LEGAL; c <= CONFIG_BROKEN; c++)
		if (span_eqs(s, config_name((enum config)c))) {
			*out = (enum config)c;
			return true;
		}
	return false;
}

bool stimuli_parse(const struct strings *words, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < words->n; i++) {
		int s = 0;

		while (s < STIMULI_N &&
		       !span_eqs(words->v[i], stimulus_name((enum stimulus)s)))
			s++;
		if (s == STIMULI_N)
			return false;
		*out |= UINT64_C(1) << s;
	}
	return true;
}

bool strings_has(const struct strings *l, struct span s)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eq(l->v[i], s))
			return true;
	return false;
}

struct span pairs_get(const struct pairs *l, const char *key)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eqs(l->v[i].key, key))
			return l->v[i].value;
	return (struct span){ NULL, 0 };
}

/* --- writing --- */

/*
 * Traces are written in the worker for every event, so this writes the JSON
 * text directly: the escaped form is plain ASCII and needs only '"' and '\\'
 * quoted.  jansson reads it back; a test compares both ways.
 */
static void put_string(struct buf *out, struct span s)
{
	struct buf esc = BUF_MAX((size_t)-1 / 2);
	struct span text;

	text_escape(&esc, s);
	text = buf_span(&esc);
	buf_addc(out, '"');
	while (text.n) {
		size_t run = 0;

		while (run < text.n && text.p[run] != '"' &&
		       text.p[run] != '\\')
			run++;
		buf_add(out, span_sub(text, 0, run));
		if (run < text.n) {
			buf_addc(out, '\\');
			buf_addc(out, text.p[run++]);
		}
		text = span_sub(text, run, text.n);
	}
	buf_addc(out, '"');
	buf_fini(&esc);
}

static void put_key(struct buf *out, const char *key)
{
	buf_adds(out, ",\"");
	buf_adds(out, key);
	buf_adds(out, "\":");
}

static void put_strings(struct buf *out, const char *key,
			const struct strings *l)
{
	put_key(out, key);
	buf_addc(out, '[');
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(out, ',');
		put_string(out, l->v[i]);
	}
	buf_addc(out, ']');
}

static void put_pairs(struct buf *out, const char *key, const struct pairs *l)
{
	put_key(out, key);
	buf_addc(out, '[');
	for (size_t i = 0; i < l->n; i++) {
		buf_adds(out, i ? ",[" : "[");
		put_string(out, l->v[i].key);
		buf_addc(out, ',');
		put_string(out, l->v[i].value);
		buf_addc(out, ']');
	}
	buf_addc(out, ']');
}

const char *stimulus_name(enum stimulus s)
{
	static const char *const names[STIMULI_N] = {
#define X(P, id, name, ...) [STIMULUS_##id] = name,
		STIMULI(X, )
#undef X
	};

	return names[s];
}

static void put_stimuli(struct buf *out, uint64_t set)
{
	const char *comma = "";

	buf_adds(out, ",\"stimuli\":[");
	for (int i = 0; i < STIMULI_N; i++) {
		if (!(set >> i & 1))
			continue;
		buf_addf(out, "%s\"%s\"", comma,
			 stimulus_name((enum stimulus)i));
		comma = ",";
	}
	buf_addc(out, ']');
}

static void put_limits(struct buf *out, const struct limits *l)
{
	const char *before = ",\"limits\":{";

#define X(name)                                                            \
	buf_addf(out, "%s\"" #name "\":%lld", before, (long long)l->name); \
	before = ",";
	TRACE_LIMITS(X)
#undef X
	buf_adds(out, "}");
}

void trace_write_head(struct buf *out, const struct trace_head *h)
{
	buf_addf(out, "{\"trace\":%d", TRACE_FORMAT);
	put_key(out, "id");
	put_string(out, h->id);
	if (!span_absent(h->probe)) {
		put_key(out, "probe");
		put_string(out, h->probe);
	}
	buf_addf(out, ",\"role\":\"%s\",\"profile\":\"%s\",\"config\":\"%s\"",
		 role_name(h->role), profile_name(h->profile),
		 config_name(h->config));
	put_strings(out, "aims", &h->aims);
	put_stimuli(out, h->stimuli);
	put_strings(out, "argv", &h->argv);
	put_pairs(out, "env", &h->env);
	put_strings(out, "known", &h->known);
	put_strings(out, "nosuch", &h->nosuch);
	put_pairs(out, "vars", &h->vars);
	put_limits(out, &h->limits);
	buf_addf(out, ",\"sandbox\":%s", h->sandbox ? "true" : "false");
	put_key(out, "sandbox_why");
	put_string(out, h->sandbox_why);
	buf_addf(out, ",\"wrapper\":%s", h->wrapper ? "true" : "false");
	put_key(out, "repro");
	put_string(out, h->repro);
	buf_adds(out, "}\n");
}

void trace_write_event(struct buf *out, const struct event *ev)
{
	buf_addf(out, "{\"n\":%u,\"t\":%lld,\"k\":\"%s\"", ev->n,
		 (long long)ev->t, event_row(ev->kind)->name);
	for_event_fields (f, ev->kind) {
		put_key(out, f->key);
		if (f->type == EVENT_INT)
			buf_addf(out, "%lld", (long long)event_int(ev, f));
		else if (f->type == EVENT_ENUM)
			buf_addf(out, "\"%s\"", event_word(ev, f));
		else
			put_string(out, event_span(ev, f));
	}
	buf_adds(out, "}\n");
}

/* --- reading --- */

struct reading {
	struct trace *t;
	struct err *e;
	size_t line;
};

static int bad(struct reading *r, const char *key, const char *want)
{
	return err_set(r->e, 0, "line %zu: \"%s\" is not %s", r->line, key,
		       want);
}

static int get_string(struct reading *r, const json_t *v, const char *key,
		      struct span *out)
{
	struct buf raw = BUF_MAX(LINE_MAX_BYTES);
	bool ok;

	if (!json_is_string(v))
		return bad(r, key, "a string");
	ok = text_unescape(&raw,
			   span_of(json_string_value(v), json_string_length(v)),
			   NULL);
	/* Judging a part of it would be judging something else. */
	ok &= !raw.full;
	*out = arena_span(&r->t->arena, buf_span(&raw));
	buf_fini(&raw);
	return ok ? 0 : bad(r, key, "escaped text of at most 512 KiB");
}

static int get_int(struct reading *r, const json_t *o, const char *key,
		   int64_t *out)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_integer(v))
		return bad(r, key, "an integer");
	*out = json_integer_value(v);
	return 0;
}

static int get_strings(struct reading *r, const json_t *o, const char *key,
		       struct strings *out)
{
	const json_t *v = json_object_get(o, key);
	size_t n = json_array_size(v);

	if (!json_is_array(v))
		return bad(r, key, "an array");
	out->v = arena_alloc(&r->t->arena, (n + 1) * sizeof(*out->v));
	for (out->n = 0; out->n < n; out->n++)
		if (get_string(r, json_array_get(v, out->n), key,
			       &out->v[out->n]))
			return -1;
	return 0;
}

static int get_pairs(struct reading *r, const json_t *o, const char *key,
		     struct pairs *out)
{
	const json_t *v = json_object_get(o, key);
	size_t n = json_array_size(v);

	if (!json_is_array(v))
		return bad(r, key, "an array");
	out->v = arena_alloc(&r->t->arena, (n + 1) * sizeof(*out->v));
	for (out->n = 0; out->n < n; out->n++) {
		const json_t *p = json_array_get(v, out->n);

		if (get_string(r, json_array_get(p, 0), key,
			       &out->v[out->n].key) ||
		    get_string(r, json_array_get(p, 1), key,
			       &out->v[out->n].value))
			return -1;
	}
	return 0;
}

static int get_limits(struct reading *r, const json_t *head, struct limits *out)
{
	const json_t *o = json_object_get(head, "limits");

#define X(name)                               \
	if (get_int(r, o, #name, &out->name)) \
		return -1;
	TRACE_LIMITS(X)
#undef X
	return 0;
}

static int get_words(struct reading *r, const json_t *o, struct trace_head *h)
{
	struct span role, profile, config;

	if (get_string(r, json_object_get(o, "role"), "role", &role) ||
	    get_string(r, json_object_get(o, "profile"), "profile", &profile) ||
	    get_string(r, json_object_get(o, "config"), "config", &config))
		return -1;
	if (!role_parse(role, &h->role))
		return bad(r, "role", "client or server");
	if (!profile_parse(profile, &h->profile))
		return bad(r, "profile", "1.0 or 2.0");
	if (!config_parse(config, &h->config))
		return bad(r, "config", "legal, odd or broken");
	return 0;
}

static int get_stimuli(struct reading *r, const json_t *o, uint64_t *out)
{
	struct strings words;

	if (get_strings(r, o, "stimuli", &words))
		return -1;
	if (!stimuli_parse(&words, out))
		return bad(r, "stimuli", "made of known words");
	return 0;
}

static int read_head(struct reading *r, const json_t *o)
{
	struct trace_head *h = &r->t->head;
	const json_t *probe = json_object_get(o, "probe");
	int64_t format;

	if (get_int(r, o, "trace", &format))
		return -1;
	if (format != TRACE_FORMAT)
		return bad(r, "trace", "format 1");
	if (probe && get_string(r, probe, "probe", &h->probe))
		return -1;
	h->sandbox = json_is_true(json_object_get(o, "sandbox"));
	h->wrapper = json_is_true(json_object_get(o, "wrapper"));
	return get_string(r, json_object_get(o, "id"), "id", &h->id) ||
			       get_words(r, o, h) ||
			       get_strings(r, o, "aims", &h->aims) ||
			       get_stimuli(r, o, &h->stimuli) ||
			       get_strings(r, o, "argv", &h->argv) ||
			       get_pairs(r, o, "env", &h->env) ||
			       get_strings(r, o, "known", &h->known) ||
			       get_strings(r, o, "nosuch", &h->nosuch) ||
			       get_pairs(r, o, "vars", &h->vars) ||
			       get_limits(r, o, &h->limits) ||
			       get_string(r, json_object_get(o, "sandbox_why"),
					  "sandbox_why", &h->sandbox_why) ||
			       get_string(r, json_object_get(o, "repro"),
					  "repro", &h->repro)
		       ? -1
		       : 0;
}

static bool find_kind(const char *name, enum event_kind *out)
{
	for (int k = 0; name && k < EV_KINDS; k++) {
		*out = (enum event_kind)k;
		if (strcmp(event_row(*out)->name, name) == 0)
			return true;
	}
	return false;
}

/* Words of ours need no escape. */
static bool read_word(const json_t *v, const struct event_field *f,
		      struct event *ev)
{
	return json_is_string(v) &&
	       event_set_word(
		       ev, f,
		       span_of(json_string_value(v), json_string_length(v)));
}

static int read_field(struct reading *r, const json_t *o,
		      const struct event_field *f, struct event *ev)
{
	struct span s;
	int64_t n;

	if (f->type == EVENT_INT) {
		if (get_int(r, o, f->key, &n))
			return -1;
		event_set_int(ev, f, n);
	} else if (f->type == EVENT_ENUM) {
		if (!read_word(json_object_get(o, f->key), f, ev))
			return bad(r, f->key, "one of its words");
	} else {
		if (get_string(r, json_object_get(o, f->key), f->key, &s))
			return -1;
		event_set_span(ev, f, s);
	}
	return 0;
}

static bool has_key(enum event_kind kind, const char *key)
{
	for_event_fields (f, kind)
		if (strcmp(f->key, key) == 0)
			return true;
	return strcmp(key, "n") == 0 || strcmp(key, "t") == 0 ||
	       strcmp(key, "k") == 0;
}

/* A key that nobody reads would be a fact that nobody judges. */
static int refuse_others(struct reading *r, json_t *o, enum event_kind kind)
{
	const char *key;
	json_t *v;

	json_object_foreach(o, key, v)
	{
		char shown[100];

		if (!has_key(kind, key))
			return err_set(r->e, 0,
				       "line %zu: \"%s\" is no key of "
				       "\"%s\"",
				       r->line,
				       text_showbuf(shown, sizeof(shown),
						    span_str(key)),
				       event_row(kind)->name);
	}
	return 0;
}

static int read_fields(struct reading *r, json_t *o, struct event *ev)
{
	size_t keys = 3; /* n, t and k */

	for_event_fields (f, ev->kind) {
		if (read_field(r, o, f, ev))
			return -1;
		keys++;
	}
	return json_object_size(o) == keys ? 0 : refuse_others(r, o, ev->kind);
}

static int add_event(struct reading *r, struct event *ev, int64_t n)
{
	struct trace *t = r->t;

	if (n != (int64_t)t->nev + 1)
		return bad(r, "n", "the next number");
	ev->n = (uint32_t)n;
	arena_grow(&t->arena, t->ev, t->nev, t->cap);
	t->ev[t->nev++] = *ev;
	return 0;
}

static int read_event(struct reading *r, json_t *o)
{
	struct event ev = { 0 };
	int64_t n;

	if (!find_kind(json_string_value(json_object_get(o, "k")), &ev.kind))
		return bad(r, "k", "a known kind of event");
	if (get_int(r, o, "n", &n) || get_int(r, o, "t", &ev.t))
		return -1;
	return read_fields(r, o, &ev) || add_event(r, &ev, n) ? -1 : 0;
}

static int read_json(struct reading *r, struct span line)
{
	json_error_t je;
	json_t *o = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &je);
	int rc;

	if (json_is_object(o))
		rc = r->line == 1 ? read_head(r, o) : read_event(r, o);
	else
		rc = err_set(r->e, 0, "line %zu: not a JSON object", r->line);
	json_decref(o);
	return rc;
}

static int read_line(struct reading *r, struct span line)
{
	struct trace_head head;
	struct event ev = { 0 };
	int64_t n;

	if (r->line > 1 && written_event(line, &r->t->arena, &ev, &n))
		return add_event(r, &ev, n);
	if (r->line > 1 || !written_head(line, &r->t->arena, &head))
		return read_json(r, line);
	r->t->head = head;
	return 0;
}

int trace_read(struct span file, struct trace *out, struct err *e)
{
	struct reading r = { .t = out, .e = e };
	struct span line;
	int rc = 0;

	*out = (struct trace){ 0 };
	while (rc == 0 && span_split(&file, '\n', &line)) {
		r.line++;
		if (line.n)
			rc = read_line(&r, line);
	}
	if (rc == 0 && span_absent(out->head.id))
		rc = err_set(e, 0, "no trace head");
	if (rc)
		trace_fini(out);
	return rc;
}

void trace_fini(struct trace *t)
{
	arena_fini(&t->arena);
	*t = (struct trace){ 0 };
}
