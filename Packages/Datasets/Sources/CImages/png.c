#include "CImages.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *data;
  size_t size, position;
  char *message;
} reader;

static void fail(png_structp png, png_const_charp text) {
  reader *source = png_get_error_ptr(png);
  if (source->message[0] == 0) snprintf(source->message, ci_message_size, "%s", text);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {}

static void read_bytes(png_structp png, png_bytep out, size_t count) {
  reader *source = png_get_io_ptr(png);
  if (count > source->size - source->position) {
    snprintf(source->message, ci_message_size, "the data ends early: a truncated PNG");
    png_error(png, "truncated");
  }
  memcpy(out, source->data + source->position, count);
  source->position += count;
}

static png_structp open_reader(reader *source, png_infop *info) {
  source->message[0] = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, source, fail, ignore);
  if (!png) return NULL;
  *info = png_create_info_struct(png);
  if (*info) return png;
  png_destroy_read_struct(&png, NULL, NULL);
  return NULL;
}

static void read_header(png_structp png, png_infop info, reader *source) {
  png_set_read_fn(png, source, read_bytes);
  png_set_user_limits(png, 1 << 20, 1 << 20);
  png_set_chunk_malloc_max(png, 1 << 24);
  // Text, gamma and profiles are not looked at.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "eXIf", 1);
  png_read_info(png, info);
}

bool ci_png_header(const uint8_t *data, size_t size, ci_header *header, char *message) {
  reader source = {data, size, 0, message};
  png_infop info = NULL;
  png_structp png = open_reader(&source, &info);
  if (!png) {
    snprintf(message, ci_message_size, "out of memory");
    return false;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return false;
  }
  read_header(png, info, &source);
  int color = png_get_color_type(png, info);
  png_uint_32 exif_size = 0;
  png_bytep exif = NULL;
  *header = (ci_header){
      .width = (int)png_get_image_width(png, info),
      .height = (int)png_get_image_height(png, info),
      .orientation = 1,
      .has_colors = (color & PNG_COLOR_MASK_COLOR) && color != PNG_COLOR_TYPE_PALETTE,
      .has_palette = color == PNG_COLOR_TYPE_PALETTE,
  };
  if (png_get_eXIf_1(png, info, &exif_size, &exif))
    header->orientation = ci_exif_orientation(exif, exif_size);
  png_destroy_read_struct(&png, &info, NULL);
  return true;
}

static void set_transformations(png_structp png, png_infop info, ci_format format) {
  int color = png_get_color_type(png, info);
  int depth = png_get_bit_depth(png, info);
  bool has_colors = color & PNG_COLOR_MASK_COLOR;
  png_set_interlace_handling(png);
  if (format == ci_indices && (color == PNG_COLOR_TYPE_PALETTE || !has_colors)) {
    if (depth < 8) png_set_packing(png);
    if (color & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(png);
    return;
  }
  if (depth == 16) png_set_scale_16(png);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (!has_colors && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (!has_colors && format != ci_gray) png_set_gray_to_rgb(png);
  // After the palette's expansion: it may bring its transparency along.
  png_set_strip_alpha(png);
}

// One byte a value becomes two, in place; two bytes change from big-endian.
static void widen(uint8_t *pixels, size_t count, int bytes) {
  uint16_t *wide = (uint16_t *)pixels;
  for (size_t i = count; i-- > 0;)
    wide[i] = bytes == 1 ? pixels[i] : (uint16_t)(pixels[2 * i] << 8 | pixels[2 * i + 1]);
}

bool ci_png_decode(
    const uint8_t *data, size_t size, ci_format format, int width, int height,
    int bytes_per_pixel, uint8_t *pixels, char *message) {
  reader source = {data, size, 0, message};
  png_infop info = NULL;
  png_bytep *volatile rows = NULL;
  png_structp png = open_reader(&source, &info);
  if (!png) {
    snprintf(message, ci_message_size, "out of memory");
    return false;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    free(rows);
    return false;
  }
  read_header(png, info, &source);
  set_transformations(png, info, format);
  png_read_update_info(png, info);
  int color = png_get_color_type(png, info);
  bool has_colors = (color & PNG_COLOR_MASK_COLOR) && color != PNG_COLOR_TYPE_PALETTE;
  int bytes = png_get_bit_depth(png, info) == 16 ? 2 : 1;
  size_t channels = has_colors ? 3 : 1;
  bool is_widened = format == ci_indices && !has_colors;
  if (channels * (is_widened ? 2 : bytes) != (size_t)bytes_per_pixel ||
      (int)png_get_image_width(png, info) != width ||
      (int)png_get_image_height(png, info) != height ||
      png_get_rowbytes(png, info) != (size_t)width * channels * bytes)
    png_error(png, "an unexpected row size");
  rows = malloc((size_t)height * sizeof *rows);
  if (!rows) png_error(png, "out of memory");
  for (int y = 0; y < height; y++) rows[y] = pixels + (size_t)y * width * channels * bytes;
  png_read_image(png, rows);
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  free(rows);
  if (is_widened) widen(pixels, (size_t)width * height, bytes);
  return true;
}

typedef struct {
  char *message;
  ci_bytes bytes;
  size_t capacity;
} writer;

static void fail_writing(png_structp png, png_const_charp text) {
  writer *target = png_get_error_ptr(png);
  snprintf(target->message, ci_message_size, "%s", text);
  png_longjmp(png, 1);
}

static void write_bytes(png_structp png, png_bytep data, size_t count) {
  writer *target = png_get_io_ptr(png);
  if (target->capacity - target->bytes.size < count) {
    size_t capacity = target->capacity * 2 + count + 4096;
    uint8_t *grown = realloc(target->bytes.data, capacity);
    if (!grown) png_error(png, "out of memory");
    target->bytes.data = grown;
    target->capacity = capacity;
  }
  memcpy(target->bytes.data + target->bytes.size, data, count);
  target->bytes.size += count;
}

static void flush(png_structp png) {}

bool ci_png_encode(
    const uint8_t *pixels, int width, int height, int channels, const uint8_t *palette,
    ci_bytes *out, char *message) {
  writer target = {.message = message};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &target, fail_writing, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    snprintf(message, ci_message_size, "out of memory");
    return false;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(target.bytes.data);
    return false;
  }
  png_set_write_fn(png, &target, write_bytes, flush);
  int color = palette         ? PNG_COLOR_TYPE_PALETTE
              : channels == 3 ? PNG_COLOR_TYPE_RGB
                              : PNG_COLOR_TYPE_GRAY;
  png_set_IHDR(
      png, info, (png_uint_32)width, (png_uint_32)height, 8, color, PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (palette) png_set_PLTE(png, info, (png_const_colorp)palette, 256);
  png_write_info(png, info);
  for (int y = 0; y < height; y++)
    png_write_row(png, pixels + (size_t)y * width * channels);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  *out = target.bytes;
  return true;
}
