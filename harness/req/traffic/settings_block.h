/*
 * settings_block.h - what a block of settings is (PT 2.0 section 3.3.4): whether its
 * bytes are a JSON object, and whether they are what the transport wants to be
 * told.
 */
#ifndef PTCHECK_REQ_TRAFFIC_SETTINGS_BLOCK_H
#define PTCHECK_REQ_TRAFFIC_SETTINGS_BLOCK_H

#include "harness/req/traffic/socks_dialogue.h"

enum block_kind {
	BLOCK_NONE,	 /* method 09 was not chosen, or no complete block */
	BLOCK_MAP,	 /* an object */
	BLOCK_NOT_MAP,	 /* another JSON value */
	BLOCK_NOTHING,	 /* no byte at all */
	BLOCK_MALFORMED, /* no JSON */
	BLOCK_LENIENT,	 /* no JSON, but known to be taken for such: a comment,
			    something behind the value */
	BLOCK_BAD_UTF8,
	BLOCK_EITHER, /* what to do is not specified: a byte order mark, half a
			 surrogate pair, a key twice, very deep */
};

enum block_fit {
	FIT_UNKNOWN,  /* nobody said what the transport wants */
	FIT_GOOD,     /* all that it wants, as it wants it */
	FIT_MISSING,  /* a key is not there */
	FIT_MISTYPED, /* or no string */
	FIT_OTHER,    /* or has another value */
};

struct block {
	enum block_kind kind;
	enum block_fit fit; /* of a map */
	bool strings;	    /* all of its values are */
	bool extra;	    /* it has keys that nobody asked for */
	bool empty;	    /* it has none */
	bool wide;	    /* bytes from 80 on, or \u, in it */
	bool lines;	    /* line ends in it */
};

/* Is a block due, by the method that was chosen? */
bool takes_blocks(const struct dialogue *d);

/* What T wants to be told on a dialogue, k=v;k2=v2, by its own server where
 * the launch has one; absent: nothing. */
struct span settings_due(const struct judge *j, const struct dialogue *d);

/* What was told on a dialogue. */
struct block block_of(const struct judge *j, const struct dialogue *d);

/* Must the transport take it?  A map of strings with all that it wants, and
 * nothing else. */
bool block_is_good(const struct block *b);

/* Does T want to be told something? */
bool wants_settings(const struct judge *j, const struct dialogue *d);

/* Do these say where the server is, by an address or a URL?  Then what an
 * application asks for may mean nothing. */
bool settings_lead(const struct judge *j, const struct dialogue *d);

/* Did @d ask although it told nothing, or nothing that can be understood, when
 * nobody had told T what it wants? */
bool is_untold(const struct judge *j, const struct dialogues *all,
	       const struct dialogue *d);
/* The same without the second half, and the second half alone: was T told all
 * that it wants on another dialogue, when @d asked? */
bool is_without(const struct judge *j, const struct dialogue *d);
bool told_before(const struct judge *j, const struct dialogues *all,
		 const struct dialogue *d);

/* --- what became of it --- */

/* Did what was sent behind the handshake come out at the other end of the
 * tunnel?  Then what was told was enough.  USELESS: success was said, and it
 * did not come out although there was time, or the end came instead. */
enum use { USE_UNKNOWN, USEFUL, USELESS };
/* @limit: with USELESS the deadline that passed, or NULL. */
enum use use_of(const struct judge *j, const struct dialogue *d,
		const struct event **limit);

enum fate {
	FATE_OPEN,    /* not decided */
	FATE_TAKEN,   /* a reply that has nothing to do with settings */
	FATE_CODE,    /* 10 to 13, in any form */
	FATE_REFUSED, /* refused with another code */
	FATE_CLOSED,  /* without a word */
	FATE_GARBAGE, /* no form of an answer */
};

/* @code: of FATE_CODE and FATE_REFUSED; REP of FATE_TAKEN. */
enum fate fate_of(const struct dialogue *d, int *code);

#endif
