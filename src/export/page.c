/* The only home of cairo and librsvg: the SVG page becomes a PDF page or a PNG picture, so that all
 * show the same. */
#include "terrier/export/page.h"

#include "terrier/base/mem.h"

#include <cairo-pdf.h>
#include <librsvg/rsvg.h>
#include <stdlib.h>

#define PIXELS_MAX 20000 /* of a side; cairo itself ends at 32767 */

char *page_of_map(const struct map *m, size_t *len, char **error)
{
	char *svg = NULL;
	FILE *out = open_memstream(&svg, len);

	if (out == NULL) {
		*error = mem_strdup("map: out of memory");
		return NULL;
	}
	int result = svg_write_page(m, out, error);
	fclose(out);
	if (result != 0) {
		free(svg);
		return NULL;
	}
	return svg;
}

static cairo_status_t write_bytes(void *closure, const unsigned char *bytes, unsigned int len)
{
	return fwrite(bytes, 1, len, closure) == len ? CAIRO_STATUS_SUCCESS
	                                             : CAIRO_STATUS_WRITE_ERROR;
}

static RsvgHandle *read_svg(const char *svg, size_t len, double size[2], char **error)
{
	GError *fault = NULL;
	GInputStream *stream = g_memory_input_stream_new_from_data(svg, (gssize)len, NULL);
	/* A large map has more elements than the library takes from strangers; this one we wrote.
	 */
	RsvgHandle *handle = rsvg_handle_new_from_stream_sync(
	        stream, NULL, RSVG_HANDLE_FLAG_UNLIMITED, NULL, &fault);

	g_object_unref(stream);
	if (handle == NULL) {
		*error = mem_printf("map: cannot be rendered: %s",
		                    fault != NULL ? fault->message : "unknown fault");
		g_clear_error(&fault);
		return NULL;
	}
	rsvg_handle_set_dpi(handle, 72); /* one user unit of the page is a point */
	if (!rsvg_handle_get_intrinsic_size_in_pixels(handle, &size[0], &size[1])) {
		*error = mem_strdup("map: cannot be rendered: the page has no size");
		g_object_unref(handle);
		return NULL;
	}
	return handle;
}

static int draw(RsvgHandle *handle, cairo_surface_t *surface, const double size[2], char **error)
{
	GError *fault = NULL;
	cairo_t *cairo = cairo_create(surface);
	RsvgRectangle all = {0, 0, size[0], size[1]};

	if (!rsvg_handle_render_document(handle, cairo, &all, &fault)) {
		*error = mem_printf("map: cannot be rendered: %s",
		                    fault != NULL ? fault->message : "unknown fault");
		g_clear_error(&fault);
	} else if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS) {
		*error = mem_printf("map: cannot be rendered: %s",
		                    cairo_status_to_string(cairo_status(cairo)));
	}
	cairo_destroy(cairo);
	return *error == NULL ? 0 : -1;
}

static int check_written(cairo_status_t status, FILE *out, char **error)
{
	if (*error == NULL && (status != CAIRO_STATUS_SUCCESS || ferror(out))) {
		*error = mem_printf("map: writing failed: %s", cairo_status_to_string(status));
	}
	return *error == NULL ? 0 : -1;
}

int page_write_pdf(const char *svg, size_t len, const char *title, FILE *out, char **error)
{
	double size[2];
	*error = NULL;
	RsvgHandle *handle = read_svg(svg, len, size, error);

	if (handle == NULL) {
		return -1;
	}
	cairo_surface_t *surface =
	        cairo_pdf_surface_create_for_stream(write_bytes, out, size[0], size[1]);
	/* Two prints of the same data must be the same file: cairo would take the clock. */
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
	                               "2000-01-01T00:00:00Z");
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Terrier");
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
	draw(handle, surface, size, error);
	cairo_surface_finish(surface);
	int result = check_written(cairo_surface_status(surface), out, error);
	cairo_surface_destroy(surface);
	g_object_unref(handle);
	return result;
}

int page_write_png(const char *svg, size_t len, double dpi, FILE *out, char **error)
{
	double size[2], scale = dpi / 72;
	*error = NULL;
	RsvgHandle *handle = read_svg(svg, len, size, error);

	if (handle == NULL) {
		return -1;
	}
	size[0] *= scale;
	size[1] *= scale;
	if (!(size[0] >= 1 && size[1] >= 1 && size[0] <= PIXELS_MAX && size[1] <= PIXELS_MAX)) {
		*error = mem_printf("map: %.0f x %.0f pixels: out of range: choose another "
		                    "resolution, or svg or pdf",
		                    size[0], size[1]);
		g_object_unref(handle);
		return -1;
	}
	cairo_surface_t *surface =
	        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)size[0], (int)size[1]);
	draw(handle, surface, size, error);
	int result = *error != NULL ? -1
	                            : check_written(cairo_surface_write_to_png_stream(
	                                                    surface, write_bytes, out),
	                                            out, error);
	cairo_surface_destroy(surface);
	g_object_unref(handle);
	return result;
}
