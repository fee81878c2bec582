/*
 * fswatch_filter.c - the program that makes the kernel stop at the calls of
 * fswatch_calls.c; see watch.h.
 *
 * The program tells the architectures apart and halves their numbers.  When
 * it is installed the kernel (5.11) goes through it once for each number, and
 * never again for those that are allowed whatever their arguments are.  So no
 * call that is not in the table may be looked at by argument; and the halving
 * is for that one time: a list takes 0.4 ms there.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/arena.h"
#include "harness/sys/fswatch_int.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* x32 is x86-64 with this bit in the numbers; no other has it. */
#define X32_BIT 0x40000000u
/* Opening with one of these may change something. */
#define WRITE_INTENT \
	(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

/* Architectures whose programs one kernel runs. */
#define TOGETHER_MAX 3
static const uint32_t together[][TOGETHER_MAX] = {
	{ SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_X86 },
	{ SCMP_ARCH_AARCH64, SCMP_ARCH_ARM },
	{ SCMP_ARCH_S390X, SCMP_ARCH_S390 },
};

/* A call of one architecture. */
struct entry {
	const struct fswatch_call *call; /* NULL: refused */
	uint32_t arch; /* as the kernel tells it: x32 has that of x86-64 */
	int nr;
};

/* So many are not halved any more. */
#define LEAF 8
/* With the one that is refused.  Six instructions for each or five for a half
 * and what begins and ends the part of an architecture. */
#define ENTRIES_MAX (TOGETHER_MAX * (FSWATCH_CALLS_MAX + 1))
#define PROGRAM_MAX (ENTRIES_MAX * 11 + TOGETHER_MAX * 4 + 2)

struct fswatch_filter {
	const struct fswatch_inject *rows;
	size_t nrows;
	struct entry entry[ENTRIES_MAX];
	size_t n;
	struct sock_filter code[PROGRAM_MAX];
	struct sock_fprog program;
};

/* --- the program --- */

static void emit(struct fswatch_filter *f, uint16_t code, uint32_t k,
		 uint8_t jt, uint8_t jf)
{
	f->code[f->program.len++] = (struct sock_filter){ code, jt, jf, k };
}

static void load(struct fswatch_filter *f, size_t offset)
{
	emit(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* Of x32 the same as of x86-64, as far as that has it. */
static void load_number(struct fswatch_filter *f)
{
	load(f, offsetof(struct seccomp_data, nr));
	emit(f, BPF_ALU | BPF_AND | BPF_K, ~X32_BIT, 0, 0);
}

/* The low half of the argument that the table calls @nth. */
static void load_arg(struct fswatch_filter *f, unsigned nth)
{
	size_t low = BYTE_ORDER == BIG_ENDIAN ? 4 : 0;

	load(f, offsetof(struct seccomp_data, args) + (nth - 1) * 8u + low);
}

static void answer(struct fswatch_filter *f, uint32_t what)
{
	emit(f, BPF_RET | BPF_K, what, 0, 0);
}

static bool has_condition(const struct fswatch_call *c)
{
	return c && (c->sub || c->how & FSWATCH_FLAGS);
}

/* A call that is stopped for some arguments only; the number is loaded again
 * behind it. */
static void emit_conditional(struct fswatch_filter *f, const struct entry *e)
{
	const struct fswatch_call *c = e->call;

	emit(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)e->nr, 0, 5);
	load_arg(f, c->sub ? 1 : c->flags);
	emit(f, BPF_JMP | (c->sub ? BPF_JEQ : BPF_JSET) | BPF_K,
	     c->sub ? c->sub : WRITE_INTENT, 0, 1);
	answer(f, SECCOMP_RET_USER_NOTIF);
	load_number(f);
}

/* Entries @from up to @to.  Their answers stand once behind all of them. */
static void emit_leaf(struct fswatch_filter *f, size_t from, size_t to)
{
	uint8_t left = 0;

	for (size_t i = from; i < to; i++) {
		if (has_condition(f->entry[i].call))
			emit_conditional(f, &f->entry[i]);
		else
			left++;
	}
	for (size_t i = from; i < to; i++) {
		const struct entry *e = &f->entry[i];

		if (has_condition(e->call))
			continue;
		/* Over those that are left, the permission and, if it is
		 * refused, the notification. */
		emit(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)e->nr,
		     e->call ? left : (uint8_t)(left + 1), 0);
		left--;
	}
	answer(f, SECCOMP_RET_ALLOW);
	answer(f, SECCOMP_RET_USER_NOTIF);
	answer(f, SECCOMP_RET_ERRNO | ENOSYS);
}

/* A jump that is too far for a condition; its length is filled in later. */
static size_t emit_far(struct fswatch_filter *f)
{
	emit(f, BPF_JMP | BPF_JA, 0, 0, 0);
	return f->program.len - 1u;
}

static void land(struct fswatch_filter *f, size_t far)
{
	f->code[far].k = (uint32_t)(f->program.len - far - 1);
}

/* Entries @from up to @to, of one architecture. */
static void emit_half(struct fswatch_filter *f, size_t from, size_t to)
{
	size_t mid = from + (to - from) / 2, far;

	/* Entries of one number stay together. */
	while (mid > from && f->entry[mid - 1].nr == f->entry[mid].nr)
		mid--;
	if (to - from <= LEAF || mid == from) {
		emit_leaf(f, from, to);
		return;
	}
	emit(f, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)f->entry[mid].nr, 0, 1);
	far = emit_far(f);
	emit_half(f, from, mid);
	land(f, far);
	emit_half(f, mid, to);
}

