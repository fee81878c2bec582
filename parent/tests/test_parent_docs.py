"""The how-to, the manual and the example of the parent do what they say."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "cases/drivers"))
from conftest import LIMIT  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PTCHECK", ROOT / "build/ptcheck")) \
    .absolute().parent
PTPARENT = str(BUILD / "ptparent")
PTREF = str(pathlib.Path(os.environ.get("PTREF",
                                        ROOT / "build/ptref")).absolute())
HOWTO = (ROOT / "docs/ptparent.md").read_text()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return str(s.getsockname()[1])


def until(look):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        if look():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


def program(name):
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    assert found, f"{name} is missing: ci/setup installs it"
    return found


NGINX = """\
daemon off;
worker_processes 1;
{user}
pid {dir}/pid;
error_log {dir}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {dir}/a;
    proxy_temp_path {dir}/b;
    fastcgi_temp_path {dir}/c;
    uwsgi_temp_path {dir}/d;
    scgi_temp_path {dir}/e;
    server {{
        listen 127.0.0.1:{port};
        root {dir}/www;
    }}
}}
"""


def test_howto(tmp_path):
    """Two commands and a question, with ports of this machine."""
    words = re.findall(r"^\$ (.*)$", HOWTO, re.M)
    assert len(words) == 3
    ports = {p: free_port() for p in ("8080", "8081", "8443")}
    for old, new in ports.items():
        words = [w.replace(old, new) for w in words]
    (tmp_path / "www").mkdir()
    (tmp_path / "www/index.html").write_text("here it is")
    env = {**os.environ, "HOME": str(tmp_path),
           "PATH": f"{BUILD}:{os.environ['PATH']}"}
    with contextlib.ExitStack() as stack:
        def begin(*command, shell=False):
            p = subprocess.Popen(command[0] if shell else command,
                                 shell=shell, cwd=tmp_path, env=env,
                                 start_new_session=True)
            stack.callback(p.wait)
            stack.callback(os.killpg, p.pid, 15)
        (tmp_path / "nginx.conf").write_text(
            NGINX.format(dir=tmp_path, port=ports["8080"],
                         user="user root;" if os.getuid() == 0 else ""))
        begin(program("nginx"), "-c", str(tmp_path / "nginx.conf"), "-p",
              str(tmp_path), "-e", "error.log")
        begin("exec " + words[0] + " 2>server", shell=True)
        until((tmp_path / "bridge.txt").exists)
        begin(words[1], shell=True)

        def asks():
            return subprocess.run(words[2], shell=True, timeout=LIMIT,
                                  capture_output=True, cwd=tmp_path,
                                  check=False).stdout == b"here it is"
        until(asks)


def options_of_help(role):
    text = subprocess.run([PTPARENT, role, "--help"], capture_output=True,
                          text=True, timeout=LIMIT, check=True).stdout
    return set(re.findall(r"--([a-z-]+)", text)) - {"help", "usage"}


def test_manual_has_every_option():
    text = (ROOT / "docs/man/ptparent.1").read_text().replace("\\-", "-")
    told = set(re.findall(r"\\fB--([a-z-]+)\\fR=|\\fB--([a-z-]+)\\fR$",
                          text, re.M))
    told = {a or b for a, b in told}
    assert told == options_of_help("client") | options_of_help("server")


@pytest.fixture(scope="module")
def usr(tmp_path_factory):
    def install(name):
        root = tmp_path_factory.mktemp(name)
        subprocess.run(["make", "-s", "install", f"BUILD={BUILD}",
                        f"DESTDIR={root}", "PREFIX=/usr"], cwd=ROOT,
                       check=True, timeout=5 * LIMIT)
        return root / "usr"
    return install


def contents(root):
    return {p.relative_to(root): p.is_symlink() and os.readlink(p) or
            p.is_file() and p.read_bytes() for p in root.rglob("*")}


def test_two_installs_are_the_same(usr):
    assert contents(usr("one")) == contents(usr("two"))


@pytest.mark.parametrize("static", [False, True])
def test_example(static, usr, tmp_path):
    """Compiles against what is installed, and fetches something."""
    prefix = usr("example")
    flags = subprocess.run(
        ["pkg-config", "--define-prefix", "--cflags", "--libs", "ptparent"],
        env={**os.environ, "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"},
        capture_output=True, text=True, timeout=LIMIT, check=True
    ).stdout.split()
    assert sum(1 for _ in open(ROOT / "docs/example-parent.c")) <= 60
    if static:
        flags = [f"-I{prefix}/include", f"{prefix}/lib/libptparent.a",
                 "-lsodium"]
    program = tmp_path / "example"
    subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror",
                    ROOT / "docs/example-parent.c", "-o", program, *flags],
                   check=True, timeout=LIMIT)
    with socket.create_server(("127.0.0.1", 0)) as s:
        p = subprocess.Popen(
            [program, tmp_path / "state",
             "ident 127.0.0.1:%d" % s.getsockname()[1], PTREF],
            stdout=subprocess.PIPE,
            env={**os.environ, "LD_LIBRARY_PATH": f"{prefix}/lib"})
        s.settimeout(LIMIT)
        c, _ = s.accept()
        with c:
            c.sendall(b"fetched")
        assert p.communicate(timeout=LIMIT)[0] == b"fetched"
        assert p.returncode == 0
    for words, why in (([], "missing"), (["state", "ident 192.0.2.1:1", PTREF],
                                         "absolute")):
        p = subprocess.run([program, *words], stderr=subprocess.PIPE,
                           env={**os.environ,
                                "LD_LIBRARY_PATH": f"{prefix}/lib"},
                           text=True, timeout=LIMIT, check=False)
        assert p.returncode == 2
        assert why in p.stderr and p.stderr.count("\n") == 1


def test_only_public_names(usr):
    lib = usr("names") / "lib/libptparent.so"
    text = subprocess.run(["nm", "-D", "--defined-only", lib], text=True,
                          capture_output=True, timeout=LIMIT, check=True
                          ).stdout
    names = {line.split()[2].split("@")[0] for line in text.splitlines()}
    header = (ROOT / "parent/ptparent.h").read_text()
    declared = {name for name in re.findall(r"\b(ptp_[a-z_0-9]+)\(", header)
                if not name.endswith("_fn")}
    assert names - {"PTPARENT_1"} == declared
    assert "@@PTPARENT_1" in text


@pytest.mark.parametrize("name", ["client", "server"])
def test_units(name):
    """Their commands are of options that exist."""
    text = (ROOT / f"docs/ptparent-{name}.service").read_text()
    command = re.search(r"^ExecStart=((?:.*\\\n)*.*)", text, re.M).group(1)
    assert command.split()[:2] == ["ptparent", name]
    assert set(re.findall(r"--([a-z-]+)", command)) <= options_of_help(name)
    assert "Type=notify" in text
