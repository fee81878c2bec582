"""The second reference, fake-transports/py/ptpy, is found clean: what is not
is a mistake of ptpy, or a misreading that ptref and the judges share."""
import pytest

from conftest import LIMIT, ROOT, is_hindered, report, run

PTPY = str(ROOT / "fake-transports/py/ptpy")
# It has every mode of PT 2.0, so all of this is seen.
MODES = {"tcp", "udp-client", "udp-server", "stun", "modes"}
# Fewer would mean that much was not seen at all.
AT_LEAST = {"2.0": 150, "1.0": 120}


def findings(spec):
    p = run("--spec", spec, "--strict", "--report", "json", pt=(PTPY,),
            timeout=3 * LIMIT)
    rep = report(p)
    found = {row["id"]: (row["verdict"], row.get("reason", ""))
             for row in rep["requirements"]
             if row["verdict"] in ("fail", "warn", "inconclusive")
             and not is_hindered(row)}
    return p, rep, found


@pytest.mark.parametrize("spec", AT_LEAST)
def test_conforms(spec):
    p, rep, found = findings(spec)
    assert found == {}
    assert (p.returncode, p.stderr) == (
        3 if rep["summary"]["inconclusive"] else 0, "")
    assert rep["summary"]["pass"] >= AT_LEAST[spec]
    if spec == "2.0":
        # Early data of applications shows only where nothing is concealed.
        assert {row["id"] for row in rep["requirements"]
                if row["area"] in MODES and row["verdict"] in (
                    "na", "untested")} == {"TT-EARLY-1"}
