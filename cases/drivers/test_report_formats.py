"""Each format of a report, read by somebody else than its writer, says what
report.json says, whatever a transport printed."""
import base64
import hashlib
import itertools
import json
import re
import shutil
import subprocess
import urllib.parse
import xml.etree.ElementTree as ET

import jsonschema
import pytest

from conftest import LIMIT, ROOT, ptcheck

REPORTS = ROOT / "reports"
SAMPLE = json.loads((REPORTS / "samples/report.json").read_text())

# What a reader might take for something else than text.
HOSTILE = ("\x01\x1b[2J\x1b]0;x\x07\r\n\t\x7f\x9b31m]]>--><!--</script><script>"
           "alert(1)</script><img src=x onerror=alert(1)>&lt;&#60;\"'`` ```\n"
           "|@root #1 http://x.test www.x.test <a@x.test> ![x](y) [x](y) "
           "$x$ **x** __x__ {0} %0A::error::x\n::error::x\nok 1\n1..9\n"
           "Bail out!\nnot ok 2 # TODO x # SKIP\n...\n---\n\u202e\u2028\ufeff")


def hostile(value):
    """The same with that in every text that is no name of ours."""
    keep = {"id", "verdict", "level", "area", "spec", "roles", "name"}
    if isinstance(value, dict):
        return {key: part if key in keep else hostile(part)
                for key, part in value.items()}
    if isinstance(value, list):
        return [hostile(part) for part in value]
    return HOSTILE + value if isinstance(value, str) else value


def large():
    """A line of 1 MB, and more findings than fit anywhere."""
    report = json.loads(json.dumps(SAMPLE))
    found = report["requirements"]
    found += [found[2] | {"id": f"NEW-MANY-{i}", "area": "api",
                          "expected": "z" * 2000} for i in range(450)]
    row = found[2] = json.loads(json.dumps(found[2]))
    row["seen"] = row["reason"] = "x" * (1 << 20)
    row["evidence"][0]["shown"] = ["y" * (1 << 20)] * 3
    return report


def trouble():
    return SAMPLE | {"trouble": "the control # failed"}


@pytest.fixture(scope="module", params=["plain", "hostile", "large",
                                        "trouble"])
def told(request, tmp_path_factory):
    """The result, and each format of it as bytes."""
    tmp = tmp_path_factory.mktemp("formats")
    path = tmp / "in.json"
    path.write_text(json.dumps(
        {"plain": lambda: SAMPLE, "hostile": lambda: hostile(SAMPLE),
         "large": large, "trouble": trouble}[request.param]()))
    names = ("json", "junit", "tap", "sarif", "ctrf", "markdown", "github",
             "badge", "shields", "html", "text")
    p = ptcheck("report", "--quiet", path, *(
        w for n in names for w in ("--report", f"{n}={tmp / n}")))
    assert (p.returncode, p.stderr) == (0, "")
    files = {n: (tmp / n).read_bytes() for n in names}
    p = ptcheck("matrix", f"\x1b[31m]]></script>\udcff={path}", path)
    assert (p.returncode, p.stderr) == (0, "")
    files["matrix"] = p.stdout.encode("utf-8", "surrogateescape")
    return json.loads(files["json"]), files


def rows(report, *verdicts, expected=None):
    """Ids with these verdicts; `expected`: by the baseline, or not."""
    return [row["id"] for row in report["requirements"]
            if row["verdict"] in verdicts and
            expected in (None, row["baseline"] is not None)]


def test_nothing_harmful_in_any_format(told):
    for name, text in told[1].items():
        text.decode()
        assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", text), name
        for sign in ("\u202e", "\u2028", "\ufeff", "\x9b"):
            assert sign.encode() not in text, name


# --- JUnit: as GitLab and GitHub read it -----------------------------------------

def junit_verdict(case):
    kinds = [part.tag for part in case if part.tag != "system-out"]
    assert len(kinds) <= 1
    return kinds[0] if kinds else "passed"


