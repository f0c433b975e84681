"""Writes a golden capture and what `terrier flows` should say of it: for tests/golden/*/make.py.

    from expect import write
    write(__file__, "poll", capture, [[SERVER, CLIENT, "one_way", "udp", 161, "SNMP", "inf.monitoring", "high", "",
                                       down, up, "protocol SNMP ×1"]])
"""
import csv
import os

COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence messages "
           "bytes_to_destination bytes_to_source evidence").split()


def write(script, case, capture, rows, columns=COLUMNS):
    base = os.path.join(os.path.dirname(os.path.abspath(script)), case)
    capture.write(base + ".pcap")
    with open(base + ".expect", "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)
