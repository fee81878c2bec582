/*
 * term.h - lines for a terminal: folded to ASCII, wrapped, perhaps coloured.
 *
 * Everything goes through here, so that nothing else has to know the current
 * column, and no byte above 0x7e but the section sign reaches a terminal.
 */
#ifndef PTCHECK_REPORT_TERM_H
#define PTCHECK_REPORT_TERM_H

#include "harness/report/result.h"
#include "harness/report/words.h"

/* A folded paragraph; sentences are far shorter. */
#define PARA_MAX (2 * SCRUB_MAX)

/* Columns at which labels end and at which the text behind them starts. */
#define INDENT_LABEL 14u
#define INDENT_TEXT 16u

struct term {
	const struct term_style *st;
	struct buf *out;
	unsigned width, col;
};

/* Harmless text as it is; @s is never broken. */
void term_puts(struct term *t, const char *s);
void term_newline(struct term *t);
/* Blanks up to that column. */
void term_spaces(struct term *t, unsigned upto);

/*
 * Write @s from the current column on, continue lines at @indent, end the
 * last one.  Blanks inside a line stay as they are: a doubled one may be the
 * very fault.
 */
void term_wrap(struct term *t, unsigned indent, const char *s);

/* The verdict as a word in capitals, in its colour, and two blanks. */
void term_tag(struct term *t, enum verdict v);
/* Start and end colour @code ("1;31"); nothing without colour. */
void term_colour(struct term *t, const char *code);
void term_plain(struct term *t);

/* "   saw: text"; nothing when there is no text. */
void term_labelled(struct term *t, const char *name, const char *text);

/*
 * "repeat: command".  Lines end in " \", and only between words, so that it
 * stays one command when it is pasted into a shell.
 */
void term_command(struct term *t, const char *command);

/* The tables of connections that carry datagrams, if there were any. */
void term_tables(struct term *t, const struct result *r);

#endif
