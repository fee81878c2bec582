/*
 * watch_filter.c - the calls that are watched, and the program that makes the
 * kernel stop at them; see watch.h.
 *
 * The program tells one architecture after the other and walks through the
 * numbers.  That is not slow: for each number that is allowed whatever its
 * arguments are the kernel (5.11) finds that out once, when the program is
 * installed, and does not run it for them.  So no call that is not in the
 * table may be looked at by argument.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/sys/watch_int.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define NAME(id, name) [WATCH_##id] = name,
#define WAS_NAME(id, name) [WATCH_WAS_##id] = name,

/* x32 is x86-64 with this bit in the numbers. */
#define X32_BIT 0x40000000u
/* Opening with one of these may change something. */
#define WRITE_INTENT \
	(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

/* Which arguments are what. */
#define ARGS(d, p, f, m) .dir = d, .path = p, .flags = f, .mode = m

static const struct watch_call calls[] = {
	{ "open", WATCH_OPEN, WATCH_FOLLOW | WATCH_FLAGS, ARGS(0, 1, 2, 3) },
	{ "openat", WATCH_OPEN, WATCH_FOLLOW | WATCH_FLAGS, ARGS(1, 2, 3, 4) },
	{ "openat2", WATCH_OPEN, WATCH_FOLLOW | WATCH_HOW, ARGS(1, 2, 3, 0),
	  .number = 437 },
	{ "creat", WATCH_OPEN, WATCH_FOLLOW | WATCH_CREAT, ARGS(0, 1, 0, 2) },
	{ "mkdir", WATCH_MKDIR, 0, ARGS(0, 1, 0, 2) },
	{ "mkdirat", WATCH_MKDIR, 0, ARGS(1, 2, 0, 3) },
	{ "mknod", WATCH_MKNOD, 0, ARGS(0, 1, 0, 2) },
	{ "mknodat", WATCH_MKNOD, 0, ARGS(1, 2, 0, 3) },
	{ "rename", WATCH_RENAME, 0, ARGS(0, 1, 0, 0), .to_path = 2 },
	{ "renameat", WATCH_RENAME, 0, ARGS(1, 2, 0, 0), .to_dir = 3,
	  .to_path = 4 },
	{ "renameat2", WATCH_RENAME, 0, ARGS(1, 2, 5, 0), .to_dir = 3,
	  .to_path = 4 },
	{ "link", WATCH_LINK, 0, ARGS(0, 2, 0, 0) },
	{ "linkat", WATCH_LINK, 0, ARGS(3, 4, 0, 0) },
	{ "symlink", WATCH_SYMLINK, 0, ARGS(0, 2, 0, 0) },
	{ "symlinkat", WATCH_SYMLINK, 0, ARGS(2, 3, 0, 0) },
	{ "unlink", WATCH_UNLINK, 0, ARGS(0, 1, 0, 0) },
	{ "unlinkat", WATCH_UNLINK, WATCH_AT, ARGS(1, 2, 3, 0) },
	{ "rmdir", WATCH_RMDIR, 0, ARGS(0, 1, 0, 0) },
	{ "chmod", WATCH_CHMOD, WATCH_FOLLOW, ARGS(0, 1, 0, 2) },
	{ "fchmod", WATCH_CHMOD, WATCH_FD, ARGS(1, 0, 0, 2) },
	{ "fchmodat", WATCH_CHMOD, WATCH_FOLLOW, ARGS(1, 2, 0, 3) },
	{ "fchmodat2", WATCH_CHMOD, WATCH_FOLLOW | WATCH_AT, ARGS(1, 2, 4, 3),
	  .number = 452 },
	{ "chown", WATCH_CHOWN, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lchown", WATCH_CHOWN, 0, ARGS(0, 1, 0, 0) },
	{ "fchown", WATCH_CHOWN, WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "fchownat", WATCH_CHOWN, WATCH_FOLLOW | WATCH_AT, ARGS(1, 2, 5, 0) },
	{ "chown32", WATCH_CHOWN, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lchown32", WATCH_CHOWN, 0, ARGS(0, 1, 0, 0) },
	{ "fchown32", WATCH_CHOWN, WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "truncate", WATCH_TRUNCATE, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "truncate64", WATCH_TRUNCATE, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "utime", WATCH_UTIME, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "utimes", WATCH_UTIME, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "futimesat", WATCH_UTIME, WATCH_FOLLOW | WATCH_NULL,
	  ARGS(1, 2, 0, 0) },
	{ "utimensat", WATCH_UTIME, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 4, 0) },
	{ "utimensat_time64", WATCH_UTIME, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 4, 0) },
	{ "setxattr", WATCH_XATTR, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lsetxattr", WATCH_XATTR, 0, ARGS(0, 1, 0, 0) },
	{ "fsetxattr", WATCH_XATTR, WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "setxattrat", WATCH_XATTR, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 3, 0), .number = 463 },
	{ "removexattr", WATCH_XATTR, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lremovexattr", WATCH_XATTR, 0, ARGS(0, 1, 0, 0) },
	{ "fremovexattr", WATCH_XATTR, WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "removexattrat", WATCH_XATTR, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 3, 0), .number = 466 },
	{ "file_setattr", WATCH_XATTR, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 5, 0), .number = 469 },
	{ "bind", WATCH_BIND, WATCH_ADDRESS, ARGS(0, 2, 0, 3), .i386 = 361 },
	{ "socketcall", WATCH_BIND, WATCH_ADDRESS, ARGS(0, 2, 0, 3), .sub = 2 },
	/* From here on only for injections. */
	{ "write", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "pwrite64", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "writev", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "pwritev", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "pwritev2", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "fsync", WATCH_FSYNC, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "fdatasync", WATCH_FSYNC, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "socket", WATCH_SOCKET, WATCH_INJECT, ARGS(0, 0, 0, 0), .i386 = 359 },
	{ "socketcall", WATCH_SOCKET, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 1 },
	{ "listen", WATCH_LISTEN, WATCH_INJECT, ARGS(0, 0, 0, 0), .i386 = 363 },
	{ "socketcall", WATCH_LISTEN, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 4 },
	{ "accept", WATCH_ACCEPT, WATCH_INJECT, ARGS(0, 0, 0, 0) },
	{ "socketcall", WATCH_ACCEPT, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 5 },
	{ "accept4", WATCH_ACCEPT, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .i386 = 364 },
	{ "socketcall", WATCH_ACCEPT, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 18 },
	{ "connect", WATCH_CONNECT, WATCH_INJECT | WATCH_ADDRESS,
	  ARGS(0, 2, 0, 3), .i386 = 362 },
	{ "socketcall", WATCH_CONNECT, WATCH_INJECT | WATCH_ADDRESS,
	  ARGS(0, 2, 0, 3), .sub = 3 },
};

