/* target.c - target descriptions; see target.h. */
#include "harness/case/target.h"

#include "parent/base/text.h"
#include "harness/case/format/keys.h"
#include "parent/proto/ipc/name.h"
#include "harness/req/core/policy.h"

#define UDP_IDLE_MAX_S 86400

size_t mode_index(enum pt_mode mode)
{
	size_t i = 0;

	while (1u << i != mode)
		i++;
	return i;
}

const char *mode_word(enum pt_mode mode)
{
	return words_mode.names[mode_index(mode)];
}

/* Settings by their values, and by the keys of ARGS that hold them. */
struct settings {
	struct pairs plain, by_arg;
};

static void put(struct pairs *l, const char *key, struct arena *a,
		struct span value)
{
	l->v[l->n++] = (struct pair){ arena_span(a, span_str(key)), value };
}

/* A value of a client setting: text, or {"arg": key of the server's ARGS}. */
static int get_setting(const struct json_path *at, struct arena *a,
		       struct settings *out)
{
	static const char *const keys[] = { "arg", NULL };
	struct json_path arg;
	struct span s;

	if (json_is_string(at->v)) {
		if (json_path_str(at, a, &s))
			return -1;
		put(&out->plain, at->key, a, s);
		return 0;
	}
	if (!json_is_object(at->v))
		return json_path_bad(at, "is neither text nor {\"arg\": KEY}");
	if (json_path_object(at, keys, "a setting") ||
	    json_path_need(at, "arg", &arg) || json_path_str(&arg, a, &s))
		return -1;
	put(&out->by_arg, at->key, a, s);
	return 0;
}

static int get_settings(const struct json_path *at, struct arena *a,
			struct settings *out)
{
	size_t n = json_object_size(at->v);
	const char *key;
	json_t *v;

	out->plain.v = arena_alloc(a, n * sizeof(*out->plain.v));
	out->by_arg.v = arena_alloc(a, n * sizeof(*out->by_arg.v));
	json_object_foreach(at->v, key, v)
	{
		struct json_path item = json_path_get(at, key);

		if (get_setting(&item, a, out))
			return -1;
	}
	return 0;
}

static int get_client_settings(const struct json_path *at, struct arena *a,
			       void *out)
{
	struct target_transport *t = out;
	struct settings s = { 0 };

	if (json_is_object(at->v)) {
		if (get_settings(at, a, &s))
			return -1;
		t->settings = s.plain;
		t->settings_by_arg = s.by_arg;
		return 0;
	}
	t->settings_from_args = json_is_string(at->v) &&
				strcmp(json_string_value(at->v), "from-args") ==
					0;
	return t->settings_from_args
		       ? 0
		       : json_path_bad(
				 at, "is neither \"from-args\" nor an object");
}

static int check_bad_settings(const struct json_path *at, struct arena *a,
			      void *out)
{
	(void)out;
	if (json_path_array(at))
		return -1;
	for (size_t i = 0; i < json_array_size(at->v); i++) {
		struct json_path item = json_path_item(at, i);
		struct settings ignored = { 0 };

		if (!json_is_object(item.v))
			return json_path_bad(&item, "is no object");
		if (get_settings(&item, a, &ignored))
			return -1;
	}
	return 0;
}

static int get_roles(const struct json_path *at, struct arena *a, void *out)
{
	struct target_transport *t = out;
	unsigned set;

	(void)a;
	if (json_path_set(at, words_role.names, words_role.n, &set))
		return -1;
	t->role[ROLE_CLIENT] = set & 1u << ROLE_CLIENT;
	t->role[ROLE_SERVER] = set & 1u << ROLE_SERVER;
	return 0;
}

/* A change is of something that is there. */
static int get_free_options(const struct json_path *at, struct arena *a,
			    void *out)
{
	struct target_transport *t = out;

	if (json_path_strings(at, a, &t->free_options))
		return -1;
	for (size_t i = 0; i < t->free_options.n; i++) {
		struct json_path item = json_path_item(at, i);

		if (span_absent(pairs_get(&t->server_options,
					  t->free_options.v[i].p)))
			return json_path_bad(&item,
					     "is none of server_options");
	}
	return 0;
}

