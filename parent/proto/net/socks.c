/*
 * socks.c - see socks.h: the machine that reads answers.
 *
 * As in upstream.c a step sees one byte more at a time.  The one place where
 * two readings are open is the answer to a block: 05 and a value may be a
 * status or the head of a reply (open_step).
 */
#include "parent/proto/net/socks.h"

#define N(table) (sizeof(table) / sizeof(*(table)))

#define SOCKS4_REPLY 8
#define SOCKS4_GRANTED 0x5a
/* PT 2.0 §3.3.4 */
#define SETTINGS_CODE_MIN 0x10
#define SETTINGS_CODE_MAX 0x13

#define BIT(stage) (1u << (stage))

static uint8_t at(const struct socks *s, size_t i)
{
	return (uint8_t)s->raw[i];
}

static void fail(struct socks *s, unsigned why)
{
	s->anomalies |= why;
	s->stage = SOCKS_FAILED;
}

static bool has_block(const struct socks *s)
{
	return s->method == SOCKS_METHOD_JSON ||
	       s->method == SOCKS_METHOD_DRAFT;
}

static bool is_settings_code(int code)
{
	return code >= SETTINGS_CODE_MIN && code <= SETTINGS_CODE_MAX;
}

/* Did the message in raw begin before that of @stage had gone out? */
static bool is_before(const struct socks *s, enum socks_stage stage)
{
	return !(s->began & BIT(stage));
}

/* May the client go on without an answer to its block? */
static bool may_be_silent(const struct socks *s)
{
	return s->answer == SOCKS_ANSWER_AUTO || s->answer == SOCKS_ANSWER_NONE;
}

/* --- method selection and RFC 1929 --- */

static enum socks_stage stage_after(const struct socks *s)
{
	if (s->anomalies & SOCKS_ODD_NOT_OFFERED)
		return SOCKS_FAILED;
	switch (s->method) {
	case SOCKS_METHOD_NONE:
		return SOCKS_REQUEST;
	case SOCKS_METHOD_USERPASS:
		return SOCKS_AUTH;
	case SOCKS_METHOD_JSON:
	case SOCKS_METHOD_DRAFT:
		return s->sent & BIT(SOCKS_REQUEST) && may_be_silent(s)
			       ? SOCKS_REQUEST
			       : SOCKS_BLOCK;
	default:
		return SOCKS_FAILED;
	}
}

static void selection_step(struct socks *s)
{
	if (at(s, 0) != 5)
		fail(s, SOCKS_ODD_VERSION);
	if (at(s, 0) != 5 || s->n < 2)
		return;
	s->method = at(s, 1);
	if (is_before(s, SOCKS_GREETING))
		s->anomalies |= SOCKS_ODD_UNASKED;
	if (s->method != SOCKS_METHOD_REFUSED &&
	    span_find(s->methods, (char)s->method) == s->methods.n)
		s->anomalies |= SOCKS_ODD_NOT_OFFERED;
	s->stage = stage_after(s);
	s->status_over = !has_block(s) || s->answer == SOCKS_ANSWER_NONE;
	s->n = 0;
}

/* 01 STATUS; some servers say 05 here, too. */
static void auth_step(struct socks *s)
{
	if (at(s, 0) != 1)
		s->anomalies |= SOCKS_ODD_VERSION;
	if (at(s, 0) != 1 && at(s, 0) != 5)
		s->stage = SOCKS_FAILED;
	if (s->stage == SOCKS_FAILED || s->n < 2)
		return;
	s->status = at(s, 1);
	if (s->status == 0 && is_before(s, SOCKS_AUTH))
		s->anomalies |= SOCKS_ODD_UNASKED;
	s->stage = s->status ? SOCKS_FAILED : SOCKS_REQUEST;
	s->n = 0;
}

/* --- the reply --- */

static void check_bound(struct socks *s)
{
	struct span name = s->bound.name;

	if (s->bound.atyp != SOCKS_NAME)
		return;
	if (name.n == 0)
		s->anomalies |= SOCKS_ODD_EMPTY_NAME;
	if (span_find(name, '\0') < name.n)
		s->anomalies |= SOCKS_ODD_NAME_NUL;
}

static void finish_reply(struct socks *s)
{
	bool granted = s->rep == (s->kind == SOCKS4 ? SOCKS4_GRANTED : 0);

	s->reply = span_of(s->raw, s->n);
	s->early = is_before(s, SOCKS_REQUEST);
	check_bound(s);
	if (s->early && granted)
		s->anomalies |= SOCKS_ODD_UNASKED;
	if (has_block(s)) {
		if (s->form == SOCKS_FORM_UNKNOWN)
			s->form = s->early ? SOCKS_FORM_REP_EARLY
					   : SOCKS_FORM_SILENT;
		if (is_settings_code(s->rep) || (s->early && !granted))
			s->code = s->rep;
	}
	s->status_over = true;
	s->stage = granted ? SOCKS_TUNNEL : SOCKS_FAILED;
	s->n = 0;
}

