#!/usr/bin/python3
"""Real programs over ptref's modes for datagrams, by a pair with veil: a TURN
session, DNS and an OpenVPN tunnel.

Each test has a network of its own: this file is the program in it, too.  So
ports and addresses are free and nothing goes out.
"""
import collections
import contextlib
import ctypes
import hashlib
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import warnings
from concurrent import futures

import pytest

from conftest import LIMIT, PTREF, wait_for

NEWNET = 0x40000000  # CLONE_NEWNET
LOCAL = "127.0.0.1"
SETTINGS = ("-options", "veil:key=swordfish")
TUN = "ip tuntap add dev probe mode tun"
MIB = 1 << 20
SEND, DATA = 0x16, 0x17  # indications of TURN


# --- outside ---

def network(try_this):
    """The start of a command line for a network that can do that."""
    tried = {}
    for who in ("-Ur",), ():
        argv = ("unshare", *who, "--net", "--pid", "--fork", "--kill-child")
        p = subprocess.run([*argv, *try_this.split()], capture_output=True,
                           text=True, timeout=LIMIT, check=False)
        if p.returncode == 0:
            if tried:
                warnings.warn("not in a user namespace, but as root: "
                              f"{try_this}: {tried['-Ur']}")
            return argv
        tried["".join(who) or "root"] = p.stderr.strip()
    return pytest.skip(f"{try_this}: {tried}")


def in_a_network(tmp_path, what, try_this="ip link set lo up"):
    p = subprocess.run(
        [*network(try_this), sys.executable, __file__, what, tmp_path],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace",
        timeout=4 * LIMIT, check=False)
    assert p.returncode == 0, p.stdout


def test_turn_session(tmp_path):
    """turnutils_uclient, coturn and an echo of theirs behind it."""
    in_a_network(tmp_path, "turn")


def test_dns(tmp_path):
    """dig asks dnsmasq."""
    in_a_network(tmp_path, "dns")


def test_openvpn_tunnel(tmp_path):
    """What goes through a tunnel that goes through the transport."""
    in_a_network(tmp_path, "vpn", TUN)


# --- inside: processes and networks ---

