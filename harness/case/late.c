/* late.c - see late.h. */
#include "harness/case/late.h"

#include "parent/proto/ipc/options.h"
#include "parent/proto/ipc/settings.h"

/* --- templates of what is told --- */

bool told_by(enum template_var var)
{
	return var == TV_JSON || var == TV_MEMBERS || var == TV_WRONG ||
	       var == TV_MISTYPED || var == TV_BLOCK || var == TV_SETTINGS;
}

/* As a client is told by a flag (PT 2.0 §3.3.1.2). */
static void told_options(const struct told *told, struct buf *out)
{
	for (size_t i = 0; i < told->settings->n; i++) {
		const struct pair *p = &told->settings->v[i];

		if (i)
			buf_addc(out, ';');
		options_escape(out, told->transport);
		buf_addc(out, ':');
		options_escape(out, p->key);
		buf_addc(out, '=');
		options_escape(out, p->value);
	}
}

/* What a client must be told as a JSON object; @wrong: with other values. */
static void told_json(bool wrong, const struct pairs *told, struct arena *a,
		      struct buf *out)
{
	struct kv_list l = { arena_alloc(a, told->n * sizeof(*l.v)), told->n };

	for (size_t i = 0; i < told->n; i++) {
		struct span v = told->v[i].value;

		if (wrong)
			v = span_str(
				arena_printf(a, "%.*s-wrong", SPAN_ARG(v)));
		l.v[i] = (struct kv){ told->v[i].key, v };
	}
	settings_json(out, &l);
}

/* The inside of {"k":1,"k2":1}. */
static void told_mistyped(const struct pairs *told, struct buf *out)
{
	struct buf b = BUF_MAX(TEMPLATE_MAX);

	for (size_t i = 0; i < told->n && !b.full; i++) {
		struct kv one = { told->v[i].key, SPAN("") };
		struct kv_list l = { &one, 1 };

		/* Of {"k":""} the part up to the colon. */
		buf_reset(&b);
		settings_json(&b, &l);
		buf_add(out, span_sub(buf_span(&b), 1, b.n - 4));
		buf_adds(out, "1,");
	}
	if (b.full)
		out->full = true;
	buf_fini(&b);
}

/* Without the braces, and a comma behind it. */
static void told_members(const struct pairs *told, struct arena *a,
			 struct buf *out)
{
	struct buf b = BUF_MAX(TEMPLATE_MAX);

	told_json(false, told, a, &b);
	if (b.n > 2) {
		buf_add(out, span_sub(buf_span(&b), 1, b.n - 2));
		buf_addc(out, ',');
	}
	if (b.full)
		out->full = true;
	buf_fini(&b);
}

/* A block of at least so many bytes, by blanks behind the object. */
static void told_block(struct span size, const struct pairs *told,
		       struct arena *a, struct buf *out)
{
	struct buf b = BUF_MAX(TEMPLATE_MAX);
	size_t n = 0;

	for (size_t i = 0; i < size.n; i++)
		n = n * 10 + (size_t)(size.p[i] - '0');
	told_json(false, told, a, &b);
	while (b.n < n && !b.full)
		buf_addc(&b, ' ');
	settings_block(out, buf_span(&b));
	if (b.full)
		out->full = true;
	buf_fini(&b);
}

void told_put(enum template_var var, struct span n, const struct told *told,
	      struct arena *a, struct buf *out)
{
	if (var == TV_BLOCK)
		told_block(n, told->settings, a, out);
	else if (var == TV_MEMBERS)
		told_members(told->settings, a, out);
	else if (var == TV_MISTYPED)
		told_mistyped(told->settings, out);
	else if (var == TV_SETTINGS)
		told_options(told, out);
	else
		told_json(var == TV_WRONG, told->settings, a, out);
}

/* --- when planning --- */

static const char *late_key(struct arena *a, enum template_var var,
			    struct span name)
{
	return arena_printf(a, "%d:%.*s", (int)var, SPAN_ARG(name));
}

void late_note(struct late *l, struct arena *a, enum template_var var,
	       struct span name, struct span value)
{
	const char *key = late_key(a, var, name);

	if (!span_absent(pairs_get(&l->values, key)))
		return;
	arena_grow(a, l->values.v, l->values.n, l->values_cap);
	l->values.v[l->values.n++] =
		(struct pair){ span_str(key), arena_span(a, value) };
}

void late_add(struct late *l, struct arena *a, struct late_text text)
{
	text.text = arena_span(a, text.text);
	arena_grow(a, l->v, l->n, l->cap);
	l->v[l->n++] = text;
}

void late_add_word(struct late *l, struct arena *a, struct late_word word)
{
	word.text = arena_span(a, word.text);
	arena_grow(a, l->words, l->nwords, l->words_cap);
	l->words[l->nwords++] = word;
}

/* --- in the launch --- */

struct late_ctx {
	const struct late *late;
	struct told told;
	struct arena *a;
};

static int late_get(void *ctx, enum template_var var, struct span name,
		    struct buf *out, struct err *e)
{
	struct late_ctx *c = ctx;

	(void)e;
	if (told_by(var))
		told_put(var, name, &c->told, c->a, out);
	else
		buf_add(out,
			pairs_get(&c->late->values, late_key(c->a, var, name)));
	return 0;
}

/* Make @text anew.  What is too long now, or empty, stays as it was planned. */
static void late_expand(struct late_ctx *ctx, struct span text, struct span *to)
{
	struct template_vars vars = { late_get, ctx };
	struct buf b = BUF_MAX(TEMPLATE_MAX);
	struct err e;

	if (!template_expand(&b, text, &vars, &e) && b.n)
		*to = arena_span(ctx->a, buf_span(&b));
	buf_fini(&b);
}

static struct late_ctx late_ctx(const struct plan *p, const struct pairs *told,
				struct arena *a)
{
	return (struct late_ctx){ p->late, { p->transport->name, told }, a };
}

struct step *late_steps(const struct plan *p, const struct pairs *told,
			struct arena *a)
{
	struct step *steps = arena_alloc(a, p->nsteps * sizeof(*steps));
	struct late_ctx ctx = late_ctx(p, told, a);

	memcpy(steps, p->steps, p->nsteps * sizeof(*steps));
	for (size_t i = 0; i < p->late->n; i++) {
		const struct late_text *t = &p->late->v[i];
		char *step = (char *)&steps[t->step];

		late_expand(&ctx, t->text, (struct span *)(step + t->offset));
	}
	return steps;
}

struct strings late_argv(const struct plan *p, const struct strings *argv,
			 const struct pairs *told, struct arena *a)
{
	struct strings out = { arena_alloc(a, argv->n * sizeof(*out.v)),
			       argv->n };
	struct late_ctx ctx = late_ctx(p, told, a);

	for (size_t i = 0; i < argv->n; i++) {
		out.v[i] = argv->v[i];
		for (size_t k = 0; k < p->late->nwords; k++)
			if (span_eq(argv->v[i], p->late->words[k].was))
				late_expand(&ctx, p->late->words[k].text,
					    &out.v[i]);
	}
	return out;
}
