/*
 * socks_args.c - settings of version 1, in the user name and password of SOCKS5
 * (PT 1.0 section 3.5).
 */
#include "harness/proto/settings.h"
#include "harness/req/block.h"
#include "harness/req/tunnel.h"

struct flat {
	unsigned anomalies;
	size_t n;     /* bytes */
	bool extra;   /* keys that nobody asked for */
	bool escaped; /* a backslash in it */
};

/* A complete message of RFC 1929, and what it says. */
static bool flat_of(const struct judge *j, const struct dialogue *d,
		    struct flat *out)
{
	struct kv_list l, want;
	struct buf b = BUF_MAX(SETTINGS_FLAT_MAX);
	struct span text;

	*out = (struct flat){ 0 };
	if (d->s->method != SOCKS_METHOD_USERPASS || !dialogue_told(d) ||
	    !is_lockstep(d))
		return false;
	settings_join(&b, d->said.user, d->said.password);
	text = arena_span(j->a, buf_span(&b));
	buf_fini(&b);
	out->anomalies = settings_parse(j->a, text, &l);
	out->n = text.n;
	out->escaped = span_find(text, '\\') < text.n;
	settings_parse(j->a, pairs_get(&j->v->head->vars, "settings"), &want);
	out->extra = l.n > want.n;
	return true;
}

/* Is it known that keys which nobody asked for are passed over? */
static bool passes_extra(const struct judge *j, const struct dialogues *all)
{
	struct flat f;

	for_dialogues (d, all)
		if (flat_of(j, d, &f) && f.extra && !f.escaped &&
		    f.n <= SETTINGS_USER_MAX && d->s->status == 0)
			return true;
	return false;
}

/* Well-formed settings, which had to be taken. */
static void must_take_flat(struct judge *j, const struct dialogues *all,
			   const struct dialogue *d, const char *expected)
{
	const struct event *limit = silent_until(j, all, d, dialogue_told(d));

	if (d->s->status == 0)
		j_pass(j, dialogue_ev(d));
	else if (service_lost(j))
		return;
	else if (d->s->status > 0 || d->eof)
		j_broken(j, dialogue_ev(d), expected, "%s to %s",
			 show_answer(j, d), j_show(j, d->said.user));
	else if (limit)
		j_late(j, limit, expected, "no answer on %.*s",
		       SPAN_ARG(d->ch));
}

static void judge_arg_1(struct judge *j)
{
	struct dialogues all = dialogues(j);
	struct flat f;

	for_dialogues (d, &all)
		if (flat_of(j, d, &f) && !f.anomalies && !f.extra)
			must_take_flat(j, &all, d,
				       "01 00 for settings in user name and "
				       "password");
}

static void judge_arg_2(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "settings of more than 255 bytes to go on in "
			       "the password";
	struct flat f;

	for_dialogues (d, &all) {
		if (!flat_of(j, d, &f) || f.anomalies || f.escaped ||
		    f.n <= SETTINGS_USER_MAX || !passes_extra(j, &all))
			continue;
		must_take_flat(j, &all, d, expected);
		/* They were joined in another way when one is missing. */
		if (d->s->rep > 0 && dest_is_server(j, d))
			j_broken(j, dialogue_ev(d), expected, "%s%s",
				 show_answer(j, d), whose_end(j));
	}
}

static void judge_arg_3(struct judge *j)
{
	struct dialogues all = dialogues(j);
	struct flat f;

	for_dialogues (d, &all)
		if (flat_of(j, d, &f) && !f.anomalies && f.escaped &&
		    passes_extra(j, &all))
			must_take_flat(j, &all, d,
				       "settings with escaped characters to be "
				       "taken");
}

static void judge_arg_4(struct judge *j)
{
	struct dialogues all = dialogues(j);
	struct flat f;

	for_dialogues (d, &all) {
		const char *expected = "another status than 00 for what is no "
				       "list of settings";

		if (!flat_of(j, d, &f) ||
		    !(f.anomalies & (SETTINGS_NO_EQUALS | SETTINGS_EMPTY_KEY)))
			continue;
		if (d->s->status == 0)
			j_broken(j, dialogue_ev(d), expected, "01 00 for %s",
				 j_show(j, d->said.user));
		else if ((d->s->status > 0 || d->eof) && !service_lost(j))
			j_pass(j, dialogue_ev(d));
	}
}

static const struct req rows[] = {
	{
		.id = "SK-ARG-1",
		.level = L_IMPLIED,
		.section = "PT 1.0 3.5",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Settings in user name and password are accepted.",
		.observe = "Method 02, k=v;k=v in the user name, a password of "
			   "one NUL: `01 00`.",
		.fault = "Refuses every password of one NUL.",
		.traps = "An empty user name, or NUL in both, is no list.",
		.profiles = IN_10,
		.judge = judge_arg_1,
	},
	{
		.id = "SK-ARG-2",
		.level = L_IMPLIED,
		.section = "PT 1.0 3.5",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Settings of more than 255 bytes go on in the "
			 "password.",
		.observe =
			"A further setting of 250 bytes in front of the ones "
			"that the transport wants: accepted, and the server is "
			"reached.",
		.fault = "Takes the user name only.",
		.traps = "A transport may refuse keys that it does not know: "
			 "judged where a short one was passed over.",
		.profiles = IN_10,
		.judge = judge_arg_2,
	},
	{
		.id = "SK-ARG-3",
		.level = L_IMPLIED,
		.section = "PT 1.0 3.5",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A backslash takes away the meaning of `;`, `=` and "
			 "backslash.",
		.observe = "Further settings with such values: accepted.",
		.fault = "Splits at every semicolon.",
		.traps = "As for SK-ARG-2.",
		.profiles = IN_10,
		.judge = judge_arg_3,
	},
	{
		.id = "SK-ARG-4",
		.level = L_IMPLIED,
		.section = "PT 1.0 3.5",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title = "What is no list of settings is refused.",
		.observe = "`hello`, `=v`: another status than 00, or the end.",
		.fault = "Accepts anything.",
		.traps = "T-CLOSE.",
		.profiles = IN_10,
		.judge = judge_arg_4,
	},
};

const struct req_area req_area_socks_args = {
	.name = "socks-args",
	.title = "SOCKS5 settings of version 1",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
