/*
 * socks_args.c - settings of version 1, in the user name and password of SOCKS5
 * or in the user id of SOCKS4 (PT 1.0 section 3.5).
 */
#include "parent/proto/ipc/settings.h"
#include "harness/req/traffic/settings_block.h"
#include "harness/req/socks/socks_judges.h"
#include "harness/req/traffic/tunnel.h"

struct flat {
	unsigned anomalies;
	size_t n;     /* bytes */
	bool extra;   /* keys that nobody asked for */
	bool escaped; /* a backslash in it */
	bool suits;   /* all that the transport wants (of a user id) */
};

static struct kv_list args_wanted(const struct judge *j,
				  const struct dialogue *d)
{
	struct kv_list l;

	settings_parse(j->a, settings_due(j, d), &l);
	return l;
}

/* A complete message of RFC 1929, and what it says. */
static bool flat_of(const struct judge *j, const struct dialogue *d,
		    struct flat *out)
{
	struct kv_list l;
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
	out->extra = l.n > args_wanted(j, d).n;
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

REQ(sk_arg_1) = {
	.id = "SK-ARG-1",
	.area = AREA_SOCKS_ARGS,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.5",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Settings in user name and password are accepted.",
	.traps = "An empty user name, or NUL in both, is no list.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_arg_1,
};

static void sk_arg_1(struct judge *j)
{
	struct dialogues all = dialogues(j);
	struct flat f;

	for_dialogues (d, &all)
		if (flat_of(j, d, &f) && !f.anomalies && !f.extra)
			must_take_flat(j, &all, d,
				       "01 00 for settings in user name and "
				       "password");
}

REQ(sk_arg_2) = {
	.id = "SK-ARG-2",
	.area = AREA_SOCKS_ARGS,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.5",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Settings of more than 255 bytes go on in the "
		 "password.",
	.traps = "A transport may refuse keys that it does not know: "
		 "judged where a short one was passed over.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_arg_2,
};

static void sk_arg_2(struct judge *j)
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

REQ(sk_arg_3) = {
	.id = "SK-ARG-3",
	.area = AREA_SOCKS_ARGS,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.5",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A backslash takes away the meaning of `;`, `=` and "
		 "backslash.",
	.traps = "As for SK-ARG-2.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_arg_3,
};

static void sk_arg_3(struct judge *j)
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

REQ(sk_arg_4) = {
	.id = "SK-ARG-4",
	.area = AREA_SOCKS_ARGS,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.5",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "What is no list of settings is refused.",
	.traps = "T-CLOSE.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_arg_4,
};

static void sk_arg_4(struct judge *j)
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

/* --- in the user id --- */

/* Far longer than settings that SOCKS5 could carry. */
#define ENDLESS 32768

/* Is all that T wants to be told in it, as it wants it? */
static bool suits(const struct judge *j, const struct dialogue *d,
		  const struct kv_list *l)
{
	struct kv_list want = args_wanted(j, d);

	for (size_t i = 0; i < want.n; i++) {
		struct span value =
			kv_get(l, arena_span(j->a, want.v[i].key).p);

		if (span_absent(value) || !span_eq(value, want.v[i].value))
			return false;
	}
	return true;
}

/* A complete request to connect somewhere, and what its user id says. */
static bool userid_of(const struct judge *j, const struct dialogue *d,
		      struct flat *out)
{
	struct span text = d->said.user;
	struct kv_list l;

