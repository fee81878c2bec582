"""What transports of other kinds than ptref do to files: a static program
cannot hide, and a runtime's own files are not held against anybody."""
import re
import subprocess

import pytest

from conftest import LIMIT, report, run, traces_of, verdicts

# A client that speaks just enough of 2.0; LITTER is what it does to files.
STATIC = r"""
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void litter(void)
{
	char path[300];
	LITTER
	(void)path;
}

int main(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	const char *list = getenv("TOR_PT_CLIENT_TRANSPORTS");
	const char *version = getenv("TOR_PT_MANAGED_TRANSPORT_VER");
	socklen_t n = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char waste[100];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!version || !strchr(version, '2')) {
		fputs("VERSION-ERROR no-version\n", stderr);
		return 78;
	}
	puts("VERSION 2");
	if (!list) {
		fputs("ENV-ERROR no list\n", stderr);
		return 64;
	}
	litter();
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, n) || listen(fd, 100) ||
	    getsockname(fd, (struct sockaddr *)&sin, &n))
		return 1;
	if (strstr(list, "tiny"))
		printf("CMETHOD tiny socks5 127.0.0.1:%d\n",
		       ntohs(sin.sin_port));
	puts("CMETHODS DONE");
	while (read(0, waste, sizeof(waste)) > 0)
		;
	return 0;
}
"""

BLINK = r"""
snprintf(path, sizeof(path), "%s/.cache", getenv("HOME"));
mkdir(path, 0700);
strcat(path, "/x");
close(open(path, O_WRONLY | O_CREAT, 0600));
unlink(path);
snprintf(path, sizeof(path), "%s/.cache", getenv("HOME"));
rmdir(path);
"""

FILES = ("--spec", "2.0", "--role", "client", "--transport", "tiny",
         "--select", "ST-ONLY-1,ST-ELSE-1,ST-CWD-1,ST-DEF-1",
         "--report", "json")


@pytest.mark.parametrize("litter, want", [("", "pass"), (BLINK, "fail")],
                         ids=["tidy", "blink"])
def test_static_program(place, litter, want):
    source = place.dir / "pt.c"
    source.write_text(STATIC.replace("LITTER", litter))
    pt = place.dir / "pt"
    subprocess.run(["gcc", "-static", "-o", pt, source], check=True,
                   timeout=LIMIT)
    p = run(*FILES, pt=(str(pt),), env=place.env)
    assert verdicts(report(p)) == {
        "ST-ONLY-1": want, "ST-ELSE-1": want, "ST-CWD-1": "pass",
        "ST-DEF-1": want}
    if litter:
        assert "/.cache" in p.stdout
    place.assert_nothing_left()


PYTHON = """#!/usr/bin/python3
import os, socket, sys
sys.path.insert(0, "{dir}")
import helper
if "2" not in os.environ.get("TOR_PT_MANAGED_TRANSPORT_VER", ""):
    sys.exit("VERSION-ERROR no-version")
print("VERSION 2", flush=True)
s = socket.create_server(("127.0.0.1", 0))
if "tiny" in os.environ["TOR_PT_CLIENT_TRANSPORTS"]:
    print(f"CMETHOD tiny socks5 127.0.0.1:{{s.getsockname()[1]}}", flush=True)
print("CMETHODS DONE", flush=True)
sys.stdin.read()
"""


def test_byte_code(place):
    """What a runtime would write by itself is switched off or left out."""
    (place.dir / "helper.py").write_text("x = 1\n")
    pt = place.transport(PYTHON.format(dir=place.dir))
    p = run(*FILES, pt=(pt,), env=place.env)
    assert verdicts(report(p)) == {
        "ST-ONLY-1": "pass", "ST-ELSE-1": "pass", "ST-CWD-1": "pass",
        "ST-DEF-1": "pass"}
    assert not list(place.dir.glob("**/*.pyc"))


# Root may write there, without any capability.
SETTER = """#!/bin/sh
setting=/proc/sys/net/ipv4/tcp_fin_timeout
read -r was <$setting
echo "$setting was $was." >&2
{ echo 7 >$setting; } 2>/dev/null
printf 'VERSION 2\\nCMETHOD ident socks5 127.0.0.1:9\\nCMETHODS DONE\\n'
exec cat >/dev/null
"""


def test_settings_are_those_of_the_launch(place):
    """What a transport writes to /proc/sys/net no later launch finds."""
    out = place.dir / "out"
    run("--require", "sandbox", "--role", "client", "--transport", "ident",
        "--launch", "version.list/last@client", "--repeat", "8", "--jobs", "1",
        "--out", out, pt=(place.transport(SETTER),))
    found = [was for t in traces_of(out)
             for was in re.findall(r"tcp_fin_timeout was (\d+)",
                                   t.path.read_text())]
    assert len(found) >= 8
    assert len(set(found)) == 1 and "7" not in found, found
