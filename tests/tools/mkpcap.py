"""Writes small capture files for tests: whole TCP conversations and datagrams, frame by frame.

    from mkpcap import Capture
    c = Capture()
    t = c.tcp("10.77.1.10:40000", "10.77.1.20:2575")     # handshake is written
    t.client(b"..."); t.server(b"...")                   # data, cut into segments of `mss`, and an ACK
    t.close()
    c.udp("10.77.1.5:53", "10.77.1.9:40000", b"...")
    c.write("x.pcap")

Addresses may be IPv6 ("[2001:db8::1]:104"). Tcp.drop(n) loses the next n data segments of the capture (the
conversation goes on); Capture(vlan=[5]) tags frames; Tcp(..., syn=False) begins in the middle.

Capture(wrap=vxlan) puts every frame into a tunnel: `wrap` is any function from frame to frame, several are given as
Capture(wrap=[mpls, vxlan]), the innermost first. Capture(fragment=64) cuts what IP carries into pieces of so many
octets. Capture(copy=f) adds f(frame) behind every frame, as a mirror port does."""
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


def ip_packet(src, dst, protocol, body, ident=0, where=0x4000, ttl=64):
    """An IP packet; `where` holds IPv4's flags and fragment offset."""
    if src.version == 6:
        return struct.pack("!IHBB16s16s", 0x60000000, len(body), protocol, ttl, src.packed, dst.packed) + body
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), ident & 0xffff, where, ttl, protocol, 0, src.packed,
                       dst.packed)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


# Ways to carry a frame. The ends of a tunnel are its own: TUNNEL_A and TUNNEL_B.

TUNNEL_A, TUNNEL_B = (ipaddress.ip_address(a) for a in ("198.51.100.1", "198.51.100.2"))
TUNNEL_MACS = b"\x02\0\0\0\1\1\x02\0\0\0\1\2"


def in_ip(protocol, body):
    return TUNNEL_MACS + b"\x08\0" + ip_packet(TUNNEL_A, TUNNEL_B, protocol, body)


def in_udp(port, body):
    return in_ip(17, struct.pack("!HHHH", 49152, port, 8 + len(body), 0) + body)


def untag(frame):
    """Ethertype and body behind any tags."""
    at = 12
    while frame[at:at + 2] in (b"\x81\0", b"\x88\xa8"):
        at += 4
    return frame[at:at + 2], frame[at + 2:]


def tag(vlan, ethertype=0x8100):
    """An outermost tag; 0x88a8 for the outer of QinQ."""
    return lambda frame: frame[:12] + struct.pack("!HH", ethertype, vlan) + frame[12:]


def priority(frame):
    """Tagged with a priority and VLAN 0."""
    return frame[:12] + b"\x81\0\xa0\0" + frame[12:]


def vxlan(frame):
    return in_udp(4789, b"\x08\0\0\0\0\x12\x34\0" + frame)


def geneve(frame):
    """With one option of eight octets."""
    return in_udp(6081, b"\x02\0\x65\x58\0\x12\x34\0" + b"\x01\x02\x03\x01\0\0\0\x07" + frame)


def gre(frame):
    """The IP packet alone, with a key."""
    ethertype, body = untag(frame)
    return in_ip(47, b"\x20\0" + ethertype + b"\0\0\0\x2a" + body)


def gre_ethernet(frame):
    return in_ip(47, b"\0\0\x65\x58" + frame)


def erspan(vlan=0, sequence=b"\0\0\0\1"):
    """Type II: the mirrored VLAN stands in its header."""
    return lambda frame: in_ip(47, b"\x10\0\x88\xbe" + sequence + struct.pack("!HHI", 0x1000 | vlan, 5, 0) + frame)


def erspan3(vlan=0):
    """Type III with the platform's subheader."""
    return lambda frame: in_ip(47, b"\x10\0\x22\xeb\0\0\0\1" + struct.pack("!HHIHH", 0x2000 | vlan, 5, 99, 0, 1) +
                               bytes(8) + frame)


def mpls(frame):
    """Two labels, then the IP packet."""
    return TUNNEL_MACS + b"\x88\x47" + b"\0\x01\0\x40\0\x02\x01\x40" + untag(frame)[1]


def pseudowire(frame):
    """A label and a control word, then the frame."""
    return TUNNEL_MACS + b"\x88\x47" + b"\0\x02\x01\x40" + bytes(4) + frame


def pppoe(frame):
    ethertype, body = untag(frame)
    protocol = b"\0\x21" if ethertype == b"\x08\0" else b"\0\x57"
    return TUNNEL_MACS + b"\x88\x64\x11\0\0\x07" + struct.pack("!H", len(body) + 2) + protocol + body


def in_ipv4(frame):
    """6in4, or IP in IP."""
    ethertype, body = untag(frame)
    return in_ip(4 if ethertype == b"\x08\0" else 41, body)


def routed(frame):
    """The same packet behind a router: other hardware addresses, a TTL less."""
    at = frame.index(b"\x08\0\x45", 12) + 2
    head = frame[at:at + 8] + bytes([frame[at + 8] - 1]) + frame[at + 9:at + 10] + b"\0\0" + frame[at + 12:at + 20]
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return TUNNEL_MACS + frame[12:at] + head + frame[at + 20:]


class Capture:
    def __init__(self, start=1795300000.0, step=0.001, vlan=(), wrap=(), fragment=0, copy=None):
        self.now, self.step, self.vlan = start, step, list(vlan)
        self.wraps = [wrap] if callable(wrap) else list(wrap)
        self.fragment, self.copy = fragment, copy
        self.frames, self.ident = [], 1

    def tcp(self, client, server, **options):
        return Tcp(self, client, server, **options)

    def udp(self, src, dst, data):
        (a, ap), (b, bp) = split(src), split(dst)
        self.ip(a, b, 17, struct.pack("!HHHH", ap, bp, 8 + len(data), 0) + data)

    def ip(self, src, dst, protocol, body):
        if self.fragment > 0 and len(body) > self.fragment:
            self._fragments(src, dst, protocol, body)
        else:
            self._packet(src, ip_packet(src, dst, protocol, body, self.ident))
        self.ident += 1

    def _fragments(self, src, dst, protocol, body):
        for at in range(0, len(body), self.fragment):
            piece = body[at:at + self.fragment]
            more = at + len(piece) < len(body)
            if src.version == 4:
                packet = ip_packet(src, dst, protocol, piece, self.ident, (at // 8) | (0x2000 if more else 0))
            else:
                head = struct.pack("!BBHI", protocol, 0, at | more, self.ident)
                packet = ip_packet(src, dst, 44, head + piece, self.ident)
            self._packet(src, packet)

    def _packet(self, src, packet):
        self.ether(0x0800 if src.version == 4 else 0x86dd, packet)

    def ether(self, ethertype, body, src=b"\x02\0\0\0\0\1", dst=b"\x02\0\0\0\0\2"):
        tags = b"".join(struct.pack("!HH", 0x8100, v) for v in self.vlan)
        self.raw(dst + src + tags + struct.pack("!H", ethertype) + body)

    def raw(self, frame):
        for wrap in self.wraps:
            frame = wrap(frame)
        self.frames.append((self.now, frame))
        if self.copy is not None:
            self.frames.append((self.now + 5e-6, self.copy(frame)))
        self.now += self.step

    def write(self, path, link=1):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link))
            for when, frame in self.frames:
                out.write(struct.pack("<IIII", int(when), int(round((when - int(when)) * 1e6)), len(frame), len(frame)))
                out.write(frame)
