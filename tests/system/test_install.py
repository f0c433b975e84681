#!/usr/bin/env python3
"""What `meson install` leaves is complete and works from there: test_install.py BUILD_DIR"""
import os
import subprocess
import sys
import tempfile
import unittest

BUILD = os.path.abspath(sys.argv[1])
WANTED = [
    'bin/terrier',
    'sbin/terrierd',
    'share/terrier/kinds.csv',
    'share/terrier/evidence.csv',
    'share/terrier/protocols.csv',
    'share/terrier/findings.csv',
    'share/man/man1/terrier.1',
    'share/man/man5/terrier.conf.5',
    'share/man/man7/terrier-register.7',
    'share/man/man8/terrierd.8',
    'share/bash-completion/completions/terrier',
    'share/bash-completion/completions/terrierd',
    'share/doc/terrier/examples/terrier.conf',
    'share/doc/terrier/quick-guide.md',
    'share/doc/terrier/examples/terrier-zones.conf',
]


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='terrier-test-')
        cls.addClassCleanup(folder.cleanup)
        done = subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', folder.name],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        cls.found = {}
        for at, _, names in os.walk(folder.name):
            for name in names:
                path = os.path.join(at, name)
                for wanted in WANTED:
                    if path.endswith('/' + wanted):
                        cls.found[wanted] = path

    def test_programs_manuals_completion_and_catalogue_are_there(self):
        self.assertEqual(sorted(self.found), sorted(WANTED))

    def test_the_installed_programs_run(self):
        for program in ('bin/terrier', 'sbin/terrierd'):
            done = subprocess.run([self.found[program], '--version'], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
            self.assertIn('SQLite', done.stdout)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
