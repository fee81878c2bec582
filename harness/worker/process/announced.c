/* announced.c - see announced.h. */
#include "harness/worker/process/announced.h"

#include <stdio.h>

void announced_add(struct announced_list *l, const struct inst *of,
		   const struct session_event *ev)
{
	const struct ipc_method *m = &ev->method;
	struct announced *an = &l->v[l->n];

	if (l->n == ANNOUNCED_MAX || !m->addr.family || !m->addr.port)
		return;
	*an = (struct announced){
		.of = of,
		.addr = m->addr,
		.client = !ev->server,
	};
	snprintf(an->name, sizeof(an->name), "%.*s",
		 SPAN_ARG(span_sub(m->name, 0, ANNOUNCED_NAME)));
	an->socks5 = an->client && span_eqs(m->proto, "socks5");
	an->socks4 = an->client && span_eqs(m->proto, "socks4");
	an->udp = an->client && (span_eqs(m->proto, "transparent-UDP") ||
				 span_eqs(m->proto, "STUN"));
	an->tcp = !an->client || an->socks5 || an->socks4 ||
		  span_eqs(m->proto, "transparent-TCP");
	l->n++;
}

bool announced_is(const struct announced *an, struct span name)
{
	return span_eqs(span_sub(name, 0, ANNOUNCED_NAME), an->name);
}
