/* Build tool: writes files as arrays of a C source, so that the program carries them.
 * usage: embed OUT.c NAME FILE [NAME FILE]... */
#include <stdio.h>
#include <stdlib.h>

static int embed(FILE *out, const char *name, const char *path)
{
	FILE *in = fopen(path, "rb");
	size_t size = 0;
	int c;

	if (in == NULL) {
		perror(path);
		return -1;
	}
	fprintf(out, "\nextern const char %s[];\nextern const size_t %s_size;\nconst char %s[] = {",
	        name, name, name);
	for (; (c = getc(in)) != EOF; size++) {
		/* Octets above 127 are written as what they are in a signed char: no conversion to
		 * warn of. */
		fprintf(out, "%s'\\x%02x',", size % 16 == 0 ? "\n\t" : " ", (unsigned)c);
	}
	fprintf(out, "\n\t'\\0',\n};\nconst size_t %s_size = %zu;\n", name, size);
	int failed = ferror(in);

	fclose(in);
	return failed ? -1 : 0;
}

int main(int argc, char **argv)
{
	if (argc < 4 || argc % 2 != 0) {
		fprintf(stderr, "usage: embed OUT.c NAME FILE [NAME FILE]...\n");
		return EXIT_FAILURE;
	}
	FILE *out = fopen(argv[1], "w");
	int failed = 0;

	if (out == NULL) {
		perror(argv[1]);
		return EXIT_FAILURE;
	}
	fprintf(out, "/* Made by data/embed.c. */\n#include <stddef.h>\n");
	for (int i = 2; i < argc && !failed; i += 2) {
		failed = embed(out, argv[i], argv[i + 1]) != 0;
	}
	failed = fclose(out) != 0 || failed;
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
