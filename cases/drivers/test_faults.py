"""The fault matrix: ptref without a fault is clean, each fault trips what its
row says and nothing else, and every covered requirement is tripped by some
fault.  The rows are in ptref itself (`ptref --list-faults`).

A fault runs in the role whose code it breaks, with the words of the command
line that its row asks for (a mode, say; what is usual there is found out by
runs with these words alone), and with the launches that aim at
what it must trip and one in 120 of the others: other ones for each fault,
the same ones in each run.  PTCHECK_MATRIX=role makes all launches of that role,
PTCHECK_MATRIX=full all of both.

Where only tests of some faults are to run (-k NAME), only what aims at what
these must trip is launched, without the fault and with it."""

import concurrent.futures
import fnmatch
import functools
import json
import os
import pathlib
import subprocess
import tempfile
import warnings
import zlib

import pytest

from conftest import LIMIT, is_hindered

PTCHECK = os.environ.get("PTCHECK", "build/ptcheck")
PTREF = os.environ.get("PTREF", "build/ptref")

# Runs at a time: most of a run is waiting.
SIDE_BY_SIDE = int(os.environ.get("PTCHECK_MATRIX_JOBS", "8"))

# Requirements that no transport can violate in front of this harness, with
# the reason; everything else that is covered needs a fault.
NO_FAULT = {
    "ENVERR-ANY-1": "permits something; a note when it is seen",
    "GEN-MODE-1": "permits something; a note of what is offered",
    "MODE-1": "permits something; a note of what is served",
    "MSG-VER-COMPAT-1": "permits something; a note when 1 is spoken as well",
    "SD-INT-1": "unspecified; a note of what happens",
    "SK-LEG-1": "unspecified; a note of what is taken",
    "SK-PIPE-1": "unspecified; a note of what happens",
}

# What shows only in launches that wait for minutes, and in which.
SLOW = {"HY-SILENT-1": "hygiene.silent*"}


def faults():
    out = subprocess.run([PTREF, "--list-faults"], check=True,
                         capture_output=True, timeout=LIMIT).stdout
    return json.loads(out)


EXTENT = os.environ.get("PTCHECK_MATRIX", "")
OTHERS = 120

# What a fault breaks says whose code it is in.
SIDES = {"client": {"pt-client", "proxy", "socks", "tcp", "udp-client"},
         "server": {"pt-server", "extor", "udp-server"}}


def judge(*args, spec, role="both", more=(), also=()):
    """Verdicts of a run, by id."""
    command = [PTCHECK, "run", "--report", "json", "--spec", spec,
               "--role", role, *more]
    command += ["--", PTREF, *args]
    done = subprocess.run(command, capture_output=True, timeout=3 * LIMIT)
    assert done.returncode in (0, 1, *also), done.stderr.decode()
    return briefly(done.stdout)


def briefly(text):
    """The rows of a report."""
    return {row["id"]: brief(row)
            for row in json.loads(text)["requirements"]}


def judge_aimed(out, ids, args, **more):
    """Only launches that aim at these requirements, and the verdicts on all
    requirements from them."""
    judge(*args, **more, also=(3,), more=["--out", str(out), "--select",
                                   ",".join(sorted(ids))])
    done = subprocess.run(
        [PTCHECK, "judge", "--report", "json", "--select", "*", str(out)],
        capture_output=True, timeout=LIMIT)
    assert done.returncode in (0, 1, 3), done.stderr.decode()
    return briefly(done.stdout)


@functools.cache
def uneventful(i, verdict):
    return {"id": i, "verdict": verdict, "reason": "", "evidence": ()}


def brief(row):
    """Some hundred runs are held at a time: only what is told of a row."""
    if row["verdict"] in ("pass", "na") or \
            row["verdict"] == "untested" and not row["reason"]:
        return uneventful(row["id"], row["verdict"])
    return {"id": row["id"], "verdict": row["verdict"],
            "reason": row["reason"],
            "evidence": [{"launch": e["launch"]} for e in row["evidence"]]}