/* Architectures whose programs one kernel runs. */
#define TOGETHER_MAX 3
static const uint32_t together[][TOGETHER_MAX] = {
	{ SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_X86 },
	{ SCMP_ARCH_AARCH64, SCMP_ARCH_ARM },
	{ SCMP_ARCH_S390X, SCMP_ARCH_S390 },
};

/* A call of one architecture. */
struct entry {
	const struct watch_call *call;
	uint32_t arch; /* as the kernel tells it: x32 has that of x86-64 */
	int nr;
};

/* By an entry's five instructions, and what begins and ends a part. */
#define ENTRIES_MAX (TOGETHER_MAX * N(calls))
#define PROGRAM_MAX (ENTRIES_MAX * 6 + TOGETHER_MAX * 8 + 1)

struct watch_filter {
	const struct watch_inject *rows;
	size_t nrows;
	struct entry entry[ENTRIES_MAX];
	size_t n;
	struct sock_filter code[PROGRAM_MAX];
	struct sock_fprog program;
};

const char *watch_op_name(enum watch_op op)
{
	static const char *const names[] = { WATCH_OPS(NAME) };

	return names[op];
}

const char *watch_was_name(enum watch_was was)
{
	static const char *const names[] = { WATCH_WAS(WAS_NAME) };

	return names[was];
}

enum watch_op watch_op_class(enum watch_op op)
{
	if (op == WATCH_CREATE || op == WATCH_TMPFILE)
		return WATCH_OPEN;
	if (op == WATCH_RMDIR)
		return WATCH_UNLINK;
	return op == WATCH_RENAME_TO ? WATCH_RENAME : op;
}

bool watch_inject_known(const char *call)
{
	for (enum watch_op op = 0; op <= WATCH_CONNECT; op++)
		if (strcmp(watch_op_name(op), call) == 0)
			return watch_op_class(op) == op;
	return false;
}

/* --- the program --- */

static void emit(struct watch_filter *f, uint16_t code, uint32_t k, uint8_t jt,
		 uint8_t jf)
{
	f->code[f->program.len++] = (struct sock_filter){ code, jt, jf, k };
}

