"""Writes HTTP/2 (RFC 9113) and its compressed headers (RFC 7541) for tests: an encoder with a dynamic table, so that what
is sent twice is sent as an index.

    e = Encoder(huffman=True)
    headers(1, e.block([(":method", "GET"), (":path", "/")]), end_stream=True)"""
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
STATIC = [(":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
          (":scheme", "http"), (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"),
          (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"), ("accept-charset", ""),
          ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
          ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""),
          ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
          ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""),
          ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
          ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""),
          ("location", ""), ("max-forwards", ""), ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""),
          ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
          ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""),
          ("www-authenticate", "")]

# Appendix B for printable text: the code is canonical, so its symbols by length are the whole table.
BY_LENGTH = {5: "012aceiost", 6: " %-./3456789=A_bdfghlmnpru", 7: ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz", 8: "&*,;XZ",
             10: "!\"()?", 11: "'+|", 12: "#>", 13: "\0$@[]~", 14: "^}", 15: "<`{"}


def codes():
    table, code = {}, 0
    for length in range(5, 16):
        for symbol in BY_LENGTH.get(length, ""):
            table[symbol] = (code, length)
            code += 1
        code <<= 1
    return table


CODES = codes()


def number(value, bits, first):
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = [first | most], value - most
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + [value])


def string(text, huffman):
    if not huffman or any(c not in CODES for c in text):
        return number(len(text), 7, 0) + text.encode("latin-1")
    bits = "".join(format(code, "0%db" % length) for code, length in (CODES[c] for c in text))
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    return number(len(data), 7, 0x80) + data


class Encoder:
    """`never`: names that are not put into the table."""

    def __init__(self, huffman=True, never=("authorization", "cookie", ":path"), limit=4096):
        self.huffman, self.never, self.limit, self.table = huffman, never, limit, []

    def block(self, fields):
        return b"".join(self.field(n, v) for n, v in fields)

    def field(self, name, value):
        known = STATIC + self.table
        if (name, value) in known:
            return number(known.index((name, value)) + 1, 7, 0x80)
        names = [n for n, _ in known]
        index = names.index(name) + 1 if name in names else 0
        if name in self.never:
            head = number(index, 4, 0x10)
        else:
            head = number(index, 6, 0x40)
            self.table.insert(0, (name, value))
            while sum(len(n) + len(v) + 32 for n, v in self.table) > self.limit:
                self.table.pop()
        return head + (string(name, self.huffman) if index == 0 else b"") + string(value, self.huffman)


def frame(kind, flags, stream, body=b""):
    return struct.pack("!I", len(body))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + body


def headers(stream, block, end_stream=False, pad=None, priority=False, split=0):
    """A HEADERS frame, and CONTINUATIONs of `split` octets."""
    flags = (1 if end_stream else 0) | (8 if pad is not None else 0) | (0x20 if priority else 0)
    head = (bytes([pad]) if pad is not None else b"") + (b"\0\0\0\0\x10" if priority else b"")
    first = block if split == 0 else block[:split]
    rest = [block[i:i + split] for i in range(split, len(block), split)] if split else []
    out = frame(1, flags | (0 if rest else 4), stream, head + first + bytes(pad or 0))
    for i, piece in enumerate(rest):
        out += frame(9, 4 if i == len(rest) - 1 else 0, stream, piece)
    return out


def data(stream, body, end_stream=True, size=16384):
    pieces = [body[i:i + size] for i in range(0, len(body), size)] or [b""]
    return b"".join(frame(0, 1 if end_stream and i == len(pieces) - 1 else 0, stream, p) for i, p in enumerate(pieces))


SETTINGS = frame(4, 0, 0, b"\0\3\0\0\0\x64\0\4\0\0\xff\xff")
SETTINGS_ACK = frame(4, 1, 0)
WINDOW = frame(8, 0, 0, b"\0\0\x40\0")
