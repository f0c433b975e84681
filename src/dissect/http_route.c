/* What an HTTP request is about, from its path and media types alone: FHIR (R4 http.html), DICOMweb
 * (PS3.18) or neither. The answers are constants, so no identifier of a path can get any further.
 */
#include "http.h"

#include "terrier/base/text.h"

#include <string.h>

/* Resource types of FHIR R4, sorted. */
static const char *const fhir_types[] = {
        "Account",
        "ActivityDefinition",
        "AdverseEvent",
        "AllergyIntolerance",
        "Appointment",
        "AppointmentResponse",
        "AuditEvent",
        "Basic",
        "Binary",
        "BiologicallyDerivedProduct",
        "BodyStructure",
        "Bundle",
        "CapabilityStatement",
        "CarePlan",
        "CareTeam",
        "CatalogEntry",
        "ChargeItem",
        "ChargeItemDefinition",
        "Claim",
        "ClaimResponse",
        "ClinicalImpression",
        "CodeSystem",
        "Communication",
        "CommunicationRequest",
        "CompartmentDefinition",
        "Composition",
        "ConceptMap",
        "Condition",
        "Consent",
        "Contract",
        "Coverage",
        "CoverageEligibilityRequest",
        "CoverageEligibilityResponse",
        "DetectedIssue",
        "Device",
        "DeviceDefinition",
        "DeviceMetric",
        "DeviceRequest",
        "DeviceUseStatement",
        "DiagnosticReport",
        "DocumentManifest",
        "DocumentReference",
        "EffectEvidenceSynthesis",
        "Encounter",
        "Endpoint",
        "EnrollmentRequest",
        "EnrollmentResponse",
        "EpisodeOfCare",
        "EventDefinition",
        "Evidence",
        "EvidenceVariable",
        "ExampleScenario",
        "ExplanationOfBenefit",
        "FamilyMemberHistory",
        "Flag",
        "Goal",
        "GraphDefinition",
        "Group",
        "GuidanceResponse",
        "HealthcareService",
        "ImagingStudy",
        "Immunization",
        "ImmunizationEvaluation",
        "ImmunizationRecommendation",
        "ImplementationGuide",
        "InsurancePlan",
        "Invoice",
        "Library",
        "Linkage",
        "List",
        "Location",
        "Measure",
        "MeasureReport",
        "Media",
        "Medication",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationKnowledge",
        "MedicationRequest",
        "MedicationStatement",
        "MedicinalProduct",
        "MedicinalProductAuthorization",
        "MedicinalProductContraindication",
        "MedicinalProductIndication",
        "MedicinalProductIngredient",
        "MedicinalProductInteraction",
        "MedicinalProductManufactured",
        "MedicinalProductPackaged",
        "MedicinalProductPharmaceutical",
        "MedicinalProductUndesirableEffect",
        "MessageDefinition",
        "MessageHeader",
        "MolecularSequence",
        "NamingSystem",
        "NutritionOrder",
        "Observation",
        "ObservationDefinition",
        "OperationDefinition",
        "OperationOutcome",
        "Organization",
        "OrganizationAffiliation",
        "Parameters",
        "Patient",
        "PaymentNotice",
        "PaymentReconciliation",
        "Person",
        "PlanDefinition",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "Provenance",
        "Questionnaire",
        "QuestionnaireResponse",
        "RelatedPerson",
        "RequestGroup",
        "ResearchDefinition",
        "ResearchElementDefinition",
        "ResearchStudy",
        "ResearchSubject",
        "RiskAssessment",
        "RiskEvidenceSynthesis",
        "Schedule",
        "SearchParameter",
        "ServiceRequest",
        "Slot",
        "Specimen",
        "SpecimenDefinition",
        "StructureDefinition",
        "StructureMap",
        "Subscription",
        "Substance",
        "SubstanceNucleicAcid",
        "SubstancePolymer",
        "SubstanceProtein",
        "SubstanceReferenceInformation",
        "SubstanceSourceMaterial",
        "SubstanceSpecification",
        "SupplyDelivery",
        "SupplyRequest",
        "Task",
        "TerminologyCapabilities",
        "TestReport",
        "TestScript",
        "ValueSet",
        "VerificationResult",
        "VisionPrescription",
};

/* Operations with a kind of their own; what they give back is the point of all but the last two. */
static const struct {
	const char *name;
	bool is_to_client;
} fhir_operations[] = {
        {"$everything", true},       {"$gpc.getstructuredrecord", true}, {"$export", true},
        {"$expand", true},           {"$validate-code", true},           {"$lookup", true},
        {"$process-message", false}, {"$gpc.registerpatient", false},
};

struct segment {
	const char *p;
	size_t len;
};

