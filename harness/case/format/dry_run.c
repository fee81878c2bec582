/* dry_run.c - see dry_run.h. */
#include "harness/case/format/dry_run.h"

#include "harness/case/format/template.h"

/* Stands in for the planner: any value will do, the needs are noted. */
static int dry_get(void *ctx, enum template_var var, struct span name,
		   struct buf *out, struct err *e)
{
	unsigned *needs = ctx;

	(void)name;
	(void)e;
	if (var == TV_T2)
		*needs |= 1u << NEED_TWO;
	if (var == TV_FREE_OPTIONS)
		*needs |= 1u << NEED_FREE_OPTIONS;
	if (var == TV_FAR || var == TV_FAR2 || var == TV_FAR6 || var == TV_HOLE)
		*needs |= 1u << NEED_SANDBOX;
	if (var == TV_JSON || var == TV_MEMBERS || var == TV_WRONG ||
	    var == TV_MISTYPED || var == TV_BLOCK || var == TV_SETTINGS)
		*needs |= 1u << NEED_SETTINGS;
	/* It holds a NUL byte, which is not for everywhere. */
	buf_addc(out, var == TV_HELLO ? '\0' : 'x');
	return 0;
}

int dry_run(struct dry_run *d, struct span text, struct err *e)
{
	struct template_vars vars = { dry_get, &d->needs };
	struct buf b = BUF_MAX(TEMPLATE_MAX);
	int r;

	if (span_absent(text))
		return 0;
	r = template_expand(&b, text, &vars, e);
	if (span_find(buf_span(&b), '\0') < b.n)
		d->nul = true;
	buf_fini(&b);
	return r;
}

int json_path_template(const struct json_path *at, struct arena *a,
		       struct span *out)
{
	struct dry_run d = { 0 };
	struct err why;

	if (json_path_str(at, a, out))
		return -1;
	return dry_run(&d, *out, &why) ? json_path_bad(at, "%s", why.msg) : 0;
}

int json_path_cstr(const struct json_path *at, struct arena *a,
		   struct span *out)
{
	struct dry_run d = { 0 };

	if (json_path_template(at, a, out))
		return -1;
	dry_run(&d, *out, NULL);
	return d.nul ? json_path_bad(at, "holds a NUL byte") : 0;
}
