/* merge.c - see merge.h. */
#include "harness/run/merge/merge.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/run/evidence/evidence.h"
#include "parent/base/text.h"

struct shard {
	const char *dir;
	json_t *run; /* its run.json */
	size_t head; /* launches that every shard made first: the probes */
	size_t next; /* the first launch that has not been taken */
};

struct merge {
	struct shard shard[SHARDS_MAX]; /* in their order */
	size_t n, launches;
	const char *out;
	json_t *all; /* launches of the whole */
	struct err *e;
};

/* --- reading --- */

static json_t *load(const char *dir, struct err *e)
{
	char path[4096], shown[200];
	json_error_t je;
	struct span text;
	json_t *run;

	snprintf(path, sizeof(path), "%s/run.json", dir);
	if (evidence_read_file(path, RUN_JSON_MAX, &text, e))
		return NULL;
	run = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &je);
	free((void *)text.p);
	if (!run)
		err_set(e, 0, "%s:%d: %s", path, je.line,
			text_showbuf(shown, sizeof(shown), span_str(je.text)));
	return run;
}

/* Put it where it belongs; it is @run's owner from then on. */
static int add_shard(struct merge *m, const char *dir, json_t *run)
{
	const char *text = json_string_value(json_object_get(run, "shard"));
	unsigned i = 0, n = 0;

	if (!text || sscanf(text, "%u/%u", &i, &n) != 2 || i < 1 || i > n)
		return err_set(m->e, 0, "%s: is no shard of a run", dir);
	if (n != m->n)
		return err_set(m->e, 0,
			       "%s: is one of %u shards, and %zu are "
			       "given",
			       dir, n, m->n);
	if (m->shard[i - 1].run)
		return err_set(m->e, 0, "%s: is shard %u as %s is", dir, i,
			       m->shard[i - 1].dir);
	m->shard[i - 1] = (struct shard){ .dir = dir, .run = run };
	return 0;
}

static int load_all(struct merge *m, const char *const *dirs)
{
	for (size_t i = 0; i < m->n; i++) {
		json_t *run = load(dirs[i], m->e);

		if (!run)
			return -1;
		if (add_shard(m, dirs[i], run)) {
			json_decref(run);
			return -1;
		}
	}
	return 0;
}

/* What must be the same in all shards of one run. */
static int check_same(const struct merge *m)
{
	static const char *const keys[] = {
		"run",	  "version",	"argv",	      "sha256",	 "spec",
		"client", "server",	"options",    "sandbox", "select",
		"skip",	  "repro_head", "repro_tail", "part",
	};

	for (size_t i = 1; i < m->n; i++)
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			if (!json_equal(
				    json_object_get(m->shard[0].run, keys[k]),
				    json_object_get(m->shard[i].run, keys[k])))
				return err_set(m->e, 0,
					       "%s and %s differ in \"%s\": "
					       "they are not of one run",
					       m->shard[0].dir, m->shard[i].dir,
					       keys[k]);
	return 0;
}

/* --- launches --- */

static json_t *launch(const struct shard *s, size_t i)
{
	return json_array_get(json_object_get(s->run, "launches"), i);
}

static const char *id_of(const json_t *launch_)
{
	const char *id = json_string_value(json_object_get(launch_, "id"));

	return id ? id : "";
}

static int copy(const char *from, const char *name, const char *to,
		const char *as, bool must, struct err *e)
{
	char path[4096];
	struct span text;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", from, name);
	if (!must && access(path, R_OK) != 0)
		return 0;
	if (evidence_read_file(path, TRACE_MAX, &text, e))
		return -1;
	rc = evidence_write(to, as, text, e);
	free((void *)text.p);
	return rc;
}

/* Its trace and its capture under the next number. */
static int take(struct merge *m, const struct shard *s, json_t *one)
{
	const char *file = json_string_value(json_object_get(one, "file"));
	unsigned number;
	char from[64], as[64];
	json_t *mine;

	m->launches++;
	mine = json_copy(one);
	if (file && *file) {
		if (sscanf(file, "traces/%u.jsonl", &number) != 1)
			number = 0;
		snprintf(from, sizeof(from), "traces/%03u.jsonl", number);
		snprintf(as, sizeof(as), "traces/%03zu.jsonl", m->launches);
		if (copy(s->dir, from, m->out, as, true, m->e)) {
			json_decref(mine);
			return -1;
		}
		json_object_set_new(mine, "file", json_string(as));
		snprintf(from, sizeof(from), "traces/%03u.pcap", number);
		snprintf(as, sizeof(as), "traces/%03zu.pcap", m->launches);
		if (copy(s->dir, from, m->out, as, false, m->e)) {
			json_decref(mine);
			return -1;
		}
	}
	json_array_append_new(m->all, mine);
	return 0;
}

