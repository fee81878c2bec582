/* record.c - see record.h. */
#include "harness/run/evidence/record.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/run/evidence/evidence.h"
#include "parent/base/text.h"

/* --- written --- */

static json_t *esc(struct span s)
{
	struct arena a = { 0 };
	json_t *v = json_string(text_show(&a, s, s.n));

	arena_fini(&a);
	return v;
}

static json_t *strings_json(const struct strings *l)
{
	json_t *v = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(v, esc(l->v[i]));
	return v;
}

static json_t *words_json(const char *const *words)
{
	json_t *v = json_array();

	for (; words && *words; words++)
		json_array_append_new(v, json_string(*words));
	return v;
}

static json_t *terms_json(const char **terms, size_t n)
{
	json_t *v = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(v, json_string(terms[i]));
	return v;
}

static json_t *policy_json(const struct policy *p)
{
	json_t *v = json_object();

	for (size_t i = 0; i < P_COUNT; i++) {
		struct span word = policy_value(p, (enum policy_id)i);

		json_object_set_new(v, policy_rows[i].name,
				    json_stringn(word.p, word.n));
	}
	return v;
}

static json_t *launches_json(const struct run_record *rr)
{
	json_t *v = json_array();

	for (size_t i = 0; i < rr->nlaunches; i++) {
		const struct launch_evidence *x = &rr->launches[i];

		json_array_append_new(
			v, json_pack("{so, ss, so, ss, sb, sb}", "id",
				     esc(x->id), "file", x->file, "aims",
				     strings_json(&x->aims), "trouble",
				     x->trouble, "helper", x->helper,
				     "superseded", x->superseded));
	}
	return v;
}

static json_t *skips_json(const struct run_record *rr)
{
	json_t *v = json_array();

	for (size_t i = 0; i < rr->nskips; i++) {
		const struct skip *s = &rr->skips[i];

		json_array_append_new(
			v, json_pack("{so, so, sbsb, so}", "id", esc(s->id),
				     "aims", strings_json(&s->aims), "feature",
				     s->feature, "unasked", s->unasked,
				     "reason", esc(s->reason)));
	}
	return v;
}

void record_to_json(const struct run_record *rr, struct buf *out)
{
	json_t *o = json_pack(
		"{si, ss, so, ss, ss, ss, sb, sb, so, sb, ss, ss, ss, so, so, "
		"so, so, so, s{sf, sf, sf, sf, si}}",
		"run", 1, "version", rr->version, "argv", words_json(rr->argv),
		"sha256", rr->sha256, "spec", profile_name(rr->profile),
		"spec_why", rr->spec_why, "client", rr->role[ROLE_CLIENT],
		"server", rr->role[ROLE_SERVER], "options",
		policy_json(&rr->policy), "sandbox", rr->sandbox, "sandbox_why",
		rr->sandbox_why, "repro_head", rr->repro_head, "repro_tail",
		rr->repro_tail, "notes", words_json(rr->notes), "select",
		terms_json(rr->terms, rr->nterms), "skip",
		terms_json(rr->skip_terms, rr->nskip_terms), "skipped",
		skips_json(rr), "launches", launches_json(rr), "timing",
		"wall_s", rr->timing.wall_s, "child_cpu_s",
		rr->timing.child_cpu_s, "harness_cpu_s",
		rr->timing.harness_cpu_s, "longest_wait_s",
		rr->timing.longest_wait_s, "launches",
		(int)rr->timing.launches);

	if (o && rr->shard)
		json_object_set_new(o, "shard", json_string(rr->shard));
	/* Always there: shards are compared by it. */
	if (o)
		json_object_set_new(o, "part",
				    rr->part ? json_string(rr->part)
					     : json_null());
	if (o && rr->timing.date)
		json_object_set_new(json_object_get(o, "timing"), "date",
				    json_string(rr->timing.date));
	if (evidence_json(o, out))
		buf_adds(out, "{}\n");
	json_decref(o);
}

/* --- read --- */

struct loading {
	struct run_record *rr;
	struct err *e;
};

static int bad(struct loading *l, const char *key)
{
	return err_set(l->e, 0, "/%s: missing or of the wrong type", key);
}

static int get_text(struct loading *l, const json_t *o, const char *key,
		    const char **out)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (!s)
		return bad(l, key);
	*out = arena_strdup(&l->rr->arena, s);
	return 0;
}

static int get_esc(struct loading *l, const json_t *v, const char *key,
		   struct span *out)
{
	struct buf b = BUF_MAX(1u << 20);
	bool ok = json_is_string(v) &&
		  text_unescape(&b, span_str(json_string_value(v)), NULL);

