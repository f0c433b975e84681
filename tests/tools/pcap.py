"""Reads and writes classic capture files (little-endian, microseconds, Ethernet), also gzip-compressed, for tests and
for the sample: frames as (head of 16 octets, octets), and which connection a frame belongs to."""
import gzip
import struct

MAGIC = 0xa1b2c3d4


def read(path):
    """(file header, [(record header, frame)])"""
    opener = gzip.open if path.endswith('.gz') else open
    with opener(path, 'rb') as f:
        data = f.read()
    if struct.unpack_from('<I', data)[0] != MAGIC or struct.unpack_from('<I', data, 20)[0] != 1:
        raise ValueError(f'{path}: not a little-endian Ethernet pcap')
    frames, at = [], 24
    while at < len(data):
        size = struct.unpack_from('<I', data, at + 8)[0]
        frames.append((data[at:at + 16], data[at + 16:at + 16 + size]))
        at += 16 + size
    return data[:24], frames


def write(path, header, frames):
    content = header + b''.join(head + frame for head, frame in frames)
    if path.endswith('.gz'):
        # no name and no time, so that the same frames make the same file
        content = gzip.compress(content, 9, mtime=0)
    with open(path, 'wb') as f:
        f.write(content)


def time_of(head):
    seconds, micros = struct.unpack_from('<II', head)
    return seconds + micros / 1e6


def connection(frame):
    """The unordered ends of an IPv4 TCP or UDP frame, ((address, port), (address, port), protocol); None for others."""
    if frame[12:14] != b'\x08\x00' or frame[23] not in (6, 17):
        return None
    at = 14 + (frame[14] & 15) * 4
    sport, dport = struct.unpack_from('!HH', frame, at)
    ends = sorted([(frame[26:30], sport), (frame[30:34], dport)])
    return (*ends, frame[23])
