#include "fusion.h"

#include "ck_dispatch.h"

#include <string.h>

CK_DISPATCHED void ck_mask_activation(
    float *gradient, const float *upstream, const float *output, float ceiling, ptrdiff_t begin,
    ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) {
    float passed = output[i] > 0 ? upstream[i] : 0;
    gradient[i] = output[i] < ceiling ? passed : 0;
  }
}

CK_DISPATCHED void ck_mask_activation_and_sum(
    float *gradient, float *restrict sums, const float *upstream, const float *output,
    float ceiling, ptrdiff_t columns, ptrdiff_t begin, ptrdiff_t end) {
  memset(sums, 0, (size_t)columns * sizeof(float));
  for (ptrdiff_t i = begin * columns; i < end * columns; i += columns) {
    for (ptrdiff_t c = 0; c < columns; c++) {
      float passed = output[i + c] > 0 ? upstream[i + c] : 0;
      passed = output[i + c] < ceiling ? passed : 0;
      gradient[i + c] = passed;
      sums[c] += passed;
    }
  }
}

CK_DISPATCHED void ck_scale_columns(
    float *restrict scaled, const float *restrict values, const float *restrict scale,
    ptrdiff_t columns, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t row = begin; row < end; row++) {
    for (ptrdiff_t c = 0; c < columns; c++) {
      scaled[row * columns + c] = values[row * columns + c] * scale[c];
    }
  }
}

CK_DISPATCHED void ck_scale_columns_and_dot(
    float *scaled, float *restrict dots, const float *values, const float *restrict weight,
    const float *restrict scale, ptrdiff_t columns, ptrdiff_t begin, ptrdiff_t end) {
  memset(dots, 0, (size_t)columns * sizeof(float));
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *restrict w = weight + row * columns;
    for (ptrdiff_t c = 0; c < columns; c++) {
      float value = values[row * columns + c];
      dots[c] += value * w[c];
      scaled[row * columns + c] = value * scale[c];
    }
  }
}
