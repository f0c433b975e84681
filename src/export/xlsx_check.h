#ifndef TERRIER_SRC_EXPORT_XLSX_CHECK_H
#define TERRIER_SRC_EXPORT_XLSX_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when each part of the workbook (a zip archive, APPNOTE 4.3.7, of XML files) ends with the
 * end tag of its root element. */
bool xlsx_is_whole(const uint8_t *zip, size_t len);

#endif
