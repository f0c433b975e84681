#include "fake_sink.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

extern const struct dissector dissector_http;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 80}};

/* One after the other: what the client sends, what the server answers, the client again … up to
 * NULL. */
struct talk {
	uint8_t state[DISSECT_STATE_MAX];
	struct sink sink;
	enum dissect_verdict verdict;
	uint64_t fed[2];
};

static void say(struct talk *t, enum side side, const char *text, size_t piece)
{
	t->verdict = fake_feed(&dissector_http, t->state, &t->sink, side, text, strlen(text), piece,
	                       &flow);
	t->fed[side] += strlen(text);
}

static struct talk talk(size_t piece, const char *const *lines)
{
	struct talk t = {.verdict = DISSECT_FOLLOW};

	fake_sink_init(&t.sink);
	for (size_t i = 0; lines[i] != NULL; i++) {
		say(&t, i % 2 == 0 ? SIDE_0 : SIDE_1, lines[i], piece);
	}
	ck_assert_uint_eq(t.sink.total[0], t.fed[0]);
	ck_assert_uint_eq(t.sink.total[1], t.fed[1]);
	return t;
}

#define TALK(...) talk(0, (const char *const[]){__VA_ARGS__, NULL})

#define OK    "HTTP/1.1 200 OK\r\n"
#define EMPTY "Content-Length: 0\r\n\r\n"
#define FHIR  "Content-Type: application/fhir+json; charset=utf-8\r\n"
#define JSON  "Content-Type: application/json\r\n"

static void only(const struct talk *t, enum evidence_type type, const char *text,
                 enum info_direction direction, unsigned messages)
{
	ck_assert_int_eq(t->sink.n_entries, 1);
	ck_assert_str_eq(t->sink.entries[0].text, text);
	ck_assert_int_eq(t->sink.entries[0].type, type);
	ck_assert_int_eq(t->sink.entries[0].direction, direction);
	ck_assert_uint_eq(t->sink.entries[0].messages, messages);
	ck_assert_uint_eq(t->sink.entries[0].bytes[0], t->fed[0]);
	ck_assert_uint_eq(t->sink.entries[0].bytes[1], t->fed[1]);
}

START_TEST(a_page_is_web_and_its_host_is_named)
{
	struct talk t = TALK("GET /a HTTP/1.1\r\nHost: Portal.trust.example:8080\r\n\r\n",
	                     OK "Server: nginx/1.22 (Debian)\r\nContent-Length: 5\r\n\r\nhello");

	only(&t, EVIDENCE_TLS_SNI, "portal.trust.example", INFO_S2C, 1);
	ck_assert_str_eq(t.sink.protocol, "HTTP");
	ck_assert_uint_eq(fake_noted(&t.sink, "name", "portal.trust.example"), 1);
	ck_assert_uint_eq(fake_noted(&t.sink, "fact", "nginx"), 1);
	ck_assert_int_eq(t.sink.client, SIDE_0);
	ck_assert_int_eq(t.sink.encryption, ENCRYPTED_NO);
}
END_TEST

START_TEST(nothing_of_path_query_cookie_or_body_is_kept)
{
	struct talk t = TALK(
	        "POST /p/9434765919/zzcanary?nhs=9434765919&n=zzcanary HTTP/1.1\r\nHost: "
	        "10.0.0.1\r\n"
	        "Cookie: zzcanary\r\nReferer: http://zzcanary.example/\r\nUser-Agent: zzcanary\r\n"
	        "Authorization: Basic enpjYW5hcnk=\r\nContent-Length: 8\r\n\r\nzzcanary",
	        OK "Content-Type: text/plain\r\nContent-Length: 18\r\n\r\nMSH|^~\\&|zzcanary|");

	only(&t, EVIDENCE_PROTOCOL, "HTTP", INFO_C2S, 1);
	ck_assert_int_eq(t.sink.n_notes, 1);
	ck_assert_str_eq(t.sink.notes[0].key, FACT_SIGN_IN);
	ck_assert_str_eq(t.sink.notes[0].text, "HTTP Basic");
}
END_TEST

