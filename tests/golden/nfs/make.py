#!/usr/bin/env python3
"""Writes the NFS captures of this folder and beside each what `terrier flows` must say of it. Credentials, paths, names of
files, listings and data hold what may not be kept (tests/tools/plants.py)."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

FS01, BACKUP, CT, WARD = "10.77.1.80", "10.77.1.130", "10.77.20.11", "10.77.30.21"
COLUMNS = ["source_address", "destination_address", "direction", "transport", "server_port", "protocol", "kind_id",
           "confidence", "encrypted", "connections", "messages", "evidence"]
RPCBIND, NFS, MOUNT = 100000, 100003, 100005
DATA = (plants.PATIENT + " " + plants.FREE_TEXT + " ").encode() * 60


def row(source, destination, direction, evidence, messages, transport="tcp", port=2049, protocol="NFS", encrypted="no",
        confidence="high", connections=1):
    return [source, destination, direction, transport, port, protocol, "inf.fileshare", confidence, encrypted,
            connections, messages, evidence]


def u32(*values):
    return struct.pack("!%dI" % len(values), *values)


def opaque(data):
    data = data if isinstance(data, bytes) else data.encode()
    return u32(len(data)) + data + bytes(-len(data) % 4)


def call(xid, program, version, procedure, args=b"", flavour=1, credential=None):
    """The credential of AUTH_SYS has the name of the machine."""
    if credential is None:
        credential = u32(7) + opaque(plants.SURNAME + "-PC") + u32(1000, 1000, 0)
    return u32(xid, 0, 2, program, version, procedure, flavour) + opaque(credential) + u32(0, 0) + args


def reply(xid, results=b""):
    return u32(xid, 1, 0, 0, 0, 0) + results


class Rpc:
    """A conversation over TCP, in fragments of so many octets."""

    def __init__(self, capture, client, fragment=1 << 20, **options):
        self.tcp = capture.tcp("%s:800" % client, "%s:2049" % FS01, **options)
        self.xid, self.fragment = 0x10000, fragment

    def marked(self, message):
        pieces = [message[i:i + self.fragment] for i in range(0, len(message), self.fragment)]
        return b"".join(u32(len(p) | (0x80000000 if p is pieces[-1] else 0)) + p for p in pieces)

    def ask(self, version, procedure, args, results, **options):
        self.xid += 1
        self.tcp.client(self.marked(call(self.xid, NFS, version, procedure, args, **options)))
        self.tcp.server(self.marked(reply(self.xid, results)))

    def compound(self, ops, results):
        self.ask(4, 1, opaque(plants.FREE_TEXT) + u32(1, len(ops)) + b"".join(ops),
                 u32(0) + opaque(plants.FREE_TEXT) + u32(len(results)) + b"".join(results))


SEQUENCE, SEQUENCE_OK = u32(53) + bytes(32), u32(53, 0) + bytes(36)
PUTROOTFH, PUTROOTFH_OK = u32(24), u32(24, 0)
GETATTR, GETATTR_OK = u32(9, 2, 0x18, 0x30), u32(9, 0, 2, 0x18, 0x30) + opaque(bytes(40))
GETFH = u32(10)
PUTFH_OK = u32(22, 0)


def putfh(handle):
    return u32(22) + opaque(handle)


def lookup(name):
    return u32(15) + opaque(name)


def mount4(rpc, names, handle):
    """As libnfs does it: from the root down, in one compound."""
    rpc.compound([SEQUENCE, PUTROOTFH] + [lookup(n) for n in names] + [GETATTR, GETFH],
                 [SEQUENCE_OK, PUTROOTFH_OK] + [u32(15, 0)] * len(names) +
                 [GETATTR_OK, u32(10, 0) + opaque(handle)])


def walk4(rpc, names, handles):
    """As a kernel does it: one by one, by handles."""
    rpc.compound([SEQUENCE, PUTROOTFH, GETFH], [SEQUENCE_OK, PUTROOTFH_OK, u32(10, 0) + opaque(handles[0])])
    for name, parent, handle in zip(names, handles, handles[1:]):
        rpc.compound([SEQUENCE, putfh(parent), lookup(name), GETFH, GETATTR],
                     [SEQUENCE_OK, PUTFH_OK, u32(15, 0), u32(10, 0) + opaque(handle), GETATTR_OK])


def open4(rpc, parent):
    rpc.compound([SEQUENCE, putfh(parent), u32(18) + bytes(40) + opaque(plants.FILE)], [SEQUENCE_OK, PUTFH_OK, u32(18, 0)])


def read4(rpc):
    rpc.compound([SEQUENCE, putfh(b"file"), u32(25) + bytes(28)],
                 [SEQUENCE_OK, PUTFH_OK, u32(25, 0, 1) + opaque(DATA)])


def write4(rpc):
    rpc.compound([SEQUENCE, putfh(b"file"), u32(38) + bytes(28) + opaque(DATA)],
                 [SEQUENCE_OK, PUTFH_OK, u32(38, 0, len(DATA), 2, 0, 0)])


def version4():
    """One reads what it finds by path, one writes what it finds by handle, one lists, one works below a home."""
    c = Capture()
    r = Rpc(c, BACKUP)
    mount4(r, ["scans"], b"h" * 60)
    open4(r, b"h" * 60)
    for _ in range(3):
        read4(r)
    r.tcp.close()
    r = Rpc(c, CT, fragment=100)
    walk4(r, ["srv", "imaging", plants.SURNAME], [b"root", b"srv!", b"imaging!", b"person"])
    open4(r, b"person")
    write4(r)
    r.tcp.close()
    r = Rpc(c, WARD, mss=60)
    r.compound([SEQUENCE, PUTROOTFH, lookup("letters"), u32(26) + bytes(28)],
               [SEQUENCE_OK, PUTROOTFH_OK, u32(15, 0), u32(26, 0) + bytes(8) + u32(1) + bytes(8) + opaque(plants.FILE)])
    r.tcp.close()
    r = Rpc(c, "10.77.30.22")
    walk4(r, ["home", plants.USER], [b"root", b"home", b"zq"])
    open4(r, b"zq")
    read4(r)
    r.tcp.close()
    r = Rpc(c, "10.77.30.23")
    mount4(r, [plants.NHS_NUMBER], b"number")
    open4(r, b"number")
    read4(r)
    r.tcp.close()
    write(__file__, "version4", c, [
        row(FS01, BACKUP, "one_way", "share 10.77.1.80:/scans ×3", 3),
        row(CT, FS01, "one_way", "share 10.77.1.80:/srv/imaging ×1", 1),
        row(FS01, WARD, "one_way", "share 10.77.1.80:/letters", 0),
        row(FS01, "10.77.30.22", "one_way", "share 10.77.1.80:/home ×1", 1),
        row(FS01, "10.77.30.23", "one_way", "protocol NFS ×1", 1)], COLUMNS)


def version3():
    """The port mapper, a mount and a refused one over UDP; then reads, writes and names over UDP and TCP."""
    c = Capture()
    client, fs01 = "%s:801" % CT, FS01 + ":%d"

    def ask(port, xid, program, procedure, args, results):
        c.udp(client, fs01 % port, call(xid, program, 3, procedure, args))
        c.udp(fs01 % port, client, reply(xid, results))
    ask(111, 1, RPCBIND, 3, u32(MOUNT, 3) + opaque("udp") + opaque("") + opaque(plants.USER), opaque("10.77.1.80.78.80"))
    ask(20048, 2, MOUNT, 1, opaque("/srv/imaging/%s" % plants.SURNAME), u32(0) + opaque(b"handle") + u32(1, 1))
    ask(20048, 3, MOUNT, 1, opaque("/" + plants.MAILBOX), u32(13))
    ask(2049, 4, NFS, 3, opaque(b"handle") + opaque(plants.FILE), u32(0) + opaque(b"file"))
    ask(2049, 5, NFS, 6, opaque(b"file") + bytes(12), u32(0, 0, len(DATA), 1) + opaque(DATA[:1200]))
    r = Rpc(c, WARD)
    r.ask(3, 8, opaque(b"handle") + opaque(plants.FILE) + bytes(40), u32(0))
    for _ in range(2):
        r.ask(3, 7, opaque(b"file") + bytes(16) + opaque(DATA), u32(0) + bytes(80))
    r.ask(3, 4, opaque(b"file") + u32(1), u32(0) + bytes(90))
    r.tcp.close()
    write(__file__, "version3", c, [
        row(CT, FS01, "both", "protocol RPCbind", 0, "udp", 111, "RPCbind", confidence="medium"),
        row(CT, FS01, "both", "share 10.77.1.80:/srv/imaging", 0, "udp", 20048),
        row(FS01, CT, "one_way", "protocol NFS ×1", 1, "udp"),
        row(WARD, FS01, "one_way", "protocol NFS ×2", 2)], COLUMNS)


def middle():
    """Joined at an answer; segments lost in data and at the start of a message; sealed by Kerberos."""
    c = Capture()
    r = Rpc(c, BACKUP, syn=False)
    r.tcp.server(r.marked(reply(0x10000, u32(0) + DATA)))
    r.ask(3, 6, opaque(b"file") + bytes(12), u32(0, 0, len(DATA), 1) + opaque(DATA))
    r.tcp.close()
    r = Rpc(c, CT)
    r.tcp.drop(1)
    for _ in range(3):
        r.ask(3, 7, opaque(b"file") + bytes(16) + opaque(DATA), u32(0) + bytes(80))
    r.tcp.close()
    r = Rpc(c, WARD)
    sealed = u32(1, 0, 4, 3) + opaque("context")
    for _ in range(2):
        r.ask(4, 1, opaque(os.path.basename(plants.FILE)), opaque(DATA), flavour=6, credential=sealed)
    r.tcp.close()
    write(__file__, "middle", c, [
        row(FS01, BACKUP, "one_way", "protocol NFS ×1", 1),
        row(CT, FS01, "one_way", "protocol NFS ×2", 2),
        row(FS01, WARD, "one_way", "protocol NFS", 0, encrypted="yes")], COLUMNS)


version4()
version3()
middle()
