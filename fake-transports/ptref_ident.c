/*
 * ident: the identity. The option `secret` has no use; it is there to be kept
 * out of ARGS.
 */
#include "ptref_transport.h"

static const char *const no_settings[] = { NULL };

static void *ident_open(const struct option_list *settings, struct buf *wire)
{
	(void)settings;
	(void)wire;
	return NULL;
}

static void ident_copy(void *session, const uint8_t *p, size_t n,
		       struct buf *to)
{
	(void)session;
	buf_add(to, p, n);
}

static void ident_close(void *session)
{
	(void)session;
}

const struct transport transport_ident = {
	.name = "ident",
	.required = no_settings,
	.secret = "secret",
	.open = ident_open,
	.encode = ident_copy,
	.decode = ident_copy,
	.close = ident_close,
};