START_TEST(fhir_is_told_by_base_by_medium_and_by_the_answer)
{
	struct talk t = TALK("GET /fhir/R4/Patient/123 HTTP/1.1\r\n\r\n", OK EMPTY);
	only(&t, EVIDENCE_FHIR_TYPE, "Patient", INFO_S2C, 1);
	ck_assert_str_eq(t.sink.protocol, "FHIR");
	t = TALK("POST /x/Observation HTTP/1.1\r\n" FHIR "Content-Length: 2\r\n\r\n{}", OK EMPTY);
	only(&t, EVIDENCE_FHIR_TYPE, "Observation", INFO_C2S, 1);
	t = TALK("GET /x/Patient?name=zz HTTP/1.1\r\nAccept: application/fhir+xml\r\n\r\n",
	         OK EMPTY);
	only(&t, EVIDENCE_FHIR_TYPE, "Patient", INFO_S2C, 1);
	t = TALK("GET /x/Patient?name=zz HTTP/1.1\r\n\r\n", OK FHIR EMPTY);
	only(&t, EVIDENCE_FHIR_TYPE, "Patient", INFO_S2C, 1);
}
END_TEST

START_TEST(a_plain_web_application_with_the_same_word_is_not_fhir)
{
	struct talk t =
	        TALK("GET /Patient/1 HTTP/1.1\r\n\r\n", OK "Content-Type: text/html\r\n" EMPTY);
	only(&t, EVIDENCE_PROTOCOL, "HTTP", INFO_S2C, 1);
	t = TALK("GET /fhir/Patient.html HTTP/1.1\r\n\r\n", OK EMPTY);
	only(&t, EVIDENCE_PROTOCOL, "HTTP", INFO_S2C, 1);
	t = TALK("POST /upload HTTP/1.1\r\n" JSON EMPTY, OK JSON EMPTY);
	only(&t, EVIDENCE_PROTOCOL, "HTTP", INFO_C2S, 1);
}
END_TEST

START_TEST(fhir_batches_searches_compartments_and_operations)
{
	static const struct {
		const char *request, *text;
		enum info_direction direction;
	} cases[] = {
	        {"POST /fhir", "Bundle", INFO_C2S},
	        {"POST /fhir/R4/", "Bundle", INFO_C2S},
	        {"POST /fhir/Patient/_search", "Patient", INFO_S2C},
	        {"GET /fhir/Patient/1/Observation?x=1", "Observation", INFO_S2C},
	        {"GET /fhir/Patient/1/_history/2", "Patient", INFO_S2C},
	        {"GET /fhir/Patient/1/$everything", "$everything", INFO_S2C},
	        {"POST /fhir/Patient/$gpc.getstructuredrecord", "$gpc.getstructuredrecord",
	         INFO_S2C},
	        {"GET /fhir/Patient/$zzcanary", "Patient", INFO_S2C},
	        {"GET /fhir/metadata", "CapabilityStatement", INFO_S2C},
	        {"PUT /fhir/Practitioner/9", "Practitioner", INFO_C2S},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char request[128];

		snprintf(request, sizeof request, "%s HTTP/1.1\r\n" EMPTY, cases[i].request);
		struct talk t = TALK(request, OK EMPTY);
		ck_assert_str_eq(t.sink.entries[0].text, cases[i].text);
		ck_assert_int_eq(t.sink.entries[0].direction, cases[i].direction);
		ck_assert_int_eq(t.sink.n_entries, 1);
	}
}
END_TEST