def enter(net):
    """A child's way into another network."""
    if ctypes.CDLL(None, use_errno=True).setns(net, NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def new_network():
    """A descriptor of one; our own stays what it is."""
    with open("/proc/thread-self/ns/net", "rb") as own:
        if ctypes.CDLL(None, use_errno=True).unshare(NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        net = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        enter(own.fileno())
    return net


@contextlib.contextmanager
def inside(net):
    """For what is made in the block: sockets belong to where they were
    made."""
    with open("/proc/thread-self/ns/net", "rb") as own:
        enter(net)
        try:
            yield
        finally:
            enter(own.fileno())


def done(*argv, net=None):
    """Runs a program to its end: whether it said that all is well, and what
    it printed."""
    p = subprocess.run(list(map(str, argv)), stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, timeout=LIMIT, check=False,
                       preexec_fn=net and (lambda: enter(net)))
    print(p.stdout, flush=True)
    return p.returncode == 0, p.stdout


def must(*argv, net=None):
    assert done(*argv, net=net)[0], argv


@contextlib.contextmanager
def running(top, name, *argv, until, net=None, env=None):
    """A program for the time of the block; what it says that it is ready."""
    log = top / f"{name}.log"
    with open(log, "wb") as out, subprocess.Popen(
            list(map(str, argv)), env=env, stdin=subprocess.PIPE, stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=net and (lambda: enter(net))) as child:
        try:
            said = wait_for(
                lambda: child.poll() is not None or
                re.search(until, log.read_text(errors="replace"), re.M), LIMIT)
            assert child.poll() is None and said, f"{name} is not ready"
            yield said
            assert child.poll() is None, f"{name} has ended"
        finally:
            child.kill()


@contextlib.contextmanager
def ptref(top, role, mode, *words, net=None, **settings):
    """One end of a pair; its address."""
    env = {"TOR_PT_MANAGED_TRANSPORT_VER": "2",
           "TOR_PT_STATE_LOCATION": str(top / f"{role}-state"),
           **{f"TOR_PT_{k}": v for k, v in settings.items()}}
    with running(top, role, PTREF, "-mode", mode, *SETTINGS, *words, env=env,
                 net=net, until=r"^[CS]METHOD veil.* (\d\S+:\d+)") as line:
        yield line[1]


@contextlib.contextmanager
def pair(top, mode, orport, at=LOCAL, net=None):
    """A client here and a server at that address; the client's port."""
    with ptref(top, "server", mode, net=net, SERVER_TRANSPORTS="veil",
               SERVER_BINDADDR=f"veil-{at}:0", ORPORT=orport,
               EXTENDED_SERVER_PORT="") as server, \
            ptref(top, "client", mode, "-target", server,
                  CLIENT_TRANSPORTS="veil") as client:
        yield client.rpartition(":")[2]


# --- inside: what goes over them ---

class Tap:
    """In front of a TURN server: counts what passes, by kind."""

    def __init__(self, server):
        self.server, self.seen = server, collections.Counter()
        self.front = self.udp()
        self.front.bind((LOCAL, 0))
        self.at = "%s:%d" % self.front.getsockname()
        self.ways = {}
        threading.Thread(target=self.up, daemon=True).start()

    @staticmethod
    def udp():
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def count(self, way, datagram):
        kind = int.from_bytes(datagram[:2], "big")
        self.seen[way, "channel" if kind & 0xc000 == 0x4000 else kind] += 1

    def up(self):
        while True:
            datagram, source = self.front.recvfrom(65536)
            self.count("up", datagram)
            if source not in self.ways:
                self.ways[source] = self.udp()
                self.ways[source].connect(self.server)
                threading.Thread(target=self.down, args=(source,),
                                 daemon=True).start()
            self.ways[source].send(datagram)

    def down(self, source):
        while True:
            datagram = self.ways[source].recv(65536)
            self.count("down", datagram)
            self.front.sendto(datagram, source)


def turn(top):
    """A session by channels and one by indications, side by side."""
    account = ("-u", "ann:secret", "-r", "test.invalid", "-a")
    # The length is one that needs padding in a stream.
    client = ("turnutils_uclient", "-u", "ann", "-w", "secret", "-c",
              "-n", 40, "-l", 301, "-e", LOCAL, "-r", 3480)
    tap = Tap((LOCAL, 3478))

    def session(*words):
        good, said = done(*client, *words, LOCAL)
        return good and "tot_send_msgs=40, tot_recv_msgs=40" in said

    with running(top, "turnserver", "turnserver", "-n", "-v", "-L", LOCAL,
                 "-E", LOCAL, "-p", 3478, "--no-tls", "--no-dtls", "--no-cli",
                 "--allow-loopback-peers", "--log-file", "stdout", "--userdb",
                 top / "db", "--pidfile", top / "pid", *account,
                 until="UDP listener opened on: 127.0.0.1:3478"), \
            running(top, "echo", "turnutils_peer", "-L", LOCAL, "-p", 3480,
                    until=""), \
            pair(top, "STUN", tap.at) as port, \
            futures.ThreadPoolExecutor() as pool:
        # What is sent before a connection is made is lost: the program asks
        # again, but may lose its patience where the machine is busy.
        both = [pool.submit(wait_for, lambda words=words: session(
            "-p", port, *words), LIMIT) for words in ((), ("-s",))]
        assert all(one.result() for one in both)
    print(tap.seen)
    for kind in ("up", "channel"), ("down", "channel"), ("up", SEND), \
            ("down", DATA):
        assert tap.seen[kind] >= 40, kind


def dns(top):
    long = "x" * 250
    with running(top, "dnsmasq", "dnsmasq", "--no-daemon", "--conf-file",
                 "--no-resolv", "--no-hosts", f"--listen-address={LOCAL}",
                 "--bind-interfaces", "--port=5353",
                 "--address=/one.test/192.0.2.1",
                 f"--txt-record=two.test,{long},{long},{long}",
                 until="started"), \
            pair(top, "transparent-UDP", f"{LOCAL}:5353") as port:
        # Each question from the same port: a connection belongs to a source,
        # and the first datagram of each is lost.
        ask = ("dig", f"@{LOCAL}", "-p", port, "-b", f"{LOCAL}#5354",
               "+tries=1", "+time=1", "+short", "+notcp", "+ignore")
        for name, kind, answer in (
                ("one.test", "A", "192.0.2.1\n"),
                ("two.test", "TXT", " ".join([f'"{long}"'] * 3) + "\n")):
            assert wait_for(
                lambda: done(*ask, name, kind) == (True, answer), LIMIT)


def openvpn(top, name, key, own, other, *words, net=None):
    """One end of a tunnel."""
    return running(top, name, "openvpn", "--dev", "tun0", "--proto", "udp",
                   "--ifconfig", own, other, "--secret", key, "--cipher",
                   "AES-256-CBC", "--ping", 1, *words, net=net,
                   until="")


def carried(there, here):
    """1 MiB to the far end and back."""
    def echo():
        conn, _ = there.accept()
        with conn:
            while part := conn.recv(65536):
                conn.sendall(part)
            conn.shutdown(socket.SHUT_WR)

    data = os.urandom(MIB)
    threading.Thread(target=echo, daemon=True).start()
    with socket.create_connection(here, LIMIT) as near:
        sender = threading.Thread(target=lambda: (
            near.sendall(data), near.shutdown(socket.SHUT_WR)), daemon=True)
        sender.start()
        got = hashlib.sha256()
        while part := near.recv(65536):
            got.update(part)
    assert got.digest() == hashlib.sha256(data).digest()


def vpn(top):
    far, key = new_network(), top / "key"
    must("ip", "link", "set", "lo", "up", net=far)
    must("ip", "link", "add", "far", "type", "veth", "peer", "name", "near",
         "netns", os.getpid(), net=far)
    must("ip", "address", "add", "192.0.2.2/24", "dev", "far", net=far)
    must("ip", "link", "set", "far", "up", net=far)
    must("ip", "address", "add", "192.0.2.1/24", "dev", "near")
    must("ip", "link", "set", "near", "up")
    must("openvpn", "--genkey", "secret", key)
    with openvpn(top, "openvpn-far", key, "10.9.0.2", "10.9.0.1", "--local",
                 LOCAL, "--port", 1194, net=far), \
            pair(top, "transparent-UDP", f"{LOCAL}:1194", "192.0.2.2",
                 far) as port, \
            openvpn(top, "openvpn-near", key, "10.9.0.1", "10.9.0.2",
                    "--remote", LOCAL, port, "--nobind"):
        ping = ("ping", "-i", "0.2", "10.9.0.2")
        assert wait_for(lambda: done(*ping, "-c", 1, "-w", 2)[0], LIMIT)
        good, said = done(*ping, "-c", 5, "-W", 60)
        assert good and " 5 received" in said
        with inside(far):
            there = socket.create_server(("10.9.0.2", 0))
        carried(there, there.getsockname())


def main(what, top):
    top = pathlib.Path(top)
    must("ip", "link", "set", "lo", "up")
    try:
        {"turn": turn, "dns": dns, "vpn": vpn}[what](top)
    except BaseException:
        for log in sorted(top.glob("*.log")):
            print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}")
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
