/* Lists of patterns in a cell. */
#include "terrier/model/pattern.h"

#include "unit.h"

START_TEST(a_pattern_fits_the_whole_text_or_its_beginning)
{
	ck_assert(pattern_list_fits("SMB1;FTP", "FTP"));
	ck_assert(pattern_list_fits("SMB1;FTP", "ftp"));
	ck_assert(!pattern_list_fits("SMB1;FTP", "FTP+TLS"));
	ck_assert(!pattern_list_fits("SMB1;FTP", ""));
	ck_assert(pattern_list_fits("clin.*", "clin.order"));
	ck_assert(!pattern_list_fits("clin.*", "clin"));
	ck_assert(pattern_list_fits("*", "x"));
}
END_TEST

START_TEST(an_empty_list_fits_everything)
{
	ck_assert(pattern_list_fits("", "x"));
	ck_assert(pattern_list_fits("", ""));
}
END_TEST

START_TEST(what_is_taken_out_stays_out)
{
	ck_assert(!pattern_list_fits("!DNS;!NTP", "NTP"));
	ck_assert(pattern_list_fits("!DNS;!NTP", "TLS"));
	ck_assert(!pattern_list_fits("clin.*;!clin.research", "clin.research"));
	ck_assert(!pattern_list_fits("!clin.research;clin.*", "clin.research"));
	ck_assert(pattern_list_fits("clin.*;!clin.research", "clin.order"));
	ck_assert(!pattern_list_fits("clin.*;!clin.research", "inf.web"));
}
END_TEST

START_TEST(a_host_name_fits_itself_and_what_is_below)
{
	ck_assert(pattern_list_fits_host("pop.nhs.net;mail.nhs.net", "mail.nhs.net"));
	ck_assert(pattern_list_fits_host("mail.nhs.net", "A.Mail.NHS.net"));
	ck_assert(!pattern_list_fits_host("mail.nhs.net", "notmail.nhs.net"));
	ck_assert(!pattern_list_fits_host("mail.nhs.net", "nhs.net"));
	ck_assert(!pattern_list_fits_host("mail.nhs.net", ""));
	ck_assert(!pattern_list_fits_host("", "mail.nhs.net"));
}
END_TEST

START_TEST(a_list_is_walked_to_its_end)
{
	const char *list = "a;!bc;", *at;
	bool is_out;
	size_t len;

	at = pattern_next(&list, &len, &is_out);
	ck_assert(at[0] == 'a' && len == 1 && !is_out);
	at = pattern_next(&list, &len, &is_out);
	ck_assert(at[0] == 'b' && len == 2 && is_out);
	ck_assert_ptr_null(pattern_next(&list, &len, &is_out));
}
END_TEST

UNIT_MAIN("pattern", a_pattern_fits_the_whole_text_or_its_beginning, an_empty_list_fits_everything,
          what_is_taken_out_stays_out, a_host_name_fits_itself_and_what_is_below, a_list_is_walked_to_its_end)
