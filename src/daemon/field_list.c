/* The list of kept fields for an information-governance review: the tables of the dissectors as Markdown, with what
 * holds for all of them. */
#include "terrier/daemon/field_list.h"

#include "terrier/dissect.h"

#include <string.h>

static const char about[] =
        "# Fields kept and never kept, by protocol\n"
        "\n"
        "What terrierd %s copies out of network traffic, field by field. The program writes this list itself, from the\n"
        "tables of its dissectors (the parts that read one protocol each): `terrierd --list-fields`. When Terrier is\n"
        "tested, a dissector that keeps a field which its table does not name fails the test.\n"
        "\n"
        "Everything that is not listed as kept is passed over unread, or compared in memory and forgotten. No packet\n"
        "and no payload is stored.\n"
        "\n"
        "## How to read it\n"
        "\n"
        "| Class | Meaning |\n"
        "|---|---|\n"
        "| keep | names a system, a protocol object or a kind of data |\n"
        "| guard | usually names a system, sometimes a person: kept only where the stated condition holds |\n"
        "| never | not kept; named here because a reviewer would ask |\n"
        "\n"
        "*own word* under \"Standard\": not the network's text but one of a fixed set of words of Terrier's.\n"
        "\n"
        "Every text of the network, besides the condition in its row, has to be printable UTF-8 of at most %d\n"
        "characters (AE title 16, host name %d), without a run of six digits, an NHS number, an @ or a date. Classes of\n"
        "DICOM and names of services have grammars of their own instead, which allow longer numbers. A text that fails\n"
        "is withheld and counted. This is checked where the text is read, and again before it is stored.\n"
        "\n"
        "*The host rule*: the grammar of a host name; of a name with a token or a long number as one of its labels, the\n"
        "registrable domain only. *A hole*: octets that the recording missed.\n"
        "\n"
        "\"Shown as\" is where the value appears: `name` is a name of a system in `terrier hosts`, `evidence` decides\n"
        "the kind of data, `fact` is told by `terrier explain`.\n"
        "\n"
        "## Every connection\n"
        "\n"
        "| Class | What | Condition |\n"
        "|---|---|---|\n"
        "| guard | address of both ends: personal data where a device is one person's | outside the organisation's "
        "networks: the service's name or the block of addresses, where there is one |\n"
        "| guard | hardware address of a host: personal data where a device is one person's | of frames it sent; never "
        "a router's |\n"
        "| keep | transport, server's port, protocol, whether encrypted, who opened it; segment and sensor | |\n"
        "| keep | connections, messages and octets, by the hour; first and last time | sums: no connection is stored "
        "by itself |\n"
        "| keep | where no dissector knows the protocol: its name by nDPI, and risks that a rule of findings asks for | "
        "constants of nDPI |\n"
        "| guard | where no dissector knows the protocol: name of the server that nDPI read from TLS or HTTP | the "
        "grammar of a host name; none that may have been cut |\n"
        "| never | client's port, packets, payload | |\n"
        "\n"
        "## Every protocol\n";

static const char limits[] =
        "\n"
        "## What the conditions cannot know\n"
        "\n"
        "* A user that the connection does not tell in clear (Kerberos, SCRAM, after STARTTLS, joined behind the sign-in)\n"
        "  cannot be compared with: a share, database or topic of that name is then told as any other.\n"
        "* Host names are kept as names of systems. A client called after its user keeps that name where it serves, is\n"
        "  asked for in DNS, greets by SMTP, starts iSCSI or sends syslog.\n"
        "* No list of staff is consulted: an AE title or a host name that is a person's name is kept where it has the form\n"
        "  of a system's name.\n"
        "* The tag of a BSD syslog line is a program by convention only.\n";

/* Text within a table of Markdown. */
static void put_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("\\|<>*_", *text) != NULL) {
			fputc('\\', out);
		}
		fputc(*text, out);
	}
}

static const char *put_way(FILE *out, const char *before, const char *way, const char *word)
{
	fprintf(out, "%s`%s %s`", before, way, word);
	return ", ";
}

static void put_ways(FILE *out, const struct dissector_field *f)
{
	const char *before = " ";

	for (size_t i = 0; i < FIELD_NAMES && f->names[i] != NAME_NONE; i++) {
		before = put_way(out, before, "name", name_source_name(f->names[i]));
	}
	for (size_t i = 0; i < FIELD_EVIDENCE && f->evidence[i] != EVIDENCE_NONE; i++) {
		before = put_way(out, before, "evidence", evidence_type_name(f->evidence[i]));
	}
	for (size_t i = 0; i < FIELD_FACTS && f->facts[i] != NULL; i++) {
		before = put_way(out, before, "fact", f->facts[i]);
	}
}

static void put_field(FILE *out, const struct dissector_field *f)
{
	static const char *const classes[] = {
		[FIELD_KEEP] = "keep", [FIELD_GUARD] = "guard", [FIELD_NEVER] = "never"};

	fprintf(out, "| %s | ", classes[f->class]);
	put_text(out, f->what);
	fputs(" | ", out);
	put_text(out, f->standard != NULL ? f->standard : f->class == FIELD_NEVER ? "" : "own word");
	fputs(" | ", out);
	put_text(out, f->guard != NULL ? f->guard : "");
	fputs(" |", out);
	put_ways(out, f);
	fputs(" |\n", out);
}

void field_list_print(FILE *out)
{
	fprintf(out, about, TERRIER_VERSION, TEXT_MAX, TEXT_DNS_MAX);
	for (size_t i = 0; dissectors[i] != NULL; i++) {
		const struct dissector *d = dissectors[i];

		fprintf(out, "\n### %s (dissector `%s`)\n\n", d->protocol, d->name);
		fputs("| Class | Field | Standard | Condition | Shown as |\n|---|---|---|---|---|\n", out);
		for (const struct dissector_field *f = d->fields; f->class != FIELD_END; f++) {
			put_field(out, f);
		}
	}
	fputs(limits, out);
}
