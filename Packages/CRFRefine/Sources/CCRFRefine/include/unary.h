// Loops over the pixels of an image: features of kernels, unary energies.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Features of `count` pixels: x and y by their scale, then, where `image` is not null, three colour
// channels by theirs.
void cl_image_features(
    float *features, const int32_t *pixels, ptrdiff_t count, ptrdiff_t image_width,
    const uint8_t *image, const float *scales);
// The rows of `count` pixels.
void cl_gather_rows(
    float *rows, const float *source, const int32_t *pixels, ptrdiff_t count, ptrdiff_t columns);

// -log of probabilities mixed with `uniform` and held in [least, 1]: scale * p + (1 - scale) *
// uniform. Elements [begin, end). Returns the first that is NaN, else `end`.
ptrdiff_t cl_negative_log(
    float *out, const float *p, float scale, float uniform, float least, ptrdiff_t begin,
    ptrdiff_t end);
// Pixels [begin, end): out[classes + 1] = (1 - max scores)^exponent, then the scores. Returns the
// first pixel with a score outside [0, 1], else `end`.
ptrdiff_t cl_add_background(
    float *out, const float *scores, ptrdiff_t classes, float exponent, ptrdiff_t begin,
    ptrdiff_t end);
// Element [begin, end) that is not finite, else `end`.
ptrdiff_t cl_first_not_finite(const float *x, ptrdiff_t begin, ptrdiff_t end);