static void socks4_step(struct socks *s)
{
	if (at(s, 0) != 0)
		s->anomalies |= SOCKS_ODD_VERSION;
	/* Some servers say 04 here; anything else is no SOCKS4. */
	if (at(s, 0) != 0 && at(s, 0) != 4)
		s->stage = SOCKS_FAILED;
	if (s->stage == SOCKS_FAILED || s->n < 2)
		return;
	s->rep = at(s, 1);
	if (s->n < SOCKS4_REPLY)
		return;
	s->bound = (struct socks_addr){ .atyp = SOCKS_IPV4 };
	s->bound.addr.family = AF_INET;
	s->bound.addr.port = (uint16_t)(at(s, 2) << 8 | at(s, 3));
	memcpy(s->bound.addr.ip, s->raw + 4, 4);
	finish_reply(s);
}

static void reply_step(struct socks *s)
{
	struct socks_addr bound;
	size_t used;

	if (at(s, 0) != 5)
		fail(s, SOCKS_ODD_VERSION);
	if (at(s, 0) != 5 || s->n < 2)
		return;
	s->rep = at(s, 1);
	if (s->n >= 3 && at(s, 2) != 0)
		s->anomalies |= SOCKS_ODD_RSV;
	if (s->n < 4)
		return;
	switch (socks_addr_get(span_of(s->raw + 3, s->n - 3), &bound, &used)) {
	case SOCKS_ADDR_MORE:
		return;
	case SOCKS_ADDR_UNKNOWN:
		fail(s, SOCKS_ODD_ATYP);
		return;
	case SOCKS_ADDR_OK:
		s->bound = bound;
		finish_reply(s);
		return;
	}
}

/* --- the answer to a block --- */

/* What is in raw is a status and nothing else. */
static void take_status(struct socks *s, enum socks_form form)
{
	s->form = form;
	s->status = at(s, 1);
	s->status_over = true;
	if (!is_before(s, SOCKS_REQUEST))
		s->anomalies |= SOCKS_ODD_LATE_STATUS;
	if (s->status == 0 && is_before(s, SOCKS_BLOCK))
		s->anomalies |= SOCKS_ODD_UNASKED;
	if (s->status)
		s->code = s->status;
	s->stage = s->status ? SOCKS_FAILED : SOCKS_REQUEST;
	s->n = 0;
}

static void garbage(struct socks *s)
{
	s->form = SOCKS_FORM_GARBAGE;
	fail(s, SOCKS_ODD_GARBAGE);
}

/* The client knows which status it gets. */
static void known_step(struct socks *s)
{
	bool is_01 = s->answer == SOCKS_ANSWER_STATUS01;

	if (at(s, 0) != (is_01 ? 1 : 5))
		garbage(s);
	else if (s->n == 2)
		take_status(s,
			    is_01 ? SOCKS_FORM_STATUS01 : SOCKS_FORM_STATUS05);
}

/*
 * A status or a reply.  Returns false when the last byte belongs to the next
 * message.
 */
static bool open_step(struct socks *s)
{
	bool late = !is_before(s, SOCKS_REQUEST);

	if (at(s, 0) == 1) {
		if (s->n == 2)
			take_status(s, SOCKS_FORM_STATUS01);
		return true;
	}
	if (at(s, 0) != 5) {
		if (late)
			fail(s, SOCKS_ODD_VERSION);
		else
			garbage(s);
		return true;
	}
	if (s->n == 2 && at(s, 1) && (!late || is_settings_code(at(s, 1))))
		s->code = at(s, 1);
	if (s->n == 3 && at(s, 2) == 5) {
		take_status(s, SOCKS_FORM_STATUS05);
		return false;
	}
	if (s->n >= 3)
		reply_step(s);
	return true;
}

/* Two bytes that could be either, and nothing to tell them apart. */
static bool is_open_pair(const struct socks *s)
{
	return has_block(s) && !s->status_over &&
	       s->answer == SOCKS_ANSWER_AUTO && s->n == 2 && at(s, 0) == 5;
}

/* --- the machine --- */

static bool step(struct socks *s)
{
	if (s->kind == SOCKS4) {
		socks4_step(s);
		return true;
	}
	if (s->stage == SOCKS_GREETING)
		selection_step(s);
	else if (s->stage == SOCKS_AUTH)
		auth_step(s);
	else if (s->status_over)
		reply_step(s);
	else if (s->answer == SOCKS_ANSWER_AUTO)
		return open_step(s);
	else
		known_step(s);
	return true;
}

