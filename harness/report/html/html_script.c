/*
 * html_script.c - search and filter, for whom scripts run.
 *
 * The page needs none of it: its controls show when the script does.  It is
 * the only script that the policy of the page lets run, by its hash; without
 * '<' and '&', which XML would have to escape.
 */
#include <sodium.h>

#include "harness/report/html/html.h"

static const char script[] =
	"\n(function () {\n"
	"'use strict';\n"
	"var get = document.getElementById.bind(document);\n"
	"var text = get('find-text'), pick = get('find-verdict');\n"
	"var rows = document.querySelectorAll('[data-verdict]');\n"
	"var parts = document.querySelectorAll('.sect, .part');\n"
	"function has(what, words) {\n"
	" return words.every(function (w) { return what.includes(w); });\n"
	"}\n"
	"function show() {\n"
	" var words = text.value.toLowerCase().split(/\\s+/);\n"
	" var seen = 0, all = 0;\n"
	" rows.forEach(function (row) {\n"
	"  var ok = has(row.textContent.toLowerCase(), words);\n"
	"  if (pick.value) ok = ok ? row.dataset.verdict === pick.value : ok;\n"
	"  row.hidden = !ok;\n"
	"  if (row.tagName === 'TR') { all++; seen += ok ? 1 : 0; }\n"
	" });\n"
	" parts.forEach(function (part) {\n"
	"  part.hidden = !part.querySelector('[data-verdict]:not([hidden])');\n"
	" });\n"
	" get('find-count').textContent = seen + ' of ' + all +\n"
	"  ' requirements';\n"
	"}\n"
	"get('find').hidden = false;\n"
	"text.addEventListener('input', show);\n"
	"pick.addEventListener('change', show);\n"
	"show();\n"
	"})();\n";

void html_script_policy(struct buf *out)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[64];

	crypto_hash_sha256(hash, (const unsigned char *)script,
			   sizeof(script) - 1);
	sodium_bin2base64(text, sizeof(text), hash, sizeof(hash),
			  sodium_base64_VARIANT_ORIGINAL);
	buf_addf(out, "script-src 'sha256-%s'", text);
}

void html_script(struct xml *x)
{
	xml_open(x, "script");
	xml_raw(x, script);
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_choice(struct xml *x, const char *value, const char *text)
{
	xml_open(x, "option");
	xml_attr(x, "value", value);
	xml_text(x, text);
	xml_close(x);
}

void html_find(struct xml *x)
{
	xml_open(x, "form");
	xml_attr(x, "id", "find");
	xml_attr(x, "role", "search");
	xml_attr(x, "hidden", "hidden");
	xml_open(x, "label");
	xml_text(x, "Search ");
	xml_open(x, "input");
	xml_attr(x, "type", "search");
	xml_attr(x, "id", "find-text");
	xml_void(x);
	xml_close(x);
	xml_open(x, "label");
	xml_text(x, "Verdict ");
	xml_open(x, "select");
	xml_attr(x, "id", "find-verdict");
	put_choice(x, "", "all");
	for (size_t i = 0; i < SUMMARY_VERDICTS; i++)
		put_choice(x, verdict_name(summary_verdicts[i]),
			   verdict_name(summary_verdicts[i]));
	xml_close(x);
	xml_close(x);
	xml_open(x, "output");
	xml_attr(x, "id", "find-count");
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}
