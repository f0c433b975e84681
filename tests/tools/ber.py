"""Writes BER (X.690) for tests, and the Kerberos and SPNEGO tokens that several protocols carry."""
import struct


def tlv(tag, *parts, wide=False):
    """An element; `wide` writes its length in four octets, as Active Directory does."""
    body = b"".join(parts)
    if wide:
        return bytes([tag, 0x84]) + struct.pack("!I", len(body)) + body
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def integer(n, tag=2):
    return tlv(tag, n.to_bytes(n.bit_length() // 8 + 1, "big", signed=True))


def enumerated(n):
    return integer(n, 10)


def octets(text):
    return tlv(4, text if isinstance(text, bytes) else text.encode())


def sequence(*parts, **options):
    return tlv(0x30, *parts, **options)


def context(n, *parts):
    return tlv(0xa0 | n, *parts)


def application(n, *parts):
    return tlv(0x60 | n, *parts)


def general(text):
    return tlv(0x1b, text.encode())


# Kerberos, RFC 4120

def principal(*parts, kind=2):
    return sequence(context(0, integer(kind)), context(1, sequence(*(general(p) for p in parts))))


def secret(etype, data):
    return sequence(context(0, integer(etype)), context(2, octets(data)))


def ticket(realm, server, data=bytes(200), etype=18):
    return application(1, sequence(context(0, integer(5)), context(1, general(realm)), context(2, principal(*server)),
                                   context(3, secret(etype, data))))


def ap_req(realm, server, data=bytes(200)):
    return application(14, sequence(context(0, integer(5)), context(1, integer(14)), context(2, tlv(3, bytes(5))),
                                    context(3, ticket(realm, server, data)), context(4, secret(18, data))))


KRB5 = tlv(6, bytes.fromhex("2a864886f712010202"))
MS_KRB5 = tlv(6, bytes.fromhex("2a864882f712010202"))
NTLM = tlv(6, bytes.fromhex("2b06010401823702020a"))


def gss_kerberos(request):
    return application(0, KRB5, b"\1\0", request)


def spnego_init(token, *mechanisms):
    """NegTokenInit within its InitialContextToken (RFC 4178 4.2.1)."""
    init = sequence(context(0, sequence(*mechanisms)), context(2, octets(token)))
    return application(0, tlv(6, bytes.fromhex("2b0601050502")), context(0, init))


def spnego_answer(token):
    return context(1, sequence(context(0, enumerated(1)), context(1, NTLM), context(2, octets(token))))


def kdc_request(number, realm, server, client, padata):
    """AS-REQ (10) or TGS-REQ (12)."""
    body = sequence(context(0, tlv(3, bytes(5))), context(1, principal(client, kind=1)), context(2, general(realm)),
                    context(3, principal(*server)), context(5, tlv(0x18, b"20370913024805Z")), context(7, integer(77)),
                    context(8, sequence(integer(18), integer(23))))
    data = sequence(sequence(context(1, integer(2)), context(2, octets(padata))))
    return application(number, sequence(context(1, integer(5)), context(2, integer(number)), context(3, data),
                                        context(4, body)))


def kdc_reply(number, realm, server, client, data, etype=18):
    """AS-REP (11) or TGS-REP (13)."""
    return application(number, sequence(context(0, integer(5)), context(1, integer(number)), context(3, general(realm)),
                                        context(4, principal(client, kind=1)),
                                        context(5, ticket(realm, server, data, etype)), context(6, secret(etype, data))))


def krb_error(realm, server, client, text):
    return application(30, sequence(context(0, integer(5)), context(1, integer(30)),
                                    context(4, tlv(0x18, b"20370913024805Z")), context(5, integer(1)),
                                    context(6, integer(25)), context(7, general(realm)),
                                    context(8, principal(client, kind=1)), context(9, general(realm)),
                                    context(10, principal(*server)), context(11, general(text))))