START_TEST(a_nul_in_a_path_ends_no_comparison)
{
	static const char request[] =
	        "GET /fhir/Task\0and more than any type is long/x HTTP/1.1\r\n\r\n";
	struct talk t = {.verdict = DISSECT_FOLLOW};

	fake_sink_init(&t.sink);
	fake_feed(&dissector_http, t.state, &t.sink, SIDE_0, request, sizeof request - 1, 0, &flow);
	say(&t, SIDE_1, OK EMPTY, 0);
	ck_assert_ptr_null(fake_entry(&t.sink, "Task"));
}
END_TEST

START_TEST(dicomweb_routes_become_templates)
{
	static const struct {
		const char *request, *text;
	} cases[] = {
	        {"GET /dicom-web/studies?PatientName=ZZ*", "/studies"},
	        {"GET /rs/studies/1.2.3/series", "/studies/{uid}/series"},
	        {"GET /rs/studies/1.2.3/series/1.2.4/instances",
	         "/studies/{uid}/series/{uid}/instances"},
	        {"GET /studies/1.2.3/series/1.2.4/instances/1.2.5",
	         "/studies/{uid}/series/{uid}/instances/{uid}"},
	        {"GET /studies/1.2.3/series/1.2.4/instances/1.2.5/frames/1",
	         "/studies/{uid}/series/{uid}/instances/{uid}/frames/{n}"},
	        {"GET /studies/1.2.3/rendered", "/studies/{uid}/rendered"},
	        {"GET /studies/1.2.3/metadata", "/studies/{uid}/metadata"},
	        {"GET /studies/1.2.3", "application/dicom"},
	        {"POST /dicom-web/studies", "POST /studies"},
	        {"GET /wado?requestType=WADO&studyUID=1.2.3", "?requestType=WADO"},
	        {"POST /dicom-web/workitems?1.2.3", "/workitems"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char request[160];

		snprintf(request, sizeof request, "%s HTTP/1.1\r\n" EMPTY, cases[i].request);
		struct talk t = TALK(request, OK EMPTY);
		ck_assert_str_eq(t.sink.entries[0].text, cases[i].text);
		ck_assert_str_eq(t.sink.protocol, "DICOMweb");
	}
	struct talk t = TALK("GET /research/studies HTTP/1.1\r\n\r\n", OK JSON EMPTY);
	only(&t, EVIDENCE_PROTOCOL, "HTTP", INFO_S2C, 1);
	t = TALK("GET /instances/a1b2/file HTTP/1.1\r\n\r\n",
	         OK "Content-Type: application/dicom\r\n" EMPTY);
	only(&t, EVIDENCE_HTTP_CONTENT_TYPE, "application/dicom", INFO_S2C, 1);
}
END_TEST

#define POST "POST /soap HTTP/1.1\r\n"
#define ENVELOPE                                                                                   \
	"Content-Length: 149\r\n\r\n<?xml version='1.0'?><s:Envelope "                             \
	"xmlns:s=\"x>y\"><s:Header><a:To>z</a:To>"                                                 \
	"<a:Action s:m='1'> urn:ihe:iti:2007:CrossGatewayQuery </a:Action><s:Body>"

START_TEST(soap_actions_come_from_header_type_or_body)
{
	struct talk t = TALK(POST "Content-Type: text/xml\r\nSOAPAction: "
	                          "\"urn:ihe:iti:2007:RegistryStoredQuery\"\r\n" EMPTY,
	                     OK EMPTY);
	only(&t, EVIDENCE_SOAP_ACTION, "urn:ihe:iti:2007:RegistryStoredQuery", INFO_MSG, 1);
	ck_assert_str_eq(t.sink.protocol, "SOAP");
	t = TALK(POST "Content-Type: multipart/related; type=\"application/xop+xml\"; "
	              "start-info=\"application/soap+xml\";"
	              " action=\"urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b\"\r\n" EMPTY,
	         OK EMPTY);
	only(&t, EVIDENCE_SOAP_ACTION, "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", INFO_MSG,
	     1);
	for (size_t piece = 0; piece < 40; piece++) {
		t = talk(piece, (const char *const[]){
		                        POST "Content-Type: application/soap+xml\r\n" ENVELOPE,
		                        OK EMPTY, NULL});
		only(&t, EVIDENCE_SOAP_ACTION, "urn:ihe:iti:2007:CrossGatewayQuery", INFO_MSG, 1);
	}
	t = TALK(POST "SOAPAction: \"urn:nhs:names:services:gp2gp/RCMR_IN010000UK05\"\r\n" EMPTY,
	         OK EMPTY);
	only(&t, EVIDENCE_SPINE_SERVICE, "urn:nhs:names:services:gp2gp", INFO_MSG, 1);
	t = TALK(POST "Content-Type: text/xml\r\nTransfer-Encoding: "
	              "chunked\r\n\r\n1a\r\n<eb:Service>urn:nhs:names:\r\n"
	              "1a\r\nservices:psis</eb:Service>\r\n0\r\n\r\n",
	         OK EMPTY);
	only(&t, EVIDENCE_SPINE_SERVICE, "urn:nhs:names:services:psis", INFO_MSG, 1);
}
END_TEST

START_TEST(the_name_space_of_itk_tells_where_no_action_does)
{
	struct talk t = TALK(POST "Content-Type: text/xml\r\nContent-Length: 63\r\n\r\n"
	                          "<s:Envelope><s:Body><d:Message xmlns:d=\"urn:nhs-itk:ns:201005\">",
	                     OK EMPTY);
	only(&t, EVIDENCE_XML_NS, "urn:nhs-itk:ns:201005", INFO_MSG, 1);
}
END_TEST

START_TEST(soap_actions_that_are_no_urn_are_not_kept)
{
	struct talk t =
	        TALK(POST "SOAPAction: \"http://zzcanary.example/x?nhs=9434765919\"\r\n" EMPTY,
	             OK EMPTY);
	only(&t, EVIDENCE_PROTOCOL, "SOAP", INFO_MSG, 1);
	t = TALK(POST "SOAPAction: \"urn:patient:9434765919\"\r\n" EMPTY, OK EMPTY);
	only(&t, EVIDENCE_PROTOCOL, "SOAP", INFO_MSG, 1);
	t = TALK(POST "Content-Type: text/xml\r\nContent-Length: "
	              "38\r\n\r\n<b:Body><Action>urn:ihe:x:yy</Action/>",
	         OK EMPTY);
	only(&t, EVIDENCE_PROTOCOL, "HTTP", INFO_C2S, 1);
}
END_TEST

START_TEST(hl7_in_a_body_is_told_by_its_type)
{
	for (size_t piece = 0; piece < 30; piece++) {
		struct talk t = talk(
		        piece, (const char *const[]){
		                       POST "Content-Type: "
		                            "x-application/hl7-v2+er7\r\nContent-Length: 65\r\n\r\n"
		                            "MSH|^~\\&|A|B|C|D|20260101||ORU^R01^ORU_R01|1|P|2."
		                            "4\rPID|zzcanary12",
		                       OK EMPTY, NULL});

		only(&t, EVIDENCE_HL7_MSH9, "ORU^R01", INFO_MSG, 1);
		ck_assert_str_eq(t.sink.protocol, "HL7v2");
	}
}
END_TEST

START_TEST(gp_connect_and_printing_are_told_by_their_headers)
{
	struct talk t = TALK("GET /x HTTP/1.1\r\nSsp-InteractionID: "
	                     "urn:nhs:names:services:gpconnect:documents:x\r\n\r\n",
	                     OK EMPTY);
	only(&t, EVIDENCE_SPINE_SERVICE, "urn:nhs:names:services:gpconnect:documents:x", INFO_S2C,
	     1);
	t = TALK("POST /ipp/print HTTP/1.1\r\nContent-Type: application/ipp\r\n" EMPTY, OK EMPTY);
	ck_assert_str_eq(t.sink.protocol, "IPP");
	only(&t, EVIDENCE_PROTOCOL, "IPP", INFO_MSG, 1);
}
END_TEST

START_TEST(bodies_of_every_framing_are_skipped_in_every_piece)
{
	static const char *const lines[] = {
	        "HEAD /a HTTP/1.1\r\n\r\n",
	        OK "Content-Length: 9\r\n\r\n",
	        "POST /fhir/Task HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
	        "HTTP/1.1 100 Continue\r\n\r\n",
	        "ABCD",
	        "HTTP/1.1 204 No\r\n\r\n",
	        "GET /b HTTP/1.1\r\n\r\n",
	        OK "Transfer-Encoding: gzip, "
	           "chunked\r\n\r\n5;x=y\r\nHTTP/\r\n00a\r\n1234567890\r\n0\r\nT: x\r\n\r\n",
	        "\r\nGET /c HTTP/1.1\r\n\r\n",
	        "HTTP/1.1 304 Not\r\nContent-Length: 7\r\n\r\n",
	        "GET /dicom-web/studies HTTP/1.0\r\n\r\n",
	        "HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 200 to the end\r\n",
	        NULL,
	};

	for (size_t piece = 0; piece < 50; piece++) {
		struct talk t = talk(piece, lines);

		ck_assert_int_eq(t.sink.n_entries, 3);
		ck_assert_uint_eq(fake_entry(&t.sink, "HTTP")->messages, 3);
		ck_assert_uint_eq(fake_entry(&t.sink, "HTTP")->bytes[1],
		                  strlen(lines[1]) + strlen(lines[7]) + strlen(lines[9]));
		ck_assert_uint_eq(fake_entry(&t.sink, "Task")->messages, 1);
		ck_assert_uint_eq(fake_entry(&t.sink, "Task")->bytes[0], strlen(lines[2]) + 4);
		ck_assert_uint_eq(fake_entry(&t.sink, "Task")->bytes[1],
		                  strlen(lines[3]) + strlen(lines[5]));
		ck_assert_uint_eq(fake_entry(&t.sink, "/studies")->bytes[1], strlen(lines[11]));
	}
}
END_TEST

START_TEST(pipelined_requests_meet_their_answers)
{
	struct talk t = TALK("GET /fhir/Patient HTTP/1.1\r\n\r\nGET /x HTTP/1.1\r\n\r\nGET "
	                     "/fhir/Slot HTTP/1.1\r\n\r\n",
	                     OK "Content-Length: 1\r\n\r\n1" OK "Content-Length: 2\r\n\r\n22" OK
	                        "Content-Length: 3\r\n\r\n333");

	ck_assert_uint_eq(fake_entry(&t.sink, "Patient")->bytes[1], strlen(OK) + 22);
	ck_assert_uint_eq(fake_entry(&t.sink, "HTTP")->bytes[1], strlen(OK) + 23);
	ck_assert_uint_eq(fake_entry(&t.sink, "Slot")->bytes[1], strlen(OK) + 24);
}
END_TEST

START_TEST(a_proxy_is_not_named_by_the_hosts_it_is_asked_for)
{
	struct talk t =
	        TALK("GET http://www.example.com:80/x HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
	             OK EMPTY);
	only(&t, EVIDENCE_TLS_SNI, "www.example.com", INFO_S2C, 1);
	ck_assert_int_eq(t.sink.n_notes, 0);
	t = TALK("CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n",
	         "HTTP/1.1 200 Connection established\r\n\r\n\x16\x03\x01");
	ck_assert_int_eq(t.verdict, DISSECT_FOLLOW);
	ck_assert_uint_eq(fake_noted(&t.sink, "fact", "api.example.com"), 1);
}
END_TEST

START_TEST(a_tunnel_is_what_the_client_says_in_it)
{
#define TUNNEL "CONNECT api.example.com:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"
	struct talk t = TALK(TUNNEL, "\x16\x03\x01\x02");

	only(&t, EVIDENCE_TLS_SNI, "api.example.com", INFO_BOTH, 1);
	ck_assert_int_eq(t.verdict, DISSECT_DONE);
	ck_assert_str_eq(t.sink.protocol, "TLS");
	ck_assert_int_eq(t.sink.encryption, ENCRYPTED_YES);
	t = TALK(TUNNEL, "SSH-2.0-x\r\n");
	ck_assert_int_eq(t.verdict, DISSECT_DONE);
	ck_assert_str_eq(t.sink.protocol, "HTTP");
	ck_assert_int_eq(t.sink.encryption, ENCRYPTED_UNKNOWN);
}
END_TEST

START_TEST(of_mesh_workflow_and_mailboxes_are_kept_and_no_file_name)
{
	struct talk t = TALK(
	        "POST /messageexchange/X26HC005/outbox HTTP/1.1\r\nMex-WorkflowID: GP_REPORT\r\n"
	        "Mex-From: X26HC005\r\nMex-To: X26HC006\r\nMex-FileName: zzcanary.pdf\r\n"
	        "Mex-LocalID: zzcanary\r\nMex-Subject: zzcanary\r\nContent-Length: 0\r\n\r\n",
	        OK EMPTY);

	only(&t, EVIDENCE_HTTP_ROUTE, "/messageexchange", INFO_C2S, 1);
	ck_assert_str_eq(t.sink.protocol, "HTTP");
	ck_assert_int_eq(t.sink.n_notes, 3);
	ck_assert_uint_eq(fake_noted(&t.sink, "fact", "GP_REPORT"), 1);
	ck_assert_uint_eq(fake_noted(&t.sink, "fact", "X26HC005"), 1);
	ck_assert_uint_eq(fake_noted(&t.sink, "fact", "X26HC006"), 1);
}
END_TEST

START_TEST(hl7_in_xml_has_its_kind_from_msh_9)
{
#define V2XML                                                                                      \
	"<?xml version='1.0'?>\n<ADT_A05 "                                                         \
	"xmlns='urn:hl7-org:v2xml'><MSH><MSH.3><HD.1>zz</HD.1></MSH.3>"                            \
	"<MSH.9><MSG.1>ADT</MSG.1><MSG.2>A31</MSG.2></MSH.9></MSH><PID>zzcanary</PID></ADT_A05>"
	char text[512];
	struct talk t;

	snprintf(text, sizeof text,
	         "POST /in HTTP/1.1\r\nContent-Type: application/hl7-v2+xml\r\nContent-Length: "
	         "%zu\r\n\r\n" V2XML,
	         strlen(V2XML));
	t = TALK(text, OK EMPTY);
	only(&t, EVIDENCE_HL7_MSH9, "ADT^A31", INFO_MSG, 1);
	ck_assert_str_eq(t.sink.protocol, "HL7v2");
}
END_TEST

START_TEST(an_upgrade_ends_the_reading)
{
	struct talk t = TALK("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
	                     "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x05hello");

	ck_assert_int_eq(t.verdict, DISSECT_DONE);
	ck_assert_str_eq(t.sink.protocol, "WebSocket");
	t = TALK("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n",
	         "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n");
	ck_assert_int_eq(t.verdict, DISSECT_RELEASE);
}
END_TEST

START_TEST(a_stream_may_be_joined_at_an_answer)
{
	struct talk t = {.verdict = DISSECT_FOLLOW};

	fake_sink_init(&t.sink);
	say(&t, SIDE_1, OK FHIR "Content-Length: 3\r\n\r\n{ }", 0);
	say(&t, SIDE_0, "GET /fhir/Slot HTTP/1.1\r\n\r\n", 0);
	say(&t, SIDE_1, OK EMPTY, 0);
	ck_assert_int_eq(t.sink.client, SIDE_0);
	ck_assert_uint_eq(fake_entry(&t.sink, "application/fhir+json")->messages, 1);
	ck_assert_uint_eq(fake_entry(&t.sink, "Slot")->messages, 1);
	ck_assert_uint_eq(t.sink.total[1], t.fed[1]);
}
END_TEST

START_TEST(after_a_gap_the_next_start_line_of_a_burst_is_found)
{
	struct talk t =
	        TALK("GET /fhir/Slot HTTP/1.1\r\n\r\n", OK "Content-Length: 100\r\n\r\n0123456789");
	static const char tail[] = "0123456789";

	/* within a body the length tells where it ends */
	dissector_http.dissect(t.state, SIDE_1, cur_make(tail, 10), 80, &flow, &t.sink);
	say(&t, SIDE_0, "GET /fhir/Slot HTTP/1.1\r\n\r\n", 0);
	say(&t, SIDE_1, OK EMPTY, 0);
	ck_assert_uint_eq(fake_entry(&t.sink, "Slot")->messages, 2);
	/* in a head it does not */
	say(&t, SIDE_0, "GET /fhir/Slot HTTP/1.1\r\n\r\n", 0);
	dissector_http.dissect(t.state, SIDE_1, cur_make("junk\nmore", 9), 500, &flow, &t.sink);
	say(&t, SIDE_0, "GET /fhir/Task HTTP/1.1\r\n\r\n", 0);
	say(&t, SIDE_1, OK "Content-Length: 1\r\n\r\nx", 0);
	ck_assert_uint_eq(fake_entry(&t.sink, "Task")->messages, 1);
	ck_assert_uint_eq(fake_entry(&t.sink, "Task")->bytes[1], 9 + strlen(OK) + 22);
}
END_TEST

START_TEST(what_is_not_http_is_refused)
{
	static const char *const others[] = {"GET key\r\n",
	                                     "OPTIONS sip:a@b SIP/2.0\r\n",
	                                     "OPTIONS * RTSP/1.0\r\n",
	                                     "HTTP/2 200 OK",
	                                     "SSH-2.0-x\r\n",
	                                     "G",
	                                     "HTTP/1.1 999 x\r\n"};
	struct talk t;

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		ck_assert_uint_eq(dissector_http.recognise(cur_make(others[i], strlen(others[i])),
		                                           SIDE_0, &flow),
		                  0);
	}
	ck_assert_uint_eq(dissector_http.recognise(cur_make("GET /very/lo", 12), SIDE_0, &flow), 1);
	t = TALK("GET /fhir/List\r\n\r\n");
	ck_assert_int_eq(t.verdict, DISSECT_RELEASE);
	t = TALK("GET /x but no more\r\n\r\n");
	ck_assert_int_eq(t.verdict, DISSECT_RELEASE);
}
END_TEST