def told(row):
    return (f"{row['id']}: {row['verdict']}: {row['reason']} "
            f"{[e['launch'] for e in row['evidence']]}")


def requirements():
    listed = subprocess.run([PTCHECK, "list", "--json"], check=True,
                            capture_output=True, timeout=LIMIT).stdout
    return {row["id"]: row for row in json.loads(listed)}


def spec_of(fault, known):
    """Where the rules that it breaks exist."""
    old = fault["what"].startswith("under version 1 ") or all(
        known[i]["specs"] == ["1.0"] for i in fault["must"])
    return "1.0" if old else "2.0"


def args_of(fault):
    """The words without which it does not show."""
    return tuple(fault["args"])


def worlds(known):
    """What there is to compare with: (args, spec) of all faults."""
    return sorted({((), "1.0"), ((), "2.0")} |
                  {(args_of(f), spec_of(f, known)) for f in faults()})


def judge_clean(evidence, args, spec, role):
    """Without a fault, all launches."""
    return judge(*args, spec=spec, role=role, more=[
        "--out", str(at(evidence, args, spec, role))])


def role_of(fault, known, clean):
    """In which role it shows."""
    if EXTENT == "full":
        return "both"
    world = args_of(fault), spec_of(fault, known)
    roles = {known[i]["role"] for i in fault["must"]}
    for side, of in SIDES.items():
        # Some rules of one side are seen from the other end of a tunnel.
        if roles <= of and all(clean[*world, side][i]["verdict"] not in
                               ("untested", "na") for i in fault["must"]):
            return side
    return "both"


@pytest.fixture(scope="module")
def known():
    return requirements()


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return tmp_path_factory.mktemp("clean")


@pytest.fixture(scope="module")
def chosen(request):
    """The faults of the tests that run; None: all that there is to run."""
    tests = [t for t in request.session.items if t.fspath == request.fspath]
    if any(t.originalname == test_no_fault_is_clean.__name__ for t in tests):
        return None
    return [t.callspec.params["fault"] for t in tests
            if t.originalname == test_fault.__name__]


@pytest.fixture(scope="module")
def clean(evidence, known, chosen):
    if chosen is None or EXTENT:
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE // 2) as pool:
            runs = {(*world, role): pool.submit(judge_clean, evidence, *world,
                                                role)
                    for world in worlds(known) for role in (*SIDES, "both")}
            return {key: run.result() for key, run in runs.items()}
    aims = {}
    for f in chosen:
        aims.setdefault((args_of(f), spec_of(f, known)),
                        set()).update(f["must"])
    return {(args, spec, role):
            judge_aimed(at(evidence, args, spec, role), ids, args=args,
                        spec=spec, role=role)
            for (args, spec), ids in aims.items()
            for role in (*SIDES, "both")}


def at(evidence, args, spec, role):
    """Where a clean run keeps its evidence."""
    return evidence / "_".join((*args, spec, role))


@pytest.fixture(scope="module")
def launches(clean, evidence):
    """What is launched: {(args, spec, role): {id: aims}}."""
    found = {}
    for run in clean:
        ids = found[run] = {}
        for path in at(evidence, *run).glob("traces/*.jsonl"):
            with open(path, encoding="ascii") as trace:
                head = json.loads(trace.readline())
            if not head.get("probe") and "~" not in head["id"]:
                ids[head["id"]] = set(head["aims"])
    return found


def some_of(fault, launches):
    """What aims at it, and a share of the rest."""
    return sorted(i for i, aims in launches.items()
                  if aims & set(fault["must"]) or
                  zlib.crc32(f"{fault['name']} {i}".encode()) % OTHERS == 0)


def slow_ones(fault):
    return [SLOW[i] for i in fault["must"] if i in SLOW]