	*out = arena_span(&l->rr->arena, buf_span(&b));
	buf_fini(&b);
	return ok ? 0 : bad(l, key);
}

static int get_words(struct loading *l, const json_t *o, const char *key,
		     const char *const **out, size_t *n)
{
	const json_t *v = json_object_get(o, key);
	const char **words;

	if (!json_is_array(v))
		return bad(l, key);
	words = arena_alloc(&l->rr->arena,
			    (json_array_size(v) + 1) * sizeof(*words));
	for (size_t i = 0; i < json_array_size(v); i++) {
		const char *s = json_string_value(json_array_get(v, i));

		if (!s)
			return bad(l, key);
		words[i] = arena_strdup(&l->rr->arena, s);
	}
	*out = words;
	if (n)
		*n = json_array_size(v);
	return 0;
}

static int get_aims(struct loading *l, const json_t *o, struct strings *out)
{
	const json_t *v = json_object_get(o, "aims");

	if (!json_is_array(v))
		return bad(l, "aims");
	out->v = arena_alloc(&l->rr->arena,
			     (json_array_size(v) + 1) * sizeof(*out->v));
	for (out->n = 0; out->n < json_array_size(v); out->n++)
		if (get_esc(l, json_array_get(v, out->n), "aims",
			    &out->v[out->n]))
			return -1;
	return 0;
}

static int get_policy(struct loading *l, const json_t *root)
{
	json_t *v = json_object_get(root, "options");
	const char *name;
	json_t *value;

	if (!json_is_object(v))
		return bad(l, "options");
	json_object_foreach(v, name, value)
	{
		if (!json_is_string(value))
			return bad(l, "options");
		if (policy_set(&l->rr->policy, span_str(name),
			       span_str(json_string_value(value)), l->e))
			return -1;
	}
	return 0;
}

static int get_launches(struct loading *l, const json_t *root)
{
	const json_t *v = json_object_get(root, "launches");
	struct run_record *rr = l->rr;

	if (!json_is_array(v))
		return bad(l, "launches");
	rr->launches =
		arena_alloc(&rr->arena, (json_array_size(v) + 1) *
						sizeof(struct launch_evidence));
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *o = json_array_get(v, i);
		struct launch_evidence *x = &rr->launches[i];

		if (get_esc(l, json_object_get(o, "id"), "launches/id",
			    &x->id) ||
		    get_text(l, o, "file", &x->file) ||
		    get_text(l, o, "trouble", &x->trouble) ||
		    get_aims(l, o, &x->aims))
			return -1;
		/* Stays inside the directory, whatever the file says. */
		if (x->file[0] == '/' || strstr(x->file, ".."))
			return bad(l, "launches/file");
		x->helper = json_is_true(json_object_get(o, "helper"));
		x->superseded = json_is_true(json_object_get(o, "superseded"));
		rr->nlaunches++;
	}
	return 0;
}

static int get_skips(struct loading *l, const json_t *root)
{
	const json_t *v = json_object_get(root, "skipped");
	struct run_record *rr = l->rr;

	if (!json_is_array(v))
		return bad(l, "skipped");
	rr->skips = arena_alloc(&rr->arena,
				(json_array_size(v) + 1) * sizeof(*rr->skips));
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *o = json_array_get(v, i);
		struct skip *s = &rr->skips[i];

		if (get_esc(l, json_object_get(o, "id"), "skipped/id",
			    &s->id) ||
		    get_esc(l, json_object_get(o, "reason"), "skipped/reason",
			    &s->reason) ||
		    get_aims(l, o, &s->aims))
			return -1;
		s->feature = json_is_true(json_object_get(o, "feature"));
		s->unasked = json_is_true(json_object_get(o, "unasked"));
		rr->nskips++;
	}
	return 0;
}