# What the xUnit plugin of Jenkins takes, the strictest reader: the attributes that
# must be there, those that may, and what is inside.
PROBLEM = set(), {"type", "message"}, set()
XUNIT = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"},
                   {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"},
                  {"time", "skipped"}, {"testcase"}),
    "testcase": ({"name"}, {"time", "classname"},
                 {"failure", "error", "skipped", "system-out"}),
    "failure": PROBLEM, "error": PROBLEM, "skipped": PROBLEM,
    "system-out": (set(), set(), set())}


def test_junit_is_of_the_shape_that_jenkins_takes(told):
    root = ET.fromstring(told[1]["junit"])
    assert root.tag == "testsuites"
    for node in root.iter():
        must, may, inside = XUNIT[node.tag]
        assert must <= set(node.keys()) <= must | may, node.tag
        assert {part.tag for part in node} <= inside, node.tag
        if node.tag.startswith("testsuite"):
            assert re.fullmatch(r"\d{0,3}(\.\d*)?", node.get("time"))


def test_junit(told):
    report, files = told
    root = ET.fromstring(files["junit"])
    cases = root.findall("testsuite/testcase")
    names = [(c.get("classname"), c.get("name")) for c in cases]
    assert len(set(names)) == len(names), "GitLab drops the second"
    got = {}
    for case in cases:
        assert float(case.get("time")) >= 0
        got.setdefault(junit_verdict(case), []).append(
            case.get("name").split(" ")[0])
        for part in case:
            # where some read the message only, and some the text
            assert len(part.text or "") < 200_000
            if part.tag in ("failure", "error"):
                assert part.get("message") and part.text.strip()
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name)) == sum(
            int(s.get(name)) for s in root.findall("testsuite"))
    assert got.get("failure", []) == rows(report, "fail", expected=False)
    skipped = (rows(report, "na", "untested") +
               rows(report, "fail", "warn", expected=True))
    assert sorted(got.get("skipped", [])) == sorted(skipped)
    errors = ["the"] * (report["trouble"] is not None)
    assert got.get("error", []) == errors + rows(report, "inconclusive")


# --- TAP 14 ---------------------------------------------------------------------

POINT = re.compile(r"(not )?ok (\d+) - (.*)")


def unquoted(line):
    """A pair of a YAML block; a double-quoted scalar as JSON reads it."""
    key, value = re.fullmatch(r"(?:- )?([a-z]+):(?: (.*))?", line).groups()
    return key, json.loads(value) if value and value[0] in '"[' else value


class Tap:
    """A producer's lines by the rules of TAP 14, one level of subtests."""

    def __init__(self, text):
        head, *lines = text.split("\n")
        assert head == "TAP version 14"
        assert lines.pop() == ""
        self.lines, self.bailed = lines, False
        self.points = {}
        self.level("")
        assert not self.lines, self.lines[:3]

    def level(self, indent):
        plan, seen, bad = None, 0, False
        while self.lines and self.lines[0].startswith(indent):
            line = self.lines[0][len(indent):]
            if line.startswith("    "):
                inner = self.level(indent + "    ")
                assert POINT.fullmatch(self.lines[0][len(indent):])
                assert self.lines[0].startswith("not ") == inner
                continue
            self.lines.pop(0)
            if line.startswith("Bail out!"):
                assert not self.lines and not seen
                self.bailed = True
                return True
            if line.startswith("#"):
                continue
            if line.startswith("1.."):
                assert plan is None
                plan = int(line[3:].split(" ")[0])
                continue
            seen += 1
            bad |= self.point(POINT.fullmatch(line), seen, indent)
        assert plan == seen
        return bad

    def point(self, match, number, indent):
        assert int(match[2]) == number
        text, *directive = re.split(r"(?<!\\) # (?=TODO|SKIP)", match[3])
        assert len(directive) <= 1
        assert not re.search(r"(?<!\\)(\\\\)*#", text), text
        word = directive[0][:4] if directive else ""
        fields = {}
        if self.lines and self.lines[0] == f"{indent}  ---":
            end = self.lines.index(f"{indent}  ...")
            fields = dict(unquoted(line[len(indent):].strip())
                          for line in self.lines[1:end])
            del self.lines[:end + 1]
        if indent:
            assert text.split(" ")[0] not in self.points
            self.points[text.split(" ")[0]] = (not match[1], word, fields)
        return bool(match[1]) and word != "TODO"


