#!/usr/bin/env python3
"""Writes the FTP captures of this folder and what `terrier flows` must say of them: control and data connections are one
row, counted under the control's port. All names are made up (tests/tools/plants.py)."""
import hashlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.1.30", "10.77.1.140"
CLIENT6, SERVER6 = "fd00:77::30", "fd00:77::140"
NOISE = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(72))
BODY = (plants.PATIENT.encode() + b"\r\n") * 200
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections messages bytes_to_destination bytes_to_source").split()


class Control:
    """A control connection that counts its octets."""
    def __init__(self, capture, client=CLIENT, server=SERVER, port=40001, **options):
        wrap = "[%s]:%d" if ":" in client else "%s:%d"
        self.tcp = capture.tcp(wrap % (client, port), wrap % (server, 21), **options)
        self.up = self.down = 0

    def c(self, text):
        data = text.encode() + b"\r\n"
        self.tcp.client(data)
        self.up += len(data)

    def s(self, text):
        data = text.encode() + b"\r\n"
        self.tcp.server(data)
        self.down += len(data)

    def sign_in(self):
        self.s("220 greenscreen.trust.example FTP server (Version 6.4) ready.")
        self.c("USER " + plants.USER)
        self.s("331 Password required for %s." % plants.USER)
        self.c("PASS " + plants.PASSWORD)
        self.s("230 User %s logged in." % plants.USER)

    def quit(self):
        self.c("QUIT")
        self.s("221 Goodbye %s" % plants.FORENAME)
        self.tcp.close()


def data(capture, client, server, up=b"", down=b""):
    t = capture.tcp(client, server)
    if up:
        t.client(up)
    if down:
        t.server(down)
    t.close()


def row(source, destination, messages, to_destination, to_source, connections=1, port=21, protocol="FTP",
        encrypted="no", way="one_way", kind="inf.fileshare", confidence="high"):
    return [source, destination, way, "tcp", port, protocol, kind, confidence, encrypted, connections, messages,
            to_destination, to_source]


def passive():
    """A file is put; the server announces the address it has behind a translator, another than its own."""
    capture = Capture()
    t = Control(capture)
    t.sign_in()
    t.c("PASV")
    t.s("227 Entering Passive Mode (192,168,200,9,199,56).")
    t.c("STOR " + plants.FILE)
    t.s("150 Opening data connection for %s." % plants.FILE)
    data(capture, CLIENT + ":40002", SERVER + ":51000", up=BODY)
    t.s("226 Transfer complete: " + plants.FREE_TEXT)
    t.quit()
    write(__file__, "passive", capture, [row(CLIENT, SERVER, 1, t.up + len(BODY), t.down)], COLUMNS)


def active():
    """A file is fetched; the server opens the data connection from port 20."""
    capture = Capture()
    t = Control(capture)
    t.sign_in()
    t.c("PORT 10,77,1,30,156,70")
    t.s("200 PORT command successful")
    t.c("RETR /home/%s/%s" % (plants.USER, plants.FILE))
    t.s("150 Opening BINARY mode data connection")
    data(capture, SERVER + ":20", CLIENT + ":40006", up=BODY)
    t.s("226 Transfer complete.")
    t.quit()
    write(__file__, "active", capture, [row(SERVER, CLIENT, 1, t.down + len(BODY), t.up)], COLUMNS)


def extended():
    """IPv6: EPSV for a listing, EPRT for a file."""
    capture = Capture()
    t = Control(capture, CLIENT6, SERVER6)
    t.sign_in()
    t.c("EPSV")
    t.s("229 Entering Extended Passive Mode (|||51001|)")
    t.c("MLSD")
    t.s("150 Accepted data connection")
    listing = ("type=file; %s\r\n" % plants.FILE).encode()
    data(capture, "[%s]:40002" % CLIENT6, "[%s]:51001" % SERVER6, down=listing)
    t.s("226 done")
    t.c("EPRT |2|%s|40003|" % CLIENT6)
    t.s("200 EPRT command successful")
    t.c("RETR " + plants.FILE)
    t.s("150 Accepted data connection")
    data(capture, "[%s]:20" % SERVER6, "[%s]:40003" % CLIENT6, up=BODY)
    t.s("226 done")
    t.quit()
    write(__file__, "extended", capture, [row(SERVER6, CLIENT6, 2, t.down + len(listing) + len(BODY), t.up)], COLUMNS)


