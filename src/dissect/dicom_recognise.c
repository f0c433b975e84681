/* Tells DICOM by the beginning of an association, or in the middle of one. */
#include "dicom.h"

/* The element with which every command set begins: its own length (PS3.7 6.3.1). */
static const uint8_t group_length[8] = {0, 0, 0, 0, 4, 0, 0, 0};

/* True for the first `n` bytes of a P-DATA-TF with its first PDV. A stranger is told by the
 * lengths: one PDV that fills the PDU, or a command set. */
bool dicom_is_pdata(const uint8_t *head, size_t n)
{
	uint32_t pdu = n >= 6 ? be32(head + 2) : 0, pdv = n >= 10 ? be32(head + 6) : 0;

	if (head[0] != P_DATA || (n >= 2 && head[1] != 0) ||
	    (n >= 6 && (pdu < PDV_HEADER || pdu > PDU_MAX)) ||
	    (n >= 10 && (pdv < 2 || pdv > pdu - 4)) || (n >= 11 && head[10] % 2 == 0) ||
	    (n >= 12 && head[11] > 3)) {
		return false;
	}
	if (n <= PDATA_HEAD || pdv == pdu - 4) {
		return true;
	}
	return (head[11] & IS_COMMAND) != 0 && pdv >= 10 &&
	       memcmp(head + PDATA_HEAD, group_length, n - PDATA_HEAD) == 0;
}

static bool is_title(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] < ' ' || p[i] > '~') {
			return false;
		}
	}
	return true;
}

/* A-ASSOCIATE-RQ or -AC, as much of it as there is; some write the PDU header in a segment of its
 * own. */
static bool is_associate(const uint8_t *p, size_t n)
{
	uint32_t len = n >= PDU_HEADER ? be32(p + 2) : 0;

	if (n < PDU_HEADER || (p[0] != ASSOCIATE_RQ && p[0] != ASSOCIATE_AC) || p[1] != 0 ||
	    len < ASSOCIATE_FIXED || len > ASSOCIATE_MAX) {
		return false;
	}
	if (n < TITLES) {
		return n == PDU_HEADER;
	}
	return p[6] == 0 && (p[7] & 1) != 0 &&
	       (p[0] == ASSOCIATE_AC || is_title(p + TITLES, smaller(n - TITLES, 2 * TITLE_LEN))) &&
	       (n <= FIRST_ITEM || p[FIRST_ITEM] == ITEM_APPLICATION);
}

static bool is_reject(const uint8_t *p, size_t n)
{
	static const uint8_t head[] = {ASSOCIATE_RJ, 0, 0, 0, 0, 4, 0};

	return n == 10 && memcmp(p, head, sizeof head) == 0 && p[7] >= 1 && p[7] <= 2 &&
	       p[8] >= 1 && p[8] <= 3;
}

/* One P-DATA-TF whose command set begins as it must, or one that fills up exactly to the next PDU
 * or has its headers alone. */
static bool is_midstream(const uint8_t *p, size_t n)
{
		if (n == PDATA_HEAD) { /* some write both headers in a segment of their own */
		return dicom_is_pdata(p, n) && be32(p + 6) > 2 && be32(p + 6) == be32(p + 2) - 4;
	}
	if (n < SYNC_HEAD || !dicom_is_pdata(p, PDATA_HEAD)) {
		return false;
	}
	if ((p[11] & IS_COMMAND) != 0) {
		return be32(p + 6) >= 10 &&
		       memcmp(p + PDATA_HEAD, group_length, sizeof group_length) == 0;
	}
	size_t next = PDU_HEADER + (size_t)be32(p + 2);

	return be32(p + 6) == be32(p + 2) - 4 && next < n && n - next >= PDATA_HEAD &&
	       dicom_is_pdata(p + next, PDATA_HEAD) && be32(p + next + 6) == be32(p + next + 2) - 4;
}

size_t dicom_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const uint8_t *p = bytes.p;
	size_t n = cur_left(&bytes);

	(void)side;
	(void)flow;
	if (is_associate(p, n) || is_reject(p, n)) {
		return 1;
	}
	for (int i = 0; i < CANDIDATES_MAX; i++, p++) {
		p = memchr(p, P_DATA, (size_t)(bytes.end - p));
		if (p == NULL) {
			return 0;
		}
		if (is_midstream(p, (size_t)(bytes.end - p))) {
			return (size_t)(p - bytes.p) + 1;
		}
	}
	return 0;
}
