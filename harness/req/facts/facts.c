/* facts.c - see facts.h. */
#include "harness/req/facts/facts.h"

#include "parent/proto/ipc/options.h"
#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"
#include "harness/req/launch/transport_list.h"

static bool any_keyword(const struct view *v)
{
	for_lines (l, &v->out)
		if (l->ipc.kw != IPC_UNKNOWN)
			return true;
	for_lines (l, &v->err)
		if (l->ipc.kw != IPC_UNKNOWN)
			return true;
	return false;
}

/* On whichever stream: that it is the wrong one is for a judge to say. */
static bool answers_version(const struct view *v, const char *version)
{
	const struct line *l = any_line(v, IPC_VERSION);

	return l && l->ipc.ntok && span_eqs(l->ipc.tok[0], version);
}

/*
 * The list of versions was there as a flag and nowhere else.  An answer to it
 * shows that flags are read, even if one of the others is misread.
 */
static bool reads_flags(const struct view *v)
{
	return span_absent(view_env(v, "TOR_PT_MANAGED_TRANSPORT_VER")) &&
	       (any_line(v, IPC_VERSION) || view_error(v, IPC_VERSION_ERROR));
}

static const struct method *known_method(const struct view *v)
{
	for_methods (m, v)
		if (is_own_method(v, m) && view_known(v, m->m.name) &&
		    view_requested(v, m->m.name))
			return m;
	return NULL;
}

static bool answers_nosuch(const struct view *v)
{
	for_methods (m, v)
		if (view_nosuch(v, m->m.name))
			return true;
	return false;
}

static bool exits_on_stdin(const struct view *v)
{
	const struct event *close = view_stdin_closed(v);

	return close && view_ended(v) && v->exit->n > close->n;
}

static bool has_pair(const struct kv_list *args, const struct option *o)
{
	for (size_t i = 0; i < args->n; i++)
		if (span_eq(args->v[i].key, o->key) &&
		    span_eq(args->v[i].value, o->value))
			return true;
	return false;
}

/* Does ARGS repeat all options that the server was given? */
static bool echoes_options(const struct view *v)
{
	const struct method *m = known_method(v);
	struct option_list options;
	struct kv_list args;
	size_t n = 0;

	if (!m || span_absent(m->m.args))
		return false;
	options_parse(v->a, view_setting(v, "TOR_PT_SERVER_TRANSPORT_OPTIONS"),
		      &options);
	args_parse(v->a, m->m.args, &args);
	for (size_t i = 0; i < options.n; i++) {
		if (!span_eq(options.v[i].transport, m->m.name))
			continue;
		if (!has_pair(&args, &options.v[i]))
			return false;
		n++;
	}
	return n > 0;
}

static void add_control(struct role_facts *f, const struct view *v)
{
	f->works |= v->done && known_method(v);
	f->errs_plainly |= v->head->known.n && !known_method(v) &&
			   method_error(v, v->head->known.v[0]);
	f->stdin_exit |= exits_on_stdin(v);
	f->options_echo |= echoes_options(v);
}

static void add_protocols(struct role_facts *f, const struct view *v)
{
	bool two = span_eqs(v->negotiated, "2");

	if (!two && !span_eqs(v->negotiated, "1"))
		return;
	for_methods (m, v) {
		if (!is_own_method(v, m) || !view_requested(v, m->m.name))
			continue;
		f->socks5[two] |= span_eqs(m->m.proto, "socks5");
		f->socks4[two] |= span_eqs(m->m.proto, "socks4");
	}
}

static void add_flags(struct role_facts *f, const struct view *v)
{
	f->flags |= reads_flags(v);
	f->starts_by_flags |= v->done && known_method(v);
}

void facts_add(struct facts *f, const struct view *v)
{
	struct role_facts *r = &f->role[v->head->role];
	struct span probe = v->head->probe;

	if (!probe.n || !v->spawn || v->exec_failed)
		return;
	r->tested = true;
	r->recognised |= any_keyword(v);
	add_protocols(r, v);
	if (span_eqs(probe, "speaks-1"))
		r->speaks_1 |= answers_version(v, "1");
	else if (span_eqs(probe, "speaks-2"))
		r->speaks_2 |= answers_version(v, "2");
	else if (span_eqs(probe, "flags"))
		add_flags(r, v);
	else if (span_eqs(probe, "any-name"))
		r->answers_any_name |= answers_nosuch(v);
	else if (span_eqs(probe, "control"))
		add_control(r, v);
}
