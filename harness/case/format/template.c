/* template.c - see template.h. */
#include "harness/case/format/template.h"

#include <ctype.h>

#include "parent/base/text.h"
#include "parent/proto/ipc/settings.h"

/* ${repeat:${repeat:...:2}:3}: more levels than this are a mistake. */
#define DEPTH_MAX 4
/* What is repeated is put together to about so many bytes. */
#define PIECE 4096

struct expander {
	const struct template_vars *vars;
	struct err *e;
	unsigned depth;
};

static int expand(struct expander *x, struct buf *out, struct span text);

static int no_template(struct expander *x, struct span body)
{
	char shown[64];

	return err_set(x->e, 0, "holds ${%s}, which is no template",
		       text_showbuf(shown, sizeof(shown), body));
}

/* Length of the "${...}" at the start of @s, or 0 when it does not end. */
static size_t template_len(struct span s)
{
	size_t open = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '{') {
			open++;
			i++;
		} else if (s.p[i] == '}' && --open == 0) {
			return i + 1;
		}
	}
	return 0;
}

/* 1 to TEMPLATE_MAX, plain digits. */
static bool parse_count(struct span s, size_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || n > TEMPLATE_MAX)
			return false;
		n = n * 10 + (size_t)(s.p[i] - '0');
	}
	*out = n;
	return n > 0 && n <= TEMPLATE_MAX;
}

/* What stands in a template. */
static int expand_inner(struct expander *x, struct buf *out, struct span text)
{
	if (++x->depth > DEPTH_MAX)
		return err_set(x->e, 0, "has more than %d nested templates",
			       DEPTH_MAX);
	if (expand(x, out, text))
		return -1;
	x->depth--;
	return 0;
}

/* All cases are gone through before a run, some of which say a few bytes tens
 * of thousands of times: they come in larger pieces. */
static void add_often(struct buf *out, struct span one, size_t times)
{
	struct buf piece = BUF_MAX(TEMPLATE_MAX);
	size_t n = one.n < PIECE ? PIECE / (one.n + 1) : 1;

	n = n < times ? n : times;
	for (size_t i = 0; i < n; i++)
		buf_add(&piece, one);
	for (; times >= n && !out->full; times -= n)
		buf_add(out, buf_span(&piece));
	buf_add(out, span_sub(buf_span(&piece), 0, times * one.n));
	buf_fini(&piece);
}

/* @text: "TEXT:N"; TEXT may hold colons, N cannot. */
static int expand_repeat(struct expander *x, struct buf *out, struct span text)
{
	struct buf one = BUF_MAX(TEMPLATE_MAX);
	size_t colon = text.n, times = 0;
	int r;

	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	if (colon == 0 || !parse_count(span_sub(text, colon, text.n), &times))
		return err_set(x->e, 0,
			       "has a ${repeat:TEXT:N} without a "
			       "count from 1 to %u",
			       TEMPLATE_MAX);
	r = expand_inner(x, &one, span_sub(text, 0, colon - 1));
	if (!r)
		add_often(out, buf_span(&one), times);
	if (one.full)
		out->full = true;
	buf_fini(&one);
	return r;
}

/* @text is what the free options are set to. */
static int expand_options(struct expander *x, struct buf *out, struct span text)
{
	const struct template_vars *v = x->vars;
	struct buf one = BUF_MAX(TEMPLATE_MAX);
	int r = expand_inner(x, &one, text);

	if (!r)
		r = v->get(v->ctx, TV_FREE_OPTIONS, buf_span(&one), out, x->e);
	buf_fini(&one);
	return r;
}

/* @text behind its length: a block of settings (PT 2.0 section 3.3.4). */
static int expand_counted(struct expander *x, struct buf *out, struct span text)
{
	struct buf one = BUF_MAX(TEMPLATE_MAX);
	int r = expand_inner(x, &one, text);

	if (!r)
		settings_block(out, buf_span(&one));
	if (one.full)
		out->full = true;
	buf_fini(&one);
	return r;
}

static bool port_name_ok(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '_')
			return false;
	return name.n > 0;
}

static int expand_block(struct expander *x, struct buf *out, struct span body,
			struct span n)
{
	size_t size;

	if (!parse_count(n, &size))
		return no_template(x, body);
	return x->vars->get(x->vars->ctx, TV_BLOCK, n, out, x->e);
}

static int expand_port(struct expander *x, struct buf *out, struct span body,
		       struct span name)
{
	if (!port_name_ok(name))
		return no_template(x, body);
	return x->vars->get(x->vars->ctx, TV_PORT, name, out, x->e);
}

/* @body: "repeat:" and the like, and @rest. */
static int expand_form(struct expander *x, struct buf *out, struct span body,
		       enum template_var var, struct span rest)
{
	if (var == TV_PORT)
		return expand_port(x, out, body, rest);
	if (var == TV_FREE_OPTIONS)
		return expand_options(x, out, rest);
	if (var == TV_BLOCK)
		return expand_block(x, out, body, rest);
	if (var == TV_COUNTED)
		return expand_counted(x, out, rest);
	return expand_repeat(x, out, rest);
}

/* @body is what stands between the braces. */
static int expand_one(struct expander *x, struct buf *out, struct span body)
{
	static const char *const names[] = {
#define X(id, name, ...) [TV_##id] = name,
		TEMPLATE_VARS(X) TEMPLATE_FORMS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct span name = span_str(names[i]);

		if (i >= TV_PORT && span_starts(body, name))
			return expand_form(x, out, body, (enum template_var)i,
					   span_sub(body, name.n, body.n));
		if (i < TV_PORT && span_eq(body, name))
			return x->vars->get(x->vars->ctx, (enum template_var)i,
					    SPAN(""), out, x->e);
	}
	return no_template(x, body);
}

static int expand(struct expander *x, struct buf *out, struct span text)
{
	while (text.n > 0) {
		size_t lit = 0, len;
		size_t bad;

		while (lit < text.n &&
		       !span_starts(span_sub(text, lit, 2), SPAN("${")))
			lit++;
		if (!text_unescape(out, span_sub(text, 0, lit), &bad))
			return err_set(x->e, 0, "has a bad escape");
		text = span_sub(text, lit, text.n);
		if (text.n == 0)
			break;
		len = template_len(text);
		if (len == 0)
			return err_set(x->e, 0,
				       "has a \"${\" without its "
				       "\"}\"");
		if (expand_one(x, out, span_sub(text, 2, len - 3)))
			return -1;
		text = span_sub(text, len, text.n);
	}
	return 0;
}

int template_expand(struct buf *out, struct span text,
		    const struct template_vars *vars, struct err *e)
{
	struct expander x = { .vars = vars, .e = e };

	if (expand(&x, out, text))
		return -1;
	if (out->full)
		return err_set(e, 0, "is longer than %zu bytes", out->max);
	return 0;
}