static int get_option_values(const struct json_path *at, struct arena *a,
			     void *out)
{
	struct target_transport *t = out;
	const char *key;
	json_t *v;

	if (!json_is_object(at->v))
		return json_path_bad(at, "is no object");
	t->values =
		arena_alloc(a, json_object_size(at->v) * sizeof(*t->values));
	json_object_foreach(at->v, key, v)
	{
		struct json_path item = json_path_get(at, key);
		struct option_values *o = &t->values[t->nvalues++];

		o->key = arena_span(a, span_str(key));
		if (json_path_strings(&item, a, &o->v))
			return -1;
		if (!o->v.n)
			return json_path_fail(&item, "names no value");
	}
	return 0;
}

#define SETTINGS_SCHEMA "{\"$ref\": \"#/$defs/settings\"}"

#define AT(member) .offset = offsetof(struct target_transport, member)

/* The options before those of them that are free. */
const struct key transport_keys[] = {
	{ "roles", "what it can be; default both", KEY_SET,
	  .words = &words_role, .get = get_roles },
	{ "modes",
	  "how it serves applications as client; default: what it announces "
	  "when it is started without words of mode_args.  Without socks5 "
	  "the first of them is what most cases use",
	  KEY_SET, AT(modes), .words = &words_mode },
	{ "server_options",
	  "what the server needs in TOR_PT_SERVER_TRANSPORT_OPTIONS", KEY_PAIRS,
	  AT(server_options) },
	{ "free_options",
	  "those of server_options that may have any value of 8 to 255 "
	  "printable characters of ASCII without blanks",
	  KEY_STRINGS, AT(free_options), .get = get_free_options },
	{ "option_values",
	  "values that options of the server may have besides; ARGS shows "
	  "which one it has",
	  KEY_OWN, .get = get_option_values, .form = "object of lists of text",
	  .schema = "{\"type\": \"object\", \"additionalProperties\":"
		    " {\"type\": \"array\", \"minItems\": 1,"
		    " \"items\": {\"type\": \"string\"}}}" },
	{ "apart",
	  "client and server of it do not find each other without others in "
	  "between, so that there are no tunnels",
	  KEY_BOOL, AT(apart) },
	{ "client_settings",
	  "what a client sends with a connection; \"from-args\": all that the "
	  "server printed in ARGS; default, where it is said for none: the "
	  "same, if one is seen to print any",
	  KEY_OWN, .get = get_client_settings,
	  .schema = "{\"anyOf\": [{\"const\": \"from-args\"}, " SETTINGS_SCHEMA
		    "]}",
	  .form = "\"from-args\", or an object whose values are text or "
		  "{\"arg\": KEY}, which is what the server printed under that "
		  "key in ARGS" },
	{ "settings_are_advice",
	  "a client must be told its settings, and may work with other values "
	  "than those of the server",
	  KEY_BOOL, AT(advice) },
	{ "bad_settings", "settings that the transport must refuse", KEY_OWN,
	  .get = check_bad_settings,
	  .schema = "{\"type\": \"array\", \"items\": " SETTINGS_SCHEMA "}",
	  .form = "list of objects of settings" },
	{ "secret_fields",
	  "server options whose values must not show up in ARGS", KEY_STRINGS,
	  AT(secret_fields) },
	{ "conceals_payload", "the payload cannot be read off the wire",
	  KEY_BOOL, AT(conceals_payload) },
	{ "lazy_dial", "a connection is reported as open before it is",
	  KEY_BOOL, AT(lazy_dial) },
	{ "udp_idle_s",
	  "seconds after which a connection that carries datagrams is closed "
	  "when it carries none, with the words of mode_args; best some that "
	  "make it short: what takes more than 10 is judged with --slow only",
	  KEY_INT, AT(udp_idle_s), .min = 1, .max = UDP_IDLE_MAX_S },
	{ .name = NULL },
};

#undef AT

static int get_transport(const struct json_path *at, struct arena *a,
			 struct target_transport *t)
{
	t->role[ROLE_CLIENT] = t->role[ROLE_SERVER] = true;
	t->name = arena_span(a, span_str(at->key));
	if (name_check(t->name) & NAME_INVALID)
		return json_path_fail(at, "the key is no transport name");
	return keys_known(at, transport_keys, NULL, "a transport") ||
			       keys_read(at, a, transport_keys, t)
		       ? -1
		       : 0;
}

