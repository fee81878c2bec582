/*
 * err.h - one error, told once.
 *
 * Code that calls the system or reads a user's file returns 0 or -1 and fills
 * a struct err with a sentence that names the place and quotes the value
 * (escaped, see text.h).  Callers put their own place in front on the way up;
 * the command line prints it once.
 */
#ifndef PTCHECK_BASE_ERR_H
#define PTCHECK_BASE_ERR_H

#define ERR_MAX 1024

struct err {
	int code; /* errno, or 0 when no system call failed */
	char msg[ERR_MAX];
};

/* Always returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Like err_set() with ": strerror(code)" behind the text. */
int err_sys(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Put "text: " in front of what is there. */
int err_wrap(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
