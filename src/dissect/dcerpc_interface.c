/* Well-known interfaces of DCE RPC: Windows services after Microsoft's open specifications
 * (MS-DRSR, MS-SAMR, MS-RPRN …), Exchange (MS-OXCRPC, MS-OXNSPI), and PROFINET (IEC 61158-6-10). */
#include "dcerpc_interface.h"

/* A UUID (C706 appendix A): three numbers, whose order of octets is the sender's, and eight octets.
 */
static const struct {
	const char *name;
	uint32_t low;
	uint16_t middle, high;
	uint64_t rest;
} interfaces[] = {
        {"epmapper", 0xe1af8308, 0x5d1f, 0x11c9, 0x91a408002b14a0fa},
        {"mgmt", 0xafa8bd80, 0x7d8a, 0x11c9, 0xbef408002b102989},
        {"lsarpc", 0x12345778, 0x1234, 0xabcd, 0xef000123456789ab},
        {"samr", 0x12345778, 0x1234, 0xabcd, 0xef000123456789ac},
        {"netlogon", 0x12345678, 0x1234, 0xabcd, 0xef0001234567cffb},
        {"dssetup", 0x3919286a, 0xb10c, 0x11d0, 0x9ba800c04fd92ef5},
        {"drsuapi", 0xe3514235, 0x4b06, 0x11d1, 0xab0400c04fc2dcd2},
        {"bkrp", 0x3dde7c30, 0x165d, 0x11d1, 0xab8f00805f14db40},
        {"icertpassage", 0x91ae6020, 0x9e3c, 0x11cf, 0x8d7c00aa00c091be},
        {"w32time", 0x8fb6d884, 0x2388, 0x11d0, 0x8c3500c04fda2795},
        {"dnsserver", 0x50abc2a4, 0x574d, 0x40b3, 0x9d66ee4fd5fba076},
        {"dhcpsrv", 0x6bffd098, 0xa112, 0x3610, 0x983346c3f874532d},
        {"srvsvc", 0x4b324fc8, 0x1670, 0x01d3, 0x12785a47bf6ee188},
        {"wkssvc", 0x6bffd098, 0xa112, 0x3610, 0x983346c3f87e345a},
        {"svcctl", 0x367abb81, 0x9844, 0x35f1, 0xad3298f038001003},
        {"winreg", 0x338cd001, 0x2244, 0x31f1, 0xaaaa900038001003},
        {"initshutdown", 0x894de0c0, 0x0d55, 0x11d3, 0xa32200c04fa321a1},
        {"eventlog", 0x82273fdc, 0xe32a, 0x18c3, 0x3f78827929dc23ea},
        {"eventlog6", 0xf6beaff7, 0x1e19, 0x4fbb, 0x9f8fb89e2018337c},
        {"atsvc", 0x1ff70682, 0x0a51, 0x30e8, 0x076d740be8cee98b},
        {"taskscheduler", 0x86d35949, 0x83c9, 0x4044, 0xb424db363231fd0c},
        {"spoolss", 0x12345678, 0x1234, 0xabcd, 0xef000123456789ab},
        {"iremotewinspool", 0x76f03f96, 0xcdfd, 0x44fc, 0xa22c64950a001209},
        {"nspi", 0xf5cc5a18, 0x4264, 0x101a, 0x8c5908002b2f8426},
        {"emsmdb", 0xa4f1db00, 0xca47, 0x1067, 0xb31f00dd010662da},
        {"asyncemsmdb", 0x5261574a, 0x4572, 0x206e, 0xb2686b199213b4e4},
        {"rfri", 0x1544f5e0, 0x613c, 0x11d1, 0x93df00c04fd7bd09},
        {"frsrpc", 0xf5cc59b4, 0x4264, 0x101a, 0x8c5908002b2f8426},
        {"frstrans", 0x897e2e5f, 0x93f3, 0x4376, 0x9c9cfd2277495c27},
        {"netdfs", 0x4fc742e0, 0x4a10, 0x11cf, 0x827300aa004ae673},
        {"efsrpc", 0xc681d488, 0xd850, 0x11d0, 0x8c5200c04fd90f7e},
        {"iobjectexporter", 0x99fcfec4, 0x5260, 0x101b, 0xbbcb00aa0021347a},
        {"isystemactivator", 0x000001a0, 0x0000, 0x0000, 0xc000000000000046},
        {"iremunknown2", 0x00000143, 0x0000, 0x0000, 0xc000000000000046},
        {"iremunknown", 0x00000131, 0x0000, 0x0000, 0xc000000000000046},
        {"iwbemlevel1login", 0xf309ad18, 0xd86a, 0x11d0, 0xa07500c04fb68820},
        {"iwbemservices", 0x9556dc99, 0x828c, 0x11cf, 0xa37e00aa003240c7},
        {"clusapi", 0xb97db8b2, 0x4c63, 0x11cf, 0xbff608002be23f2f},
        {"tapsrv", 0x2f5f6520, 0xca46, 0x1067, 0xb31900dd010662da},
        {"pnio", 0xdea00001, 0x6c97, 0x11d1, 0x827100a02442df7d},
        {"pnio", 0xdea00002, 0x6c97, 0x11d1, 0x827100a02442df7d},
        {"pnio", 0xdea00003, 0x6c97, 0x11d1, 0x827100a02442df7d},
        {"pnio", 0xdea00004, 0x6c97, 0x11d1, 0x827100a02442df7d},
};

int dcerpc_interface_read(struct cursor *c, bool is_little)
{
	uint32_t low = is_little ? cur_le32(c) : cur_u32(c);
	uint16_t middle = is_little ? cur_le16(c) : cur_u16(c),
	         high = is_little ? cur_le16(c) : cur_u16(c);
	uint64_t rest = cur_u64(c);

	for (size_t i = 0; i < sizeof interfaces / sizeof interfaces[0] && !c->bad; i++) {
		if (interfaces[i].low == low && interfaces[i].middle == middle &&
		    interfaces[i].high == high && interfaces[i].rest == rest) {
			return (int)i;
		}
	}
	return DCERPC_UNKNOWN;
}

const char *dcerpc_interface_name(int interface)
{
	return interface == DCERPC_UNKNOWN ? NULL : interfaces[interface].name;
}
