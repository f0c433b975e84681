/* Allocation that ends the process rather than fail: no caller has a better answer. */
#include "terrier/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static _Noreturn void out_of_memory(void)
{
	static const char line[] = "terrier: out of memory: give the machine more, or lower [limits]\n";

	fputs(line, stderr);
	exit(1);
}

void *mem_zalloc(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL) {
		out_of_memory();
	}
	return p;
}

void *mem_resize(void *p, size_t n, size_t size)
{
	void *grown = reallocarray(p, n > 0 ? n : 1, size > 0 ? size : 1);

	if (grown == NULL) {
		out_of_memory();
	}
	return grown;
}

char *mem_strdup(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL) {
		out_of_memory();
	}
	return copy;
}

char *mem_vprintf(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0) {
		out_of_memory();
	}
	return text;
}

char *mem_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = mem_vprintf(format, args);
	va_end(args);
	return text;
}

void *mem_map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		out_of_memory();
	}
	return p;
}

void mem_unmap(void *p, size_t size)
{
	if (p != NULL) {
		munmap(p, size);
	}
}