static void load(struct watch_filter *f, size_t offset)
{
	emit(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The low half of the argument that the table calls @nth. */
static void load_arg(struct watch_filter *f, unsigned nth)
{
	size_t low = BYTE_ORDER == BIG_ENDIAN ? 4 : 0;

	load(f, offsetof(struct seccomp_data, args) + (nth - 1) * 8u + low);
}

static void answer(struct watch_filter *f, uint32_t what)
{
	emit(f, BPF_RET | BPF_K, what, 0, 0);
}

/* The number of the call is loaded, and is again behind this. */
static void emit_call(struct watch_filter *f, const struct watch_call *c,
		      int nr)
{
	bool flags = c->how & WATCH_FLAGS;

	if (flags || c->sub) {
		emit(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 4);
		load_arg(f, flags ? c->flags : 1);
		emit(f, BPF_JMP | (flags ? BPF_JSET : BPF_JEQ) | BPF_K,
		     flags ? WRITE_INTENT : c->sub, 0, 1);
		answer(f, SECCOMP_RET_USER_NOTIF);
		load(f, offsetof(struct seccomp_data, nr));
	} else {
		emit(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1);
		answer(f, SECCOMP_RET_USER_NOTIF);
	}
}

/* The number of @c there; -1: there is no such call. */
static int number(const struct watch_call *c, uint32_t arch)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, c->name);

	if (nr < 0 && c->number)
		nr = c->number | (arch == SCMP_ARCH_X32 ? (int)X32_BIT : 0);
	if (nr < 0 && c->i386 && arch == SCMP_ARCH_X86)
		nr = c->i386;
	return nr < 0 ? -1 : nr;
}

static bool is_wanted(const struct watch_filter *f, const struct watch_call *c)
{
	if (!(c->how & WATCH_INJECT))
		return true;
	for (size_t i = 0; i < f->nrows; i++)
		if (strcmp(f->rows[i].call, watch_op_name(c->op)) == 0)
			return true;
	return false;
}

static uint32_t kernel_arch(uint32_t arch)
{
	return arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch;
}

/* All calls of one architecture; others jump over it. */
static void emit_arch(struct watch_filter *f, uint32_t arch)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, "io_uring_setup");
	size_t skip;

	load(f, offsetof(struct seccomp_data, arch));
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, kernel_arch(arch), 1, 0);
	skip = f->program.len;
	emit(f, BPF_JMP | BPF_JA, 0, 0, 0);
	load(f, offsetof(struct seccomp_data, nr));
	if (nr >= 0) {
		emit(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1);
		answer(f, SECCOMP_RET_ERRNO | ENOSYS);
	}
	for (size_t i = 0; i < N(calls); i++) {
		nr = number(&calls[i], arch);
		if (nr < 0 || !is_wanted(f, &calls[i]))
			continue;
		f->entry[f->n++] =
			(struct entry){ &calls[i], kernel_arch(arch), nr };
		emit_call(f, &calls[i], nr);
	}
	f->code[skip].k = (uint32_t)(f->program.len - skip - 1);
}

struct watch_filter *watch_filter_new(const struct watch_inject *in, size_t n)
{
	struct watch_filter *f = calloc(1, sizeof(*f));
	uint32_t native = seccomp_arch_native();
	const uint32_t *archs = NULL;

	if (!f)
		die_oom();
	f->rows = in;
	f->nrows = n;
	f->program.filter = f->code;
	for (size_t i = 0; i < N(together); i++)
		if (together[i][0] == native)
			archs = together[i];
	if (!archs)
		emit_arch(f, native);
	for (size_t i = 0; archs && i < TOGETHER_MAX && archs[i]; i++)
		emit_arch(f, archs[i]);
	answer(f, SECCOMP_RET_ALLOW);
	return f;
}

void watch_filter_free(struct watch_filter *f)
{
	free(f);
}

const struct sock_fprog *watch_filter_program(const struct watch_filter *f)
{
	return &f->program;
}

const struct watch_inject *watch_filter_rows(const struct watch_filter *f,
					     size_t *n)
{
	*n = f->nrows;
	return f->rows;
}

const struct watch_call *watch_filter_find(const struct watch_filter *f,
					   uint32_t arch, int nr, uint64_t arg,
					   bool *wide)
{
	*wide = arch & __AUDIT_ARCH_64BIT;
	for (size_t i = 0; i < f->n; i++) {
		const struct entry *e = &f->entry[i];

		if (e->nr == nr && e->arch == arch &&
		    (!e->call->sub || e->call->sub == (uint32_t)arg))
			return e->call;
	}
	return NULL;
}
