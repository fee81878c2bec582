/* target.c - target descriptions; see target.h. */
#include "harness/case/target.h"

#include "harness/base/text.h"
#include "harness/case/json.h"
#include "harness/proto/ipc/name.h"
#include "harness/req/policy.h"

#define COUNT(arr) (sizeof(arr) / sizeof((arr)[0]))

/* PT 2.0 §3.3.5.3 wants a timeout but names none; a minute is common. */
#define UDP_IDLE_S 60
#define UDP_IDLE_MAX_S 86400

static const char *const role_words[] = { "client", "server" };
const char *const mode_words[MODES_N] = {
	"socks5",
	"transparent-TCP",
	"transparent-UDP",
	"STUN",
};

size_t mode_index(enum pt_mode mode)
{
	size_t i = 0;

	while (1u << i != mode)
		i++;
	return i;
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
static int get_setting(const struct jat *at, struct arena *a,
		       struct settings *out)
{
	static const char *const keys[] = { "arg", NULL };
	struct jat arg;
	struct span s;

	if (json_is_string(at->v)) {
		if (jat_str(at, a, &s))
			return -1;
		put(&out->plain, at->key, a, s);
		return 0;
	}
	if (!json_is_object(at->v))
		return jat_bad(at, "is neither text nor {\"arg\": KEY}");
	if (jat_object(at, keys, "a setting") || jat_need(at, "arg", &arg) ||
	    jat_str(&arg, a, &s))
		return -1;
	put(&out->by_arg, at->key, a, s);
	return 0;
}

static int get_settings(const struct jat *at, struct arena *a,
			struct settings *out)
{
	size_t n = json_object_size(at->v);
	const char *key;
	json_t *v;

	out->plain.v = arena_alloc(a, n * sizeof(*out->plain.v));
	out->by_arg.v = arena_alloc(a, n * sizeof(*out->by_arg.v));
	json_object_foreach(at->v, key, v)
	{
		struct jat item = jat_get(at, key);

		if (get_setting(&item, a, out))
			return -1;
	}
	return 0;
}

static int get_client_settings(const struct jat *at, struct arena *a,
			       struct target_transport *t)
{
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
		       : jat_bad(at, "is neither \"from-args\" nor an object");
}

static int check_bad_settings(const struct jat *at, struct arena *a)
{
	if (jat_array(at))
		return -1;
	for (size_t i = 0; i < json_array_size(at->v); i++) {
		struct jat item = jat_item(at, i);
		struct settings ignored = { 0 };

		if (!json_is_object(item.v))
			return jat_bad(&item, "is no object");
		if (get_settings(&item, a, &ignored))
			return -1;
	}
	return 0;
}

static int get_roles_and_modes(const struct jat *at, struct target_transport *t)
{
	struct jat roles = jat_get(at, "roles"), modes = jat_get(at, "modes");
	unsigned set = 1u << ROLE_CLIENT | 1u << ROLE_SERVER;

	if ((roles.v && jat_set(&roles, role_words, COUNT(role_words), &set)) ||
	    (modes.v &&
	     jat_set(&modes, mode_words, COUNT(mode_words), &t->modes)))
		return -1;
	t->role[ROLE_CLIENT] = set & 1u << ROLE_CLIENT;
	t->role[ROLE_SERVER] = set & 1u << ROLE_SERVER;
	return 0;
}

/* A change is of something that is there. */
static int get_free_options(const struct jat *at, struct arena *a,
			    struct target_transport *t)
{
	if (jat_strings(at, a, &t->free_options))
		return -1;
	for (size_t i = 0; i < t->free_options.n; i++) {
		struct jat item = jat_item(at, i);

		if (span_absent(pairs_get(&t->server_options,
					  t->free_options.v[i].p)))
			return jat_bad(&item, "is none of server_options");
	}
	return 0;
}

static int get_transport(const struct jat *at, struct arena *a,
			 struct target_transport *t)
{
	static const char *const keys[] = {
		"roles",
		"modes",
		"server_options",
		"free_options",
		"client_settings",
		"bad_settings",
		"secret_fields",
		"conceals_payload",
		"lazy_dial",
		"udp_idle_s",
		NULL,
	};
	struct jat options = jat_get(at, "server_options"),
		   free_options = jat_get(at, "free_options"),
		   settings = jat_get(at, "client_settings"),
		   bad = jat_get(at, "bad_settings"),
		   secret = jat_get(at, "secret_fields"),
		   conceals = jat_get(at, "conceals_payload"),
		   lazy = jat_get(at, "lazy_dial"),
		   idle = jat_get(at, "udp_idle_s");

	t->modes = MODE_SOCKS5;
	t->udp_idle_s = UDP_IDLE_S;
	t->name = arena_span(a, span_str(at->key));
	if (name_check(t->name) & NAME_INVALID)
		return jat_fail(at, "the key is no transport name");
	if (jat_object(at, keys, "a transport") || get_roles_and_modes(at, t) ||
	    (options.v && jat_pairs(&options, a, &t->server_options)) ||
	    (free_options.v && get_free_options(&free_options, a, t)) ||
	    (settings.v && get_client_settings(&settings, a, t)) ||
	    (bad.v && check_bad_settings(&bad, a)) ||
	    (secret.v && jat_strings(&secret, a, &t->secret_fields)) ||
	    (conceals.v && jat_bool(&conceals, &t->conceals_payload)) ||
	    (lazy.v && jat_bool(&lazy, &t->lazy_dial)) ||
	    (idle.v && jat_int(&idle, 1, UDP_IDLE_MAX_S, &t->udp_idle_s)))
		return -1;
	return 0;
}

static int get_transports(const struct jat *at, struct arena *a,
			  struct target *out)
{
	const char *key;
	json_t *v;

	if (!json_is_object(at->v))
		return jat_bad(at, "is no object");
	if (json_object_size(at->v) == 0)
		return jat_fail(at, "names none");
	out->t = arena_alloc(a, json_object_size(at->v) * sizeof(*out->t));
	json_object_foreach(at->v, key, v)
	{
		struct jat item = jat_get(at, key);

		if (get_transport(&item, a, &out->t[out->n]))
			return -1;
		out->n++;
	}
	return 0;
}

static int get_mode_args(const struct jat *at, struct arena *a,
			 struct target *out)
{
	const char *keys[MODES_N + 1] = { NULL };

	memcpy(keys, mode_words, sizeof(mode_words));
	if (jat_object(at, keys, "mode_args"))
		return -1;
	for (size_t i = 0; i < MODES_N; i++) {
		struct jat item = jat_get(at, mode_words[i]);

		if (item.v && jat_strings(&item, a, &out->mode_args[i]))
			return -1;
	}
	return 0;
}

/* Policies are checked here, so that a typing error shows at once. */
static int get_options(const struct jat *at, struct arena *a, struct pairs *out)
{
	struct policy scratch = { 0 };
	struct err why;

	if (jat_pairs(at, a, out))
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		const struct pair *p = &out->v[i];
		struct jat item = jat_get(at, p->key.p);

		if (policy_set(&scratch, p->key, p->value, &why))
			return jat_fail(&item, "%s", why.msg);
	}
	return 0;
}

