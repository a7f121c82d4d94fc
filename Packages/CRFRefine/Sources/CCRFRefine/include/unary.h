// Loops over the pixels of an image: features of kernels, unary energies.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Features of points [begin, end): x and y by their scale, then, where `image` is not null, three
// colour channels by theirs. `pixels` says which pixel each point is.
void cl_image_features(
    float *features, const int32_t *pixels, ptrdiff_t image_width, const uint8_t *image,
    const float *scales, ptrdiff_t begin, ptrdiff_t end);
// Rows [begin, end) of `source`, in the order of `pixels`.
void cl_gather_rows(
    float *rows, const float *source, const int32_t *pixels, ptrdiff_t columns, ptrdiff_t begin,
    ptrdiff_t end);

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
