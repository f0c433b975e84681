#!/usr/bin/env python3
"""terrier plot on recordings with a hole in watching: what is drawn is what was seen, what was not watched is hatched, and
no text lies on another."""
import re
import sqlite3
import xml.etree.ElementTree as xml

import support
from mkpcap import Capture

SVG = '{http://www.w3.org/2000/svg}'
MONDAY = 1795392000.0  # 2026-11-23T00:00:00Z
HOUR = 3600
NARROW = set(" .,:;|'iIjlt()[]!-fr")


class Page:
    """A page's texts as boxes, its gaps, its labels."""
    def __init__(self, text):
        self.root = xml.fromstring(text)
        self.texts, self.gaps, self.labels = [], [], []
        self._walk(self.root, 0, 0)

    def _walk(self, node, x, y):
        if node.tag == SVG + 'svg':
            x, y = x + float(node.get('x', 0)), y + float(node.get('y', 0))
        if node.get('role') == 'img':
            self.labels.append(node.get('aria-label'))
        if node.get('class') == 'gap':
            self.gaps.append((x + float(node.get('x')), float(node.get('width'))))
        if node.tag == SVG + 'text':
            size, left = float(node.get('font-size')), x + float(node.get('x'))
            width = size * sum(0.32 if c in NARROW else 0.62 for c in node.text or '')
            left -= {'start': 0, 'middle': width / 2, 'end': width}[node.get('text-anchor')]
            top = y + float(node.get('y')) - 0.75 * size
            self.texts.append((left, top, left + width, top + 0.95 * size, node.text or ''))
        for child in node:
            self._walk(child, x, y)

    def words(self):
        return ' '.join(text[4] for text in self.texts)


