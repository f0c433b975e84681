#!/usr/bin/env python3
"""Writes the captures of this folder: the same HL7 link in every wrapping that a mirror port delivers, and beside each
the row that `terrier flows` must make of it, which is always the same."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import expect  # noqa: E402
import mkpcap  # noqa: E402
from mkpcap import Capture  # noqa: E402

COLUMNS = ["source_address", "destination_address", "direction", "initiated_by", "transport", "server_port", "protocol",
           "kind_id", "confidence", "connections", "messages", "bytes_to_destination", "bytes_to_source", "evidence"]
V4, V6 = ("10.77.1.10", "10.77.1.20"), ("fd00:77::10", "fd00:77::20")
MESSAGE = (b"\x0bMSH|^~\\&|PAS|ZZ|TIE|ZZ|20260102030405||ADT^A01|4711|P|2.4\rEVN|A01\rPID|1||ZZ1||ZZTEST^ZZTEST\r"
           b"OBX|1|TX|" + b"~" * 200 + b"\r\x1c\r")
ANSWER = b"\x0bMSH|^~\\&|TIE|ZZ|PAS|ZZ|20260102030405||ACK|4711|P|2.4\rMSA|AA|4711\r\x1c\r"


def write(name, ends=V4, **options):
    capture = Capture(**options)
    client, server = ("[%s]" % a if ":" in a else a for a in ends)
    link = capture.tcp(client + ":40001", server + ":2575")
    for _ in range(2):
        link.client(MESSAGE)
        link.server(ANSWER)
    link.close()
    expect.write(__file__, name, capture, [[*ends, "one_way", "source", "tcp", 2575, "HL7v2", "pat.encounter", "high", 1, 2,
                                            2 * len(MESSAGE), 2 * len(ANSWER), "HL7 ADT^A01 ×2"]], COLUMNS)


write("plain")
write("plain6", V6)
write("vlan", vlan=[310])
write("priority", wrap=mkpcap.priority)
write("qinq", vlan=[310], wrap=mkpcap.tag(20, 0x88a8))
write("vxlan", wrap=mkpcap.vxlan)
write("vxlan6", V6, vlan=[310], wrap=mkpcap.vxlan)
write("geneve", wrap=mkpcap.geneve)
write("gre", wrap=mkpcap.gre)
write("gre_ethernet", wrap=mkpcap.gre_ethernet)
write("erspan2", wrap=mkpcap.erspan(310))
write("erspan3", wrap=mkpcap.erspan3(310))
write("erspan_of_vxlan", wrap=[mkpcap.vxlan, mkpcap.erspan(310)])
write("mpls", wrap=mkpcap.mpls)
write("pseudowire", wrap=mkpcap.pseudowire)
write("pppoe", wrap=mkpcap.pppoe)
write("pppoe6", V6, wrap=mkpcap.pppoe)
write("6in4", V6, wrap=mkpcap.in_ipv4)
write("ip_in_ip", wrap=mkpcap.in_ipv4)
write("fragments", fragment=104)
write("fragments6", V6, fragment=104)
write("fragments6_in_vxlan", V6, fragment=104, wrap=mkpcap.vxlan)
write("copy", copy=lambda frame: frame)
write("copy_other_vlan", copy=mkpcap.tag(310))
write("copy_behind_router", copy=mkpcap.routed)
write("copy_in_tunnel", copy=mkpcap.erspan(310))
write("copy_fragments6", V6, fragment=104, copy=mkpcap.tag(310))
