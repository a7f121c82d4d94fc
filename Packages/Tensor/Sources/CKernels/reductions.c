#include "reductions.h"

#include <math.h>

#include "ck_dispatch.h"
#include "ck_vector_math.h"

CK_DISPATCHED static double sum_row(const float *x, ptrdiff_t count) {
#pragma clang fp reassociate(on)
  double total = 0;
  for (ptrdiff_t i = 0; i < count; i++) total += x[i];
  return total;
}

CK_DISPATCHED static float extreme_row(const float *x, ptrdiff_t count, float sign) {
  // Sixteen candidates side by side; NaN is caught by a sum, which keeps it.
  float best[16], poison[16] = {0};
  for (int lane = 0; lane < 16; lane++) best[lane] = -INFINITY;
  ptrdiff_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int lane = 0; lane < 16; lane++) {
      float v = sign * x[i + lane];
      best[lane] = v > best[lane] ? v : best[lane];
      poison[lane] += v - v;
    }
  for (; i < count; i++) {
    float v = sign * x[i];
    best[0] = v > best[0] ? v : best[0];
    // Infinity minus itself is NaN too: test for NaN alone here and below.
    poison[0] += v != v ? v : 0;
  }
  float largest = best[0];
  int suspicious = poison[0] != poison[0];
  for (int lane = 1; lane < 16; lane++) {
    largest = best[lane] > largest ? best[lane] : largest;
    suspicious |= poison[lane] != poison[lane];
  }
  if (suspicious)
    for (i = 0; i < count; i++)
      if (x[i] != x[i]) return x[i];
  return sign * largest;
}

CK_DISPATCHED void ck_reduce_part(
    ck_reduction op, double *into, const float *x, ptrdiff_t inner, ptrdiff_t begin,
    ptrdiff_t end) {
  if (inner == 1) {
    const float *row = x + begin;
    switch (op) {
      case ck_reduce_sum: *into = sum_row(row, end - begin); return;
      case ck_reduce_maximum: *into = extreme_row(row, end - begin, 1); return;
      case ck_reduce_minimum: *into = extreme_row(row, end - begin, -1); return;
    }
  }
  double start = op == ck_reduce_sum ? 0 : op == ck_reduce_maximum ? -INFINITY : INFINITY;
  for (ptrdiff_t i = 0; i < inner; i++) into[i] = start;
  for (ptrdiff_t position = begin; position < end; position++) {
    const float *row = x + position * inner;
    switch (op) {
      case ck_reduce_sum:
        for (ptrdiff_t i = 0; i < inner; i++) into[i] += row[i];
        break;
      case ck_reduce_maximum:
        for (ptrdiff_t i = 0; i < inner; i++) {
          double v = row[i];
          into[i] = into[i] != into[i] || into[i] > v ? into[i] : v;
        }
        break;
      case ck_reduce_minimum:
        for (ptrdiff_t i = 0; i < inner; i++) {
          double v = row[i];
          into[i] = into[i] != into[i] || into[i] < v ? into[i] : v;
        }
        break;
    }
  }
}

void ck_argmax(int32_t *out, const float *x, ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *v = x + row * count;
    ptrdiff_t best = 0;
    for (ptrdiff_t i = 1; i < count && v[best] == v[best]; i++)
      if (v[i] > v[best] || v[i] != v[i]) best = i;
    out[row] = (int32_t)best;
  }
}

static inline float largest_of(const float *v, ptrdiff_t count) {
  float largest = v[0];
  for (ptrdiff_t i = 1; i < count; i++) largest = v[i] > largest ? v[i] : largest;
  return largest;
}

// exp of values that are 0 or less; NaN stays NaN.
static inline float down_exp(float v) {
  float e = ck_exp(v);
  return v != v ? v : e;
}

CK_DISPATCHED void ck_log_sum_exp(
    float *out, const float *x, ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *v = x + row * count;
    float largest = largest_of(v, count), total = 0;
    if (isinf(largest)) {
      // All are minus infinity, or one is infinite: unless one is no number, that is the result.
      float poison = 0;
      for (ptrdiff_t i = 0; i < count; i++) poison += v[i] != v[i] ? v[i] : 0;
      out[row] = largest + poison;
      continue;
    }
    for (ptrdiff_t i = 0; i < count; i++) total += down_exp(v[i] - largest);
    out[row] = largest + logf(total);
  }
}

CK_DISPATCHED void ck_softmax(
    float *out, const float *x, ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *v = x + row * count;
    float *o = out + row * count;
    float largest = largest_of(v, count), total = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
      o[i] = down_exp(v[i] - largest);
      total += o[i];
    }
    float scale = 1 / total;
    for (ptrdiff_t i = 0; i < count; i++) o[i] *= scale;
  }
}

CK_DISPATCHED void ck_log_softmax(
    float *out, const float *x, ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *v = x + row * count;
    float largest = largest_of(v, count), total = 0;
    for (ptrdiff_t i = 0; i < count; i++) total += down_exp(v[i] - largest);
    float shift = logf(total);
    for (ptrdiff_t i = 0; i < count; i++) out[row * count + i] = v[i] - largest - shift;
  }
}

CK_DISPATCHED void ck_softmax_gradient(
    float *out, const float *upstream, const float *y, ptrdiff_t count, ptrdiff_t begin,
    ptrdiff_t end) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *g = upstream + row * count, *p = y + row * count;
    float dot = 0;
    for (ptrdiff_t i = 0; i < count; i++) dot += g[i] * p[i];
    for (ptrdiff_t i = 0; i < count; i++) out[row * count + i] = p[i] * (g[i] - dot);
  }
}

CK_DISPATCHED void ck_log_softmax_gradient(
    float *out, const float *upstream, const float *y, ptrdiff_t count, ptrdiff_t begin,
    ptrdiff_t end) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *g = upstream + row * count, *p = y + row * count;
    float total = 0;
    for (ptrdiff_t i = 0; i < count; i++) total += g[i];
    for (ptrdiff_t i = 0; i < count; i++) out[row * count + i] = g[i] - down_exp(p[i]) * total;
  }
}

CK_DISPATCHED void ck_normalize_rows(
    float *out, float *lengths, const float *x, float smallest, ptrdiff_t count, ptrdiff_t begin,
    ptrdiff_t end) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *v = x + row * count;
    float square = 0;
    for (ptrdiff_t i = 0; i < count; i++) square += v[i] * v[i];
    lengths[row] = sqrtf(square);
    float scale = 1 / (lengths[row] < smallest ? smallest : lengths[row]);
    for (ptrdiff_t i = 0; i < count; i++) out[row * count + i] = v[i] * scale;
  }
}

CK_DISPATCHED void ck_normalize_rows_gradient(
    float *out, const float *upstream, const float *y, const float *lengths, float smallest,
    ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *g = upstream + row * count, *p = y + row * count;
    // Below the smallest length the scale is a constant.
    int constant = lengths[row] < smallest;
    float scale = 1 / (constant ? smallest : lengths[row]), dot = 0;
    for (ptrdiff_t i = 0; i < count; i++) dot += g[i] * p[i];
    if (constant) dot = 0;
    for (ptrdiff_t i = 0; i < count; i++) out[row * count + i] = (g[i] - p[i] * dot) * scale;
  }
}