static double get_real(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

/* What only some records have; NULL: this one has not. */
static const char *maybe_text(struct loading *l, const json_t *o,
			      const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? arena_strdup(&l->rr->arena, s) : NULL;
}

static int load_record(struct loading *l, const json_t *root)
{
	struct run_record *rr = l->rr;
	const json_t *t = json_object_get(root, "timing");
	const char *spec;

	if (json_integer_value(json_object_get(root, "run")) != 1)
		return bad(l, "run");
	if (get_text(l, root, "version", &rr->version) ||
	    get_words(l, root, "argv", &rr->argv, NULL) ||
	    get_text(l, root, "sha256", &rr->sha256) ||
	    get_text(l, root, "spec", &spec) ||
	    get_text(l, root, "spec_why", &rr->spec_why) ||
	    get_text(l, root, "sandbox_why", &rr->sandbox_why) ||
	    get_text(l, root, "repro_head", &rr->repro_head) ||
	    get_text(l, root, "repro_tail", &rr->repro_tail) ||
	    get_words(l, root, "notes", &rr->notes, NULL) ||
	    get_words(l, root, "select", (const char *const **)&rr->terms,
		      &rr->nterms) ||
	    get_words(l, root, "skip", (const char *const **)&rr->skip_terms,
		      &rr->nskip_terms) ||
	    get_policy(l, root) || get_launches(l, root) || get_skips(l, root))
		return -1;
	if (!profile_parse(span_str(spec), &rr->profile))
		return bad(l, "spec");
	rr->role[ROLE_CLIENT] = json_is_true(json_object_get(root, "client"));
	rr->role[ROLE_SERVER] = json_is_true(json_object_get(root, "server"));
	rr->sandbox = json_is_true(json_object_get(root, "sandbox"));
	rr->timing = (struct result_timing){
		.wall_s = get_real(t, "wall_s"),
		.child_cpu_s = get_real(t, "child_cpu_s"),
		.harness_cpu_s = get_real(t, "harness_cpu_s"),
		.longest_wait_s = get_real(t, "longest_wait_s"),
		.launches = (uint64_t)get_real(t, "launches"),
		.date = maybe_text(l, t, "date"),
	};
	rr->shard = maybe_text(l, root, "shard");
	rr->part = maybe_text(l, root, "part");
	return 0;
}

/* A trace that the run called complete, and that was cut since. */
static int check_end(const struct launch_evidence *x, const struct trace *t,
		     struct err *e)
{
	if (x->trouble[0] || (t->nev && t->ev[t->nev - 1].kind == EV_END))
		return 0;
	return err_set(e, 0, "cut off behind line %zu", t->nev + 1);
}

/* Read once, to see that it can be. */
static int load_trace(const char *path, struct run_record *rr,
		      struct launch_evidence *x, struct err *e)
{
	struct span text;
	struct trace t;
	int rc;

	if (evidence_read_file(path, TRACE_MAX, &text, e))
		return -1;
	rc = trace_read(text, &t, e);
	if (rc == 0) {
		rc = check_end(x, &t, e);
		trace_fini(&t);
	}
	if (rc == 0)
		rc = store_add(&rr->store, text, &x->trace, e);
	else if (x->trouble[0])
		rc = 0;
	else
		err_wrap(e, "%s", path);
	free((void *)text.p);
	return rc;
}

static int load_traces(const char *dir, struct run_record *rr, struct err *e)
{
	char path[4096];

	if (store_open(&rr->store, e))
		return -1;
	for (size_t i = 0; i < rr->nlaunches; i++) {
		struct launch_evidence *x = &rr->launches[i];

		if (!x->file[0])
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, x->file);
		if (load_trace(path, rr, x, e))
			return -1;
	}
	return 0;
}

static int load_run(const char *path, struct run_record *rr, struct err *e)
{
	struct loading l = { .rr = rr, .e = e };
	struct span text;
	char shown[200];
	json_error_t je;
	json_t *root;
	int rc;

	if (evidence_read_file(path, RUN_JSON_MAX, &text, e))
		return -1;
	root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &je);
	free((void *)text.p);
	if (!root)
		return err_set(
			e, 0, "%s:%d:%d: %s", path, je.line, je.column,
			text_showbuf(shown, sizeof(shown), span_str(je.text)));
	rc = load_record(&l, root);
	json_decref(root);
	return rc ? err_wrap(e, "%s", path) : 0;
}

int record_load_alone(const char *dir, struct run_record *rr, struct err *e)
{
	char path[4096];

	*rr = (struct run_record){ .store = STORE_NONE };
	snprintf(path, sizeof(path), "%s/run.json", dir);
	if (load_run(path, rr, e) == 0)
		return 0;
	record_fini(rr);
	return -1;
}

int record_load(const char *dir, struct run_record *rr, struct err *e)
{
	if (record_load_alone(dir, rr, e) == 0 && load_traces(dir, rr, e) == 0)
		return 0;
	record_fini(rr);
	return -1;
}

void record_fini(struct run_record *rr)
{
	store_close(&rr->store);
	arena_fini(&rr->arena);
	*rr = (struct run_record){ .store = STORE_NONE };
}
