#include "CImages.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

// A progressive file of a few kilobytes may ask for thousands of passes over a large picture.
enum { maximum_scans = 500 };

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  char *message;
} error_manager;

static void fail(j_common_ptr info) {
  error_manager *manager = (error_manager *)info->err;
  char text[JMSG_LENGTH_MAX];
  manager->base.format_message(info, text);
  snprintf(manager->message, ci_message_size, "%s", text);
  longjmp(manager->escape, 1);
}

// libjpeg only warns when the data ends early or is broken, and makes up the rest.
static void emit(j_common_ptr info, int level) {
  error_manager *manager = (error_manager *)info->err;
  if (level >= 0) return;
  switch (manager->base.msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
      snprintf(manager->message, ci_message_size, "the data ends early: a truncated JPEG");
      longjmp(manager->escape, 1);
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
      fail(info);
  }
}

static void limit_scans(j_common_ptr info) {
  if (!info->is_decompressor) return;
  error_manager *manager = (error_manager *)info->err;
  if (((j_decompress_ptr)info)->input_scan_number <= maximum_scans) return;
  snprintf(manager->message, ci_message_size, "more than %d scans", maximum_scans);
  longjmp(manager->escape, 1);
}

static void start(j_decompress_ptr info, error_manager *manager, char *message) {
  info->err = jpeg_std_error(&manager->base);
  manager->base.error_exit = fail;
  manager->base.emit_message = emit;
  manager->message = message;
}

static int orientation(j_decompress_ptr info) {
  for (jpeg_saved_marker_ptr marker = info->marker_list; marker; marker = marker->next)
    if (marker->marker == JPEG_APP0 + 1 && marker->data_length > 6 &&
        memcmp(marker->data, "Exif\0\0", 6) == 0)
      return ci_exif_orientation(marker->data + 6, marker->data_length - 6);
  return 1;
}

bool ci_jpeg_header(const uint8_t *data, size_t size, ci_header *header, char *message) {
  struct jpeg_decompress_struct info;
  error_manager manager;
  start(&info, &manager, message);
  if (setjmp(manager.escape)) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_save_markers(&info, JPEG_APP0 + 1, 0xffff);
  jpeg_mem_src(&info, data, size);
  jpeg_read_header(&info, TRUE);
  *header = (ci_header){
      .width = (int)info.image_width,
      .height = (int)info.image_height,
      .orientation = orientation(&info),
      .has_colors = info.num_components > 1,
  };
  jpeg_destroy_decompress(&info);
  return true;
}

// a * b / 255, rounded.
static inline int scaled(int a, int b) {
  int product = a * b + 128;
  return (product + (product >> 8)) >> 8;
}

// Inks are stored inverted, as Adobe does and every reader of photographs assumes.
static void rgb_from_cmyk(const uint8_t *cmyk, uint8_t *rgb, int width) {
  for (int x = 0; x < width; x++, cmyk += 4, rgb += 3)
    for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(cmyk[3] - scaled(255 - cmyk[c], cmyk[3]));
}

bool ci_jpeg_decode(
    const uint8_t *data, size_t size, ci_format format, int reduction, int width, int height,
    int bytes_per_pixel, uint8_t *pixels, char *message) {
  struct jpeg_decompress_struct info;
  struct jpeg_progress_mgr progress = {.progress_monitor = limit_scans};
  error_manager manager;
  uint8_t *volatile inks = NULL;
  start(&info, &manager, message);
  if (setjmp(manager.escape)) {
    jpeg_destroy_decompress(&info);
    free(inks);
    return false;
  }
  jpeg_create_decompress(&info);
  info.progress = &progress;
  jpeg_mem_src(&info, data, size);
  jpeg_read_header(&info, TRUE);
  bool has_inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = has_inks ? JCS_CMYK : format == ci_gray ? JCS_GRAYSCALE : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = (unsigned)reduction;
  jpeg_start_decompress(&info);
  int channels = format == ci_gray ? 1 : 3;
  if ((int)info.output_width != width || (int)info.output_height != height ||
      channels != bytes_per_pixel) {
    snprintf(message, ci_message_size, "the size changed while it was read");
    longjmp(manager.escape, 1);
  }
  if (has_inks && !(inks = malloc((size_t)width * 4))) {
    snprintf(message, ci_message_size, "out of memory");
    longjmp(manager.escape, 1);
  }
  while (info.output_scanline < info.output_height) {
    uint8_t *out = pixels + (size_t)info.output_scanline * width * channels;
    uint8_t *row = has_inks ? inks : out;
    jpeg_read_scanlines(&info, &row, 1);
    if (has_inks) rgb_from_cmyk(row, out, width);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  free(inks);
  return true;
}

bool ci_jpeg_encode(
    const uint8_t *rgb, int width, int height, int quality, ci_bytes *out, char *message) {
  struct jpeg_compress_struct info;
  error_manager manager;
  unsigned char *data = NULL;
  unsigned long size = 0;
  info.err = jpeg_std_error(&manager.base);
  manager.base.error_exit = fail;
  manager.message = message;
  // jpeg_mem_dest keeps addresses of `data` and `size`, so both live in memory across longjmp.
  unsigned char *volatile *keep = (unsigned char *volatile *)&data;
  if (setjmp(manager.escape)) {
    jpeg_destroy_compress(&info);
    free(*keep);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = (JDIMENSION)width;
  info.image_height = (JDIMENSION)height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  info.dct_method = JDCT_ISLOW;
  jpeg_set_quality(&info, quality, TRUE);
  if (quality >= 90) info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = (JSAMPROW)(rgb + (size_t)info.next_scanline * width * 3);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  *out = (ci_bytes){.data = data, .size = size};
  return true;
}

void ci_free(ci_bytes bytes) { free(bytes.data); }
