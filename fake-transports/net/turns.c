#include "fake-transports/net/turns.h"

#include "fake-transports/faults/faults.h"

FAULT(SOCKS_SERIAL, "socks-serial",
      "serves no client while another one is in its handshake", "SK-ROB-2", "");
FAULT(GREETING_SERIAL, "greeting-serial",
      "serves no client while it has half a greeting of another one",
      "SK-ROB-2", "");
FAULT(CHOSEN_SERIAL, "chosen-serial",
      "serves no client while another one has a method and says nothing",
      "SK-ROB-2", "");
FAULT(SETTINGS_SERIAL, "settings-serial",
      "serves no client while it has half the settings of another one",
      "SK-ROB-2", "");
FAULT(REQUEST_SERIAL, "request-serial",
      "serves no client while it has half a request of another one", "SK-ROB-2",
      "");
/* Is it in its handshake, where others wait for it? */
static bool holds_up(const struct conn *c)
{
	bool half = buf_n(&c->in) > 0;

	if (fault_is(F_SOCKS_SERIAL))
		return true;
	if (c->socks.state == SOCKS_GREETING)
		return half && fault_is(F_GREETING_SERIAL);
	if (!half)
		return fault_is(F_CHOSEN_SERIAL);
	return fault_is(c->socks.state == SOCKS_REQUEST ? F_REQUEST_SERIAL
							: F_SETTINGS_SERIAL);
}

FAULT(DIAL_SERIAL, "dial-serial",
      "serves no client while it calls the server of another one", "SK-ROB-2",
      "SK-*");

bool turn_must_wait(struct conn *c)
{
	const struct conn *other = c->pt->turn;

	if (other && other != c &&
	    ((other->state == CONN_SOCKS && holds_up(other)) ||
	     (other->state == CONN_DIAL && fault_is(F_DIAL_SERIAL))))
		return true;
	c->pt->turn = c;
	return false;
}
