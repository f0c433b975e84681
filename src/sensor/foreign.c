/* Capture formats that libpcap does not read. The commands were tried with Wireshark 4.0's tools.
 */
#include "terrier/sensor/foreign.h"

#include "terrier/base/mem.h"

#include <string.h>

#define CONVERT        "convert it: editcap -F pcap FILE OUT.pcap"
#define FRAGMENT(text) text, sizeof(text) - 1

static const struct {
	const char *magic;
	size_t len;
	const char *name, *remedy;
} formats[] = {
        {FRAGMENT("snoop\0\0\0"), "a Sun snoop file", CONVERT},
        {FRAGMENT("GMBU"), "a Microsoft Network Monitor file", CONVERT},
        {FRAGMENT("RTSS"), "a Microsoft Network Monitor 1 file", CONVERT},
        {FRAGMENT("TRSNIFF data    \x1a"), "a Sniffer file", CONVERT},
        {FRAGMENT("XCP\0"), "a NetXRay or Sniffer for Windows file", CONVERT},
        {FRAGMENT("iptrace 1.0"), "an AIX iptrace file", CONVERT},
        {FRAGMENT("iptrace 2.0"), "an AIX iptrace file", CONVERT},
        {FRAGMENT("ObserverPktBuffe"), "an Observer file", CONVERT},
        {FRAGMENT("\x7fver"), "a Peek file", CONVERT},
        {FRAGMENT("\x05VNF"), "a Visual Networks file", CONVERT},
        {FRAGMENT("\xaa\xaa\xaa\xaa"), "a 5View file", CONVERT},
        {FRAGMENT("btsnoop\0"), "a Bluetooth log", "record the network instead, it has none of it"},
        {FRAGMENT("Script started on"), "a terminal's log",
         "record with tcpdump or dumpcap instead"},
        {FRAGMENT("\xfd\x37zXZ\0"), "compressed with xz", "xz -dc FILE | terrierd --read -"},
        {FRAGMENT("BZh"), "compressed with bzip2", "bzip2 -dc FILE | terrierd --read -"},
        {FRAGMENT("\x04\x22\x4d\x18"), "compressed with lz4", "lz4 -dc FILE | terrierd --read -"},
        {FRAGMENT("\x1f\x9d"), "compressed with compress", "gzip -dc FILE | terrierd --read -"},
        {FRAGMENT("PK\x03\x04"), "a zip archive", "unzip -p FILE | terrierd --read -"},
        {FRAGMENT("7z\xbc\xaf\x27\x1c"), "a 7z archive", "7z x -so FILE | terrierd --read -"},
        {FRAGMENT("\x1f\x8b"), "compressed twice", "gzip -dc FILE | terrierd --read -"},
        {FRAGMENT("\x28\xb5\x2f\xfd"), "compressed twice", "zstd -dc FILE | terrierd --read -"},
};

static const struct {
	const char *reason, *remedy;
} remedies[] = {
        {"different from the type of the first",
         "keep its Ethernet frames: tshark -r FILE -Y 'frame.encap_type == 1' -w PART.pcapng, then "
         "editcap -F pcap -T ether PART.pcapng OUT.pcap"},
        {"different from the snapshot length of the first", CONVERT},
        {"unknown file format", "give pcap or pcapng; what Wireshark opens, editcap -F pcap FILE "
                                "OUT.pcap converts (ERF: add -T ether)"},
        {"no Interface Description Blocks", "it holds no packets; record it again"},
        {"requires too much memory", "zstd -dc --long=31 FILE | terrierd --read -"},
        {"archaic", CONVERT},
        {"unsupported pcap", CONVERT},
};

const char *foreign_remedy(const char *reason)
{
	for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++) {
		if (strstr(reason, remedies[i].reason) != NULL) {
			return remedies[i].remedy;
		}
	}
	return NULL;
}

char *foreign_explain(const uint8_t *head, size_t len, const char *reason)
{
	const char *remedy = foreign_remedy(reason);

	if (len == 0) {
		return mem_strdup("the file is empty: give a pcap or pcapng file");
	}
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (len >= formats[i].len && memcmp(head, formats[i].magic, formats[i].len) == 0) {
			return mem_printf("it is %s: %s", formats[i].name, formats[i].remedy);
		}
	}
	return mem_printf("%s: %s", reason,
	                  remedy != NULL ? remedy : "give a whole pcap or pcapng file");
}
