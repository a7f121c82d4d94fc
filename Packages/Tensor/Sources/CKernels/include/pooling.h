// Windows over [batch, height, width, channels], given as row and column bounds.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  ptrdiff_t height, width, channels, out_height, out_width;
  // Window i covers [first[i], last[i]); for means its weight is 1 / (row divisor * column divisor).
  const int32_t *row_first, *row_last, *column_first, *column_last;
  const float *row_divisor, *column_divisor;
} ck_windows;

// Result rows [begin, end), of batch * out_height. `positions` receives y * width + x of each
// maximum: the first of equal ones, or a NaN.
void ck_max_pool(
    const ck_windows *w, float *out, int32_t *positions, const float *x, ptrdiff_t begin,
    ptrdiff_t end);
void ck_mean_pool(
    const ck_windows *w, float *out, const float *x, ptrdiff_t begin, ptrdiff_t end);
// Adjoints: images [begin, end); `into` is zero before.
void ck_max_pool_gradient(
    const ck_windows *w, float *into, const float *upstream, const int32_t *positions,
    ptrdiff_t begin, ptrdiff_t end);
void ck_mean_pool_gradient(
    const ck_windows *w, float *into, const float *upstream, ptrdiff_t begin, ptrdiff_t end);

// Interpolation: result i lies between source below[i] and above[i], at the share weight[i].
typedef struct {
  ptrdiff_t height, width, channels, out_height, out_width;
  const int32_t *row_below, *row_above, *column_below, *column_above;
  const float *row_weight, *column_weight;
} ck_resize;

// Result rows [begin, end), of batch * out_height.
void ck_resize_rows(
    const ck_resize *r, float *out, const float *x, ptrdiff_t begin, ptrdiff_t end);
// The adjoint: source rows [begin, end), of batch * height. For source row y, the result rows that
// touch it lie in [first[y], last[y]).
void ck_resize_rows_gradient(
    const ck_resize *r, float *into, const float *upstream, const int32_t *first,
    const int32_t *last, ptrdiff_t begin, ptrdiff_t end);