def run_fault(fault, known, clean, launches, evidence, chosen):
    spec, role = spec_of(fault, known), role_of(fault, known, clean)
    usual = args_of(fault), spec, role
    args = ["--fault", fault["name"], *args_of(fault)]
    slow = slow_ones(fault)
    few = slow + some_of(fault, launches[usual])
    # No launch aims at what any launch shows.
    if few and (slow or not EXTENT):
        rows = judge(*args, spec=spec, role=role,
                     more=["--launch", ",".join(few),
                           *(["--slow"] if slow else [])])
        missing = set(fault["must"]) - tripped(rows, clean[usual])
        # What a busy machine leaves open more launches do not tell.
        if slow or all(is_hindered(rows[i]) for i in missing):
            return rows
    # It shows in launches that aim at something else.
    if chosen is not None and not EXTENT:
        whole = tempfile.mkdtemp(dir=evidence)
        clean[usual] = judge_clean(pathlib.Path(whole), *usual)
    return judge(*args, spec=spec, role=role)


def mixed(fault):
    return not slow_ones(fault), zlib.crc32(fault["name"].encode())


@pytest.fixture(scope="module")
def matrix(known, clean, launches, evidence, chosen):
    """Runs with each fault, side by side: {name: future of rows}."""
    todo = faults() if chosen is None else chosen
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        # Those that wait stand together in the table; mixed with the others
        # they cost next to nothing.
        runs = {f["name"]: pool.submit(run_fault, f, known, clean, launches,
                                       evidence, chosen)
                for f in sorted(todo, key=mixed)}
    return runs


@pytest.mark.parametrize("role", [*SIDES, "both"])
def test_no_fault_is_clean(role, clean):
    bad = [(args, spec, told(r)) for (args, spec, of), rows in clean.items()
           for r in rows.values() if of == role
           and r["verdict"] in ("fail", "warn", "inconclusive")]
    assert not bad, "\n".join(map(str, bad))


def tripped(rows, clean):
    """What a fault changed: findings, and notes that were not there."""
    return {i for i, r in rows.items()
            if r["verdict"] in ("fail", "warn")
            or (r["verdict"] == "info" and clean[i]["verdict"] != "info")}


def is_alone(row):
    """Some clients are told what a server prints, and the fault keeps all
    servers from printing it."""
    return row["reason"].endswith("and none printed any")


def allowed(fault, i):
    """The row names it; what it may trip can be a glob."""
    return i in fault["must"] or any(fnmatch.fnmatchcase(i, glob)
                                     for glob in fault["may"])


def against_its_row(fault, rows, usual):
    """What a run shows that the row of the fault does not say, a line each."""
    seen = tripped(rows, usual)
    missing = set(fault["must"]) - seen
    surplus = {i for i in seen if not allowed(fault, i)}
    unsure = {i for i, r in rows.items() if r["verdict"] == "inconclusive"
              and not is_alone(r)
              and usual[i]["verdict"] != "inconclusive"
              and not allowed(fault, i)}
    text = [f"not tripped: {told(rows[i])}" for i in sorted(missing)]
    text += [f"not in the row: {told(rows[i])}" for i in sorted(surplus)]
    text += [f"unsure: {told(rows[i])}" for i in sorted(unsure)]
    return text


@pytest.mark.parametrize("fault", faults(), ids=lambda f: f["name"])
def test_fault(fault, matrix, clean, known, launches, evidence, chosen):
    usual = (args_of(fault), spec_of(fault, known),
             role_of(fault, known, clean))
    trouble = matrix[fault["name"]].exception()
    text = [repr(trouble)] if trouble else against_its_row(
        fault, matrix[fault["name"]].result(), clean[usual])
    if text:
        # The runs of the matrix crowd each other; this one is alone.
        warnings.warn(f"{fault['name']} once more, for " + "; ".join(text))
        rows = run_fault(fault, known, clean, launches, evidence, chosen)
        text = against_its_row(fault, rows, clean[usual])
        if text and all(is_hindered(rows[line.split(": ")[1]])
                        for line in text):
            pytest.skip("the machine is too busy: " + "; ".join(text))
    assert not text, fault["what"] + "\n" + "\n".join(text)


def test_every_covered_requirement_has_a_fault(known):
    must = {i for f in faults() for i in f["must"]}
    assert must <= set(known), must - set(known)
    without = {i for i, row in known.items()
               if row["covered"]} - must - set(NO_FAULT)
    assert not without, sorted(without)
