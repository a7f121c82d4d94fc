#include "gradients.h"

#include "ck_dispatch.h"

CK_DISPATCHED
void ca_accumulate(float *sum, const float *addend, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) sum[i] += addend[i];
}

CK_DISPATCHED
void ca_scale(float *scaled, const float *values, float factor, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) scaled[i] = factor * values[i];
}

CK_DISPATCHED
void ca_scale_rows(
    float *scaled, const float *values, const float *factors, ptrdiff_t columns, ptrdiff_t begin,
    ptrdiff_t end) {
  if (columns == 1) {
    for (ptrdiff_t i = begin; i < end; i++) scaled[i] = factors[i] * values[i];
    return;
  }
  for (ptrdiff_t r = begin; r < end; r++) {
    for (ptrdiff_t i = r * columns; i < (r + 1) * columns; i++) scaled[i] = factors[r] * values[i];
  }
}

CK_DISPATCHED
double ca_sum_of_squares(const float *values, ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (ptrdiff_t i = begin; i < end; i++) sum += (double)values[i] * values[i];
  return sum;
}

CK_DISPATCHED
double ca_sum(const float *values, ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (ptrdiff_t i = begin; i < end; i++) sum += values[i];
  return sum;
}

CK_DISPATCHED
double ca_dot(const float *left, const float *right, ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (ptrdiff_t i = begin; i < end; i++) sum += (double)left[i] * right[i];
  return sum;
}

CK_DISPATCHED
void ca_drop(float *draws, const float *values, float rate, ptrdiff_t begin, ptrdiff_t end) {
  const float factor = 1 / (1 - rate);
  for (ptrdiff_t i = begin; i < end; i++) draws[i] = draws[i] < rate ? 0 : values[i] * factor;
}
