// JPEG and PNG in memory, through libjpeg and libpng. No call keeps state; any thread may call.
// Functions return true, or false with a short text in `message`.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ci_message_size = 256 };

typedef enum {
  ci_rgb,      // 3 bytes a pixel; alpha is dropped
  ci_gray,     // 1 byte a pixel; for pictures whose header says has_colors == false
  ci_indices,  // PNG only: palette or grey values as stored, 2 bytes each; RGB as in ci_rgb
} ci_format;

typedef struct {
  int width, height;
  int orientation;   // EXIF's, 1...8; 1 = as stored
  bool has_colors;   // samples are RGB: neither grey nor palette indices
  bool has_palette;  // samples are palette indices
} ci_header;

bool ci_jpeg_header(const uint8_t *data, size_t size, ci_header *header, char *message);

// `pixels` has height * width * bytes_per_pixel bytes: 3 for RGB, 1 for grey. The sizes are those of
// the header over `reduction`, which is 1, 2, 4 or 8, rounded up.
bool ci_jpeg_decode(
    const uint8_t *data, size_t size, ci_format format, int reduction, int width, int height,
    int bytes_per_pixel, uint8_t *pixels, char *message);

bool ci_png_header(const uint8_t *data, size_t size, ci_header *header, char *message);

// The same; 2 for indices. A palette has no grey form.
bool ci_png_decode(
    const uint8_t *data, size_t size, ci_format format, int width, int height,
    int bytes_per_pixel, uint8_t *pixels, char *message);

// Encoded bytes; freed by ci_free.
typedef struct {
  uint8_t *data;
  size_t size;
} ci_bytes;

void ci_free(ci_bytes bytes);

// Quality 1...100, chroma not subsampled from 90 up.
bool ci_jpeg_encode(
    const uint8_t *rgb, int width, int height, int quality, ci_bytes *out, char *message);

// `palette`: 256 RGB triples, with channels = 1; NULL for grey (1) and RGB (3).
bool ci_png_encode(
    const uint8_t *pixels, int width, int height, int channels, const uint8_t *palette,
    ci_bytes *out, char *message);

// Luma of RGB pixels by BT.601, rounded.
void ci_luma(const uint8_t *rgb, uint8_t *gray, size_t count);

// The orientation in a TIFF structure, as EXIF holds it; 1 where it has none.
int ci_exif_orientation(const uint8_t *tiff, size_t size);
