#!/usr/bin/env python3
"""Nothing that identifies a person gets out: reads the golden captures of all dissectors, in whose fields a patient and a
user are planted (tests/tools/plants.py), and looks for these in the database, its journal, the log and every export.
test_privacy.py TERRIERD TERRIER"""
import base64
import glob
import os
import re
import zlib

import support
import plants

# Protocols with no field that could hold a text.
WITHOUT_TEXT = {'ntp', 'netflow', 'modbus', 'rtp'}
TABLES = [(command, '--format', form) for command in ('kinds', 'status') for form in ('table', 'csv', 'json')]
VIEWED = [(command, '--format', form, '--view', view) for view in ('network', 'ig', 'public')
          for command, forms in (('flows', 'table csv json'), ('hosts', 'table csv json'), ('findings', 'table csv json'),
                                 ('map', 'svg dot pdf')) for form in forms.split()]


def spellings(text):
    """What a plant looks like in bytes, lower case: plain, in the text encodings of Windows, in base64 at any offset."""
    plain = text.lower().encode()
    yield plain
    yield text.lower().encode('utf-16-le')
    yield text.lower().encode('utf-16-be')
    for shift in range(3):  # only characters all of whose bits are known
        coded = base64.b64encode(bytes(shift) + text.encode())
        yield coded[-(-shift * 8 // 6):(shift + len(text)) * 8 // 6].lower()


def found_in(data, names=plants.ALL):
    data = data.lower()
    return sorted({name for name in names if any(spelling in data for spelling in spellings(name))})


def unpacked(pdf):
    """A PDF with its compressed streams in clear."""
    for stream in re.findall(rb'stream\r?\n(.*?)endstream', pdf, re.S):
        try:
            pdf += zlib.decompress(stream)
        except zlib.error:
            pass
    return pdf


def dissectors():
    return [line.split()[0] for line in support.run(support.TERRIERD, '--list-dissectors').out.splitlines()]


class Privacy(support.Case):
    def test_the_search_finds_what_is_there(self):
        for text in ('xx' + plants.SURNAME, plants.SURNAME.lower()):
            self.assertEqual(found_in(text.encode()), [plants.SURNAME])
        self.assertEqual(found_in(plants.PASSWORD.encode('utf-16-le')), [plants.PASSWORD])
        for padding in ('', 'a', 'ab', 'abc'):
            coded = base64.b64encode((padding + '\0' + plants.USER + ':' + plants.PASSWORD + '\0x').encode())
            self.assertIn(plants.PASSWORD, found_in(coded), padding)
        self.assertEqual(found_in(b'nothing'), [])

    def test_every_dissector_has_a_capture_with_plants(self):
        bare = []
        for name in dissectors():
            content = b''
            for path in glob.glob(os.path.join(support.GOLDEN, name, '*.pcap')):
                with open(path, 'rb') as f:
                    content += f.read()
            self.assertNotEqual(content, b'', 'no golden capture for ' + name)
            if name not in WITHOUT_TEXT and not found_in(content):
                bare.append(name)
        self.assertEqual(bare, [])

    def read_all(self):
        captures = [path for name in dissectors() for path in sorted(glob.glob(os.path.join(support.GOLDEN, name, '*.pcap')))]
        return self.read(*captures, '--verbose')

    def check(self, where, data):
        self.assertEqual(found_in(data), [], 'in ' + where)

    def test_no_plant_reaches_database_log_or_export(self):
        log = self.read_all()
        self.check('the log', (log.out + log.err).encode())
        for path in glob.glob(self.path('terrier.db*')):
            with open(path, 'rb') as f:
                self.check(os.path.basename(path), f.read())
        for arguments in TABLES + VIEWED:
            out = self.path('out')
            result = support.run(support.TERRIER, *arguments, '--database', self.database, '--output', out)
            self.assertEqual(result.status, 0, ' '.join(arguments) + ': ' + result.err)
            with open(out, 'rb') as f:
                self.check(' '.join(arguments), unpacked(f.read()))

    def test_no_plant_is_in_any_explanation(self):
        self.read_all()
        ids = [row['exchange_id'] for row in self.rows()]
        self.assertGreater(len(ids), 50)
        ids += [row['finding_id'] for row in self.rows('findings')]
        for name in ids:
            self.check('explain ' + name, self.ask('explain', name, '--format=json').encode())


support.main()
