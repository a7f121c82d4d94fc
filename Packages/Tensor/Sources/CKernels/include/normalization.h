// Normalisation over pixels, channel by channel: rows of `channels` elements.
#pragma once
#include <stddef.h>

// into[c] = sum over rows [begin, end) of (x - mean[c])^2.
void ck_squares_part(
    double *into, const float *x, const float *mean, ptrdiff_t channels, ptrdiff_t begin,
    ptrdiff_t end);
// sums[c] = sum of g, products[c] = sum of g * (x - mean[c]) * scale[c], over rows [begin, end).
void ck_normalization_sums_part(
    double *sums, double *products, const float *upstream, const float *x, const float *mean,
    const float *scale, ptrdiff_t channels, ptrdiff_t begin, ptrdiff_t end);
// out = x * scale[c] + shift[c].
void ck_channel_affine(
    float *out, const float *x, const float *scale, const float *shift, ptrdiff_t channels,
    ptrdiff_t begin, ptrdiff_t end);
// out = g * a[c] + x * b[c] + c[c].
void ck_channel_combine(
    float *out, const float *upstream, const float *x, const float *a, const float *b,
    const float *c, ptrdiff_t channels, ptrdiff_t begin, ptrdiff_t end);

// Each row on its own: out = (x - mean) / sqrt(variance + epsilon); the reciprocal root in
// `scales`. The adjoint, from the result.
void ck_standardize_rows(
    float *out, float *scales, const float *x, float epsilon, ptrdiff_t columns, ptrdiff_t begin,
    ptrdiff_t end);
void ck_standardize_rows_gradient(
    float *out, const float *upstream, const float *y, const float *scales, ptrdiff_t columns,
    ptrdiff_t begin, ptrdiff_t end);
