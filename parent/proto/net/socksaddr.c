/* socksaddr.c - see socksaddr.h. */
#include "parent/proto/net/socksaddr.h"

struct socks_addr socks_addr_of(const struct addr *a)
{
	struct socks_addr out = { .atyp = SOCKS_IPV4, .addr = *a };

	if (a->family == AF_INET6)
		out.atyp = SOCKS_IPV6;
	else
		out.addr.family = AF_INET;
	if (!a->family)
		memset(out.addr.ip, 0, sizeof(out.addr.ip));
	out.addr.host = (struct span){ 0 };
	return out;
}

struct socks_addr socks_addr_name(struct span name, uint16_t port)
{
	return (struct socks_addr){ .atyp = SOCKS_NAME,
				    .addr.port = port,
				    .name = span_absent(name) ? SPAN("")
							      : name };
}

void socks_addr_put(struct buf *out, const struct socks_addr *a)
{
	struct span name = span_sub(a->name, 0, SOCKS_NAME_MAX);

	buf_addc(out, (char)a->atyp);
	switch (a->atyp) {
	case SOCKS_IPV4:
		buf_add(out, span_of(a->addr.ip, 4));
		break;
	case SOCKS_IPV6:
		buf_add(out, span_of(a->addr.ip, 16));
		break;
	case SOCKS_NAME:
		buf_addc(out, (char)name.n);
		buf_add(out, name);
		break;
	default:
		break;
	}
	buf_addc(out, (char)(a->addr.port >> 8));
	buf_addc(out, (char)(a->addr.port & 0xff));
}

/* The size of the address in front of the port, length byte and all. */
static enum socks_addr_result size_of(struct span in, size_t *out)
{
	switch ((uint8_t)in.p[0]) {
	case SOCKS_IPV4:
		*out = 4;
		return SOCKS_ADDR_OK;
	case SOCKS_IPV6:
		*out = 16;
		return SOCKS_ADDR_OK;
	case SOCKS_NAME:
		if (in.n < 2)
			return SOCKS_ADDR_MORE;
		*out = 1u + (uint8_t)in.p[1];
		return SOCKS_ADDR_OK;
	default:
		return SOCKS_ADDR_UNKNOWN;
	}
}

enum socks_addr_result socks_addr_get(struct span in, struct socks_addr *out,
				      size_t *used)
{
	enum socks_addr_result r;
	struct socks_addr a = { 0 };
	size_t n = 0;

	if (in.n == 0)
		return SOCKS_ADDR_MORE;
	a.atyp = (uint8_t)in.p[0];
	r = size_of(in, &n);
	if (r == SOCKS_ADDR_UNKNOWN)
		*out = a;
	if (r != SOCKS_ADDR_OK)
		return r;
	if (in.n < 1 + n + 2)
		return SOCKS_ADDR_MORE;
	if (a.atyp == SOCKS_NAME) {
		a.name = span_sub(in, 2, n - 1);
	} else {
		a.addr.family = a.atyp == SOCKS_IPV4 ? AF_INET : AF_INET6;
		memcpy(a.addr.ip, in.p + 1, n);
	}
	a.addr.port =
		(uint16_t)((uint8_t)in.p[1 + n] << 8 | (uint8_t)in.p[2 + n]);
	*out = a;
	*used = 1 + n + 2;
	return SOCKS_ADDR_OK;
}
