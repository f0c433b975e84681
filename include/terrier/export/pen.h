#ifndef TERRIER_EXPORT_PEN_H
#define TERRIER_EXPORT_PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Writing SVG elements. Texts may be anything; numbers are written the same in every locale. Shared by the files of
 * src/export/. */
struct pen_style {
	double size;
	const char *anchor; /* start, middle, end */
	const char *colour;
	bool is_bold;
};

struct pen_frame {
	double x, y, width, height; /* left, top */
};

/* A number with one decimal; ` name="number"`; `command` and two numbers of a path. */
void pen_number(FILE *out, double value);
void pen_attribute(FILE *out, const char *name, double value);
void pen_pair(FILE *out, const char *command, double x, double y);

/* Text for an element's content or an attribute, escaped; the second takes NULL for none. */
void pen_text(FILE *out, const char *text, size_t len);
void pen_string(FILE *out, const char *text);

/* A line of text with its baseline at `y`. */
void pen_line(FILE *out, double x, double y, const struct pen_style *style, const char *text, size_t len);
void pen_words(FILE *out, double x, double y, const struct pen_style *style, const char *text);

/* A paragraph broken at the frame's width, its first baseline at the frame's top; `out` NULL only measures. Returns where
 * the next would stand. */
double pen_paragraph(FILE *out, const struct pen_frame *f, const struct pen_style *style, const char *text);

/* A frame with corners of `radius`; `rest` are its other attributes. */
void pen_rect(FILE *out, const struct pen_frame *f, double radius, const char *rest);

#endif
