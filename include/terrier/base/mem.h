#ifndef TERRIER_BASE_MEM_H
#define TERRIER_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Allocation that cannot fail: out of memory prints one line and ends the process with status 1. */

/* `n` objects of `size` zeroed bytes each. Free with free(). */
void *mem_zalloc(size_t n, size_t size);

/* Resizes `p` (NULL allowed) to `n` objects of `size` bytes. Free with free(). */
void *mem_resize(void *p, size_t n, size_t size);

/* A copy of `text`. Free with free(). */
char *mem_strdup(const char *text);

/* printf into a fresh string. Free with free(). */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with the arguments of a function that takes them like printf. */
char *mem_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* `size` zeroed bytes straight from the kernel, which gives pages only as they are touched: for tables
 * whose ceiling is known and seldom reached. Free with mem_unmap(). */
void *mem_map(size_t size);

/* Gives back what mem_map() gave. NULL is allowed. */
void mem_unmap(void *p, size_t size);

#endif