def test_tap(told):
    report, files = told
    tap = Tap(files["tap"].decode())
    assert tap.bailed == (report["trouble"] is not None)
    if tap.bailed:
        return
    assert list(tap.points) == [r["id"] for r in report["requirements"]]
    for row in report["requirements"]:
        good, word, fields = tap.points[row["id"]]
        bad = row["verdict"] == "fail"
        assert good != bad
        assert word == ("TODO" if bad and row["baseline"] is not None else
                        "SKIP" if row["verdict"] in
                        ("na", "untested", "inconclusive") else "")
        if fields:
            assert fields["verdict"] == row["verdict"]
            assert fields.get("repeat", "")[:60] == row["repro"][:60]


PERL = """use TAP::Parser; undef $/;
my $p = TAP::Parser->new({ tap => <STDIN> });
my $bailed = 0;
while (my $r = $p->next) { $bailed = 1 if $r->is_bailout }
print join(" ", $bailed, $p->tests_planned // 0, $p->tests_run,
           scalar($p->failed)), "\\n", map { "$_\\n" } $p->parse_errors;
"""


def test_tap_as_perl_reads_it(told):
    """Of an outer point it knows all; that it may not know version 14 yet is
    no fault."""
    report, files = told
    told_by_perl = subprocess.run(
        ["perl", "-e", PERL], input=files["tap"], stdout=subprocess.PIPE,
        check=True, timeout=LIMIT).stdout.decode().splitlines()
    line, *errors = told_by_perl
    bailed, planned, seen, failed = map(int, line.split())
    assert bailed == (report["trouble"] is not None)
    if bailed:
        return
    assert [e for e in errors if "version 14" not in e] == []
    groups = [list(g) for _, g in itertools.groupby(
        report["requirements"], lambda row: row["area"])]
    assert planned == seen == len(groups)
    assert failed == sum(any(
        row["verdict"] == "fail" and row["baseline"] is None for row in g)
        for g in groups)


# --- SARIF, CTRF -----------------------------------------------------------------

def validate(name, text):
    """By our own schema, which is strict, and by the published one."""
    document = json.loads(text)
    for path in (REPORTS / f"{name}.schema.json",
                 *(REPORTS / "published").glob(f"{name}-*.json")):
        schema = json.loads(path.read_text())
        judge = jsonschema.validators.validator_for(schema)
        judge.check_schema(schema)
        judge(schema, format_checker=judge.FORMAT_CHECKER).validate(document)
    return document


@pytest.mark.parametrize("name,path", [
    ("sarif", ("runs", 0, "results", 0, "message")),
    ("ctrf", ("results", "summary", "tests"))])
def test_published_schemas_refuse(name, path):
    """They are there, and say no."""
    sample = {"sarif": "report.sarif", "ctrf": "ctrf.json"}[name]
    document = json.loads((REPORTS / "samples" / sample).read_text())
    (published,) = (REPORTS / "published").glob(f"{name}-*.json")
    schema = json.loads(published.read_text())
    judge = jsonschema.validators.validator_for(schema)(schema)
    assert judge.is_valid(document)
    node = document
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    assert not judge.is_valid(document)


def plain(text):
    """A SARIF text as a viewer shows it: no link, no placeholder in it."""
    assert not re.search(r"(?<!\\)(\\\\)*[\[\]]", text)
    assert not re.search(r"(?<!\{)(\{\{)*\{(?!\{)", text)
    return re.sub(r"\\(.)|([{}])\2", r"\1\2", text)


