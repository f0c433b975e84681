"""Writes a golden capture and beside it the rows that `terrier flows` must print of it.

    write(__file__, "name", capture, [row("10.77.1.10", "10.77.1.20", "one_way", 1883, "MQTT", "inf.messagebus", 2, 40, 8,
                                          "topic icu ×2")])"""
import csv
import os

COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "messages bytes_to_destination bytes_to_source evidence").split()


def row(source, destination, direction, port, protocol, kind, messages, forth, back, evidence, confidence="high",
        encrypted="no"):
    return [source, destination, direction, "tcp", port, protocol, kind, confidence, encrypted, messages, forth, back,
            evidence]


def write(make, name, capture, rows):
    base = os.path.join(os.path.dirname(os.path.abspath(make)), name)
    capture.write(base + ".pcap")
    with open(base + ".expect", "w", newline="", encoding="utf-8") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(rows)