static int get_transports(const struct json_path *at, struct arena *a,
			  void *target)
{
	struct target *out = target;
	const char *key;
	json_t *v;

	if (!json_is_object(at->v))
		return json_path_bad(at, "is no object");
	if (json_object_size(at->v) == 0)
		return json_path_fail(at, "names none");
	out->t = arena_alloc(a, json_object_size(at->v) * sizeof(*out->t));
	json_object_foreach(at->v, key, v)
	{
		struct json_path item = json_path_get(at, key);

		if (get_transport(&item, a, &out->t[out->n]))
			return -1;
		out->n++;
	}
	return 0;
}

/* A list for both roles, or one for each. */
static int get_mode_words(const struct json_path *at, struct arena *a,
			  struct strings out[2])
{
	const char *const *roles = words_role.names;
	const char *keys[3] = { roles[0], roles[1], NULL };

	if (!json_is_object(at->v)) {
		if (json_path_strings(at, a, &out[0]))
			return -1;
		out[1] = out[0];
		return 0;
	}
	if (json_path_object(at, keys, "words by role"))
		return -1;
	for (size_t i = 0; i < 2; i++) {
		struct json_path item = json_path_get(at, roles[i]);

		if (item.v && json_path_strings(&item, a, &out[i]))
			return -1;
	}
	return 0;
}

static int get_mode_args(const struct json_path *at, struct arena *a,
			 void *target)
{
	struct target *out = target;
	const char *keys[MODES_N + 1] = { NULL };

	memcpy(keys, words_mode.names, MODES_N * sizeof(*keys));
	if (json_path_object(at, keys, "mode_args"))
		return -1;
	for (size_t i = 0; i < MODES_N; i++) {
		struct json_path item = json_path_get(at, words_mode.names[i]);

		if (item.v && get_mode_words(&item, a, out->mode_args[i]))
			return -1;
	}
	return 0;
}

/* Policies are checked here, so that a typing error shows at once. */
static int get_options(const struct json_path *at, struct arena *a,
		       void *target)
{
	struct pairs *out = &((struct target *)target)->options;
	struct policy scratch = { 0 };
	struct err why;

	if (json_path_pairs(at, a, out))
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		const struct pair *p = &out->v[i];
		struct json_path item = json_path_get(at, p->key.p);

		if (policy_set(&scratch, p->key, p->value, &why))
			return json_path_fail(&item, "%s", why.msg);
	}
	return 0;
}

static int nothing(const struct json_path *at, struct arena *a, void *out)
{
	(void)at;
	(void)a;
	(void)out;
	return 0;
}

#define AT(member) .offset = offsetof(struct target, member)

const struct key target_keys[] = {
	{ "$schema", "where the schema is, for editors", KEY_OWN,
	  .get = nothing, .schema = "{\"type\": \"string\"}", .form = "text" },
	{ "transports",
	  "by name; the first of a role is the one that most cases use",
	  KEY_OWN, true, .get = get_transports, .form = "object of transports",
	  .schema = "{\"type\": \"object\", \"minProperties\": 1,"
		    " \"propertyNames\": {\"pattern\":"
		    " \"^[A-Za-z_][A-Za-z0-9_]*$\"},"
		    " \"additionalProperties\":"
		    " {\"$ref\": \"#/$defs/transport\"}}" },
	{ "client_args",
	  "words behind the program's name when it is launched as client",
	  KEY_STRINGS, AT(args[ROLE_CLIENT]) },
	{ "server_args", "the same as server", KEY_STRINGS,
	  AT(args[ROLE_SERVER]) },
	{ "mode_args",
	  "words that select a mode.  They may hold templates of "
	  "ptcheck-case(5), as ${settings}, by which a client is told what "
	  "SOCKS does not tell it; a word that is empty by that is left out, "
	  "with the one before it",
	  KEY_OWN, .get = get_mode_args,
	  .form = "object of lists, by mode; or, by mode, an object of lists "
		  "by role",
	  .schema = "{\"type\": \"object\","
		    " \"propertyNames\": {\"$ref\": \"#/$defs/mode\"},"
		    " \"additionalProperties\": {\"anyOf\": ["
		    "{\"$ref\": \"#/$defs/words\"},"
		    "{\"type\": \"object\", \"propertyNames\":"
		    " {\"$ref\": \"#/$defs/role\"},"
		    " \"additionalProperties\":"
		    " {\"$ref\": \"#/$defs/words\"}}]}}" },
	{ "client_program",
	  "what is launched as client instead of the program on the command "
	  "line; as for --client",
	  KEY_LINE, AT(program[ROLE_CLIENT]) },
	{ "server_program", "the same as server; as for --server", KEY_LINE,
	  AT(program[ROLE_SERVER]) },
	{ "flags_only",
	  "it reads no variables: every setting that has a flag is given as "
	  "one",
	  KEY_BOOL, AT(flags_only) },
	{ "wrapper",
	  "the program is a script around the transport, so that exit status "
	  "and signals are the script's",
	  KEY_BOOL, AT(wrapper) },
	{ "options", "policies for disputed points, as for --option", KEY_OWN,
	  .get = get_options, .form = "object of text" },
	{ .name = NULL },
};