static int get_target(const struct jat *root, struct arena *a,
		      struct target *out)
{
	static const char *const keys[] = {
		"$schema",   "transports", "client_args", "server_args",
		"mode_args", "wrapper",	   "options",	  NULL,
	};
	struct jat transports, client = jat_get(root, "client_args"),
			       server = jat_get(root, "server_args"),
			       mode = jat_get(root, "mode_args"),
			       wrapper = jat_get(root, "wrapper"),
			       options = jat_get(root, "options");

	if (jat_object(root, keys, "a target description") ||
	    jat_need(root, "transports", &transports) ||
	    get_transports(&transports, a, out) ||
	    (client.v && jat_strings(&client, a, &out->args[ROLE_CLIENT])) ||
	    (server.v && jat_strings(&server, a, &out->args[ROLE_SERVER])) ||
	    (mode.v && get_mode_args(&mode, a, out)) ||
	    (wrapper.v && jat_bool(&wrapper, &out->wrapper)) ||
	    (options.v && get_options(&options, a, &out->options)))
		return -1;
	return 0;
}

int target_parse(struct span text, const char *name, struct arena *a,
		 struct target *out, struct err *e)
{
	json_t *v = jat_load(text, name, e);
	struct jat root = jat_root(v, name, e);
	struct target t = { 0 };

	if (!v)
		return -1;
	if (get_target(&root, a, &t)) {
		json_decref(v);
		return -1;
	}
	t.json = v;
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
	struct jat at = jat_root(root, "--transport", e);
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
	t.json = root;
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

const struct target_transport *target_find(const struct target *t,
					   struct span name)
{
	for (size_t i = 0; i < t->n; i++)
		if (span_eq(t->t[i].name, name))
			return &t->t[i];
	return NULL;
}
