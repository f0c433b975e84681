#!/usr/bin/env python3
"""Joins every connection of a capture in its middle: of each TCP connection the first half of its frames is left out,
all else stays. cut_middle.py IN.pcap[.gz] OUT.pcap[.gz]"""
import collections
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pcap

TCP = 6


def cut(frames):
    """The frames that stay."""
    keys = [pcap.connection(frame) for _, frame in frames]
    total, seen = collections.Counter(keys), collections.Counter()
    kept = []
    for key, frame in zip(keys, frames):
        seen[key] += 1
        if key is None or key[2] != TCP or seen[key] > total[key] // 2:
            kept.append(frame)
    return kept


def main():
    header, frames = pcap.read(sys.argv[1])
    pcap.write(sys.argv[2], header, cut(frames))


if __name__ == '__main__':
    main()