static bool is(const struct segment *s, const char *word)
{
	return s->len == strlen(word) && memcmp(s->p, word, s->len) == 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Finds a lower-case word in a text of any case; NULL when it is not there. */
static const char *find(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word), i;

	for (; len >= n; text++, len--) {
		for (i = 0; i < n && lower(text[i]) == word[i]; i++) {
		}
		if (i == n) {
			return text;
		}
	}
	return NULL;
}

static bool starts(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && find(text, n, word) == text;
}

enum media http_media(const char *value, size_t len)
{
	static const struct {
		const char *word;
		enum media media;
	} anywhere[] = {
	        /* FHIR: R3 on, and DSTU2's spelling; anywhere, since Accept is a list */
	        {"application/fhir+", MEDIA_FHIR},    {"application/json+fhir", MEDIA_FHIR},
	        {"application/xml+fhir", MEDIA_FHIR}, {"application/dicom", MEDIA_DICOM},
	        {"application/soap+xml", MEDIA_SOAP}, {"application/hl7-v2", MEDIA_HL7},
	        {"application/ipp", MEDIA_IPP},
	};

	if (len == 0) {
		return MEDIA_NONE;
	}
	for (size_t i = 0; i < sizeof anywhere / sizeof anywhere[0]; i++) {
		if (find(value, len, anywhere[i].word) != NULL) {
			return anywhere[i].media;
		}
	}
	if (starts(value, len, "text/xml") || starts(value, len, "application/xml") ||
	    (starts(value, len, "multipart/related") && find(value, len, "xml") != NULL)) {
		return MEDIA_XML;
	}
	return MEDIA_OTHER;
}

const char *http_media_text(enum media media)
{
	return media == MEDIA_FHIR    ? "application/fhir+json"
	       : media == MEDIA_DICOM ? "application/dicom"
	       : media == MEDIA_HL7   ? "application/hl7-v2"
	                              : NULL;
}

static const char *fhir_type(const struct segment *s)
{
	size_t low = 0, high = sizeof fhir_types / sizeof fhir_types[0];

	while (low < high) {
		size_t middle = (low + high) / 2;
		size_t n = strlen(fhir_types[middle]);
		int order = memcmp(s->p, fhir_types[middle], s->len < n ? s->len : n);

		order = order != 0 ? order : (s->len > n) - (s->len < n);
		if (order == 0) {
			return fhir_types[middle];
		}
		if (order < 0) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return NULL;
}

/* `fhir`, `fhir-server`, `baseR4`, `STU3`: what servers put before the type. */
static bool is_fhir_base(const struct segment *s)
{
	static const char *const bases[] = {"r4",     "r4b",    "r5",        "stu3",     "dstu2",
	                                    "baser4", "baser5", "basedstu2", "basedstu3"};

	if (starts(s->p, s->len, "fhir") || (s->len >= 4 && starts(s->p + s->len - 4, 4, "fhir"))) {
		return true;
	}
	for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
		if (s->len == strlen(bases[i]) && starts(s->p, s->len, bases[i])) {
			return true;
		}
	}
	return false;
}

static bool is_dicom_base(const struct segment *s)
{
	return starts(s->p, s->len, "dicom") || starts(s->p, s->len, "qido") ||
	       starts(s->p, s->len, "wado") || starts(s->p, s->len, "stow") || is(s, "aets");
}

/* A DICOM UID (PS3.5 9): digits and dots, at least three parts. */
static bool is_uid(const struct segment *s)
{
	size_t dots = 0;

	for (size_t i = 0; i < s->len; i++) {
		if (s->p[i] != '.' && (s->p[i] < '0' || s->p[i] > '9')) {
			return false;
		}
		dots += s->p[i] == '.';
	}
	return dots >= 2 && s->len <= 64;
}

/* The next segment of the path; false at its end. */
static bool next_segment(const char **p, const char *end, struct segment *out)
{
	const char *at = *p;

	while (at < end && *at == '/') {
		at++;
	}
	if (at == end) {
		return false;
	}
	out->p = at;
	while (at < end && *at != '/') {
		at++;
	}
	out->len = (size_t)(at - out->p);
	*p = at;
	return true;
}

static void fhir_operation(struct route *r, const struct segment *s)
{
	for (size_t i = 0; i < sizeof fhir_operations / sizeof fhir_operations[0]; i++) {
		if (is(s, fhir_operations[i].name)) {
			r->family = ROUTE_FHIR;
			r->type = EVIDENCE_FHIR_OPERATION;
			r->text = fhir_operations[i].name;
			r->is_to_client = fhir_operations[i].is_to_client;
		}
	}
}

/* Reads base, type, id, type2, operation. Of a compartment search the kind is the second type's. */
static struct route fhir_route(const char *path, const char *end)
{
	struct route r = {.family = ROUTE_WEB, .type = EVIDENCE_FHIR_TYPE};
	struct segment s;
	unsigned since_type = 0;
	bool is_base_last = false;