static void emit_all(struct fswatch_filter *f)
{
	size_t from = 0, to;

	load(f, offsetof(struct seccomp_data, arch));
	for (; from < f->n; from = to) {
		size_t far;

		for (to = from; to < f->n; to++)
			if (f->entry[to].arch != f->entry[from].arch)
				break;
		emit(f, BPF_JMP | BPF_JEQ | BPF_K, f->entry[from].arch, 1, 0);
		far = emit_far(f);
		load_number(f);
		emit_half(f, from, to);
		land(f, far);
	}
	answer(f, SECCOMP_RET_ALLOW);
}

/* --- the entries --- */

/* The number of @c there; -1: there is no such call. */
static int number(const struct fswatch_call *c, uint32_t arch)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, c->name);

	if (nr < 0 && c->number)
		nr = c->number;
	if (nr < 0 && c->i386 && arch == SCMP_ARCH_X86)
		nr = c->i386;
	return nr < 0 ? -1 : nr;
}

static bool is_wanted(const struct fswatch_filter *f,
		      const struct fswatch_call *c)
{
	if (!(c->how & FSWATCH_INJECT))
		return true;
	for (size_t i = 0; i < f->nrows; i++)
		if (strcmp(f->rows[i].call, fswatch_op_name(c->op)) == 0)
			return true;
	return false;
}

static uint32_t kernel_arch(uint32_t arch)
{
	return arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch;
}

static void filter_add(struct fswatch_filter *f, const struct fswatch_call *c,
		       uint32_t arch, int nr)
{
	if (nr >= 0)
		f->entry[f->n++] = (struct entry){ c, kernel_arch(arch), nr };
}

static void add_arch(struct fswatch_filter *f, uint32_t arch)
{
	filter_add(f, NULL, arch,
		   seccomp_syscall_resolve_name_arch(arch, "io_uring_setup"));
	for (size_t i = 0; i < fswatch_ncalls; i++)
		if (is_wanted(f, &fswatch_calls[i]))
			filter_add(f, &fswatch_calls[i], arch,
				   number(&fswatch_calls[i], arch));
}

static int by_number(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->arch != y->arch)
		return x->arch < y->arch ? -1 : 1;
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

struct fswatch_filter *fswatch_filter_new(const struct fswatch_inject *in,
					  size_t n)
{
	struct fswatch_filter *f = calloc(1, sizeof(*f));
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
		add_arch(f, native);
	for (size_t i = 0; archs && i < TOGETHER_MAX && archs[i]; i++)
		add_arch(f, archs[i]);
	qsort(f->entry, f->n, sizeof(f->entry[0]), by_number);
	emit_all(f);
	return f;
}

void fswatch_filter_free(struct fswatch_filter *f)
{
	free(f);
}

const struct sock_fprog *fswatch_filter_program(const struct fswatch_filter *f)
{
	return &f->program;
}

const struct fswatch_inject *fswatch_filter_rows(const struct fswatch_filter *f,
						 size_t *n)
{
	*n = f->nrows;
	return f->rows;
}

const struct fswatch_call *fswatch_filter_find(const struct fswatch_filter *f,
					       uint32_t arch, int nr,
					       uint64_t arg, bool *wide)
{
	nr &= (int)~X32_BIT;
	*wide = arch & __AUDIT_ARCH_64BIT;
	for (size_t i = 0; i < f->n; i++) {
		const struct entry *e = &f->entry[i];

		if (e->nr == nr && e->arch == arch && e->call &&
		    (!e->call->sub || e->call->sub == (uint32_t)arg))
			return e->call;
	}
	return NULL;
}
