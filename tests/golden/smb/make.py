#!/usr/bin/env python3
"""Writes the SMB captures of this folder and beside each what `terrier flows` must say of it. Paths, files, users, listings
and data hold what may not be kept (tests/tools/plants.py)."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

FS01, WARD, LIMS, CT = "10.77.1.80", "10.77.30.21", "10.77.1.30", "10.77.20.11"
COLUMNS = ["source_address", "destination_address", "direction", "transport", "server_port", "protocol", "kind_id",
           "confidence", "encrypted", "connections", "messages", "evidence"]
NEGOTIATE, SESSION, TREE, CREATE, CLOSE, READ, WRITE, IOCTL, LIST = 0, 1, 3, 5, 6, 8, 9, 11, 14
MORE = 0xc0000016
DATA = (plants.PATIENT + " " + plants.FREE_TEXT + " ").encode() * 60


def wide(text):
    return text.encode("utf-16-le")


def row(source, destination, direction, protocol, evidence, messages, encrypted="no", port=445, kind="inf.fileshare",
        confidence="high", connections=1):
    return [source, destination, direction, "tcp", port, protocol, kind, confidence, encrypted, connections, messages,
            evidence]


# NTLMSSP (MS-NLMP 2.2.1)

def field(data, offset):
    return struct.pack("<HHI", len(data), len(data), offset)


def ntlm_challenge(netbios, dns):
    pairs = b"".join(struct.pack("<HH", i, len(wide(t))) + wide(t)
                     for i, t in ((2, "TRUST"), (1, netbios), (4, "trust.example"), (3, dns), (0, "")))
    return (b"NTLMSSP\0" + struct.pack("<I", 2) + field(wide("TRUST"), 56) + struct.pack("<I", 0xe2898235) + bytes(16) +
            field(pairs, 66) + bytes(8) + wide("TRUST") + pairs)


def ntlm_authenticate(user):
    parts = [plants.PASSWORD.encode() + b"\0" * 10, b"response" * 30, wide("TRUST"), wide(user),
             wide(plants.SURNAME + "-PC"), b""]
    out, at, body = b"NTLMSSP\0" + struct.pack("<I", 3), 72, b""
    for part in parts:
        out += field(part, at + len(body))
        body += part
    return out + struct.pack("<I", 0xe2898235) + bytes(8) + body


# SMB 2 and 3 (MS-SMB2 2.2)

def frame(data):
    return struct.pack("!I", len(data)) + data


def smb2(command, body, response=False, status=0, message=1, tree=0, session=0x44000000001, related=False):
    return b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ", 64, 1, status, command, 1, (1 if response else 0) |
                                    (4 if related else 0), 0, message, 0xfeff, tree, session) + bytes(16) + body


def compound(*units):
    """Each but the last is padded and says where the next begins."""
    out = b""
    for i, unit in enumerate(units):
        if i < len(units) - 1:
            unit += bytes(-len(unit) % 8)
            unit = unit[:20] + struct.pack("<I", len(unit)) + unit[24:]
        out += unit
    return frame(out)


class Smb2:
    """A conversation with a server; trees are numbered from 1 on."""

    def __init__(self, capture, client, dialect=0x0311, server=FS01, port=445, user="svc_results", **options):
        self.tcp = capture.tcp("%s:40001" % client, "%s:%d" % (server, port), **options)
        self.message, self.trees = 0, 0
        if options.get("syn", True):
            self.ask(NEGOTIATE, struct.pack("<HHHHI", 36, 2, 1, 0, 0) + bytes(24) + struct.pack("<HH", 0x0202, dialect),
                     struct.pack("<HHH", 65, 1, dialect) + bytes(58))
            self.set_up(b"NTLMSSP\0\1\0\0\0" + bytes(28), ntlm_challenge("FS01", "fs01.trust.example"), MORE)
            self.set_up(ntlm_authenticate(user), b"", 0)

    def ask(self, command, request, response, status=0, **options):
        self.message += 1
        self.tcp.client(frame(smb2(command, request, message=self.message, **options)))
        self.tcp.server(frame(smb2(command, response, True, status, self.message, **options)))

    def set_up(self, blob, answer, status):
        self.ask(SESSION, struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(blob), 0) + blob,
                 struct.pack("<HHHH", 9, 0, 72, len(answer)) + answer, status)

    def connect(self, path, kind=1):
        self.message += 1
        self.trees += 1
        self.tcp.client(frame(smb2(TREE, struct.pack("<HHHH", 9, 0, 72, len(wide(path))) + wide(path),
                                   message=self.message)))
        self.tcp.server(frame(smb2(TREE, struct.pack("<HBB", 16, kind, 0) + bytes(12), True, 0, self.message,
                                   self.trees)))
        return self.trees

    def create(self, tree, path):
        self.ask(CREATE, struct.pack("<HBBIQQIIIII", 57, 0, 0, 2, 0, 0, 3, 0, 7, 1, 0) +
                 struct.pack("<HHII", 120, len(wide(path)), 0, 0) + wide(path), struct.pack("<H", 89) + bytes(86),
                 tree=tree)

    def close(self, tree):
        self.ask(CLOSE, struct.pack("<H", 24) + bytes(22), struct.pack("<H", 60) + bytes(58), tree=tree)

    def read(self, tree, data=DATA):
        self.ask(READ, struct.pack("<HBBI", 49, 0, 0, len(data)) + bytes(41),
                 struct.pack("<HBBII", 17, 80, 0, len(data), 0) + bytes(4) + data, tree=tree)

    def write(self, tree, data=DATA):
        self.ask(WRITE, struct.pack("<HHI", 49, 112, len(data)) + bytes(40) + data,
                 struct.pack("<HHI", 17, 0, len(data)) + bytes(9), tree=tree)

    def list(self, tree):
        entry = bytes(60) + struct.pack("<I", len(wide(plants.FILE))) + bytes(40) + wide(plants.FILE)
        self.ask(LIST, struct.pack("<HBB", 33, 37, 0) + bytes(20) + struct.pack("<HHI", 96, 2, 65536) + wide("*"),
                 struct.pack("<HHI", 9, 72, len(entry)) + entry, tree=tree)


PATH = plants.SURNAME + "\\" + plants.NHS_NUMBER + "\\" + plants.FILE


def share():
    """One reads and lists, one writes, one only looks, one has an older dialect."""
    c = Capture()
    s = Smb2(c, WARD, 0x0302)
    tree = s.connect("\\\\FS01\\HomeDrives")
    for _ in range(2):
        s.create(tree, PATH)
        s.list(tree)
        s.read(tree)
        s.close(tree)
    s.tcp.close()
    s = Smb2(c, LIMS)
    tree = s.connect("\\\\fs01.trust.example\\PathResults")
    s.create(tree, PATH)
    for _ in range(3):
        s.write(tree)
    s.tcp.close()
    s = Smb2(c, "10.77.30.22", 0x0210)
    s.list(s.connect("\\\\fs01\\Scans"))
    s.tcp.close()
    s = Smb2(c, "10.77.30.23", 0x0202)
    s.read(s.connect("\\\\10.77.1.80\\Scans"))
    s.tcp.close()
    write(__file__, "share", c, [
        row(FS01, WARD, "one_way", "SMB3", "share \\\\fs01\\HomeDrives ×2", 2),
        row(LIMS, FS01, "one_way", "SMB3", "share \\\\fs01.trust.example\\PathResults ×3", 3),
        row("10.77.30.22", FS01, "both", "SMB2", "protocol SMB2", 0),
        row(FS01, "10.77.30.23", "one_way", "SMB2", "share \\\\10.77.1.80\\Scans ×1", 1)], COLUMNS)


def hidden():
    """Administrative shares, a pipe, and shares of the user who signed in or is none's business."""
    c = Capture()
    s = Smb2(c, WARD, user=plants.USER.upper())
    s.write(s.connect("\\\\FS01\\IPC$", 2))
    s.write(s.connect("\\\\FS01\\C$"))
    s.read(s.connect("\\\\FS01\\" + plants.USER))
    s.read(s.connect("\\\\FS01\\" + plants.USER + "$"))
    s.read(s.connect("\\\\FS01\\" + plants.NHS_NUMBER))
    s.read(s.connect("\\\\FS01\\%s@trust" % plants.MAILBOX))
    s.read(s.connect("\\\\FS01\\" + plants.BORN_ISO))
    s.tcp.close()
    write(__file__, "hidden", c, [
        row(WARD, FS01, "both", "SMB3", "protocol DCERPC", 0, kind="inf.remote", confidence="medium"),
        row(WARD, FS01, "one_way", "SMB3", "protocol SMB3 ×1", 1),
        row(FS01, WARD, "one_way", "SMB3", "protocol SMB3 ×4; share \\\\fs01\\(home share) ×1", 5)], COLUMNS)


