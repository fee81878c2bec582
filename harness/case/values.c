/*
 * values.c - what the templates of one launch stand for.
 */
#include <endian.h>
#include <sodium.h>
#include <string.h>

#include "parent/base/text.h"
#include "harness/case/late.h"
#include "harness/case/planner.h"
#include "harness/case/format/template.h"
#include "parent/proto/ipc/options.h"
#include "parent/proto/ipc/settings.h"
#include "parent/proto/net/socks.h"

/* In the networks of harness/sys/world.h: the harness can be any server in
 * the first two; nothing is ever at the last (RFC 5737, RFC 3849). */
#define FAR_SERVER "203.0.113.7"
#define FAR_SERVER6 "2001:db8:f::7"
#define FAR_SERVER2 "203.0.113.8"
#define HOLE "192.0.2.1"

/* --- random names --- */

/* The same for the same seed and launch, and different for any other. */
static void random_of(const struct planner *p, unsigned char *to, size_t n)
{
	unsigned char key[crypto_generichash_KEYBYTES] = { 0 };
	unsigned char seed[randombytes_SEEDBYTES];
	uint64_t run = htole64((uint64_t)p->env->seed);

	memcpy(key, &run, sizeof(run));
	crypto_generichash(seed, sizeof(seed), (const unsigned char *)p->id.p,
			   p->id.n, key, sizeof(key));
	randombytes_buf_deterministic(to, n, seed);
}

/* --- values of templates --- */

struct span planner_var(struct planner *p, const char *key, const char *value)
{
	struct pair v = { span_str(key), span_str(value) };

	arena_grow(p->a, p->vars.v, p->vars.n, p->vars_cap);
	p->vars.v[p->vars.n++] = v;
	return v.value;
}

static int put_port(struct planner *p, struct span name, struct buf *out,
		    struct err *e)
{
	const struct plan_env *env = p->env;
	const char *key = arena_printf(p->a, "port:%.*s", SPAN_ARG(name));
	struct span port = pairs_get(&p->vars, key);

	if (span_absent(port)) {
		const char *text = env->port(env->port_ctx, name, p->a);

		if (!text)
			return err_set(e, 0,
				       "wants ${%s}, but there is no "
				       "free port",
				       key);
		port = planner_var(p, key, text);
	}
	buf_add(out, port);
	return 0;
}

/* Version 1 says nothing of escaped equals signs (AMB-036). */
static void put_value(const struct planner *p, struct span value,
		      struct buf *out)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '=' && p->env->profile == PROFILE_10)
			buf_addc(out, '=');
		else
			options_escape(out, span_sub(value, i, 1));
	}
}

/* "T:k=v;T:k2=v2" of one transport, behind what @out has; with @text for
 * the free ones, unless that is absent. */
static void put_options(struct planner *p, struct span name, struct span text,
			struct buf *out)
{
	const struct target_transport *t = target_find(p->env->target, name);

	for (size_t i = 0; t && i < t->server_options.n; i++) {
		const struct pair *o = &t->server_options.v[i];
		bool set = !span_absent(text) &&
			   strings_has(&t->free_options, o->key);

		if (out->n)
			buf_addc(out, ';');
		options_escape(out, name);
		buf_addc(out, ':');
		options_escape(out, o->key);
		buf_addc(out, '=');
		put_value(p, set ? text : o->value, out);
	}
}

void planner_options(struct planner *p, struct span text, bool sep,
		     struct buf *out)
{
	struct buf b = BUF_MAX(TEMPLATE_MAX);
	unsigned needs = p->l->needs | p->l->implied;

	put_options(p, p->names.v[0], text, &b);
	if (needs & 1u << NEED_TWO && p->names.n > 1)
		put_options(p, p->names.v[1], text, &b);
	if (sep && b.n)
		buf_addc(&b, ';');
	buf_add(out, buf_span(&b));
	if (b.full)
		out->full = true;
	buf_fini(&b);
}

static void put_names(const struct strings *names, struct buf *out)
{
	for (size_t i = 0; i < names->n; i++) {
		if (i)
			buf_addc(out, ',');
		buf_add(out, names->v[i]);
	}
}

/* ASCII only, whatever the locale. */
static void put_upper(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, s.p[i] >= 'a' && s.p[i] <= 'z'
				      ? (char)(s.p[i] - 'a' + 'A')
				      : s.p[i]);
}

/* What to offer.  A probe asks for 2.0 and nothing else. */
static const char *version(const struct planner *p)
{
	if (p->env->probing)
		return "2";
	if (p->env->profile == PROFILE_10)
		return "1";
	return p->env->speaks_2[p->role] ? "2" : "2,1";
}

static void put_hello(struct planner *p, enum template_var var, struct buf *out)
{
	struct socks_addr to = { .atyp = SOCKS_IPV4 };

	(void)var;
	if (p->env->socks5 || !p->env->socks4) {
		socks_put_greeting(out, SPAN("\0\2"));
		return;
	}
	addr_parse(SPAN("127.0.0.1:9"), &to.addr);
	socks_put_socks4(out, SPAN(""), &to);
}

/* --- which template is which value --- */

static void put_t(struct planner *p, enum template_var var, struct buf *out)
{
	struct span t = p->names.v[0];

	if (var == TV_T_UPPER)
		put_upper(t, out);
	else
		buf_add(out, span_sub(t, 0, t.n - (var == TV_T_CUT)));
}

