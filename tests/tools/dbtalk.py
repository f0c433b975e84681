"""What the goldens of database protocols have in common: one conversation of an application with its server, and what
`terrier flows` must say of it.

    case = Case("login", 1433, "TDS")
    case.client(...); case.server(...)
    case.write(__file__, "database EPR_LIVE ×1")         # one row, both ways, all octets
"""
from expect import write
from mkpcap import Capture

COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "bytes_to_destination bytes_to_source evidence").split()
CLIENT, SERVER = "10.77.1.10", "10.77.1.90"


class Case:
    def __init__(self, name, port, protocol, **options):
        self.name, self.port, self.protocol = name, port, protocol
        self.capture, self.octets = Capture(), [0, 0]
        self.tcp = self.capture.tcp(CLIENT + ":40000", "%s:%d" % (SERVER, port), **options)

    def client(self, data):
        self.tcp.client(data)
        self.octets[0] += len(data)

    def server(self, data):
        self.tcp.server(data)
        self.octets[1] += len(data)

    def row(self, evidence, way="both", octets=None, protocol=None, encrypted="no"):
        """A row of the expectation; `octets` to the server and to the client."""
        up, down = octets or self.octets
        ends, sums = ([SERVER, CLIENT], [down, up]) if way == "s2c" else ([CLIENT, SERVER], [up, down])
        return ends + ["both" if way == "both" else "one_way", "tcp", self.port, protocol or self.protocol,
                       "inf.database", "high", encrypted] + sums + [evidence]

    def write(self, script, *rows, **options):
        """Writes NAME.pcap and NAME.expect; a row may be given as its evidence alone."""
        self.tcp.close()
        write(script, self.name, self.capture,
              [self.row(row, **options) if isinstance(row, str) else row for row in rows], COLUMNS)
