#!/usr/bin/env python3
"""Writes the DICOM captures of this folder and beside each what `terrier flows` must say of it: NAME.expect holds the
columns that the capture decides. All names and objects are made up."""
import csv
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
from mkpcap import Capture  # noqa: E402

KEY = ["source_address", "destination_address", "direction", "transport", "server_port", "protocol", "kind_id"]
ALL = KEY + ["confidence", "messages", "bytes_to_destination", "bytes_to_source"]
COUNT = KEY + ["confidence", "messages"]

ROOT = b"1.2.840.10008."
CT, MR, SR = ROOT + b"5.1.4.1.1.2", ROOT + b"5.1.4.1.1.4", ROOT + b"5.1.4.1.1.88.11"
WORKLIST, FIND, MOVE, GET = (ROOT + s for s in (b"5.1.4.31", b"5.1.4.1.2.2.1", b"5.1.4.1.2.2.2", b"5.1.4.1.2.2.3"))
ECHO, MPPS = ROOT + b"1.1", ROOT + b"3.1.2.3.3"
NONE, DATA = 0x0101, 1
SUCCESS, PENDING = 0, 0xff00

CT01, PACS, WARD = "10.77.20.11", "10.77.1.50", "10.77.30.21"


def pdu(kind, body):
    return struct.pack("!BBI", kind, 0, len(body)) + body


def item(kind, body):
    return struct.pack("!BBH", kind, 0, len(body)) + body


def associate(kind, classes, calling=b"CT01", called=b"PACS"):
    body = struct.pack("!HH", 1, 0) + called.ljust(16) + calling.ljust(16) + bytes(32)
    body += item(0x10, b"1.2.840.10008.3.1.1.1")
    for i, uid in enumerate(classes):
        inner = struct.pack("!BBBB", 2 * i + 1, 0, 0, 0)
        inner += (item(0x30, uid) if kind == 1 else b"") + item(0x40, ROOT + b"1.2")
        body += item(0x20 if kind == 1 else 0x21, inner)
    user = item(0x51, struct.pack("!I", 16384)) + item(0x52, b"1.2.3.4") + item(0x55, b"TERRIER_TEST")
    return pdu(kind, body + item(0x50, user))


def element(number, value):
    return struct.pack("<HHI", 0, number, len(value)) + value


def number(tag, value):
    return element(tag, struct.pack("<H", value))


def command(field, uid, ident, data, status=None, titles=()):
    body = element(2, uid + b"\0" * (len(uid) % 2)) if uid else b""
    body += number(0x100, field) + number(0x120 if field & 0x8000 else 0x110, ident)
    body += element(0x600, titles[0] if titles else b"WARD7") if field == 0x21 else b""
    body += number(0x800, data) + (number(0x900, status) if status is not None else b"")
    body += element(0x1030, titles[0]) + number(0x1031, 1) if titles and field == 1 else b""
    return element(0, struct.pack("<I", len(body))) + body


def pdata(control, body, context=1):
    return pdu(4, struct.pack("!IBB", len(body) + 2, context, control) + body)


def message(field, uid, ident, data=b"", status=None, piece=16000, titles=()):
    out = pdata(3, command(field, uid, ident, DATA if data else NONE, status, titles))
    for i in range(0, len(data), piece):
        out += pdata(2 if i + piece >= len(data) else 0, data[i:i + piece])
    return out


RELEASE, RELEASED = pdu(5, bytes(4)), pdu(6, bytes(4))


