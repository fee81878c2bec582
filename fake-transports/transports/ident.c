/*
 * ident: the identity. Its connections are those of the wire. The option
 * `secret` has no use; it is there to be kept out of ARGS.
 */
#include "fake-transports/pt_transport.h"

static int ident_connect(struct pt_client *f,
			 const struct option_list *settings,
			 const struct hostport *to, struct pt_conn **out)
{
	(void)settings;
	return f->dialer->dial(f->dialer, to, out);
}

static int ident_client(struct pt_client *f)
{
	f->connect = ident_connect;
	return 0;
}

static int ident_listen(struct pt_server *f, const struct sockaddr_storage *at,
			struct pt_listener **out)
{
	return f->binder->listen(f->binder, at, out);
}

static int ident_server(struct pt_server *f)
{
	f->listen = ident_listen;
	return 0;
}

const struct pt_transport transport_ident = {
	.name = "ident",
	.secret = "secret",
	.client = ident_client,
	.server = ident_server,
};
