#!/usr/bin/env python3
"""Writes the iSCSI captures of this folder and what `terrier flows` must say of them: reads and writes are rows of their
own, with the target as evidence. All names are made up (tests/tools/plants.py)."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.1.80", "10.77.1.130"
TARGET = "iqn.2026-11.example.trust:backup"
BLOCK = (plants.PATIENT.encode() + bytes(512))[:512]
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections messages bytes_to_destination bytes_to_source evidence").split()


def pdu(opcode, flags, data=b"", command=0, digests=False):
    header = bytearray(48)
    header[0], header[1], header[32] = opcode, flags, command
    header[4:8] = struct.pack("!I", len(data))
    out = bytes(header) + (b"HDIG" if digests else b"") + data + bytes(-len(data) % 4)
    return out + (b"DDIG" if digests and data else b"")


def pairs(*texts):
    return b"".join(t.encode() + b"\0" for t in texts)


def login(target, digest):
    ask = pairs("InitiatorName=iqn.1991-05.com.microsoft:fs01.trust.example", "AuthMethod=CHAP,None",
                "SessionType=" + ("Normal" if target else "Discovery"), "CHAP_N=" + plants.USER,
                "CHAP_R=" + plants.PASSWORD, "HeaderDigest=CRC32C,None", "DataDigest=CRC32C,None",
                "InitiatorAlias=" + plants.SURNAME, *(["TargetName=" + target] if target else []))
    tell = pairs("TargetPortalGroupTag=1", "TargetAlias=" + plants.FREE_TEXT, "HeaderDigest=" + digest,
                 "DataDigest=" + digest)
    return pdu(0x43, 0x87, ask), pdu(0x23, 0x87, tell)


def session(name, digest, reads, writes, port=3260, target=TARGET, evidence="share " + TARGET):
    """An INQUIRY, then blocks one way, then the other."""
    capture, on = Capture(), digest == "CRC32C"
    t = capture.tcp(CLIENT + ":40001", "%s:%d" % (SERVER, port), mss=700)
    rows = {"r": [0, 0], "w": [0, 0]}
    wait = [0, 0]
    last = None

    def say(side, data, way=None):
        nonlocal last
        (t.client, t.server)[side](data)
        wait[side] += len(data)
        if way:
            last = last or way
            rows[way][side] += wait[side]
            wait[side] = 0

    ask, tell = login(target, digest)
    say(0, ask)
    say(1, tell)
    say(0, pdu(0x01, 0xc1, command=0x12, digests=on))
    say(1, pdu(0x25, 0x81, plants.NHS_NUMBER.encode() * 3, digests=on))
    for _ in range(reads):
        say(0, pdu(0x01, 0xc1, command=0x28, digests=on), "r")
        say(1, pdu(0x25, 0x80, BLOCK * 4, digests=on), "r")
        say(1, pdu(0x25, 0x81, BLOCK[:100], digests=on), "r")
    for _ in range(writes):
        say(0, pdu(0x01, 0xa1, BLOCK, command=0x8a, digests=on), "w")
        say(1, pdu(0x31, 0x80, digests=on), "w")
        say(0, pdu(0x05, 0x80, BLOCK * 6, digests=on), "w")
    say(0, pdu(0x00, 0x80, digests=on))
    say(1, pdu(0x20, 0x80, digests=on))
    t.close()
    ways = [w for w in "rw" if sum(rows[w])]
    common = ["tcp", port, "iSCSI", "inf.storage", "high", "no"]
    if not ways:
        return write(__file__, name, capture, [[CLIENT, SERVER, "both", *common, 1, "", *wait, "protocol iSCSI ×1"]],
                     COLUMNS)
    rows[ways[-1]] = [a + b for a, b in zip(rows[ways[-1]], wait)]
    lines = []
    for w in ways:
        ends, octets = ((SERVER, CLIENT), rows[w][::-1]) if w == "r" else ((CLIENT, SERVER), rows[w])
        lines.append([*ends, "one_way", *common, 1, "", *octets, evidence + " ×1"])
    write(__file__, name, capture, lines, COLUMNS)


session("read", "None", 9, 0)
session("write", "CRC32C", 0, 9, port=3261)
session("both", "CRC32C", 4, 3)
session("discovery", "None", 0, 0, target=None)
session("patient", "None", 2, 0, target="iqn.2026-11.example.trust:p" + plants.NHS_NUMBER, evidence="protocol iSCSI")
