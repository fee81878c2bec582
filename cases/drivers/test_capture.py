"""What ptcheck says of packets is what tshark sees in the files that it
leaves: the frames that its findings quote, those that a filter lists, and all
of them."""
import concurrent.futures
import html
import re
import shutil
import struct
import subprocess

import pytest

from conftest import (FEW, LIMIT, PTREF, events, one_complaint, ptcheck, report,
                      run, traces_of)

pytestmark = pytest.mark.skipif(not shutil.which("tshark"),
                                reason="needs tshark")

# Each leaks in a way of its own, and is found by a rule that quotes the frame.
LEAKS = {
    "proxy-dial-direct": ("PX-USE-1", "ip.dst == {0} && tcp.dstport == {1} "
                          "&& tcp.flags.syn == 1 && tcp.flags.ack == 0"),
    "proxy-names-resolved": ("AN-DNS-2", 'dns.flags.response == 0 && '
                             'dns.qry.name == "{0}"'),
    "phones-home": ("AN-NET-1", "ip.dst == {0} && udp.dstport == {1}"),
}


def frames(pcap, wanted=""):
    """The numbers of the frames that tshark shows of a file."""
    p = subprocess.run(
        ["tshark", "-r", str(pcap), "-n", "-Y", wanted or "frame",
         "-T", "fields", "-e", "frame.number"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=LIMIT, check=False)
    assert p.returncode == 0, p.stderr
    return [int(n) for n in p.stdout.split()]


def fields(pcap, number):
    """A frame in the words of ptcheck, made of what tshark says of it."""
    p = subprocess.run(
        ["tshark", "-r", str(pcap), "-n", "-Y", f"frame.number == {number}",
         "-T", "fields", *[w for name in ("ip", "ipv6") for end in ("src", "dst")
                           for w in ("-e", f"{name}.{end}")],
         *[w for name in ("tcp", "udp") for end in ("srcport", "dstport")
           for w in ("-e", f"{name}.{end}")]],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=LIMIT, check=True)
    ip4, ip4_to, ip6, ip6_to, tcp, tcp_to, udp, udp_to = \
        p.stdout.rstrip("\n").split("\t")
    ends = [f"{a or '[' + b + ']'}:{t or u}" for a, b, t, u in
            ((ip4, ip6, tcp, udp), (ip4_to, ip6_to, tcp_to, udp_to))]
    return f"{'tcp' if tcp else 'udp'} {ends[0]} > {ends[1]}"


def place(reason):
    """What the finding says the packet was sent to, or asked for."""
    to = re.search(r'a packet to \[?([^ ]+?)\]?:(\d+) ', reason)
    name = re.search(r'a query for \w+ of "([^"]+)"', reason)
    return to.groups() if to else name.groups()


@pytest.mark.parametrize("fault", LEAKS)
def test_quoted_frame_is_that_of_the_file(fault, tmp_path):
    rule, wanted = LEAKS[fault]
    out = tmp_path / "out"
    p = run("--role", "client", "--spec", "2.0", "--select", rule, "--out",
            out, "--report", "json", "--option", "limits.window=1",
            pt=(PTREF, "--fault", fault))
    assert p.returncode in (0, 1), p.stderr
    row, = report(p)["requirements"]
    assert row["verdict"] in ("fail", "warn"), row
    trace = out / row["evidence"][0]["trace"]
    quoted = int(re.search(r"frame (\d+) of the capture",
                           row["reason"]).group(1))
    shown = frames(trace.with_suffix(".pcap"),
                   wanted.format(*place(row["reason"])))
    assert shown and shown[0] == quoted, (row["reason"], shown)
    evidence = row["evidence"][0]
    assert frames(trace.with_suffix(".pcap"),
                  f"({evidence['display_filter']}) && "
                  f"frame.number == {quoted}") == [quoted], evidence
    told, = [line for line in evidence["shown"] if f": frame {quoted}, " in line]
    assert told.split(f": frame {quoted}, ")[1].startswith(
        fields(trace.with_suffix(".pcap"), quoted)), told
    for name in "text", "html":
        p = ptcheck("report", "--report", name, out)
        assert " ".join(told.split()) in " ".join(
            html.unescape(p.stdout).split()), name
        assert evidence["display_filter"] in html.unescape(p.stdout), name


def test_files_hold_as_many_frames_as_were_counted(tmp_path):
    out = tmp_path / "out"
    p = run("--role", "client", "--spec", "2.0", "--select",
            "PX-CLOSED-1,PX-CLOSED-3", "--out", out,
            "--option", "limits.window=1")
    assert p.returncode == 0, (p.stdout, p.stderr)
    counted = {}
    for trace in traces_of(out):
        done, = events(trace, "capture", state="done")
        assert done["lost"] == 0, trace.path
        counted[trace.path.with_suffix(".pcap")] = done["frames"]
    assert len(counted) > 8 and max(counted.values()) > 50
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for (pcap, count), numbers in zip(counted.items(),
                                          pool.map(frames, counted)):
            assert numbers == list(range(1, count + 1)), pcap


# --- ptcheck report --filter ---

@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """A run with packets to the world, and over loopback."""
    out = tmp_path_factory.mktemp("frames") / "evidence"
    p = run("--quiet", "--role", "client", "--spec", "2.0", "--select",
            "AN-DNS-2,AN-NET-1", "--out", out, "--option", "limits.window=1",
            pt=(PTREF, "--fault", "phones-home"))
    assert p.returncode == 0, p.stderr
    return out


def listed(text):
    """file -> numbers of its frames."""
    found = {}
    for line in text.splitlines():
        if line.startswith("  frame "):
            found[name].append(int(re.match(r"  frame (\d+), ", line)[1]))
        else:
            launch, name = line.split("  ")
            assert launch and name not in found
            found[name] = []
    return found


@pytest.mark.parametrize("ours,theirs", [
    ("udp port 123", "udp.port == 123"),
    ("tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",  # of IPv4
     "ip && tcp.flags.syn == 1 && tcp.flags.ack == 0"),
])
def test_filter_lists_what_tshark_shows(evidence, ours, theirs):
    p = ptcheck("report", "--filter", ours, evidence)
    assert (p.returncode, p.stderr) == (0, "")
    pcaps = sorted(evidence.glob("traces/*.pcap"))[:3]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        want = {f"traces/{pcap.name}": numbers for pcap, numbers in
                zip(pcaps, pool.map(lambda f: frames(f, theirs), pcaps))
                if numbers}
    got = listed(p.stdout)
    assert want and {name: got.get(name) for name in want} == want
    assert not {f"traces/{f.name}" for f in pcaps} & got.keys() - want.keys()


def test_bad_filters(evidence, tmp_path):
    for text in "udp prt 53", "port 70000", "\x1b[31m":
        one_complaint(ptcheck("report", "--filter", text, evidence), 2,
                      "--filter")
    one_complaint(ptcheck("report", "--filter", "udp port 9", evidence), 3,
                  "no frame of", "udp port 9")
    one_complaint(ptcheck("report", "--filter", "udp", "--report", "tap",
                          evidence), 2, "--report")
    one_complaint(ptcheck("report", "--filter", "udp", tmp_path), 2, "run.json")
    one_complaint(ptcheck("report", "--filter", "udp"), 2, "no directory")


def test_filter_without_captures(tmp_path):
    out = tmp_path / "evidence"
    assert run("--quiet", "--no-sandbox", *FEW, "--out", out).returncode == 0
    one_complaint(ptcheck("report", "--filter", "udp", out), 3, "no captures")
    for pcap in out.glob("traces/*.pcap"):
        pcap.unlink()
    one_complaint(ptcheck("report", "--filter", "udp", out), 3, "no captures")


def test_broken_captures(evidence, tmp_path):
    """Each is named; the others are listed, and the report is still written."""
    out = tmp_path / "evidence"
    shutil.copytree(evidence, out)
    whole = ptcheck("report", "--filter", "udp port 123", out).stdout
    first, second, third, *rest = sorted(out.glob("traces/*.pcap"))
    bytes_ = first.read_bytes()
    first.write_bytes(bytes_[:-3])
    second.write_bytes(b"no capture\n" * 100)
    third.write_bytes(bytes_[:20] + struct.pack("=I", 1) + bytes_[24:])
    p = ptcheck("report", "--filter", "udp port 123", out)
    assert p.returncode == 2
    lines = p.stderr.splitlines()
    assert len(lines) == 3, lines
    for line, pcap in zip(lines, (first, second, third)):
        assert line.startswith(f"ptcheck: {pcap}: "), line
    assert "EN10MB" in lines[2]
    for pcap in rest:
        assert (pcap.name in p.stdout) == (pcap.name in whole), pcap
    for command in "report", "judge":
        p = ptcheck(command, "--report", "json", out)
        assert (p.returncode, p.stderr) == (0, "")
        shown = [line for row in report(p)["requirements"]
                 for ev in row["evidence"] for line in ev["shown"]]
        assert any(": frame 1" in line for line in shown)
