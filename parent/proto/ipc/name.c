/*
 * name.c - see name.h.  Only character classes count, as every known parent
 * and transport does it; keywords of C are noted because §3.1 speaks of C
 * identifiers.
 */
#include "parent/proto/ipc/name.h"

static const char *const c_keywords[] = {
	"_Alignas",	 "_Alignof",  "_Atomic",
	"_Bool",	 "_Complex",  "_Generic",
	"_Imaginary",	 "_Noreturn", "_Static_assert",
	"_Thread_local", "auto",      "break",
	"case",		 "char",      "const",
	"continue",	 "default",   "do",
	"double",	 "else",      "enum",
	"extern",	 "float",     "for",
	"goto",		 "if",	      "inline",
	"int",		 "long",      "register",
	"restrict",	 "return",    "short",
	"signed",	 "sizeof",    "static",
	"struct",	 "switch",    "typedef",
	"union",	 "unsigned",  "void",
	"volatile",	 "while",
};

/* Not <ctype.h>: the answer must not depend on the locale. */
static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_keyword(struct span s)
{
	for (size_t i = 0; i < sizeof(c_keywords) / sizeof(*c_keywords); i++)
		if (span_eqs(s, c_keywords[i]))
			return true;
	return false;
}

unsigned name_check(struct span s)
{
	unsigned notes = 0;

	if (s.n == 0)
		return NAME_EMPTY;
	if (s.p[0] == '_')
		notes |= NAME_UNDERSCORE;
	else if (!is_alpha(s.p[0]))
		notes |= NAME_BAD_FIRST;
	for (size_t i = 1; i < s.n; i++)
		if (!is_alpha(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '_')
			notes |= NAME_BAD_BYTE;
	if (is_keyword(s))
		notes |= NAME_KEYWORD;
	return notes;
}