START_TEST(a_line_begun_before_the_other_side_is_the_client_does_no_harm)
{
	static uint64_t state[2 * DISSECT_STATE_MAX / 8];
	static const uint64_t none[DISSECT_STATE_MAX / 8];
	static const char ask[] = "GET /fhir/Slot HTTP/1.1\r\n\r\n";
	char line[400];
	struct sink sink;

	memset(line, 'x', sizeof line);
	fake_sink_init(&sink);
	/* fills the room of a client's line, and goes on in that of a server's */
	fake_feed(&dissector_http, state, &sink, SIDE_0, line, sizeof line, 0, &flow);
	fake_feed(&dissector_http, state, &sink, SIDE_1, ask, sizeof ask - 1, 0, &flow);
	fake_feed(&dissector_http, state, &sink, SIDE_0, line, sizeof line, 0, &flow);
	ck_assert_int_eq(sink.client, SIDE_1);
	ck_assert_mem_eq(state + DISSECT_STATE_MAX / 8, none, sizeof none);
}
END_TEST

START_TEST(lines_without_end_are_cut_and_cost_no_memory)
{
	static char line[100000];
	struct talk t = {.verdict = DISSECT_FOLLOW};
	size_t n = (size_t)snprintf(line, sizeof line, "GET /fhir/Patient?x=");

	memset(line + n, 'y', sizeof line - n - 1);
	fake_sink_init(&t.sink);
	say(&t, SIDE_0, line, 1460);
	say(&t, SIDE_0, " HTTP/1.1\r\nX: ", 0);
	say(&t, SIDE_0, line, 7);
	say(&t, SIDE_0, "\r\n\r\n", 1);
	say(&t, SIDE_1, OK EMPTY, 1);
	only(&t, EVIDENCE_FHIR_TYPE, "Patient", INFO_S2C, 1);
}
END_TEST