/* The need "two" follows from the template. */
static void put_t2(struct planner *p, enum template_var var, struct buf *out)
{
	(void)var;
	if (p->names.n > 1)
		buf_add(out, p->names.v[1]);
}

static void put_all(struct planner *p, enum template_var var, struct buf *out)
{
	(void)var;
	put_names(&p->names, out);
}

static void put_ver(struct planner *p, enum template_var var, struct buf *out)
{
	(void)var;
	buf_adds(out, version(p));
}

static void put_nosuch(struct planner *p, enum template_var var,
		       struct buf *out)
{
	buf_add(out, p->nosuch[var == TV_NOSUCH2]);
}

static void put_all_options(struct planner *p, enum template_var var,
			    struct buf *out)
{
	planner_options(p, (struct span){ 0 }, var == TV_OPTIONS_SEP, out);
}

/* Judges are told of it, too. */
static void put_valued(struct planner *p, enum template_var var,
		       struct buf *out)
{
	const struct target_transport *t =
		target_find(p->env->target, p->names.v[0]);
	const struct option_values *o = t->values;

	(void)var;
	if (!t->nvalues)
		return;
	options_escape(out, o->key);
	buf_addc(out, '=');
	options_escape(out, o->v.v[o->v.n - 1]);
	if (span_absent(pairs_get(&p->vars, "valued"))) {
		planner_var(p, "valued", o->key.p);
		planner_var(p, "value", o->v.v[o->v.n - 1].p);
	}
}

static void put_hole(struct planner *p, enum template_var var, struct buf *out)
{
	(void)var;
	p->unanswered = true;
	buf_adds(out, HOLE);
}

/* Either a variable of the launch, or always the same, or by a function. */
static const struct {
	const char *var, *text;
	void (*put)(struct planner *p, enum template_var var, struct buf *out);
} values[] = {
	[TV_T] = { .put = put_t },
	[TV_T2] = { .put = put_t2 },
	[TV_ALL] = { .put = put_all },
	[TV_T_UPPER] = { .put = put_t },
	[TV_T_CUT] = { .put = put_t },
	[TV_VER] = { .put = put_ver },
	[TV_NOSUCH] = { .put = put_nosuch },
	[TV_NOSUCH2] = { .put = put_nosuch },
	[TV_WORK] = { .var = "work" },
	[TV_STATE] = { .var = "state" },
	[TV_CWD] = { .var = "cwd" },
	[TV_OPTIONS] = { .put = put_all_options },
	[TV_OPTIONS_SEP] = { .put = put_all_options },
	[TV_VALUED] = { .put = put_valued },
	[TV_FAR] = { .text = FAR_SERVER },
	[TV_FAR6] = { .text = FAR_SERVER6 },
	[TV_FAR2] = { .text = FAR_SERVER2 },
	[TV_HOLE] = { .put = put_hole },
	[TV_HELLO] = { .put = put_hello },
	[TV_MARKER] = { .var = "marker" },
	[TV_COOKIE] = { .var = "cookie" },
};

static int get_other(struct planner *p, enum template_var var, struct span name,
		     struct buf *out, struct err *e)
{
	if (var == TV_PORT)
		return put_port(p, name, out, e);
	if (var == TV_FREE_OPTIONS)
		planner_options(p, name, false, out);
	else if (values[var].put)
		values[var].put(p, var, out);
	else if (values[var].var)
		buf_add(out, pairs_get(&p->vars, values[var].var));
	else
		buf_adds(out, values[var].text);
	return 0;
}

static int get_var(void *ctx, enum template_var var, struct span name,
		   struct buf *out, struct err *e)
{
	struct planner *p = ctx;
	struct pairs settings = { 0 };
	struct told told = { p->names.v[0], &settings };
	size_t from = out->n;

	if (told_by(var)) {
		planner_settings(p, &settings);
		told_put(var, name, &told, p->a, out);
		p->tells = true;
		return 0;
	}
	if (get_other(p, var, name, out, e))
		return -1;
	if (p->late)
		late_note(p->late, p->a, var, name,
			  span_sub(buf_span(out), from, out->n));
	return 0;
}

int planner_expand(struct planner *p, struct span text, struct span *out)
{
	struct template_vars vars = { get_var, p };
	struct buf b = BUF_MAX(TEMPLATE_MAX);
	char shown[80];
	struct err why;
	int r = 0;

	*out = text;
	if (span_absent(text))
		return 0;
	if (template_expand(&b, text, &vars, &why))
		r = err_set(p->e, 0, "%s: %.*s: \"%s\" %s", p->c->file,
			    SPAN_ARG(p->id),
			    text_showbuf(shown, sizeof(shown), text), why.msg);
	else
		*out = arena_span(p->a, buf_span(&b));
	buf_fini(&b);
	return r;
}

/* --- the planner --- */

void planner_init(struct planner *p)
{
	const char *work = p->work.p;
	unsigned char bytes[16];
	char hex[2 * sizeof(bytes) + 1];

	random_of(p, bytes, sizeof(bytes));
	sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes));
	for (size_t i = 0; i < 2; i++)
		p->nosuch[i] = span_str(
			arena_printf(p->a, "nosuch_%.8s", hex + 8 * i));
	planner_var(p, "work", work);
	planner_var(p, "state", arena_printf(p->a, "%s/state", work));
	planner_var(p, "cwd", arena_printf(p->a, "%s/cwd", work));
	planner_var(p, "cookie", arena_printf(p->a, "%s/cookie", work));
	planner_var(p, "marker", arena_printf(p->a, "mark%.16s", hex + 16));
}