def test_sarif(told):
    report, files = told
    (run,) = validate("sarif", files["sarif"])["runs"]
    found = {"error": [], "warning": []}
    rules = run["tool"]["driver"]["rules"]
    by_id = {row["id"]: row for row in report["requirements"]}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        row = by_id[result["ruleId"]]
        found[result["level"]].append(row["id"])
        assert plain(result["message"]["text"]) == row["reason"]
        assert [s["justification"] for s in result["suppressions"]] == (
            [row["baseline"]] if row["baseline"] is not None else [])
        places = [(urllib.parse.unquote(
            p["physicalLocation"]["artifactLocation"]["uri"]),
            p["physicalLocation"]["region"]["startLine"])
            for p in result["relatedLocations"]]
        assert places == [(re.sub(r"^(\./)+", "", e["trace"]), n + 1)
                          for e in row["evidence"] for n in e["events"]]
    assert found == {"error": rows(report, "fail"),
                     "warning": rows(report, "warn")}
    prints = [json.dumps(r["partialFingerprints"]) for r in run["results"]]
    assert len(set(prints)) == len(prints)
    (call,) = run["invocations"]
    assert call["executionSuccessful"] == (report["trouble"] is None)
    assert [n["associatedRule"]["id"]
            for n in call["toolExecutionNotifications"]
            if n["level"] == "warning"] == rows(report, "inconclusive")


def test_ctrf(told):
    report, files = told
    results = validate("ctrf", files["ctrf"])["results"]
    tests = [t for t in results["tests"] if t["rawStatus"] != "trouble"]
    assert (len(results["tests"]) - len(tests) ==
            (report["trouble"] is not None))
    for test, row in zip(tests, report["requirements"], strict=True):
        assert test["labels"]["requirement"] == row["id"]
        assert test["rawStatus"] == row["verdict"]
        assert test["status"] == {
            "pass": "passed", "info": "passed", "warn": "passed",
            "fail": "failed" if row["baseline"] is None else "skipped",
            "na": "skipped", "untested": "pending",
            "inconclusive": "other"}[row["verdict"]]
    summary = results["summary"]
    states = [t["status"] for t in results["tests"]]
    assert summary["tests"] == len(states)
    for state in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[state] == states.count(state)


@pytest.mark.parametrize("name,sample", [("sarif.schema.json", "report.sarif"),
                                         ("ctrf.schema.json", "ctrf.json")])
def test_schemas_are_strict(name, sample):
    """No object of them takes a key that is not described."""
    schema = json.loads((REPORTS / name).read_text())
    document = json.loads((REPORTS / "samples" / sample).read_text())

    def objects(node):
        if isinstance(node, dict):
            yield node
        for part in node.values() if isinstance(node, dict) else (
                node if isinstance(node, list) else ()):
            yield from objects(part)

    check = jsonschema.Draft202012Validator(schema)
    assert check.is_valid(document)
    for node in objects(document):
        node["surprise"] = 1
        assert not check.is_valid(document), node
        del node["surprise"]


# --- GitHub ----------------------------------------------------------------------

