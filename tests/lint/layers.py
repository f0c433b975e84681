#!/usr/bin/env python3
"""Reads every #include of src/ and include/ and holds it to the layers: dependencies point down only, engines do not
know each other, each library has one home, and there are no cycles."""
import fnmatch
import os
import re

from tree import Tap, files, read

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)
BASE, MODEL, ENGINE, ROLE, PROGRAM = range(5)
ENGINES = ('sensor', 'dissect', 'store', 'register', 'finding', 'map', 'export')
DAEMON_ENGINES = ('wire', 'ledger', 'naming', 'party', 'sandbox', 'settings', 'settings_*', 'value')
MAY_CALL = {('sensor', 'dissect')}  # the one step sideways

# header -> the only files that may include it
HOMES = {
    'pcap*': ['src/sensor/capture*.c', 'include/terrier/sensor/capture_internal.h'],
    'zlib.h': ['src/sensor/unpack.c', 'src/export/xlsx_check.c'],
    'zstd*.h': ['src/sensor/unpack.c'],
    'ndpi_*': ['src/sensor/dpi.c'],
    'sqlite3.h': ['src/store/*'],
    'gvc.h': ['src/map/layout*.c'],
    'cgraph.h': ['src/map/layout*.c'],
    'graphviz_version.h': ['src/map/layout*.c'],
    'cairo*': ['src/export/page.c'],
    'librsvg/*': ['src/export/page.c'],
    'xlsxwriter.h': ['src/export/xlsx*'],
    'maxminddb.h': ['src/register/country.c'],
    'ini.h': ['src/daemon/settings_file.c'],
    'csv.h': ['src/base/csv.c'],
    'sodium.h': ['src/base/digest.c'],
    'getopt.h': ['src/daemon/main.c', 'src/cli/*.c'],
}


def place(path):
    """(layer, part) of a file: parts of one layer do not include each other."""
    inner = re.sub(r'^(src|include/terrier)/', '', path)
    part, _, rest = inner.partition('/')
    part = re.sub(r'\.h$', '', part)
    name = re.sub(r'\.[ch](\.in)?$', '', rest)
    if part in ('base', 'model'):
        return (BASE, MODEL)[part == 'model'], part
    if part in ENGINES:
        return ENGINE, part
    if part == 'daemon':
        if any(fnmatch.fnmatch(name, pattern) for pattern in DAEMON_ENGINES):
            return ENGINE, 'daemon'
        return (PROGRAM if name == 'main' else ROLE), 'daemon'
    if part == 'cli':
        return PROGRAM, 'cli'
    raise SystemExit(f'{path}: in no layer: name its folder in {os.path.basename(__file__)}')


def resolve(path, header):
    """The file that a quoted include names, or None when it is made by the build."""
    for candidate in (os.path.join('include', header), os.path.join(os.path.dirname(path), header)):
        if candidate in TREE:
            return os.path.normpath(candidate)
    return None


def fault_of(path, target):
    (layer, part), (to_layer, to_part) = place(path), place(target)
    if to_layer > layer:
        return 'points up'
    if part == to_part or (part, to_part) in MAY_CALL:
        return None
    return 'points sideways' if to_layer == layer or to_layer >= ROLE else None


def cycles(edges):
    """Files that reach themselves."""
    found = []
    for start in edges:
        seen, todo = set(), list(edges[start])
        while todo:
            at = todo.pop()
            if at not in seen:
                seen.add(at)
                todo += edges.get(at, ())
        if start in seen:
            found.append(start)
    return found


TREE = files('src', 'include', suffixes=('.c', '.h', '.c.in'))


def main():
    tap, edges, layers, homes, lost = Tap(), {}, [], [], []
    for path in TREE:
        edges[path] = []
        for mark, header in INCLUDE.findall(read(path)):
            target = resolve(path, header) if mark == '"' else None
            if target is not None:
                edges[path].append(target)
                fault = fault_of(path, target)
                layers += [f'{path} includes {target}: {fault}'] if fault else []
            elif mark == '"' and (header.startswith('terrier/') or header.endswith('.h') and header != 'ndpi_features.h'):
                lost.append(f'{path} includes {header}: there is no such file')
            for pattern, allowed in HOMES.items():
                if mark == '<' and fnmatch.fnmatch(header, pattern) and not any(
                        fnmatch.fnmatch(path, home) for home in allowed):
                    homes.append(f'{path} includes <{header}>: its home is {" ".join(allowed)}')
    tap.test('dependencies point down only', layers)
    tap.test('each library has one home', homes)
    tap.test('what is included exists', lost)
    tap.test('no file includes itself by a detour', cycles(edges))
    tap.end()


main()