/* Those that all shards begin with are the first one's. */
static int take_head(struct merge *m)
{
	size_t i = 0;

	for (bool same = true; same; i += same) {
		const char *id = id_of(launch(&m->shard[0], i));

		for (size_t k = 0; k < m->n; k++)
			same = same && *id &&
			       strcmp(id, id_of(launch(&m->shard[k], i))) == 0;
		if (same && take(m, &m->shard[0], launch(&m->shard[0], i)))
			return -1;
	}
	for (size_t k = 0; k < m->n; k++)
		m->shard[k].next = i;
	return 0;
}

/* A mark behind its id: repeated, or the control once more at the end. */
static bool is_marked(const json_t *one)
{
	return strchr(id_of(one), '~') != NULL;
}

static bool has(const struct merge *m, const char *id)
{
	const json_t *one;
	size_t i;

	json_array_foreach(m->all, i,
			   one) if (strcmp(id_of(one), id) == 0) return true;
	return false;
}

/* One of each in turn, as an undivided run has them. */
static int take_turns(struct merge *m)
{
	for (bool any = true; any;) {
		any = false;
		for (size_t k = 0; k < m->n; k++) {
			struct shard *s = &m->shard[k];
			json_t *one = launch(s, s->next);

			if (!one || is_marked(one))
				continue;
			if (take(m, s, one))
				return -1;
			s->next++;
			any = true;
		}
	}
	return 0;
}

/* What is left was made at the end. */
static int take_tail(struct merge *m)
{
	for (size_t k = 0; k < m->n; k++) {
		struct shard *s = &m->shard[k];
		json_t *one;

		for (; (one = launch(s, s->next)) != NULL; s->next++)
			if (!has(m, id_of(one)) && take(m, s, one))
				return -1;
	}
	return 0;
}

/* --- the record --- */

/* A list of the first one, and what others have beside it. */
static void unite(const struct merge *m, json_t *run, const char *key)
{
	json_t *list = json_object_get(run, key), *one, *other;
	size_t i, j;

	for (size_t k = 1; k < m->n; k++) {
		json_array_foreach(json_object_get(m->shard[k].run, key), i,
				   one)
		{
			bool known = false;

			json_array_foreach(list, j, other)
				known = known || json_equal(one, other);
			if (!known)
				json_array_append(list, one);
		}
	}
}

/* Shards run side by side: the longest of what is waited, the sum of what is
 * worked. */
static json_t *timing(const struct merge *m)
{
	static const char *const keys[] = {
		"wall_s",
		"child_cpu_s",
		"harness_cpu_s",
		"longest_wait_s",
	};
	json_t *o = json_object();

	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		bool sum = strstr(keys[k], "cpu") != NULL;
		double all = 0;

		for (size_t i = 0; i < m->n; i++) {
			double v = json_number_value(json_object_get(
				json_object_get(m->shard[i].run, "timing"),
				keys[k]));

			all = sum ? all + v : v > all ? v : all;
		}
		json_object_set_new(o, keys[k], json_real(all));
	}
	json_object_set_new(o, "launches",
			    json_integer((json_int_t)m->launches));
	json_object_set(
		o, "date",
		json_object_get(json_object_get(m->shard[0].run, "timing"),
				"date"));
	return o;
}

static int write_record(struct merge *m)
{
	json_t *run = json_deep_copy(m->shard[0].run);
	struct buf text = BUF_MAX(RUN_JSON_MAX);
	int rc;

	json_object_del(run, "shard");
	unite(m, run, "notes");
	unite(m, run, "skipped");
	json_object_set(run, "launches", m->all);
	json_object_set_new(run, "timing", timing(m));
	if (evidence_json(run, &text) || text.full)
		rc = err_set(m->e, 0, "out of memory");
	else
		rc = evidence_write(m->out, "run.json", buf_span(&text), m->e);
	json_decref(run);
	buf_fini(&text);
	return rc;
}

int merge_shards(const char *const *dirs, size_t n, const char *out,
		 struct err *e)
{
	struct merge *m = calloc(1, sizeof(*m));
	int rc = -1;

	if (!m || n > SHARDS_MAX) {
		free(m);
		return err_set(e, 0, "at most %d shards", SHARDS_MAX);
	}
	m->n = n;
	m->out = out;
	m->e = e;
	m->all = json_array();
	if (load_all(m, dirs) == 0 && check_same(m) == 0 &&
	    evidence_open(out, e) == 0 && take_head(m) == 0 &&
	    take_turns(m) == 0 && take_tail(m) == 0)
		rc = write_record(m);
	for (size_t i = 0; i < n; i++)
		json_decref(m->shard[i].run);
	json_decref(m->all);
	free(m);
	return rc;
}