def write(name, capture, columns, rows):
    capture.write(os.path.join(HERE, name + ".pcap"))
    with open(os.path.join(HERE, name + ".expect"), "w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(columns)
        table.writerows(sorted(rows))


def row(source, destination, direction, port, kind, messages, *octets):
    return [source, destination, direction, "tcp", port, "DICOM", kind, "high", messages, *octets]


class Talk:
    """An association; sums up octets of each side."""

    def __init__(self, capture, client, server, port, classes, titles=(), **options):
        self.tcp = capture.tcp("%s:40001" % client, "%s:%d" % (server, port), **options)
        self.octets = [0, 0]
        if options.get("syn", True):
            self.say(0, associate(1, classes, *titles))
            self.say(1, associate(2, classes, *titles))

    def say(self, side, data):
        (self.tcp.server if side else self.tcp.client)(data)
        self.octets[side] += len(data)

    def store(self, uid, ident, size=20000, side=0):
        self.say(side, message(0x0001, uid, ident, bytes(range(256)) * (size // 256)))
        self.say(1 - side, message(0x8001, uid, ident, status=SUCCESS))

    def release(self):
        self.say(0, RELEASE)
        self.say(1, RELEASED)
        self.tcp.close()


def store():
    """Proposed is not sent: two classes are agreed on, one is used."""
    c = Capture()
    t = Talk(c, CT01, PACS, 104, [CT, MR])
    for i in range(4):
        t.store(CT, i + 1)
    t.release()
    write("store", c, ALL, [row(CT01, PACS, "one_way", 104, "img.study", 4, *t.octets)])


def cut():
    """PDU headers are cut anywhere; any port."""
    c, octets = Capture(), [0, 0]
    for mss in (6, 11, 100):
        t = Talk(c, CT01, PACS, 4242, [CT], mss=mss)
        t.store(CT, 1, 512)
        t.release()
        octets = [a + b for a, b in zip(octets, t.octets)]
    write("cut", c, ALL, [row(CT01, PACS, "one_way", 4242, "img.study", 3, *octets)])


def kinds():
    """One association, an image and a report."""
    c = Capture()
    t = Talk(c, CT01, PACS, 104, [CT, SR])
    t.store(CT, 1)
    image = list(t.octets)
    t.store(SR, 2, 1024)
    t.release()
    write("kinds", c, ALL, [row(CT01, PACS, "one_way", 104, "img.study", 1, *image),
                            row(CT01, PACS, "one_way", 104, "img.report", 1,
                                *[a - b for a, b in zip(t.octets, image)])])


def ask(t, field, uid, answers, ident=1):
    t.say(0, message(field, uid, ident, b"identifier"))
    for _ in range(answers):
        t.say(1, message(field | 0x8000, uid, ident, b"identifier" * 20, PENDING))
    t.say(1, message(field | 0x8000, uid, ident, status=SUCCESS))


def query():
    """Information is in the answers; a query with all of them is one message. IPv6 in a VLAN."""
    c = Capture(vlan=[20])
    ris, scanner = "fd00:77::40", "fd00:77::11"
    t = c.tcp("[%s]:40001" % scanner, "[%s]:11112" % ris)
    talk = Talk.__new__(Talk)
    talk.tcp, talk.octets = t, [0, 0]
    talk.say(0, associate(1, [WORKLIST]))
    talk.say(1, associate(2, [WORKLIST]))
    ask(talk, 0x20, WORKLIST, 4)
    talk.release()
    write("query", c, ALL, [row(ris, scanner, "one_way", 11112, "img.workflow", 1, *reversed(talk.octets))])


def retrieve():
    """C-GET: objects come back on the same association. C-MOVE: on another one."""
    c = Capture()
    t = Talk(c, WARD, PACS, 104, [GET, MR])
    t.say(0, message(0x10, GET, 1, b"identifier"))
    for i in range(3):
        t.store(MR, i + 1, side=1)
        t.say(1, message(0x8010, GET, 1, status=PENDING))
    t.say(1, message(0x8010, GET, 1, status=SUCCESS))
    t.release()
    t = Talk(c, WARD, PACS, 105, [MOVE])
    t.say(0, message(0x21, MOVE, 1, b"identifier"))
    s = Talk(c, PACS, WARD, 11113, [CT])
    s.store(CT, 1)
    s.store(CT, 2)
    s.release()
    t.say(1, message(0x8021, MOVE, 1, status=SUCCESS))
    t.release()
    write("retrieve", c, COUNT, [row(PACS, WARD, "one_way", 104, "img.query", 1),
                                 row(PACS, WARD, "one_way", 104, "img.study", 3),
                                 row(PACS, WARD, "one_way", 105, "img.query", 1),
                                 row(PACS, WARD, "one_way", 11113, "img.study", 2)])


def move():
    """Who asks by C-MOVE is told the association on which the objects travel, and the other way round; where two systems
    have the title that was asked for, neither."""
    c = Capture()
    other = "10.77.30.99"
    for port, asker, title, twins in ((104, WARD, b"WARD7 ", []), (105, "10.77.30.77", b"TWIN", [other, "10.77.30.98"])):
        t = Talk(c, asker, PACS, port, [MOVE], (b"ASK%d" % port, b"PACS"))
        t.say(0, message(0x21, MOVE, 1, b"identifier", titles=(title,)))
        for host in twins or [WARD]:
            s = Talk(c, PACS, host, 11113, [CT], (b"PACS", title.strip()))
            for i in range(3):
                s.say(0, message(1, CT, i + 1, b"objects" * 100, titles=(b"ASK%d" % port,)))
                s.say(1, message(0x8001, CT, i + 1, status=SUCCESS))
            s.release()
        t.say(1, message(0x8021, MOVE, 1, status=SUCCESS))
        t.release()
    write("move", c, COUNT, [row(PACS, WARD, "one_way", 104, "img.query", 1),
                             row(PACS, WARD, "one_way", 11113, "img.study", 3),
                             row(PACS, "10.77.30.77", "one_way", 105, "img.query", 1),
                             row(PACS, other, "one_way", 11113, "img.study", 3),
                             row(PACS, "10.77.30.98", "one_way", 11113, "img.study", 3)])


def normalised():
    """Performed steps, worklist steps, films; a commitment is asked for, and reported on an association of its own."""
    c = Capture()
    commit, step, film = ROOT + b"1.20.1", ROOT + b"5.1.4.34.6.1", ROOT + b"5.1.1.1"
    rows = []
    for port, uid, fields, kind in ((106, MPPS, (0x140, 0x120), "img.workflow"), (107, step, (0x140, 0x130), "img.workflow"),
                                    (108, film, (0x140, 0x120, 0x130), "img.print"), (109, commit, (0x130,), "img.workflow")):
        t = Talk(c, CT01, PACS, port, [uid])
        for ident, field in enumerate(fields):
            t.say(0, message(field, uid, ident + 1, b"data set"))
            t.say(1, message(field | 0x8000, uid, ident + 1, status=SUCCESS))
        t.release()
        rows.append(row(CT01, PACS, "one_way", port, kind, len(fields), *t.octets))
    t = Talk(c, PACS, CT01, 11112, [commit])
    t.say(0, message(0x100, commit, 1, b"data set"))
    t.say(1, message(0x8100, commit, 1, status=SUCCESS))
    t.release()
    rows.append(row(PACS, CT01, "one_way", 11112, "img.workflow", 1, *t.octets))
    t = Talk(c, CT01, PACS, 110, [step])
    t.say(0, message(0x110, step, 1))
    t.say(1, message(0x8110, step, 1, b"data set", status=SUCCESS))
    t.say(1, message(0x100, step, 1, b"data set"))
    t.say(0, message(0x8100, step, 1, status=SUCCESS))
    t.release()
    rows.append(row(PACS, CT01, "one_way", 110, "img.workflow", 2, *reversed(t.octets)))
    write("normalised", c, ALL, rows)


def other():
    """C-ECHO, and a performed procedure step."""
    c = Capture()
    t = Talk(c, CT01, PACS, 104, [ECHO])
    t.say(0, message(0x30, ECHO, 1))
    t.say(1, message(0x8030, ECHO, 1, status=SUCCESS))
    t.release()
    m = Talk(c, CT01, PACS, 105, [MPPS])
    for ident, field in ((1, 0x140), (2, 0x120)):
        m.say(0, message(field, MPPS, ident, b"data set"))
        m.say(1, message(field | 0x8000, MPPS, ident, status=SUCCESS))
    m.release()
    write("other", c, ALL, [row(CT01, PACS, "both", 104, "inf.monitoring", 1, *t.octets),
                            row(CT01, PACS, "one_way", 105, "img.workflow", 2, *m.octets)])


def middle():
    """Joined in the middle of an object: those behind it count."""
    c = Capture()
    t = Talk(c, CT01, PACS, 104, [], syn=False)
    t.say(0, message(0x0001, CT, 1, bytes(range(256)) * 200)[5000:])
    t.say(1, message(0x8001, CT, 1, status=SUCCESS))
    for i in range(3):
        t.store(CT, i + 2)
    # The object that was under way is known by its answer, and is one too.
    write("middle", c, COUNT, [row(CT01, PACS, "one_way", 104, "img.study", 4)])


def hole():
    """Segments inside a data set are lost, one of them with the head of a PDU in it."""
    c = Capture()
    t = Talk(c, CT01, PACS, 104, [CT])
    data = message(0x0001, CT, 1, bytes(range(256)) * 400)
    t.say(0, data[:4380])
    t.tcp.drop(1)
    t.say(0, data[4380:15000])
    t.tcp.drop(2)
    t.say(0, data[15000:])
    t.say(1, message(0x8001, CT, 1, status=SUCCESS))
    t.store(CT, 2)
    t.release()
    write("hole", c, COUNT, [row(CT01, PACS, "one_way", 104, "img.study", 2)])


for make in (store, cut, kinds, query, retrieve, move, normalised, other, middle, hole):
    make()


# ---- plants (tests/tools/plants.py) in all that may not be kept ----

import plants  # noqa: E402

INSTANCE = b"1.2.826.0.1." + plants.NHS_NUMBER.encode() + b"." + plants.BORN.encode()


def attribute(group, number_in_group, vr, text):
    """An element in Explicit VR Little Endian (PS3.5 7.1.2), of even length."""
    value = text.encode() + b" " * (len(text) % 2)
    return struct.pack("<HH2sH", group, number_in_group, vr, len(value)) + value


def planted_set():
    """A patient's data set, or the identifier of a query for one."""
    name = "%s^%s" % (plants.SURNAME, plants.FORENAME)
    return b"".join(attribute(*a) for a in (
        (0x0008, 0x0018, b"UI", INSTANCE.decode()), (0x0008, 0x0020, b"DA", plants.BORN),
        (0x0008, 0x0050, b"SH", plants.NHS_NUMBER), (0x0008, 0x0090, b"PN", name),
        (0x0008, 0x1030, b"LO", plants.FREE_TEXT), (0x0008, 0x1070, b"PN", plants.USER),
        (0x0010, 0x0010, b"PN", name), (0x0010, 0x0020, b"LO", plants.NHS_NUMBER), (0x0010, 0x0030, b"DA", plants.BORN),
        (0x0010, 0x0032, b"LO", plants.BORN_ISO), (0x0010, 0x1000, b"LO", plants.NHS_SPACED),
        (0x0010, 0x1040, b"LO", plants.POSTCODE), (0x0010, 0x2154, b"SH", plants.MAILBOX),
        (0x0010, 0x4000, b"LT", plants.PATIENT), (0x0020, 0x000d, b"UI", INSTANCE.decode()),
        (0x0020, 0x4000, b"LT", plants.FILE))) * 5


def planted_command(field, uid, ident, data=b"", status=None):
    """A message that also names the instance, the patient's study, and has a comment on what went wrong."""
    body = command(field, uid, ident, DATA if data else NONE, status)[12:]
    body += element(0x1000, INSTANCE) + element(0x1001, INSTANCE)
    body += element(0x0902, plants.PATIENT.encode()) + element(0x0028, plants.PASSWORD.encode())
    body = element(0, struct.pack("<I", len(body))) + body
    fragments = [(3, body)] + [(0, data[:333]), (2, data[333:])] * bool(data)
    return b"".join(pdu(4, struct.pack("!IBB", len(f) + 2, 1, control) + f) for control, f in fragments)


def planted_associate(kind, classes):
    """With a user and a password (item 58), the ticket for them (59), and extended negotiation about a study (56)."""
    whole = associate(kind, classes)[6:]
    user, password = plants.USER.encode(), plants.PASSWORD.encode()
    if kind == 1:
        extra = item(0x58, struct.pack("!BBH", 2, 1, len(user)) + user + struct.pack("!H", len(password)) + password)
        extra += item(0x56, struct.pack("!H", len(INSTANCE)) + INSTANCE + plants.PATIENT.encode())
    else:
        extra = item(0x59, struct.pack("!H", len(password)) + password)
    at = whole.rindex(item(0x51, struct.pack("!I", 16384))) - 4
    items = whole[at + 4:] + extra
    # reserved octets 43-74, which nobody may read (PS3.8 9.3.2)
    reserved = (plants.SURNAME + plants.NHS_NUMBER).encode().ljust(32)
    return pdu(kind, whole[:36] + reserved + whole[68:at] + item(0x50, items))


def planted():
    """Nothing of a person is kept: stored, found and moved, whole, cut anywhere, and with holes at any place."""
    c, data = Capture(), planted_set()
    for port, mss, hole_every in ((104, 1460, 0), (104, 9, 0), (105, 70, 5)):
        t = Talk(c, CT01, PACS, port, [], syn=False, mss=mss)
        for ident, uid, field in ((1, CT, 1), (2, FIND, 0x20), (3, MOVE, 0x21), (4, MPPS, 0x140)):
            t.say(0, planted_associate(1, [uid]))
            t.say(1, planted_associate(2, [uid]))
            t.say(0, planted_command(field, uid, ident, data))
            if field == 0x20:
                t.say(1, planted_command(field | 0x8000, uid, ident, data, PENDING))
            t.say(1, planted_command(field | 0x8000, uid, ident, b"", 0xa700))
            for i in range(15 * bool(hole_every)):
                t.say(0, planted_command(field, uid, ident + 10 + i, data))
                t.tcp.drop(hole_every + i)
    found = [[PACS, CT01, port, "img.query"] for port in (104, 105)]
    sent = [[CT01, PACS, port, kind] for port in (104, 105) for kind in ("img.study", "img.workflow")]
    write("planted", c, ["source_address", "destination_address", "server_port", "kind_id"], found + sent)


planted()
