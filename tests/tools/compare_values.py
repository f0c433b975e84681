#!/usr/bin/env python3
"""compare_values.py TERRIERD TERRIER CAPTURES [NAME...]: of the texts that tshark read from each capture
(CAPTURES/truth/NAME.app.tsv), those that may be kept must be in what `terrier explain` and `hosts` say, and those that may
not must be in neither, nor in the database. Prints every difference; exit 1 when a forbidden one was found. A tool for the
desk: it needs the captures."""
import csv
import glob
import io
import os
import re
import subprocess
import sys
import tempfile

# Field of tshark: which of its values may be kept (a function from value to texts, all of which must be there).
SYSTEM_SHARE = re.compile(r'\$$')


def share(value):
    """`\\\\server\\share`, but no administrative or hidden one."""
    return [] if SYSTEM_SHARE.search(value) else [value]


def between(*names):
    pattern = re.compile(r'\((?:%s)=([^()]*)\)' % '|'.join(names))
    return lambda value: pattern.findall(value)


def whole(value):
    return [value]


def pairs_after(name):
    """The value of one `name` in a list of NAME=value."""
    return lambda value: [v.split('=', 1)[1] for v in value.split(';') if v.startswith(name + '=')]


KEEP = {
    'dicom.assoc.ae.calling': lambda v: [v.strip()], 'dicom.assoc.ae.called': lambda v: [v.strip()],
    'tls.handshake.extensions_server_name': whole, 'smb2.tree': share, 'smb.path': share, 'mysql.schema': whole,
    'tds.7login.databasename': whole, 'tds.7login.appname': whole, 'tns.connect_data': between('SERVICE_NAME', 'SID'),
    'mongo.database_name': whole, 'mount.path': lambda v: ['/'.join(v.split('/')[:3])], 'iscsi.keyvalue': pairs_after('TargetName'),
    'hl7.message.type': lambda v: [] if v == 'ACK' else [v],
}
FORBID = ['ntlmssp.auth.username', 'tds.7login.username', 'tds.login.username', 'mysql.user', 'radius.User_Name',
          'kerberos.CNameString', 'snmp.community', 'smb.file', 'smb2.filename', 'ftp.request.arg', 'mysql.query', 'pgsql.query',
          'tds.query', 'imf.subject', 'rdp.rt_cookie', 'tftp.source_file', 'tftp.destination_file', 'dhcp.option.hostname',
          'tds.7login.clientname', 'ntlmssp.auth.hostname', 'nfs.name']
COMMON = re.compile(r'^(.{0,3}|[\d.,]+|public|private|root|admin|administrator|guest|anonymous|user|test|netlogon|samr|srvsvc|'
                    r'lsarpc|wkssvc|winreg|browser|spoolss|postgres|mysql|null|site|webdav)$', re.I)


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=600,
                          check=False).stdout.decode()


def facts(path):
    with open(path, encoding='utf-8') as table:
        for line in table:
            row = line.rstrip('\n').split('\t')
            if not line.startswith('#') and len(row) > 3 and row[2] != 'field':
                yield row[2], row[3]


def said(terrierd, terrier, pcap, folder):
    """All that is said of a capture, and the octets of its database."""
    database = os.path.join(folder, os.path.basename(pcap) + '.db')
    config = os.path.join(folder, 'all.conf')
    with open(config, 'w', encoding='ascii') as f:
        f.write('[networks]\nown = 0.0.0.0/0, ::/0\n')
    link = os.path.join(folder, 'capture')  # the file's name is kept, and is no value
    if os.path.lexists(link):
        os.unlink(link)
    os.symlink(os.path.abspath(pcap), link)
    run(terrierd, '--config', config, '--read', link, '--database', database)
    rows = list(csv.DictReader(io.StringIO(run(terrier, 'flows', '--format', 'csv', '--database', database))))
    text = run(terrier, 'hosts', '--format', 'csv', '--database', database)
    for row in rows[:400]:
        text += run(terrier, 'explain', row['exchange_id'], '--format', 'csv', '--database', database)
    content = b''
    for path in glob.glob(database + '*'):
        with open(path, 'rb') as f:
            content += f.read()
    return text.lower(), content.decode('latin-1').lower()


def main():
    terrierd, terrier, captures, *wanted = sys.argv[1:]
    kept = missing = leaked = searched = 0
    with tempfile.TemporaryDirectory() as folder:
        for pcap in sorted(glob.glob(os.path.join(captures, 'pcap', '*'))):
            name = os.path.basename(pcap)
            if wanted and not any(w in name for w in wanted):
                continue
            truth = sorted(set(facts(os.path.join(captures, 'truth', name + '.app.tsv'))))
            text, content = said(terrierd, terrier, pcap, folder)
            must, must_not = set(), set()
            for field, values in truth:
                for value in [values] if field in ('iscsi.keyvalue', 'tns.connect_data') else values.split(';'):
                    if field in KEEP:
                        must |= {(field, v) for v in KEEP[field](value) if v}
                    if field in FORBID and not COMMON.match(value):
                        must_not.add((field, value))
            allowed = {v.lower() for _, v in must}
            for field, value in sorted(must):
                kept += value.lower() in text
                if value.lower() not in text:
                    missing += 1
                    print(f'missing   {name}: {field} {value}')
            for field, value in sorted(must_not):
                low = value.lower()
                if any(low in a for a in allowed):
                    continue
                searched += 1
                if re.search(r'(?<![\w.-])' + re.escape(low) + r'(?![\w.-])', text + content):
                    leaked += 1
                    print(f'FORBIDDEN {name}: {field} {value}')
    print(f'{kept} kept, {missing} missing, {leaked} forbidden of {searched} searched')
    return 1 if leaked else 0


sys.exit(main())
