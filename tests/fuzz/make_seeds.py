#!/usr/bin/env python3
"""Turns the golden captures of a family's dissectors into seeds of its fuzz target, a conversation each, in the form that
fuzz_family.c reads: make_seeds.py OUT NAME..."""
import glob
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))
import pcap


def payload_of(frame):
    """(sending end, payload) of an IPv4 TCP or UDP frame."""
    at = 14 + (frame[14] & 15) * 4
    end = 14 + struct.unpack_from("!H", frame, 16)[0]
    head = (frame[at + 12] >> 4) * 4 if frame[23] == 6 else 8
    return (frame[26:30], struct.unpack_from("!H", frame, at)[0]), frame[at + head:end]


def conversations(path):
    """(protocol, server's port, [(side, payload)]); side 0 sent the first frame."""
    found = {}
    for _, frame in pcap.read(path)[1]:
        key = pcap.connection(frame)
        if key is None:
            continue
        sender, payload = payload_of(frame)
        opener, pieces = found.setdefault(key, (sender, []))
        if payload:
            pieces.append((0 if sender == opener else 1, payload))
    for (a, b, protocol), (opener, pieces) in found.items():
        yield protocol, (b if a == opener else a)[1], pieces


def seed(number, protocol, port, pieces):
    out = struct.pack("!BH", number | (0x80 if protocol == 17 else 0), port)
    for side, payload in pieces[:200]:
        payload = payload[:0x3fff]
        out += bytes([side | len(payload) >> 8 << 2, len(payload) & 0xff]) + payload
    return out


def main():
    out, names = sys.argv[1], sys.argv[2:]
    os.makedirs(out, exist_ok=True)
    for number, name in enumerate(names):
        for path in sorted(glob.glob(os.path.join(HERE, "..", "golden", name, "*.pcap"))):
            for i, conversation in enumerate(conversations(path)):
                base = "%s-%s-%d" % (name, os.path.basename(path)[:-5], i)
                with open(os.path.join(out, base), "wb") as f:
                    f.write(seed(number, *conversation))
    print("done")


main()