	while (next_segment(&path, end, &s)) {
		const char *type = fhir_type(&s);

		is_base_last = r.text == NULL && is_fhir_base(&s);
		r.is_proven = r.is_proven || is_base_last;
		since_type++;
		if (s.p[0] == '$') {
			fhir_operation(&r, &s);
			break;
		}
		if (is(&s, "_search")) {
			r.is_to_client = true;
		} else if (is(&s, "metadata") && r.text == NULL) {
			r.text = "CapabilityStatement";
		} else if (type != NULL && (r.text == NULL || since_type == 2)) {
			r.text = type;
			since_type = 0;
		}
	}
	r.is_base = r.text == NULL && (is_base_last || !r.is_proven);
	r.family = r.text != NULL ? ROUTE_FHIR : ROUTE_WEB;
	return r;
}

enum { DICOM_STUDIES = 1, DICOM_SERIES = 2, DICOM_INSTANCES = 4, DICOM_UIDS = 8 };

/* What a DICOMweb path asks for. Whole studies and series have no row of their own: what comes back
 * are DICOM objects. */
static const char *dicom_text(unsigned has, unsigned uids, const struct segment *last,
                              uint8_t *type)
{
	static const char *const searches[] = {"/studies", "/studies/{uid}/series",
	                                       "/studies/{uid}/series/{uid}/instances"};

	*type = EVIDENCE_HTTP_ROUTE;
	if (is(last, "metadata")) {
		return "/studies/{uid}/metadata";
	}
	if (is(last, "rendered")) {
		return "/studies/{uid}/rendered";
	}
	if (uids > 0 && is(last, "instances") && (has & DICOM_SERIES) == 0) {
		return "/studies/{uid}/instances";
	}
	if (is(last, "studies") || is(last, "series") || is(last, "instances")) {
		return searches[uids < 3 ? uids : 2];
	}
	if (uids == 3 && is_uid(last)) {
		return "/studies/{uid}/series/{uid}/instances/{uid}";
	}
	if ((has & DICOM_INSTANCES) != 0 && !is_uid(last) && !is(last, "thumbnail") &&
	    !is(last, "bulkdata")) {
		return "/studies/{uid}/series/{uid}/instances/{uid}/frames/{n}";
	}
	*type = EVIDENCE_HTTP_CONTENT_TYPE;
	return "application/dicom";
}

static struct route dicom_route(const char *path, const char *end)
{
	struct route r = {.family = ROUTE_WEB, .type = EVIDENCE_HTTP_ROUTE};
	struct segment s, last = {path, 0};
	unsigned has = 0, uids = 0;
	bool is_base = false;

	while (next_segment(&path, end, &s)) {
		is_base = is_base || (has == 0 && is_dicom_base(&s));
		if (is(&s, "workitems")) {
			return (struct route){.family = ROUTE_DICOMWEB,
			                      .is_proven = is_base,
			                      .type = EVIDENCE_HTTP_ROUTE,
			                      .text = "/workitems"};
		}
		has |= is(&s, "studies") ? DICOM_STUDIES : 0U;
		has |= is(&s, "series") ? DICOM_SERIES : 0U;
		has |= is(&s, "instances") ? DICOM_INSTANCES : 0U;
		uids += has != 0 && is_uid(&s);
		last = s;
	}
	if ((has & DICOM_STUDIES) == 0 && (has == 0 || !is_base)) {
		return r;
	}
	r.family = ROUTE_DICOMWEB;
	r.is_proven = is_base || uids > 0;
	r.is_base = true;
	r.text = dicom_text(has, uids, &last, &r.type);
	return r;
}

struct route http_route(const char *target, size_t len)
{
	static const char mesh[] = "/messageexchange/"; /* MESH API: the mailbox follows */
	const char *end = target + len, *query = memchr(target, '?', len);
	struct route r;

	if (query != NULL && memmem(query, (size_t)(end - query), "requestType=WADO", 16) != NULL) {
		return (struct route){.family = ROUTE_DICOMWEB,
		                      .is_proven = true,
		                      .type = EVIDENCE_HTTP_ROUTE,
		                      .is_to_client = true,
		                      .text = "?requestType=WADO"};
	}
	end = query != NULL ? query : end;
	if ((size_t)(end - target) > sizeof mesh - 1 &&
	    memcmp(target, mesh, sizeof mesh - 1) == 0) {
		return (struct route){.family = ROUTE_MESH,
		                      .is_proven = true,
		                      .type = EVIDENCE_HTTP_ROUTE,
		                      .text = "/messageexchange"};
	}
	r = dicom_route(target, end);
	return r.family == ROUTE_DICOMWEB ? r : fhir_route(target, end);
}

struct route http_route_post(struct route r)
{
	if (r.is_base && r.family == ROUTE_DICOMWEB) {
		r.text = "POST /studies";
		r.type = EVIDENCE_HTTP_ROUTE;
	} else if (r.is_base) {
		r.text = "Bundle"; /* a batch, transaction or message to the base */
		r.family = ROUTE_FHIR;
	}
	return r;
}
