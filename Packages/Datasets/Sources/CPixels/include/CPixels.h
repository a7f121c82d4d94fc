// Loops over 8-bit pixels, row-major, `channels` bytes each. All arithmetic that rounds is in whole
// numbers or uncontracted floats, so that every CPU gives the same bytes.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  cp_bilinear,              // the two pixels around the sample
  cp_antialiased_bilinear,  // a triangle as wide as the reduction
  cp_bicubic,               // Keys' cubic, a = -1/2, as wide as the reduction
} cp_filter;

// The picture at another size, 1 or 3 channels. False where memory is out.
bool cp_resize(
    const uint8_t *source, int height, int width, int channels, cp_filter filter, uint8_t *out,
    int out_height, int out_width);

// One byte a pixel: that of the source pixel whose area covers the sample's centre.
void cp_resize_nearest(
    const uint8_t *source, int height, int width, uint8_t *out, int out_height, int out_width);

// Pixels of `size` bytes cut out at (top, left), which may lie outside: there it is `fill`.
void cp_crop(
    const uint8_t *source, ptrdiff_t height, ptrdiff_t width, size_t size, const uint8_t *fill,
    uint8_t *out, ptrdiff_t top, ptrdiff_t left, ptrdiff_t out_height, ptrdiff_t out_width);

// Left and right exchanged, pixels of `size` bytes.
void cp_mirror(const uint8_t *source, size_t height, size_t width, size_t size, uint8_t *out);

// (x - mean) / deviation of RGB pixels.
void cp_normalize(
    const uint8_t *rgb, size_t count, const float *mean, const float *deviation, float *out);

// base + factor (x - base), cut to 0...255 and to whole numbers.
void cp_blend(const uint8_t *source, size_t count, float base, float factor, uint8_t *out);

// The same towards each pixel's luma.
void cp_saturate(const uint8_t *rgb, size_t count, float factor, uint8_t *out);

// Hue turned by shift / 255, through 8-bit hue, saturation and value.
void cp_turn_hue(const uint8_t *rgb, size_t count, uint8_t shift, uint8_t *out);

// The sum of the lumas.
uint64_t cp_luma_sum(const uint8_t *rgb, size_t count);
