/*
 * settings.h - what an application tells a transport about one connection.
 *
 * PT 2.0 §3.3.4: a JSON object behind a count, after SOCKS5 method 09.
 * PT 1.0 section 3.5: k=v;k=v in the user name and password of RFC 1929, or in
 * the user id of SOCKS4.
 */
#ifndef PTCHECK_PROTO_SETTINGS_H
#define PTCHECK_PROTO_SETTINGS_H

#include <stdint.h>

#include "parent/base/buf.h"
#include "parent/base/span.h"
#include "parent/proto/ipc/args.h"

/* {"k":"v","k2":"v2"}: in the given order, all values strings, no blanks.
 * Bytes from 0x80 on go through as they are: UTF-8 is up to the caller. */
void settings_json(struct buf *out, const struct kv_list *l);

/* COUNT (4 bytes, big-endian) and @json. */
void settings_block(struct buf *out, struct span json);
/* The same with any count, for blocks that lie. */
void settings_block_count(struct buf *out, uint32_t count, struct span json);

/* k=v;k2=v2 with a backslash before each backslash, '=' and ';' inside. */
void settings_flat(struct buf *out, const struct kv_list *l);

/* RFC 1929 has one byte for each length. */
#define SETTINGS_USER_MAX 255
#define SETTINGS_FLAT_MAX (2 * SETTINGS_USER_MAX)

/*
 * Lay @flat out over user name and password: up to 255 bytes go into the user
 * name and the password is one NUL, the rest goes into the password.  Returns
 * false for an empty text, for more than SETTINGS_FLAT_MAX bytes, and for 256
 * bytes with a NUL at the end, which would be taken for 255 and no password.
 */
bool settings_split(struct span flat, struct span *user, struct span *password);
/* The other way round, appended to @out: what a transport gets. */
void settings_join(struct buf *out, struct span user, struct span password);

enum settings_anomaly {
	SETTINGS_EMPTY = 1 << 0,     /* no byte at all */
	SETTINGS_NO_EQUALS = 1 << 1, /* an item without '=', or an empty one */
	SETTINGS_EMPTY_KEY = 1 << 2,
	SETTINGS_BARE_EQUALS = 1 << 3, /* second '=' without a backslash: a
					     parent that escapes only ; and \ */
	SETTINGS_DANGLING = 1 << 4,    /* a backslash at the end */
	SETTINGS_ODD_ESCAPE = 1 << 5,  /* a backslash before another byte */
	SETTINGS_REPEATED = 1 << 6,    /* the same key twice */
};

/*
 * Read k=v;k=v back (memory from @a); returns the anomaly set.  As with
 * args_parse(): an item without '=' is a key with an absent value, an empty
 * item is left out.
 */
unsigned settings_parse(struct arena *a, struct span flat, struct kv_list *out);

#endif