def several():
    """Files go both ways in one session: two rows, of which each has its own octets; one transfer is refused, and one
    file is empty."""
    capture = Capture()
    t = Control(capture)
    t.sign_in()
    t.c("TYPE I")
    t.s("200 Type set to I")
    for i, verb in enumerate(("STOR", "RETR", "STOR", "STOU")):
        t.c("PASV")
        t.s("227 Entering Passive Mode (10,77,1,140,195,%d)" % (100 + i))
        t.c("%s %s" % (verb, plants.FILE))
        t.s("150 Ok")
        up, down = (BODY, b"") if verb == "STOR" else (b"", b"") if verb == "STOU" else (b"", BODY * 3)
        data(capture, "%s:%d" % (CLIENT, 40010 + i), "%s:%d" % (SERVER, 195 * 256 + 100 + i), up=up, down=down)
        t.s("226 Ok")
    t.c("RETR " + plants.FILE)
    t.s("550 %s: No such file" % plants.FILE)
    t.quit()
    # what is said before a transfer is accepted belongs to it: PASV and RETR, the last 226, 227 and 150
    get_up = len("PASV\r\nRETR %s\r\n" % plants.FILE)
    get_down = len("150 Ok\r\n226 Ok\r\n227 Entering Passive Mode (10,77,1,140,195,101)\r\n")
    write(__file__, "several", capture,
          [row(CLIENT, SERVER, 3, t.up - get_up + 2 * len(BODY), t.down - get_down),
           row(SERVER, CLIENT, 1, get_down + 3 * len(BODY), get_up)], COLUMNS)


def unannounced():
    """The announcement was not captured: what follows is a row of its own, of which nothing is known."""
    capture = Capture()
    t = Control(capture)
    t.sign_in()
    t.c("PASV")
    t.s("227 Entering Passive Mode (10,77,1,140,199,56)")
    t.c("RETR " + plants.FILE)
    t.s("150 Ok")
    data(capture, CLIENT + ":40002", SERVER + ":51001", down=NOISE)
    data(capture, CLIENT + ":40003", "10.77.1.141:51000", down=NOISE)
    t.s("226 Ok")
    t.quit()
    other = dict(protocol="unknown", encrypted="unknown", way="both", kind="unk.other", confidence="low")
    write(__file__, "unannounced", capture,
          [row(SERVER, CLIENT, 1, t.down, t.up), row(CLIENT, SERVER, "", 0, len(NOISE), port=51001, **other),
           row(CLIENT, "10.77.1.141", "", 0, len(NOISE), port=51000, **other)], COLUMNS)


def record(kind, body):
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body


def hello(kind, extra=b""):
    body = b"\x03\x03" + bytes(range(32)) + b"\0" + extra
    return record(22, bytes([kind]) + len(body).to_bytes(3, "big") + body)


CLIENT_HELLO = hello(1, b"\0\x02\xc0\x2f\x01\0\0\0")
SERVER_HELLO = hello(2, b"\xc0\x2f\0\0\0") + record(22, b"\x0e\0\0\0")


def tls():
    """AUTH TLS, PROT P: announcements are hidden, so the data connection is a row of its own, TLS on its own port."""
    capture = Capture()
    t = Control(capture)
    t.s("220 files.trust.example ready")
    t.c("AUTH TLS")
    t.s("234 AUTH TLS successful")
    sent = CLIENT_HELLO + record(23, bytes(300))
    answered = SERVER_HELLO + record(23, bytes(500))
    t.tcp.client(sent)
    t.tcp.server(answered)
    t.tcp.close()
    body = record(23, bytes(9000))
    data(capture, CLIENT + ":40002", SERVER + ":51000", up=CLIENT_HELLO + body, down=SERVER_HELLO)
    write(__file__, "tls", capture,
          [row(CLIENT, SERVER, "", t.up + len(sent), t.down + len(answered), protocol="FTP+TLS", encrypted="yes",
               way="both"),
           row(CLIENT, SERVER, "", len(CLIENT_HELLO) + len(body), len(SERVER_HELLO), port=51000, protocol="TLS",
               encrypted="yes", kind="unk.encrypted", confidence="medium")], COLUMNS)


for case in (passive, active, extended, several, unannounced, tls):
    case()
