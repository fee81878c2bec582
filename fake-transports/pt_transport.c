/* The shared half of the Transports API: what is not overridden is asked of
 * the wire. The bottom of a chain has all functions. */
#include "fake-transports/pt_transport.h"

#include <errno.h>
#include <stdlib.h>

#include "fake-transports/base/buf.h"

int pt_establish(struct pt_conn *c)
{
	while (!c->ops->establish)
		c = c->wire;
	return c->ops->establish(c);
}

ssize_t pt_read(struct pt_conn *c, void *p, size_t n)
{
	while (!c->ops->read)
		c = c->wire;
	return c->ops->read(c, p, n);
}

ssize_t pt_write(struct pt_conn *c, const void *p, size_t n)
{
	while (!c->ops->write)
		c = c->wire;
	return c->ops->write(c, p, n);
}

int pt_write_buf(struct pt_conn *c, struct buf *b)
{
	while (buf_n(b) > 0) {
		ssize_t n = pt_write(c, buf_head(b), buf_n(b));

		if (n < 0)
			return (int)n;
		buf_eat(b, (size_t)n);
	}
	return 0;
}

int pt_flush(struct pt_conn *c)
{
	while (!c->ops->flush)
		c = c->wire;
	return c->ops->flush(c);
}

int pt_shutdown(struct pt_conn *c)
{
	while (!c->ops->shutdown)
		c = c->wire;
	return c->ops->shutdown(c);
}

void pt_poll(struct pt_conn *c, short want, struct pt_wish *out)
{
	while (!c->ops->poll)
		c = c->wire;
	c->ops->poll(c, want, out);
}

int pt_socket(struct pt_conn *c)
{
	while (c && !c->ops->socket)
		c = c->wire;
	return c ? c->ops->socket(c) : -1;
}

void pt_close(struct pt_conn *c)
{
	while (c) {
		struct pt_conn *wire = c->wire;

		if (c->ops->fini)
			c->ops->fini(c);
		free(c);
		c = wire;
	}
}

void pt_abort(struct pt_conn *c)
{
	for (struct pt_conn *i = c; i; i = i->wire) {
		if (i->ops->abort)
			i->ops->abort(i);
	}
	pt_close(c);
}

int pt_accept(struct pt_listener *l, struct pt_conn **out,
	      struct sockaddr_storage *peer)
{
	while (!l->ops->accept)
		l = l->wire;
	return l->ops->accept(l, out, peer);
}

int pt_listener_socket(struct pt_listener *l)
{
	while (!l->ops->socket)
		l = l->wire;
	return l->ops->socket(l);
}

int pt_listener_addr(struct pt_listener *l, struct sockaddr_storage *out)
{
	while (!l->ops->addr)
		l = l->wire;
	return l->ops->addr(l, out);
}

void pt_listener_close(struct pt_listener *l)
{
	while (l) {
		struct pt_listener *wire = l->wire;

		if (l->ops->fini)
			l->ops->fini(l);
		free(l);
		l = wire;
	}
}

int pt_client_init(struct pt_client *f, const struct pt_transport *t,
		   const struct option_list *config, struct pt_dialer *d)
{
	*f = (struct pt_client){ .transport = t,
				 .config = config,
				 .dialer = d };
	return t->client ? t->client(f) : -EOPNOTSUPP;
}

void pt_client_fini(struct pt_client *f)
{
	if (f->fini)
		f->fini(f);
}

int pt_server_init(struct pt_server *f, const struct pt_transport *t,
		   const struct option_list *config, struct pt_binder *b)
{
	*f = (struct pt_server){ .transport = t,
				 .config = config,
				 .binder = b };
	return t->server ? t->server(f) : -EOPNOTSUPP;
}

void pt_server_fini(struct pt_server *f)
{
	if (f->fini)
		f->fini(f);
}
