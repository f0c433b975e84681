"""Writes small capture files for tests: whole TCP conversations and datagrams, frame by frame.

    from mkpcap import Capture
    c = Capture()
    t = c.tcp("10.77.1.10:40000", "10.77.1.20:2575")     # handshake is written
    t.client(b"..."); t.server(b"...")                   # data, cut into segments of `mss`, and an ACK
    t.close()
    c.udp("10.77.1.5:53", "10.77.1.9:40000", b"...")
    c.write("x.pcap")

Addresses may be IPv6 ("[2001:db8::1]:104"). Tcp.drop(n) loses the next n data segments of the capture (the
conversation goes on); Capture(vlan=[5]) tags frames; Tcp(..., syn=False) begins in the middle."""
import ipaddress
import struct


def split(end):
    host, port = end.rsplit(":", 1)
    return ipaddress.ip_address(host.strip("[]")), int(port)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Tcp:
    def __init__(self, capture, client, server, syn=True, mss=1460):
        self.capture, self.mss, self.losses = capture, mss, 0
        self.ends = [split(client), split(server)]
        self.seq = [1000, 5000]
        if syn:
            self._segment(0, b"", 0x02)
            self.seq[0] += 1
            self._segment(1, b"", 0x12)
            self.seq[1] += 1
            self._segment(0, b"", 0x10)

    def _segment(self, side, data, flags):
        (src, sport), (dst, dport) = self.ends[side], self.ends[1 - side]
        ack = self.seq[1 - side] if flags & 0x10 else 0
        header = struct.pack("!HHIIBBHHH", sport, dport, self.seq[side] & 0xffffffff, ack & 0xffffffff, 0x50, flags,
                             65535, 0, 0)
        if data and self.losses > 0:
            self.losses -= 1
            return
        self.capture.ip(src, dst, 6, header + data)

    def _send(self, side, data):
        for i in range(0, len(data), self.mss):
            piece = data[i:i + self.mss]
            self._segment(side, piece, 0x18)
            self.seq[side] += len(piece)
        self._segment(1 - side, b"", 0x10)

    def client(self, data):
        self._send(0, data)

    def server(self, data):
        self._send(1, data)

    def drop(self, segments):
        self.losses = segments

    def close(self):
        for side in (0, 1):
            self._segment(side, b"", 0x11)
            self.seq[side] += 1
        self._segment(0, b"", 0x10)


class Capture:
    def __init__(self, start=1795300000.0, step=0.001, vlan=()):
        self.now, self.step, self.vlan = start, step, list(vlan)
        self.frames, self.ident = [], 1

    def tcp(self, client, server, **options):
        return Tcp(self, client, server, **options)

    def udp(self, src, dst, data):
        (a, ap), (b, bp) = split(src), split(dst)
        self.ip(a, b, 17, struct.pack("!HHHH", ap, bp, 8 + len(data), 0) + data)

    def ip(self, src, dst, protocol, body):
        if src.version == 4:
            head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), self.ident & 0xffff, 0x4000, 64, protocol, 0,
                               src.packed, dst.packed)
            head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        else:
            head = struct.pack("!IHBB16s16s", 0x60000000, len(body), protocol, 64, src.packed, dst.packed)
        self.ident += 1
        self.ether(0x0800 if src.version == 4 else 0x86dd, head + body)

    def ether(self, ethertype, body, src=b"\x02\0\0\0\0\1", dst=b"\x02\0\0\0\0\2"):
        tags = b"".join(struct.pack("!HH", 0x8100, v) for v in self.vlan)
        self.raw(dst + src + tags + struct.pack("!H", ethertype) + body)

    def raw(self, frame):
        self.frames.append((self.now, frame))
        self.now += self.step

    def write(self, path, link=1):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link))
            for when, frame in self.frames:
                out.write(struct.pack("<IIII", int(when), int(round((when - int(when)) * 1e6)), len(frame), len(frame)))
                out.write(frame)