class Plot(support.Case):
    def setUp(self):
        super().setUp()
        for name, start in (('first', MONDAY + 8 * HOUR), ('second', MONDAY + 11 * HOUR), ('third', MONDAY + 7 * 24 * HOUR + 8 * HOUR)):
            capture = Capture(start=start)
            support.hl7_talk(capture, ['ADT^A01', 'ADT^A08'])
            self.read(self.save(name + '.pcap', capture))

    def page(self, *args):
        page = Page(self.ask('plot', *args))
        width, height = (float(n) for n in page.root.get('viewBox').split()[2:])
        self.assertEqual((width, height), (841.9, 595.3))
        for i, one in enumerate(page.texts):
            self.assertGreaterEqual(min(one[0], one[1]), 0, one)
            self.assertLessEqual(one[2], width, one)
            self.assertLessEqual(one[3], height, one)
            for other in page.texts[i + 1:]:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                self.assertTrue(apart, (one, other))
        self.assertEqual(page.words().count('OFFICIAL-SENSITIVE'), 2)
        return page

    def refused(self, words, *args):
        result = support.run(support.TERRIER, 'plot', *args, '--database', self.database)
        self.assertEqual((result.status, result.out), (2, ''), args)
        self.assertEqual(result.err.count('\n'), 1, result.err)
        self.assertIn(words, result.err)

    def total(self):
        return sum(int(row['bytes_to_destination']) + int(row['bytes_to_source']) for row in self.rows())

    def test_a_hole_in_watching_is_hatched_and_no_zero(self):
        page = self.page('volume', '--until', '2026-11-24')
        self.assertEqual([label.split(':')[0] for label in page.labels], ['Clinical'])
        self.assertIn('One bar: 1 hour.', page.words())
        # until eight, nine to eleven, from twelve on; and in the key
        self.assertEqual(len(page.gaps), 4)
        hour = (793.9 - 204 - 14) / 24
        self.assertAlmostEqual(page.gaps[0][1], 8 * hour, delta=0.2)
        self.assertAlmostEqual(page.gaps[1][0], 24 + 204 + 9 * hour, delta=0.2)
        self.assertAlmostEqual(page.gaps[1][1], 2 * hour, delta=0.2)

    def test_the_rows_hold_every_octet_of_the_flows(self):
        page = self.page('volume')
        self.assertIn('One bar: 1 day.', page.words())
        sums = re.match(r'Clinical: (\d+(?:\.\d)?) kB, 100.0 %', page.labels[0])
        self.assertAlmostEqual(float(sums.group(1)), self.total() / 1000, delta=0.1)
        self.assertIn('Admissions', self.page('volume', '--kind', 'pat.*').labels[0])
        self.assertEqual(self.page('volume', '--with', support.PAS).labels, page.labels)
        self.assertIn('Nothing was seen', self.page('volume', '--with', '10.77.9.9').words())
        self.assertIn('Nothing was seen', self.page('volume', '--kind', 'img.*').words())

    def test_the_week_of_an_exchange_and_of_its_flow_are_the_mean_of_what_was_watched(self):
        row = self.rows()[0]
        flow = self.rows('flows', '--level', 'asset', '--view', 'ig')[0]
        for key in (row['exchange_id'], row['exchange_id'][:7].upper(), flow[next(iter(flow))]):
            page = self.page('week', key)
            self.assertEqual(len(page.labels), 168)
            watched = {label.split(': ')[0]: label for label in page.labels if 'never' not in label}
            self.assertEqual(sorted(watched), ['Monday 08:00', 'Monday 11:00'])
            self.assertIn('watched 2 times', watched['Monday 08:00'])
            self.assertIn('watched 1 times', watched['Monday 11:00'])
            self.assertIn('%d B an hour' % (self.total() // 3), watched['Monday 08:00'])
            self.assertIn('Weeks watched, in part or whole: 2', page.words())

    def test_a_lane_tells_when_it_listened_and_what_it_lost(self):
        page = self.page('coverage')
        self.assertEqual(len(page.labels), 1)
        self.assertRegex(page.labels[0], r'^test, files: listened 0.0 % of the time, in 3 stretches')
        self.assertIn('packets dropped: 0', page.words())
        self.assertIn('it did not listen', page.words())
        with sqlite3.connect(self.database) as db:
            db.execute('UPDATE coverage SET kernel_drops = 1234')
        db.close()
        self.assertIn('packets dropped: 3702', self.page('coverage').words())

    def test_the_public_sees_neither_systems_nor_sensors(self):
        for command in ('volume', 'coverage'):
            out = self.ask('plot', command, '--view', 'public')
            for secret in ('10.77', 'PAS', 'Sensors', 'test,'):
                self.assertNotIn(secret, out)
        self.assertIn('Listening place 1', out)
        self.refused('public', 'week', self.rows()[0]['exchange_id'], '--view', 'public')

    def test_the_same_data_are_the_same_octets_also_in_a_file(self):
        for args in (['volume'], ['coverage'], ['week', self.rows()[0]['exchange_id']]):
            out = self.ask('plot', *args, '--title', '<script>"&')
            self.assertNotIn('<script', out)
            self.ask('plot', *args, '--title', '<script>"&', '--output', self.path('plot.svg'))
            with open(self.path('plot.svg'), encoding='utf-8') as file:
                self.assertEqual(file.read(), out)

    def test_what_makes_no_sense_is_said(self):
        self.refused('volume, week or coverage')
        self.refused('did you mean terrier plot volume', 'volumes')
        self.refused('ID is missing', 'week')
        self.refused('no such exchange', 'week', 'X-zzzzzzzzzzzz')
        self.refused('no such flow', 'week', 'F-zzzzzzzzzzzz')
        self.refused('does not take it', 'coverage', '--kind', 'img.*')
        self.refused('a plot is an svg', 'volume', '--output', self.path('plot.png'))

    def test_an_empty_window_and_an_empty_database_are_pages_too(self):
        self.assertIn('Nothing was seen', self.page('volume', '--since', '2027-06-01').words())
        self.page('volume', '--since', '2020-01-01')
        self.page('coverage', '--since', '2026-11-23T10:00', '--until', '2026-11-23T10:30')


support.main()
