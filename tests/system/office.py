"""Workbooks as LibreOffice reads them, and what a cell of our CSV looks like there."""
import csv
import os
import re
import shutil
import subprocess
import tempfile
import unittest

SOFFICE = shutil.which('soffice')
EVERY_SHEET = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1'
TIME = re.compile(r'(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z')

needed = unittest.skipUnless(SOFFICE, 'LibreOffice is not installed: contrib/install-packages test')


def sheets(book, profile):
    """{sheet: its rows}; `profile` is a folder for its settings, which may be used again."""
    with tempfile.TemporaryDirectory(prefix='terrier-test-') as folder:
        done = subprocess.run([SOFFICE, '-env:UserInstallation=file://' + profile, '--headless', '--convert-to', EVERY_SHEET,
                               '--outdir', folder, book], capture_output=True, timeout=120, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        before = len(os.path.splitext(os.path.basename(book))[0]) + 1
        found = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding='utf-8', newline='') as file:
                found[name[before:-len('.csv')]] = list(csv.reader(file))
    return found


def as_cell(text):
    """What a cell of our CSV looks like in a workbook."""
    if text[:1] == "'" and text[1:2] and text[1] in '=+-@\t\r':
        text = text[1:]
    text = text.replace('\r\n', '\n').replace('\r', '\n')
    text = re.sub('[\x01-\x08\x0b-\x1f]', lambda m: chr(0x2400 + ord(m[0])), text)
    return re.sub('[\ufffe\uffff]', '\ufffd', text)


def is_same(got, cell):
    """True when a sheet's cell is what the CSV has; a workbook's time has a space for its T."""
    return TIME.sub(r'\1 \2', got) == TIME.sub(r'\1 \2', as_cell(cell))
