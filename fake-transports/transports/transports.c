#include "fake-transports/transports/transports.h"

#include <string.h>
#include <strings.h>

#include "fake-transports/faults/faults.h"

#define X(name) extern const struct pt_transport transport_##name;
PTREF_TRANSPORTS(X)
#undef X

const struct pt_transport *const transports[] = {
#define X(name) &transport_##name,
	PTREF_TRANSPORTS(X)
#undef X
		NULL,
};

FAULT(NAME_NOCASE, "name-nocase",
      "matches transport names without regard to case", "NAME-MATCH-1",
      "CT-ONLY-1 SVT-ONLY-1 CT-BADNAME-1 CM-DIST-1");
const struct pt_transport *transport_find(const char *name)
{
	for (size_t i = 0; transports[i]; i++) {
		const struct pt_transport *t = transports[i];

		if (fault_is(F_NAME_NOCASE) ? strcasecmp(t->name, name) == 0
					    : strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

const char *transport_missing(const struct pt_transport *t,
			      const struct option_list *settings)
{
	for (size_t i = 0; t->required && t->required[i]; i++) {
		const char *v = option_get(settings, t->required[i]);

		if (!v || !v[0])
			return t->required[i];
	}
	return NULL;
}
