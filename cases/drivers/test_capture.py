"""What ptcheck says of packets is what tshark sees in the files that it
leaves: the frames that its findings quote, and all of them."""
import concurrent.futures
import re
import shutil
import subprocess

import pytest

from conftest import LIMIT, PTREF, events, report, run, traces_of

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
