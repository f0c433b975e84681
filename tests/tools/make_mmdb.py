#!/usr/bin/env python3
"""Writes databases of countries for tests, in the format MaxMind DB 2.0: make_mmdb.py V4 V6 NETWORKS.

V4 holds IPv4 alone, in records of 24 bits; V6 both families in records of 28 bits; NETWORKS is of another sort."""
import ipaddress
import struct
import sys

BUILT = 1795273200
MARKER = b'\xab\xcd\xefMaxMind.com'


def control(kind, size):
    """A field's type and size ("Output Data Section")."""
    first = (kind << 5) if kind <= 7 else 0
    extended = bytes([kind - 7]) if kind > 7 else b''
    if size < 29:
        return bytes([first | size]) + extended
    if size < 285:
        return bytes([first | 29]) + extended + bytes([size - 29])
    return bytes([first | 30]) + extended + struct.pack('>H', size - 285)


def encode(value):
    if isinstance(value, str):
        octets = value.encode()
        return control(2, len(octets)) + octets
    if isinstance(value, dict):
        return control(7, len(value)) + b''.join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return control(11, len(value)) + b''.join(encode(v) for v in value)
    kind, most = value[0], value[1].to_bytes(8, 'big').lstrip(b'\0')
    return control(kind, len(most)) + most


def uint16(n):
    return 5, n


def uint32(n):
    return 6, n


def uint64(n):
    return 9, n


def path_of(network, version):
    """The bits that lead to a network; IPv4 lies at ::/96 of a tree of IPv6."""
    block = ipaddress.ip_network(network)
    text = format(int(block.network_address), f'0{block.max_prefixlen}b')[:block.prefixlen]
    return '0' * 96 + text if version == 6 and block.version == 4 else text


def grow(networks, version):
    """A tree of lists [left, right] with offsets into the data section as leaves, and that section."""
    root, data, offsets = [None, None], b'', {}
    for network, value in networks:
        octets = encode(value)
        if octets not in offsets:
            offsets[octets] = len(data)
            data += octets
        node, path = root, path_of(network, version)
        for bit in path[:-1]:
            if node[int(bit)] is None:
                node[int(bit)] = [None, None]
            node = node[int(bit)]
        node[int(path[-1])] = offsets[octets]
    return root, data


def number(root):
    nodes, todo = [], [root]
    while todo:
        node = todo.pop()
        nodes.append(node)
        todo += [child for child in node if isinstance(child, list)]
    return nodes, {id(node): i for i, node in enumerate(nodes)}


def pack(left, right, size):
    if size == 24:
        return left.to_bytes(3, 'big') + right.to_bytes(3, 'big')
    middle = (left >> 24) << 4 | right >> 24
    return (left & 0xffffff).to_bytes(3, 'big') + bytes([middle]) + (right & 0xffffff).to_bytes(3, 'big')


def build(networks, version, size, sort):
    root, data = grow(networks, version)
    nodes, numbers = number(root)

    def record(child):
        if child is None:
            return len(nodes)
        return numbers[id(child)] if isinstance(child, list) else len(nodes) + 16 + child

    tree = b''.join(pack(record(left), record(right), size) for left, right in nodes)
    about = {'node_count': uint32(len(nodes)), 'record_size': uint16(size), 'ip_version': uint16(version),
             'database_type': sort, 'languages': ['en'], 'binary_format_major_version': uint16(2),
             'binary_format_minor_version': uint16(0), 'build_epoch': uint64(BUILT),
             'description': {'en': 'made for tests'}}
    return tree + bytes(16) + data + MARKER + encode(about)


def country(code):
    return {'country': {'iso_code': code, 'names': {'en': 'Nowhere'}}}


V4 = [
    ('203.0.113.0/25', country('GB')), ('203.0.113.128/25', {'country': {'iso_code': 'GB', 'geoname_id': uint32(7)}}),
    ('198.51.100.0/25', country('FR')), ('198.51.100.128/25', country('DE')),
    ('192.0.2.0/25', country('US')),
    ('10.1.0.0/16', country('GB')), ('100.64.0.0/10', country('GB')),
    ('198.16.0.0/16', country('EU')), ('198.17.0.0/16', country('gb')), ('198.20.0.0/16', country('GBR')),
    ('198.21.0.0/16', country(uint32(16706))), ('198.22.0.0/16', {'country': {}}), ('198.23.0.0/16', 'GB'),
    ('198.24.0.0/16', {'registered_country': {'iso_code': 'GB'}}), ('198.25.0.0/16', country('=1')),
] + [(f'11.{i // 32}.{i % 32 * 8}.0/21', country('US')) for i in range(8192)]
V6 = V4 + [('2001:db8::/33', country('NL')), ('2001:db8:8000::/33', country('SE')), ('fd00::/8', country('GB'))]


def main():
    for path, octets in zip(sys.argv[1:], (build(V4, 4, 24, 'Test-Country'), build(V6, 6, 28, 'Test-City'),
                                           build(V4[:1], 4, 24, 'Test-ASN'))):
        with open(path, 'wb') as out:
            out.write(octets)


main()
