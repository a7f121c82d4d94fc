#include "normalization.h"

#include <math.h>

#include "ck_dispatch.h"

CK_DISPATCHED void ck_squares_part(
    double *into, const float *x, const float *mean, ptrdiff_t channels, ptrdiff_t begin,
    ptrdiff_t end) {
  for (ptrdiff_t c = 0; c < channels; c++) into[c] = 0;
  for (ptrdiff_t row = begin; row < end; row++)
    for (ptrdiff_t c = 0; c < channels; c++) {
      double d = x[row * channels + c] - mean[c];
      into[c] += d * d;
    }
}

CK_DISPATCHED void ck_normalization_sums_part(
    double *sums, double *products, const float *upstream, const float *x, const float *mean,
    const float *scale, ptrdiff_t channels, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t c = 0; c < channels; c++) sums[c] = products[c] = 0;
  for (ptrdiff_t row = begin; row < end; row++)
    for (ptrdiff_t c = 0; c < channels; c++) {
      float g = upstream[row * channels + c];
      sums[c] += g;
      products[c] += g * ((x[row * channels + c] - mean[c]) * scale[c]);
    }
}

CK_DISPATCHED void ck_channel_affine(
    float *out, const float *x, const float *scale, const float *shift, ptrdiff_t channels,
    ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t row = begin; row < end; row++)
    for (ptrdiff_t c = 0; c < channels; c++)
      out[row * channels + c] = x[row * channels + c] * scale[c] + shift[c];
}

CK_DISPATCHED void ck_channel_combine(
    float *out, const float *upstream, const float *x, const float *a, const float *b,
    const float *c, ptrdiff_t channels, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t row = begin; row < end; row++)
    for (ptrdiff_t k = 0; k < channels; k++) {
      ptrdiff_t i = row * channels + k;
      out[i] = upstream[i] * a[k] + x[i] * b[k] + c[k];
    }
}

CK_DISPATCHED void ck_standardize_rows(
    float *out, float *scales, const float *x, float epsilon, ptrdiff_t columns, ptrdiff_t begin,
    ptrdiff_t end) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *v = x + row * columns;
    double total = 0, squares = 0;
    for (ptrdiff_t i = 0; i < columns; i++) total += v[i];
    float mean = (float)(total / (double)columns);
    for (ptrdiff_t i = 0; i < columns; i++) {
      double d = v[i] - mean;
      squares += d * d;
    }
    float scale = (float)(1 / sqrt(squares / (double)columns + epsilon));
    scales[row] = scale;
    for (ptrdiff_t i = 0; i < columns; i++) out[row * columns + i] = (v[i] - mean) * scale;
  }
}

CK_DISPATCHED void ck_standardize_rows_gradient(
    float *out, const float *upstream, const float *y, const float *scales, ptrdiff_t columns,
    ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *g = upstream + row * columns, *p = y + row * columns;
    double total = 0, dot = 0;
    for (ptrdiff_t i = 0; i < columns; i++) total += g[i], dot += (double)g[i] * p[i];
    float mean = (float)(total / (double)columns), along = (float)(dot / (double)columns);
    for (ptrdiff_t i = 0; i < columns; i++)
      out[row * columns + i] = (g[i] - mean - p[i] * along) * scales[row];
  }
}