START_TEST(a_user_before_a_host_is_not_taken_for_one)
{
	static char line[1200];
	struct talk t = TALK("GET http://zquillf:Plum@pacs.trust.example/x HTTP/1.1\r\n\r\n", OK EMPTY);

	only(&t, EVIDENCE_TLS_SNI, "pacs.trust.example", INFO_S2C, 1);
	t = TALK("GET /x HTTP/1.1\r\nHost: zquillf:Plum@pacs.trust.example:80\r\n\r\n", OK EMPTY);
	only(&t, EVIDENCE_TLS_SNI, "pacs.trust.example", INFO_S2C, 1);
	ck_assert_uint_eq(fake_noted(&t.sink, "name", "pacs.trust.example"), 1);
	t = TALK("CONNECT zquillf:Plum@pacs.trust.example:443 HTTP/1.1\r\n\r\n", OK "\r\n", "\x16\3\1");
	ck_assert_uint_eq(fake_noted(&t.sink, "fact", "pacs.trust.example"), 1);
	ck_assert_int_eq(t.sink.n_notes, 1);
	memset(line, 'x', sizeof line - 1); /* where the host stands is not seen any more */
	memcpy(line, "GET http://zebedee.quillf:", 26);
	t = TALK(line, "", "@pacs.trust.example/ HTTP/1.1\r\n\r\n", OK EMPTY);
	only(&t, EVIDENCE_PROTOCOL, "HTTP", INFO_S2C, 1);
	ck_assert_int_eq(t.sink.n_notes, 0);
}
END_TEST