void socks_init(struct socks *s, enum socks_kind kind, enum socks_answer answer)
{
	*s = (struct socks){ .kind = kind,
			     .answer = answer,
			     .stage = kind == SOCKS4 ? SOCKS_REQUEST
						     : SOCKS_GREETING,
			     .status_over = kind == SOCKS4 };
	s->method = s->status = s->code = s->rep = -1;
}

void socks_offer(struct socks *s, struct span methods)
{
	methods = span_sub(methods, 0, sizeof(s->offer));
	if (methods.n)
		memcpy(s->offer, methods.p, methods.n);
	s->methods = span_of(s->offer, methods.n);
	s->sent |= BIT(SOCKS_GREETING);
}

void socks_sent(struct socks *s, enum socks_stage stage)
{
	if (stage == SOCKS_REQUEST && is_open_pair(s) && at(s, 1) == 0 &&
	    is_before(s, SOCKS_REQUEST))
		take_status(s, SOCKS_FORM_STATUS05);
	s->sent |= BIT(stage);
	if (stage == SOCKS_REQUEST && s->stage == SOCKS_BLOCK && s->n == 0 &&
	    may_be_silent(s))
		s->stage = SOCKS_REQUEST;
}

size_t socks_feed(struct socks *s, struct span in)
{
	size_t n = 0;

	while (n < in.n && s->stage < SOCKS_TUNNEL) {
		if (s->n == 0)
			s->began = s->sent;
		s->raw[s->n++] = in.p[n];
		if (step(s)) {
			s->used++;
			n++;
		}
	}
	return n;
}

void socks_quiet(struct socks *s)
{
	if (s->stage != SOCKS_BLOCK || !(s->sent & BIT(SOCKS_BLOCK)) ||
	    s->sent & BIT(SOCKS_REQUEST))
		return;
	if (s->n == 0 && may_be_silent(s))
		s->stage = SOCKS_REQUEST;
	else if (is_open_pair(s) && at(s, 1) == 0)
		take_status(s, SOCKS_FORM_STATUS05);
}

void socks_end(struct socks *s)
{
	if (s->ended)
		return;
	s->ended = true;
	if (s->stage >= SOCKS_TUNNEL)
		return;
	if (is_open_pair(s) &&
	    (is_before(s, SOCKS_REQUEST) || is_settings_code(at(s, 1))))
		take_status(s, SOCKS_FORM_STATUS05);
	else if (s->n)
		s->anomalies |= SOCKS_ODD_CUT;
	else if (has_block(s) && s->form == SOCKS_FORM_UNKNOWN &&
		 s->sent & BIT(SOCKS_BLOCK))
		s->form = SOCKS_FORM_CLOSE;
	s->stage = SOCKS_FAILED;
}

/* --- names --- */

const char *socks_stage_name(enum socks_stage stage)
{
	static const char *const names[] = {
		[SOCKS_GREETING] = "greeting", [SOCKS_AUTH] = "auth",
		[SOCKS_BLOCK] = "block",       [SOCKS_REQUEST] = "request",
		[SOCKS_TUNNEL] = "tunnel",     [SOCKS_FAILED] = "failed",
	};

	return (size_t)stage < N(names) ? names[stage] : "?";
}

const char *socks_form_name(enum socks_form form)
{
	static const char *const names[] = {
		[SOCKS_FORM_UNKNOWN] = "unknown",
		[SOCKS_FORM_SILENT] = "silent",
		[SOCKS_FORM_STATUS01] = "status01",
		[SOCKS_FORM_STATUS05] = "status05",
		[SOCKS_FORM_REP_EARLY] = "rep_early",
		[SOCKS_FORM_CLOSE] = "close",
		[SOCKS_FORM_GARBAGE] = "garbage",
	};

	return (size_t)form < N(names) ? names[form] : "?";
}

static const struct {
	enum socks_anomaly bit;
	const char *name, *text;
} anomalies[] = {
#define X(id, word, meaning) { SOCKS_ODD_##id, word, meaning },
	SOCKS_ANOMALIES(X)
#undef X
};

const char *socks_anomaly_name(enum socks_anomaly one)
{
	for (size_t i = 0; i < N(anomalies); i++)
		if (anomalies[i].bit == one)
			return anomalies[i].name;
	return "?";
}

const char *socks_anomaly_text(enum socks_anomaly one)
{
	for (size_t i = 0; i < N(anomalies); i++)
		if (anomalies[i].bit == one)
			return anomalies[i].text;
	return "?";
}