def encrypted():
    """The direction of what is encrypted goes by the octets."""
    c = Capture()
    s = Smb2(c, WARD)
    for _ in range(4):
        s.tcp.client(frame(b"\xfdSMB" + bytes(48) + bytes(64)))
        s.tcp.server(frame(b"\xfdSMB" + bytes(48) + DATA))
    s.tcp.close()
    write(__file__, "encrypted", c, [row(FS01, WARD, "one_way", "SMB3", "protocol SMB3", 0, "yes")], COLUMNS)


def middle():
    """Joined in the middle of data; segments lost; a compound; small segments."""
    c = Capture()
    s = Smb2(c, WARD, syn=False)
    s.tcp.server(DATA)
    s.read(5)
    s.tcp.close()
    s = Smb2(c, LIMS)
    tree = s.connect("\\\\fs01\\Scans")
    s.tcp.drop(1)
    s.write(tree)
    s.tcp.drop(2)
    for _ in range(4):
        s.write(tree)
    s.tcp.close()
    s = Smb2(c, CT, mss=11)
    tree = s.connect("\\\\fs01\\Scans")
    s.tcp.client(compound(smb2(CREATE, bytes(56) + wide(PATH), tree=tree),
                          smb2(READ, struct.pack("<HBBI", 49, 0, 0, 900) + bytes(41), tree=2**32 - 1, related=True),
                          smb2(CLOSE, bytes(24), tree=2**32 - 1, related=True)))
    s.tcp.server(compound(smb2(CREATE, bytes(88), True, tree=tree), smb2(READ, bytes(16) + DATA, True, tree=tree),
                          smb2(CLOSE, bytes(60), True, tree=tree)))
    s.tcp.close()
    write(__file__, "middle", c, [
        row(FS01, WARD, "one_way", "SMB2", "protocol SMB2 ×1", 1),
        row(LIMS, FS01, "one_way", "SMB3", "share \\\\fs01\\Scans ×3", 3),
        row(FS01, CT, "one_way", "SMB3", "share \\\\fs01\\Scans ×1", 1)], COLUMNS)