def test_markdown(told):
    report, files = told
    assert len(files["markdown"]) < 1 << 20
    if not shutil.which("cmark-gfm"):
        pytest.skip("cmark-gfm is not installed")
    extensions = [w for name in ("table", "autolink", "strikethrough",
                                 "tagfilter")
                  for w in ("-e", name)]
    html = subprocess.run(
        ["cmark-gfm", "--unsafe", *extensions], input=files["markdown"],
        stdout=subprocess.PIPE, check=True, timeout=LIMIT).stdout.decode()
    tags = set(re.findall(r"<([a-z0-9]+)", html))
    assert tags <= {"h2", "h3", "p", "code", "pre", "ul", "li", "strong",
                    "table", "thead", "tbody", "tr", "th", "td"}, tags
    assert re.findall(r"<!--(.*?)-->", html) == [" "] * html.count("<!--")
    text = re.sub(r"<(code|pre)[ >].*?</\1>", "", html, flags=re.S)
    assert not re.search(r"[@#]\w", text.replace("&#", "")), "a mention"
    heads = re.findall(r"<h3>\S+ (\S+) ", html)
    wanted = sorted(rows(report, "fail", "warn", "inconclusive",
                         expected=False))
    if len(files["markdown"]) < 900 << 10:
        assert sorted(heads) == wanted
    else:
        (more,) = re.findall(r"And (\d+) more", html)
        assert set(heads) <= set(wanted)
        assert len(heads) + int(more) == len(wanted)
    cells = re.findall(r'<td align="right">(\d+)</td>', html)
    assert sorted(map(int, cells)) == sorted(report["summary"].values())


def test_github_annotations(told):
    report, files = told
    head, *lines = files["github"].decode().splitlines()
    assert head.startswith("::error " if report["trouble"] else "::notice ")
    assert len(lines) <= 9
    parts = [re.fullmatch(r"::(error|warning) title=([^:,]*)::(.*)", line)
             for line in lines]
    wanted = {"error": rows(report, "fail", expected=False),
              "warning": rows(report, "warn", "inconclusive")}
    for part in parts:
        assert re.sub("%(25|0A)", "", part[3]).find("%") < 0
        assert part[2].split(" ")[0] in wanted[part[1]]
    total = len(wanted["error"]) + len(wanted["warning"])
    assert len(lines) == min(total, 9)
    assert (f"9 of {total} findings" in head) == (total > 9)


# --- HTML ------------------------------------------------------------------------

def test_html(told):
    """As XML, so that nothing hides: one script, which the policy names by its
    hash, and a row for each requirement."""
    report, files = told
    page = ET.fromstring(files["html"].removeprefix(b"<!DOCTYPE html>\n"))
    (script,) = page.iter("script")
    assert list(page.find("body"))[-1] is script
    (policy,) = [m.get("content") for m in page.iter("meta")
                 if m.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(
        script.text.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'", "style-src 'unsafe-inline'", "base-uri 'none'",
        "form-action 'none'", f"script-src 'sha256-{digest}'"]
    for node in page.iter():
        for name, value in node.items():
            assert not name.startswith("on"), name
            assert name != "src"
            if name == "href":
                assert value.startswith("#"), value
    assert {tr.get("id"): tr.get("data-verdict") for tr in page.iter("tr")
            if tr.get("id")} == {
        r["id"]: r["verdict"] for r in report["requirements"]}
    ids = [node.get("id") for node in page.iter() if node.get("id")]
    assert len(set(ids)) == len(ids)
    assert sorted(i.removeprefix("finding-") for i in ids
                  if i.startswith("finding-")) == sorted(rows(
                      report, "fail", "warn", "inconclusive", expected=False))


# --- badges ----------------------------------------------------------------------

def test_badges(told):
    report, files = told
    musts = [r["verdict"] for r in report["requirements"]
             if r["level"].startswith("MUST")]
    kept = sum(v in ("pass", "info", "warn") for v in musts)
    message = f"{kept}/{kept + musts.count('fail')} MUST"
    if report["trouble"]:
        message = "no verdict"
    badge = json.loads(files["shields"])
    assert badge == {"schemaVersion": 1, "label": "PT 2.0",
                     "message": message, "isError": bool(report["trouble"]),
                     "color": "lightgrey" if report["trouble"] else "red"}
    svg = ET.fromstring(files["badge"])
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert svg.get("aria-label") == f"PT 2.0: {message}"
    assert "".join(t.text for t in svg.iter(f"{svg.tag[:-3]}text")) == (
        "PT 2.0" + message)