UNIT_MAIN("dissect_http", a_page_is_web_and_its_host_is_named,
          nothing_of_path_query_cookie_or_body_is_kept,
          fhir_is_told_by_base_by_medium_and_by_the_answer,
          a_plain_web_application_with_the_same_word_is_not_fhir,
          fhir_batches_searches_compartments_and_operations, a_nul_in_a_path_ends_no_comparison,
          dicomweb_routes_become_templates, soap_actions_come_from_header_type_or_body,
          the_name_space_of_itk_tells_where_no_action_does, soap_actions_that_are_no_urn_are_not_kept, hl7_in_a_body_is_told_by_its_type,
          gp_connect_and_printing_are_told_by_their_headers,
          bodies_of_every_framing_are_skipped_in_every_piece, pipelined_requests_meet_their_answers,
          a_proxy_is_not_named_by_the_hosts_it_is_asked_for, a_tunnel_is_what_the_client_says_in_it,
          of_mesh_workflow_and_mailboxes_are_kept_and_no_file_name,
          hl7_in_xml_has_its_kind_from_msh_9, an_upgrade_ends_the_reading,
          a_stream_may_be_joined_at_an_answer, after_a_gap_the_next_start_line_of_a_burst_is_found,
          what_is_not_http_is_refused,
          a_line_begun_before_the_other_side_is_the_client_does_no_harm,
          lines_without_end_are_cut_and_cost_no_memory, a_user_before_a_host_is_not_taken_for_one)