# SMB 1 (MS-CIFS 2.2)

def smb1(command, words=b"", data=b"", response=False, tree=0, unicode=True, after=b""):
    flags2 = 0xc001 if unicode else 0x4001
    return frame(b"\xffSMB" + struct.pack("<BIBH", command, 0, 0x88 if response else 8, flags2) + bytes(12) +
                 struct.pack("<HHHH", tree, 0xfeff, 64, 7) + struct.pack("<B", len(words) // 2) + words +
                 struct.pack("<H", len(data)) + data + after)


def text(string, unicode):
    return wide(string) + b"\0\0" if unicode else string.encode() + b"\0"


def smb1_connection(c, client, port, share, user, unicode):
    """Negotiates, signs in and connects in a chain; writes twice, reads once."""
    t = c.tcp("%s:40002" % client, "%s:%d" % (FS01, port))
    if port == 139:
        name = b"\x20" + b"CK" * 16 + b"\0"
        t.client(b"\x81\0\0\x44" + name * 2)
        t.server(b"\x82\0\0\0")
    t.client(smb1(0x72, b"", b"\x02NT LM 0.12\0", unicode=unicode))
    t.server(smb1(0x72, struct.pack("<HB", 0, 3) + bytes(31), bytes(8), True, unicode=unicode))
    secrets = (plants.PASSWORD.encode() + bytes(24))[:24]
    accounts = (b"\0" if unicode else b"") + text(user, unicode) + text("TRUST", unicode) + text(plants.SURNAME, unicode)
    data = secrets * 2 + accounts
    at = 32 + 1 + 26 + 2 + len(data)
    words = struct.pack("<BBHHHHIHHII", 0x75, 0, at, 16384, 1, 0, 0, 24, 24, 0, 0x54)
    assert len(words) == 26
    path = text("\\\\FS01\\" + share, unicode)
    pad = b"\0" if unicode and (at + 1 + 8 + 2 + 1) % 2 else b""
    body = b"\0" + pad + path + b"?????\0"
    connect = struct.pack("<BBBHHH", 4, 0xff, 0, 0, 0, 1) + struct.pack("<H", len(body)) + body
    t.client(smb1(0x73, words, data, unicode=unicode, after=connect))
    t.server(smb1(0x75, struct.pack("<BBHH", 0xff, 0, 0, 0), b"A:\0", True, 9, unicode))
    t.client(smb1(0xa2, struct.pack("<BBH", 0xff, 0, 0) + bytes(44), text(PATH, unicode), False, 9, unicode))
    t.server(smb1(0xa2, struct.pack("<BBH", 0xff, 0, 0) + bytes(64), b"", True, 9, unicode))
    for _ in range(2):
        t.client(smb1(0x2f, struct.pack("<BBH", 0xff, 0, 0) + bytes(24), DATA, False, 9, unicode))
        t.server(smb1(0x2f, struct.pack("<BBH", 0xff, 0, 0) + bytes(8), b"", True, 9, unicode))
    t.client(smb1(0x2e, struct.pack("<BBH", 0xff, 0, 0) + bytes(20), b"", False, 9, unicode))
    t.server(smb1(0x2e, struct.pack("<BBH", 0xff, 0, 0) + bytes(20), DATA, True, 9, unicode))
    t.close()


def old():
    """In Unicode on 445, in ASCII on 139, and a negotiation alone, which is no use of SMB 1."""
    c = Capture()
    smb1_connection(c, CT, 445, "Imaging", "svc_ct", True)
    smb1_connection(c, LIMS, 139, plants.USER.upper(), plants.USER, False)
    t = c.tcp("%s:40003" % WARD, "%s:445" % FS01)
    t.client(smb1(0x72, b"", b"\x02NT LM 0.12\0\x02SMB 2.002\0\x02SMB 2.???\0"))
    t.server(frame(smb2(NEGOTIATE, struct.pack("<HHH", 65, 1, 0x02ff) + bytes(58), True)))
    t.close()
    rows = [row(WARD, FS01, "both", "SMB2", "protocol SMB2", 0)]
    for client, port, name in ((CT, 445, "Imaging"), (LIMS, 139, "(home share)")):
        rows.append(row(client, FS01, "one_way", "SMB1", "share \\\\fs01\\%s ×2" % name, 2, port=port))
        rows.append(row(FS01, client, "one_way", "SMB1", "share \\\\fs01\\%s ×1" % name, 1, port=port))
    write(__file__, "old", c, rows, COLUMNS)


share()
hidden()
encrypted()
middle()
old()
