/*
 * server_answers.c - what a server makes of what its destination answers.
 */
#include "harness/req/udp/udp.h"

#define UDP "transparent-UDP"

static void judge_answers(struct judge *j, const char *mode,
			  const char *expected)
{
	const struct event *limit;
	const struct dg *lost, *odd, *passed;
	struct dg_flow f;

	if (!dg_streamed(j, mode, DG_DOWN, &f))
		return;
	lost = dg_missing(j->v, &f, &limit);
	odd = dg_stranger(&f);
	passed = dg_passed_over(j->v, &f);
	if (dg_misframed(j, &f))
		j_broken(j, f.out.rest_ev->n, expected, "%s",
			 dg_misframed(j, &f));
	else if (odd)
		j_broken(j, odd->ev->n, expected, "\"%s\"",
			 j_show(j, odd->data));
	else if (lost && !f.paired)
		j_late(j, limit, expected, "nothing");
	else if (passed)
		dg_say_passed_over(j, passed, expected);
	else if (f.paired)
		j_pass(j, f.out.v[0].ev->n);
}

REQ(us_t2_r2) = {
	.id = "US-T2-R2",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "Table 2 row 2",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A datagram with a matching connection is framed and sent "
		 "to that client.",
	.traps = "T-OBFS.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_t2_r2,
};

static void us_t2_r2(struct judge *j)
{
	if (view_event(j->v, EV_UDP, "stranger", 1))
		return;
	judge_answers(
		j, UDP,
		"what the destination answered, behind two bytes of length");
}

REQ(stn_s_5) = {
	.id = "STN-S-5",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "stun",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Replies go back as concatenated STUN messages.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_s_5,
};

static void stn_s_5(struct judge *j)
{
	judge_answers(j, "STUN", "what the destination answered, as it is");
}
