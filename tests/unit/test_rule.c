/* findings.csv: what is shipped is complete, a site changes it, and a wrong cell is named. */
#include "terrier/model/finding_rule.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEADER "rule_id,title,severity,confidence,category,about,protocols,kinds,tier,place,roles,role_of,check,parameter,facts,least_bytes,control_refs,why_it_matters,recommended_action\n"
#define TEXTS  ",refs,why,do\n"

static char dir[] = "/tmp/terrier-rule-XXXXXX", path[64];

static struct catalogue *load(const char *rows, char **error)
{
	memcpy(dir + sizeof dir - 7, "XXXXXX", 6); /* of the test before */
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/site.csv", dir);
	FILE *f = fopen(path, "w");
	fprintf(f, "%s%s", HEADER, rows);
	fclose(f);
	*error = NULL;
	struct catalogue *c = catalogue_load(dir, error);
	unlink(path);
	rmdir(dir);
	return c;
}

static const struct finding_rule *find(const struct catalogue *c, const char *id)
{
	for (size_t i = 0; i < catalogue_rules(c); i++) {
		if (strcmp(catalogue_rule(c, i)->id, id) == 0) {
			return catalogue_rule(c, i);
		}
	}
	return NULL;
}

START_TEST(the_shipped_rules_are_complete)
{
	char *error;
	struct catalogue *c = catalogue_load(NULL, &error);
	const struct finding_rule *smb = find(c, "smb1");

	ck_assert_uint_ge(catalogue_rules(c), 20);
	ck_assert_int_eq(smb->severity, SEVERITY_HIGH);
	ck_assert_str_eq(smb->protocols, "SMB1");
	ck_assert_int_eq(find(c, "backup.none")->check, CHECK_NO_BACKUP);
	ck_assert_uint_eq(find(c, "backup.none")->parameter, 30);
	ck_assert_uint_eq(find(c, "device.outside")->roles, ROLE_BIT(ROLE_MODALITY) | ROLE_BIT(ROLE_DEVICE));
	for (size_t i = 1; i < catalogue_rules(c); i++) { /* people read the file, too: worst first */
		ck_assert_msg(catalogue_rule(c, i)->severity <= catalogue_rule(c, i - 1)->severity, "%s",
		              catalogue_rule(c, i)->id);
	}
	catalogue_free(c);
}
END_TEST

START_TEST(a_site_adds_changes_and_turns_off)
{
	char *error;
	struct catalogue *before = catalogue_load(NULL, &error);
	struct catalogue *c = load("site.mqtt,MQTT in clear,low,high,clear_text,server,MQTT,,,,,,,,,"TEXTS
	                           "smb1,SMB 1,critical,high,weak_protocol,pair,SMB1,,,,,,,,,"TEXTS
	                           "ftp,FTP,off,high,clear_text,server,FTP,,,,,,,,,"TEXTS, &error);

	ck_assert_msg(c != NULL, "%s", error);
	ck_assert_uint_eq(catalogue_rules(c), catalogue_rules(before)); /* one more, one less */
	ck_assert_str_eq(find(c, "site.mqtt")->title, "MQTT in clear");
	ck_assert_int_eq(find(c, "smb1")->severity, SEVERITY_CRITICAL);
	ck_assert_int_eq(find(c, "smb1")->about, ABOUT_PAIR);
	ck_assert_ptr_null(find(c, "ftp"));
	catalogue_free(before);
	catalogue_free(c);
}
END_TEST

START_TEST(a_wrong_cell_is_named)
{
	static const struct {
		const char *row, *fault;
	} cases[] = {
	        {"x,X,bad,high,backup,server,,,,,,,,,,", "column severity: \"bad\", allowed: off, information, low"},
	        {"x,X,low,sure,backup,server,,,,,,,,,,", "column confidence: \"sure\""},
	        {"x,X,low,high,danger,server,,,,,,,,,,", "column category: \"danger\", allowed: undeclared_flow"},
	        {"x,X,low,high,backup,host,,,,,,,,,,", "column about: \"host\""},
	        {"x,X,low,high,backup,server,SMB9,,,,,,,,,", "column protocols: \"SMB9\", allowed: protocols of"},
	        {"x,X,low,high,backup,server,SMB1;;FTP,,,,,,,,,", "column protocols: \"SMB1;;FTP\", allowed: texts"},
	        {"x,X,low,high,backup,server,,clin.nothing,,,,,,,,", "column kinds: \"clin.nothing\""},
	        {"x,X,low,high,backup,server,,none.*,,,,,,,,", "column kinds: \"none.*\""},
	        {"x,X,low,high,backup,server,,,4,,,,,,,", "column tier: \"4\""},
	        {"x,X,low,high,backup,server,,,,here,,,,,,", "column place: \"here\""},
	        {"x,X,low,high,backup,server,,,,,nurse,server,,,,", "column roles: \"nurse\""},
	        {"x,X,low,high,backup,server,,,,,client,,,,,", "column role_of: \"\", allowed: an end"},
	        {"x,X,low,high,backup,server,,,,,,server,,,,", "column role_of: \"server\", allowed: an end"},
	        {"x,X,low,high,backup,server,,,,,,,magic,,,", "column check: \"magic\""},
	        {"x,X,low,high,backup,server,,,,,,,no_backup,,,", "column parameter: \"\", allowed: at least 1"},
	        {"x,X,low,high,backup,server,,,,,,,no_backup,-1,,", "column parameter: \"-1\", allowed: a whole number"},
	        {"x,X,low,high,backup,server,,,,,,,,100001,,", "column parameter: \"100001\""},
	        {"x,X,low,high,backup,server,,,,,,,,,,1e6", "column least_bytes: \"1e6\""},
	        {"x,X,low,high,backup,outside,,,,,,,,,,", "column about: \"outside\", allowed: outside only with"},
	        {"X y,X,low,high,backup,server,,,,,,,,,,", "column rule_id: \"X y\""},
	        {"x,X,low,high,backup,server,,,,,,,,,;a,", "column facts"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char row[256], *error;

		snprintf(row, sizeof row, "%s%s", cases[i].row, TEXTS);
		ck_assert_ptr_null(load(row, &error));
		ck_assert_msg(strstr(error, "site.csv: line 2: ") != NULL && strstr(error, cases[i].fault) != NULL,
		              "wanted %s\ngot %s", cases[i].fault, error);
		free(error);
	}
}
END_TEST

START_TEST(a_rule_stands_once_in_a_file)
{
	char *error;

	ck_assert_ptr_null(load("x,X,low,high,backup,server,,,,,,,,,,"TEXTS"x,X,low,high,backup,server,,,,,,,,,,"TEXTS,
	                        &error));
	ck_assert_ptr_nonnull(strstr(error, "line 3: column rule_id: \"x\", allowed: once in a file, line 2 has it"));
	free(error);
}
END_TEST

UNIT_MAIN("rule", the_shipped_rules_are_complete, a_site_adds_changes_and_turns_off, a_wrong_cell_is_named,
          a_rule_stands_once_in_a_file)
