"""Writes a golden capture and what `terrier flows` should say of it: for tests/golden/*/make.py.

    from expect import row, write
    write(__file__, "poll", capture, [[SERVER, CLIENT, "one_way", "udp", 161, "SNMP", "inf.monitoring", "high", "",
                                       down, up, "protocol SNMP ×1"]])
    write(__file__, "icu", capture, [row("10.77.1.10", "10.77.1.20", "one_way", 1883, "MQTT", "inf.messagebus", 2, 40, 8,
                                         "topic icu ×2")])
"""
import csv
import os

COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence messages "
           "bytes_to_destination bytes_to_source evidence").split()
WITH_ENCRYPTED = ("source_address destination_address direction transport server_port protocol kind_id confidence "
                  "encrypted messages bytes_to_destination bytes_to_source evidence").split()


class Row(list):
    """A row that goes with the columns WITH_ENCRYPTED."""


def row(source, destination, direction, port, protocol, kind, messages, forth, back, evidence, confidence="high",
        encrypted="no", transport="tcp"):
    return Row([source, destination, direction, transport, port, protocol, kind, confidence, encrypted, messages, forth,
                back, evidence])


def write(script, case, capture, rows, columns=None):
    """Beside `script`: CASE.pcap and CASE.expect."""
    base = os.path.join(os.path.dirname(os.path.abspath(script)), case)
    capture.write(base + ".pcap")
    with open(base + ".expect", "w", newline="", encoding="utf-8") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(columns or (WITH_ENCRYPTED if isinstance(rows[0], Row) else COLUMNS))
        table.writerows(rows)