	*out = (struct flat){ .n = text.n };
	if (!dialogue_asked(d) || !text.n || d->said.cmd != SOCKS_CONNECT ||
	    by_proxy(j) || service_lost(j))
		return false;
	out->anomalies = settings_parse(j->a, text, &l);
	out->escaped = span_find(text, '\\') < text.n;
	out->suits = suits(j, d, &l);
	out->extra = l.n > args_wanted(j, d).n;
	return true;
}

static bool is_granted(const struct dialogue *d)
{
	return d->s->stage == SOCKS_TUNNEL;
}

/* The same as passes_extra(). */
static bool grants_extra(const struct judge *j, const struct dialogues *all)
{
	struct flat f;

	for_dialogues (d, all)
		if (userid_of(j, d, &f) && f.extra && !f.escaped &&
		    f.n <= SETTINGS_USER_MAX && is_granted(d))
			return true;
	return false;
}

REQ(sk_arg_5) = {
	.id = "SK-ARG-5",
	.area = AREA_SOCKS_ARGS,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.5",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Settings in the user id of SOCKS4 are accepted.",
	.traps = "5b says nothing of the reason: judged where the "
		 "harness itself gets through to the server.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_arg_5,
};

static void sk_arg_5(struct judge *j)
{
	struct dialogues all = dialogues4(j);
	struct flat f;

	for_dialogues (d, &all)
		if (userid_of(j, d, &f) && !f.anomalies && !f.extra && f.suits)
			must_be_granted(j, &all, d,
					"00 5a for settings in the user id");
}

REQ(sk_arg_6) = {
	.id = "SK-ARG-6",
	.area = AREA_SOCKS_ARGS,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.5",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A user id may be as long as settings of SOCKS5: 510 "
		 "bytes.",
	.traps = "No length is stated. A transport may refuse keys that "
		 "it does not know: judged where a short one was passed "
		 "over.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_arg_6,
};

static void sk_arg_6(struct judge *j)
{
	struct dialogues all = dialogues4(j);
	struct flat f;

	for_dialogues (d, &all)
		if (userid_of(j, d, &f) && !f.anomalies && !f.escaped &&
		    f.suits && f.n > SETTINGS_USER_MAX &&
		    f.n <= SETTINGS_FLAT_MAX && grants_extra(j, &all))
			must_be_granted(j, &all, d,
					"settings of more than 255 bytes to be "
					"taken");
}

REQ(sk_arg_7) = {
	.id = "SK-ARG-7",
	.area = AREA_SOCKS_ARGS,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.5",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "In a user id, too, a backslash takes away the meaning "
		 "of `;`, `=` and backslash.",
	.traps = "As for SK-ARG-6.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_arg_7,
};

static void sk_arg_7(struct judge *j)
{
	struct dialogues all = dialogues4(j);
	struct flat f;

	for_dialogues (d, &all)
		if (userid_of(j, d, &f) && !f.anomalies && f.escaped &&
		    f.suits && grants_extra(j, &all))
			must_be_granted(j, &all, d,
					"settings with escaped characters to "
					"be taken");
}

REQ(sk_arg_8) = {
	.id = "SK-ARG-8",
	.area = AREA_SOCKS_ARGS,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.5",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A user id that is no list of settings is refused.",
	.traps = "Other SOCKS4 clients put a user's name there: INFO for "
		 "a transport that wants no settings.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_arg_8,
};

static void sk_arg_8(struct judge *j)
{
	struct dialogues all = dialogues4(j);
	const char *expected = "another code than 5a for what is no list of "
			       "settings";
	struct flat f;

	for_dialogues (d, &all) {
		if (!userid_of(j, d, &f) ||
		    !(f.anomalies & (SETTINGS_NO_EQUALS | SETTINGS_EMPTY_KEY)))
			continue;
		/* Other SOCKS4 clients put a user's name there. */
		if (is_granted(d))
			j_say(j, wants_settings(j, d) ? V_WARN : V_INFO,
			      dialogue_ev(d), expected, "%s for %s",
			      show_answer(j, d), j_show(j, d->said.user));
		else if (dest_is_server(j, d) && (d->s->reply.n || d->eof))
			j_pass(j, dialogue_ev(d));
	}
}

REQ(sk_arg_9) = {
	.id = "SK-ARG-9",
	.area = AREA_SOCKS_ARGS,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.5",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A user id without end is not waited for without end.",
	.traps = "Where the bound is, and whether it is one of length "
		 "or of time, is free.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_arg_9,
};

static void sk_arg_9(struct judge *j)
{
	struct dialogues all = dialogues4(j);

	for_dialogues (d, &all) {
		if (dialogue_asked(d) || d->said.user.n < ENDLESS ||
		    service_lost(j))
			continue;
		if (d->s->reply.n || d->eof)
			j_pass(j, dialogue_ev(d));
		else
			must_not_wait_on(j, d, "a user id that has no end");
	}
}
