#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from mkpcap import Capture

COLUMNS = ("source_address destination_address direction initiated_by transport server_port protocol kind_id confidence "
           "messages bytes_to_destination bytes_to_source evidence").split()
METER, MANAGER, PORT = "10.77.30.40", "10.77.1.35", 3001
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
HEADER = '<HDR><HDR.control_id V="%s"/><HDR.version_id V="POCT1"/><HDR.creation_dttm V="%sT10:00:00"/></HDR>' % (
    plants.NHS_NUMBER, plants.BORN_ISO)
DEVICE = ('<DEV><DEV.device_id V="%s"/><DEV.vendor_id V="ROCHE"/><DEV.model_id V="Inform II"/><DEV.serial_id V="%s"/>'
          '<DEV.manufacturer_name V="Roche Diagnostics"/><DEV.sw_version V="04.01.02"/><DEV.device_name V="%s"/></DEV>' % (
              plants.USER, plants.NHS_NUMBER, plants.FREE_TEXT))
RESULT = ('<SVC><SVC.role_cd V="OBS"/><PT><PT.patient_id V="%s"/><PT.name V="%s %s"/><PT.birth_date V="%s"/>'
          '<PT.address V="%s"/><OBS><OBS.observation_id V="GLU"/><OBS.value V="5.5"/><NTE><NTE.text V="%s"/></NTE></OBS></PT>'
          '<OPR><OPR.operator_id V="%s"/><OPR.name V="%s"/></OPR></SVC>' % (
              plants.NHS_NUMBER, plants.FORENAME, plants.SURNAME, plants.BORN_ISO, plants.POSTCODE, plants.FREE_TEXT,
              plants.USER, plants.SURNAME))
STAFF = '<UPD><UPD.action_cd V="I"/><OPR><OPR.operator_id V="%s"/><OPR.password V="%s"/><OPR.name V="%s"/></OPR></UPD>' % (
    plants.USER, plants.PASSWORD, plants.SURNAME)
PATIENTS = '<UPD><PT><PT.patient_id V="%s"/><PT.name V="%s"/></PT></UPD>' % (plants.NHS_NUMBER, plants.SURNAME)


def message(root, body=""):
    return (XML + "<%s>%s%s</%s>" % (root, HEADER, body, root)).encode()


class Case:
    """Rows by (sender, kind); a message's octets and those of its acknowledgement are its kind's."""

    def __init__(self, opener=METER, **options):
        self.capture, self.opener, self.rows = Capture(), opener, {}
        self.is_known = options.get("syn", True)
        self.tcp = self.capture.tcp(opener + ":40000", "%s:%d" % (MANAGER if opener == METER else METER, PORT), **options)

    def send(self, sender, data):
        (self.tcp.client if sender == self.opener else self.tcp.server)(data)

    def say(self, sender, root, body="", kind="lab.poct", as_kind=None, answered=True):
        """`as_kind`: carries nothing, its octets are of this sender's row of that kind."""
        data, answer = message(root, body), message("ACK.R01", '<ACK><ACK.type_cd V="AA"/></ACK>') if answered else b""
        row = self.rows.setdefault((sender, as_kind or kind), [0, 0, 0, {}])
        self.send(sender, data)
        if answer:
            self.send(MANAGER if sender == METER else METER, answer)
        row[1] += len(data)
        row[2] += len(answer)
        if as_kind is None:
            row[0] += 1
            row[3][root] = row[3].get(root, 0) + 1

    def write(self, name):
        self.tcp.close()
        self.capture.write(os.path.join(HERE, name + ".pcap"))
        with open(os.path.join(HERE, name + ".expect"), "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            for (sender, kind), (messages, to, back, roots) in self.rows.items():
                shown = "; ".join("%s ×%d" % e for e in sorted(roots.items(), key=lambda e: (-e[1], e[0])))
                opened = "unknown" if not self.is_known else "source" if sender == self.opener else "destination"
                writer.writerow([sender, MANAGER if sender == METER else METER, "one_way", opened, "tcp", PORT, "POCT1-A",
                                 kind, "high", messages, to, back, "POCT1-A " + shown])


for name, opener in (("device_opens", METER), ("manager_opens", MANAGER)):
    c = Case(opener)
    c.say(METER, "HEL.R01", DEVICE)
    c.say(METER, "DST.R01", "<DST/>")
    c.say(MANAGER, "REQ.R01", "<REQ/>")
    for _ in range(4):
        c.say(METER, "OBS.R01", RESULT)
    c.say(METER, "EOT.R01", as_kind="lab.poct")
    c.say(MANAGER, "PTL.R01", PATIENTS)
    c.say(MANAGER, "OPL.R01", STAFF * 40, kind="staff.master")
    c.say(METER, "END.R01", as_kind="lab.poct")
    c.write(name)

# joined in the middle, with a hole in a result
c = Case(syn=False)
c.say(METER, "OBS.R01", RESULT)
long = message("OBS.R01", RESULT * 8)
row = c.rows[(METER, "lab.poct")]
c.tcp.client(long[:1460])
c.tcp.drop(1)
c.tcp.client(long[1460:2920])
c.tcp.client(long[2920:])
row[0] += 1
row[1] += len(long) - 1460
row[3]["OBS.R01"] += 1
c.say(METER, "OBS.R01", RESULT)
c.write("middle")
