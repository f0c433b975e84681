#!/usr/bin/env python3
"""Maps that people edit, as another reader finds them: test_formats.py TERRIERD TERRIER

draw.io and GraphML are read as XML, of a recording and of the golden files, in which names are hostile."""
import os
import re
import unittest
import xml.etree.ElementTree as ET

import support
from support import GOLDEN, Case

NS = '{http://graphml.graphdrawing.org/xmlns}'
SAMPLE = os.path.join(support.HERE, os.pardir, os.pardir, 'contrib', 'sample', 'hospital.pcap.gz')
SCRIPT = "<script>alert('1')</script>"


class Page:
    """A file of draw.io: cells by id, with the texts that are shown."""

    def __init__(self, content):
        self.root = ET.fromstring(content)
        cells = self.root.find('diagram/mxGraphModel/root')
        self.cells, self.texts, ids = {}, {}, []
        for element in cells:
            cell = element if element.tag == 'mxCell' else element.find('mxCell')
            ids.append(element.get('id'))
            self.cells[element.get('id')] = cell
            self.texts[element.get('id')] = element.get('value') or element.get('label') or ''
        self.doubles = len(ids) - len(set(ids))
        self.edges = {i: cell for i, cell in self.cells.items() if cell.get('edge') == '1'}
        self.nodes = {i for i, cell in self.cells.items() if (cell.get('parent') or '').startswith('zone-')}
        self.zones = {i for i in self.cells if i.startswith('zone-')}


def graph(content):
    """Of GraphML: zones and nodes by id, edges, all ids, keys by id."""
    root = ET.fromstring(content)
    ids = [e.get('id') for e in root.iter() if e.get('id') is not None]
    zones = {e.get('id'): e for e in root.findall(f'{NS}graph/{NS}node')}
    nodes = {e.get('id'): e for zone in zones.values() for e in zone.findall(f'{NS}graph/{NS}node')}
    return zones, nodes, root.findall(f'{NS}graph/{NS}edge'), ids, {e.get('id'): e for e in root.findall(NS + 'key')}


def value(element, key):
    return element.findtext(f"{NS}data[@key='{key}']")


def golden(name):
    with open(os.path.join(GOLDEN, 'map', name), 'rb') as f:
        return f.read()


class Formats(Case):
    def check_page(self, content):
        page = Page(content)
        self.assertEqual(page.doubles, 0)
        for i, cell in page.cells.items():
            if i != '0':
                self.assertIn(cell.get('parent'), page.cells)
            if i not in ('0', '1'):
                self.assertIn('html=0;', cell.get('style'))  # or labels would be markup
        for cell in page.edges.values():
            self.assertLessEqual({cell.get('source'), cell.get('target')}, page.nodes)
            self.assertTrue(-1 < float(cell.find('mxGeometry').get('x')) < 1)
            self.assertTrue(cell.findall('mxGeometry/Array/mxPoint'))
        return page

    def check_graph(self, content):
        zones, nodes, edges, ids, keys = graph(content)
        self.assertEqual(len(ids), len(set(ids)))
        for edge in edges:
            self.assertLessEqual({edge.get('source'), edge.get('target')}, set(nodes))
        types = {'boolean': r'true|false', 'long': r'\d+', 'double': r'-?\d+\.\d', 'string': r'[^\0]*'}
        for element in [*zones.values(), *nodes.values(), *edges]:
            for data in element.findall(NS + 'data'):
                key = keys[data.get('key')]
                self.assertEqual(NS + key.get('for'), element.tag)
                self.assertRegex(data.text or '', '^(' + types[key.get('attr.type')] + ')$')
        return zones, nodes, edges

    def check_flowchart(self, text):
        """Every line is of a form that Mermaid knows; nothing within quotes can end them."""
        label = r'"(?:[^"<>`|{}\[\]&\\%;]|<br/>|#\d+;)+"'
        node = r'\w+(?:\(%s\)|\[\(%s\)\]|\[\[%s\]\]|\[%s\]):::\w+' % ((label,) * 4)
        forms = [r'flowchart LR', r'acc(?:Title|Descr): [^<>{}"]+', node, r'subgraph \w+\[%s\]' % label, r'end',
                 r'class \w+ \w+', r'%% [^<>{}"%]+', r'n\d+ <?(?:--|==|-\.-)>\|%s\| n\d+' % label,
                 r'linkStyle \d+ [\w#:,. -]+', r'classDef \w+ [\w#:,. -]+']
        lines = [line.strip() for line in text.splitlines()]
        for line in lines:
            self.assertRegex(line, '^(?:' + '|'.join(forms) + ')$')
        return (len([line for line in lines if re.match(r'n\d+[(\[]', line)]),
                len([line for line in lines if re.match(r'n\d+ ', line)]))

    def test_a_recording_is_the_same_map_in_every_format(self):
        self.read(SAMPLE)
        page = self.check_page(self.ask('map', '--format', 'drawio').encode())
        zones, nodes, edges = self.check_graph(self.ask('map', '--format', 'graphml').encode())
        flowchart = self.ask('map', '--format', 'mermaid')
        self.assertGreater(len(nodes), 10)
        self.assertGreater(len(edges), 30)
        self.assertEqual(page.nodes, set(nodes))
        self.assertEqual(page.zones, set(zones))
        self.assertEqual({(i, c.get('source'), c.get('target')) for i, c in page.edges.items()},
                         {(e.get('id'), e.get('source'), e.get('target')) for e in edges})
        self.assertEqual(self.check_flowchart(flowchart), (len(nodes), len(edges)))
        self.assertEqual(flowchart, self.ask('map', '--format', 'mermaid'))
        for edge in edges:
            self.assertIn(value(edge, 'method'), page.texts[edge.get('id')])
            self.assertRegex(value(edge, 'exchanges'), '^X-')

    def test_the_suffix_of_the_file_chooses_the_format(self):
        self.read(SAMPLE)
        for name, beginning in (('a.drawio', b'<mxfile '), ('a.graphml', b'<graphml '), ('a.mmd', b'flowchart LR\n')):
            self.ask('map', '--output', self.path(name), '--title', SCRIPT, '--marking', '"-->')
            with open(self.path(name), 'rb') as f:
                content = f.read()
            self.assertIn(beginning, content[:100])
            self.assertNotIn(b'<script', content)

    def test_hostile_names_are_read_as_they_were_written(self):
        page = self.check_page(golden('small.drawio'))
        zones, nodes, edges = self.check_graph(golden('small.graphml'))
        self.assertEqual(self.check_flowchart(golden('small.mmd').decode()), (5, 6))
        self.assertEqual((len(page.zones), len(page.nodes), len(page.edges)), (2, 5, 6))
        for name in (SCRIPT, '\u05e9\u05dc\u05d5\u05dd \U0001f3e5 a  -b\ufffd', '1. www.x ;`]"--> %%{init: {}}%% #amp; & end'):
            self.assertIn(name, page.texts.values())
            self.assertIn(name, [value(n, 'name') for n in nodes.values()])
        self.assertEqual([value(z, 'name') for z in zones.values()], ['Wards [1] "A"', 'Outside'])
        self.assertEqual(page.texts['zone-1'], 'Wards [1] "A"')
        self.assertEqual(page.texts['arrow-1'], 'S: Medical images;\nReports\nTLS, encrypted')
        self.assertEqual(value(edges[1], 'both'), 'true')
        self.assertEqual(list(page.texts.values()).count('OFFICIAL-SENSITIVE'), 2)


if __name__ == '__main__':
    support.main()