#undef AT

/* Who describes what one client is told has said all that there is to say. */
static void see_unsaid(struct target *t)
{
	const char *name;
	json_t *v;
	bool said = false;

	json_object_foreach(json_object_get(t->json, "transports"), name, v)
		said |= json_object_get(v, "client_settings") != NULL;
	for (size_t i = 0; i < t->n; i++)
		t->t[i].settings_unsaid = !said;
}

static int get_target(const struct json_path *root, struct arena *a,
		      struct target *out)
{
	if (keys_known(root, target_keys, NULL, "a target description") ||
	    keys_read(root, a, target_keys, out))
		return -1;
	out->json = root->v;
	see_unsaid(out);
	return 0;
}

int target_parse(struct span text, const char *name, struct arena *a,
		 struct target *out, struct err *e)
{
	json_t *v = json_path_load(text, name, e);
	struct json_path root = json_path_root(v, name, e);
	struct target t = { 0 };

	if (!v)
		return -1;
	if (get_target(&root, a, &t)) {
		json_decref(v);
		return -1;
	}
	*out = t;
	return 0;
}

void target_fini(struct target *t)
{
	json_decref(t->json);
	*t = (struct target){ 0 };
}

/* Add one name to {"transports": {}}; complains about a bad or second one. */
static int add_name(json_t *transports, struct span name, struct err *e)
{
	char shown[80];
	bool bad = name_check(name) & NAME_INVALID;

	text_showbuf(shown, sizeof(shown), name);
	if (bad)
		return err_set(e, 0,
			       "--transport: \"%s\" is no transport "
			       "name",
			       shown);
	if (json_object_getn(transports, name.p, name.n))
		return err_set(e, 0, "--transport: \"%s\" is there twice",
			       shown);
	if (json_object_setn_new(transports, name.p, name.n, json_object()))
		die_oom();
	return 0;
}

int target_from_names(struct span names, struct arena *a, struct target *out,
		      struct err *e)
{
	json_t *root = json_object(), *transports = json_object();
	struct json_path at = json_path_root(root, "--transport", e);
	struct target t = { 0 };
	struct span name;

	if (!root || json_object_set_new(root, "transports", transports))
		die_oom();
	if (!names.p)
		names = SPAN("");
	while (span_split(&names, ',', &name))
		if (add_name(transports, name, e))
			goto bad;
	if (get_target(&at, a, &t))
		goto bad;
	*out = t;
	return 0;
bad:
	json_decref(root);
	return -1;
}

void target_names(const struct target *t, enum role role, struct arena *a,
		  struct strings *out)
{
	*out = (struct strings){ arena_alloc(a, t->n * sizeof(*out->v)), 0 };
	for (size_t i = 0; i < t->n; i++)
		if (t->t[i].role[role])
			out->v[out->n++] = t->t[i].name;
}

bool target_is_alone(const struct target *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->t[i].role[ROLE_CLIENT] && t->t[i].role[ROLE_SERVER] &&
		    !t->t[i].apart)
			return false;
	return true;
}

const struct target_transport *target_find(const struct target *t,
					   struct span name)
{
	for (size_t i = 0; i < t->n; i++)
		if (span_eq(t->t[i].name, name))
			return &t->t[i];
	return NULL;
}
