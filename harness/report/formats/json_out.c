/* json_out.c - see json_out.h. */
#include "harness/report/formats/json_out.h"

#include <stdarg.h>

#include "harness/report/words.h"

json_t *jo_text(const char *s)
{
	struct buf b = BUF_MAX(2 * SCRUB_MAX);
	json_t *j;

	if (!s)
		return json_null();
	words_scrub(&b, s);
	j = json_string(buf_cstr(&b));
	buf_fini(&b);
	return j;
}

json_t *jo_textf(const char *fmt, ...)
{
	struct arena a = { 0 };
	json_t *j;
	va_list ap;

	va_start(ap, fmt);
	j = jo_text(arena_vprintf(&a, fmt, ap));
	va_end(ap);
	arena_fini(&a);
	return j;
}

json_t *jo_number(size_t n)
{
	return json_integer((json_int_t)n);
}

json_t *jo_texts(const char *const *list)
{
	json_t *a = json_array();

	for (size_t i = 0; list && list[i]; i++)
		jo_append(a, jo_text(list[i]));
	return a;
}

json_t *jo_put(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new(o, key, value) != 0)
		die_oom();
	return o;
}

void jo_append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) != 0)
		die_oom();
}

static int to_buf(const char *p, size_t n, void *out)
{
	buf_add(out, span_of(p, n));
	return 0;
}

void jo_write(json_t *o, struct buf *out)
{
	/* 15 digits print every rounded value as it is, without a tail. */
	json_dump_callback(o, to_buf, out,
			   JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	buf_addc(out, '\n');
	json_decref(o);
}
