#!/usr/bin/env python3
"""Sends the frames of capture files on an interface, as they are: replay.py INTERFACE FILE... (needs CAP_NET_RAW)."""
import socket
import struct
import sys
import time

PAUSE_S = 0.0002  # a burst without pauses overruns the sender's queue, not the receiver


def frames(path):
    with open(path, "rb") as file:
        content = file.read()
    assert content[:4] == b"\xd4\xc3\xb2\xa1", "a little-endian pcap file of microseconds is wanted"
    at = 24
    while at + 16 <= len(content):
        length = struct.unpack("<I", content[at + 8:at + 12])[0]
        yield content[at + 16:at + 16 + length]
        at += 16 + length


def send(interface, paths):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind((interface, 0))
        for path in paths:
            for frame in frames(path):
                out.send(frame)
                time.sleep(PAUSE_S)


if __name__ == "__main__":
    send(sys.argv[1], sys.argv[2:])
