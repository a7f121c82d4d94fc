#include "contrast.h"

#include <math.h>
#include <stdlib.h>

#include "ck_dispatch.h"

#define INLINED static inline __attribute__((always_inline))

// Lengths below this count as zero, as in torch.nn.functional.cosine_similarity.
static const float smallest_length = 1e-8f;

INLINED float inverse_length(float square) {
  float length = sqrtf(square);
  return 1 / (length > smallest_length ? length : smallest_length);
}

// The product of two rows and the squared length of the second.
INLINED void product(
    const float *restrict a, const float *restrict b, ptrdiff_t dimension, float *dot,
    float *square) {
#pragma clang fp reassociate(on)
  float sum = 0, squares = 0;
  for (ptrdiff_t d = 0; d < dimension; d++) sum += a[d] * b[d], squares += b[d] * b[d];
  *dot = sum;
  *square = squares;
}

INLINED void prefetch_row(const float *row, ptrdiff_t dimension) {
  for (ptrdiff_t d = 0; d < dimension; d += 16) __builtin_prefetch(row + d);
}

// e^x for x <= 0, to 2 ulp: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2]; vectorises.
INLINED float exponential(float x) {
  x = x > -87 ? x : -87;
  float n = __builtin_floorf(x * 1.44269504f + 0.5f);
  float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  union { int32_t bits; float value; } power = {.bits = ((int32_t)n + 127) << 23};
  return (p * r * r + r + 1) * power.value;
}

// Four keys at a time share each load of the query, and their sums overlap.
INLINED void products(
    const float *restrict query, const float *const rows[4], ptrdiff_t dimension, float dots[4],
    float squares[4]) {
#pragma clang fp reassociate(on)
  const float *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  float d0 = 0, d1 = 0, d2 = 0, d3 = 0, s0 = 0, s1 = 0, s2 = 0, s3 = 0;
#pragma clang loop interleave(disable)
  for (ptrdiff_t d = 0; d < dimension; d++) {
    float q = query[d];
    d0 += q * r0[d], s0 += r0[d] * r0[d];
    d1 += q * r1[d], s1 += r1[d] * r1[d];
    d2 += q * r2[d], s2 += r2[d] * r2[d];
    d3 += q * r3[d], s3 += r3[d] * r3[d];
  }
  dots[0] = d0, dots[1] = d1, dots[2] = d2, dots[3] = d3;
  squares[0] = s0, squares[1] = s1, squares[2] = s2, squares[3] = s3;
}

CK_DISPATCHED int ctr_info_nce(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *features,
    const int32_t *query_rows, const float *positives, const int32_t *positive_rows,
    const float *negatives, const int32_t *lists, const int32_t *list_of_query, ptrdiff_t count,
    float temperature, float *losses, float *gradients) {
  enum { ahead = 12 };
  const ptrdiff_t keys = count + 1, padded = (keys + 3) / 4 * 4;
  // Key 0 is the positive. For each key: its row, 1 / length, cosine, then its weight. Padding
  // repeats the last key and is given weight 0.
  const float **rows = malloc((size_t)padded * (sizeof *rows + 3 * sizeof(float)));
  if (!rows) return -1;
  float *inverse = (float *)(rows + padded), *cosine = inverse + padded, *weight = cosine + padded;
  const float scale = 1 / temperature;
  for (ptrdiff_t q = begin; q < end; q++) {
    const float *query = features + query_rows[q] * dimension;
    const int32_t *list = lists + list_of_query[q] * count;
    rows[0] = positives + positive_rows[q] * dimension;
    for (ptrdiff_t k = 1; k < keys; k++) rows[k] = negatives + list[k - 1] * dimension;
    for (ptrdiff_t k = keys; k < padded; k++) rows[k] = rows[keys - 1];
    float ignored, square;
    product(query, query, dimension, &ignored, &square);
    const float query_inverse = inverse_length(square);
    for (ptrdiff_t k = 0; k < ahead && k < keys; k++) prefetch_row(rows[k], dimension);
    for (ptrdiff_t k = 0; k < padded; k += 4) {
      for (ptrdiff_t next = k + ahead; next < k + ahead + 4 && next < keys; next++)
        prefetch_row(rows[next], dimension);
      products(query, rows + k, dimension, cosine + k, inverse + k);
    }
    float largest = -INFINITY, total = 0;
    for (ptrdiff_t k = 0; k < padded; k++) {
      inverse[k] = inverse_length(inverse[k]);
      cosine[k] *= query_inverse * inverse[k];
      largest = cosine[k] > largest ? cosine[k] : largest;
    }
    for (ptrdiff_t k = 0; k < padded; k++) weight[k] = exponential((cosine[k] - largest) * scale);
    for (ptrdiff_t k = keys; k < padded; k++) weight[k] = 0;
    for (ptrdiff_t k = 0; k < keys; k++) total += weight[k];
    losses[q] = logf(total) - (cosine[0] - largest) * scale;
    if (!gradients) continue;

    // d cos(q, n) / dq = (n / |n| - cos q / |q|) / |q|, weighted by the softmax of the keys.
    float *restrict gradient = gradients + q * dimension;
    for (ptrdiff_t d = 0; d < dimension; d++) gradient[d] = 0;
    if (sqrtf(square) <= smallest_length) continue;
    float along = 0;
    for (ptrdiff_t k = 0; k < keys; k++) {
      weight[k] = weight[k] / total - (k == 0);
      along += weight[k] * cosine[k];
      weight[k] *= inverse[k];
    }
    for (ptrdiff_t k = 0; k < padded; k += 4) {
      const float *r0 = rows[k], *r1 = rows[k + 1], *r2 = rows[k + 2], *r3 = rows[k + 3];
      float w0 = weight[k], w1 = weight[k + 1], w2 = weight[k + 2], w3 = weight[k + 3];
      for (ptrdiff_t d = 0; d < dimension; d++)
        gradient[d] += w0 * r0[d] + w1 * r1[d] + w2 * r2[d] + w3 * r3[d];
    }
    along *= query_inverse;
    for (ptrdiff_t d = 0; d < dimension; d++)
      gradient[d] = (gradient[d] - along * query[d]) * query_inverse * scale;
  }
  free(rows);
  return 0;
}

int ctr_key_axis(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *features,
    const int32_t *query_rows, const float *positives, const int32_t *positive_rows,
    const float *negatives, const int32_t *lists, const int32_t *list_of_query, ptrdiff_t count,
    float temperature, float *losses) {
  const ptrdiff_t keys = count + 1;
  float *sums = malloc((size_t)dimension * 2 * sizeof *sums);
  if (!sums) return -1;
  float *squares = sums + dimension;
  for (ptrdiff_t q = begin; q < end; q++) {
    const float *query = features + query_rows[q] * dimension;
    const int32_t *list = lists + list_of_query[q] * (keys - 1);
    const float *row = positives + positive_rows[q] * dimension;
    for (ptrdiff_t d = 0; d < dimension; d++) sums[d] = row[d], squares[d] = row[d] * row[d];
    for (ptrdiff_t k = 1; k < keys; k++) {
      row = negatives + list[k - 1] * dimension;
      for (ptrdiff_t d = 0; d < dimension; d++) sums[d] += row[d], squares[d] += row[d] * row[d];
    }
    float largest = -INFINITY, total = 0;
    for (ptrdiff_t d = 0; d < dimension; d++) {
      // The query's column is its one value repeated `keys` times.
      float own = inverse_length(query[d] * query[d] * (float)keys);
      sums[d] *= query[d] * own * inverse_length(squares[d]);
      largest = sums[d] > largest ? sums[d] : largest;
    }
    for (ptrdiff_t d = 0; d < dimension; d++)
      total += expf((sums[d] - largest) / temperature);
    losses[q] = logf(total) - (sums[0] - largest) / temperature;
  }
  free(sums);
  return 0;
}

CK_DISPATCHED void ctr_softmax_entropy(
    const float *logits, ptrdiff_t classes, ptrdiff_t begin, ptrdiff_t end, float *probabilities,
    float *entropy) {
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *x = logits + row * classes;
    float *p = probabilities + row * classes;
    float largest = x[0], total = 0, mean = 0;
    int finite = 1;
    for (ptrdiff_t c = 0; c < classes; c++) {
      finite &= isfinite(x[c]);
      largest = x[c] > largest ? x[c] : largest;
    }
    for (ptrdiff_t c = 0; c < classes; c++) {
      p[c] = expf(x[c] - largest);
      total += p[c];
      mean += p[c] * (x[c] - largest);
    }
    for (ptrdiff_t c = 0; c < classes; c++) p[c] /= total;
    // H = log Z - E[x], without a logarithm a class.
    entropy[row] = finite ? logf(total) - mean / total : NAN;
  }
}

CK_DISPATCHED void ctr_cosine(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *a, const float *b,
    const uint8_t *labels, float scale, float *cosines, float *gradient_a, float *gradient_b) {
  for (ptrdiff_t pixel = begin; pixel < end; pixel++) {
    const float *x = a + pixel * dimension, *y = b + pixel * dimension;
    float *dx = gradient_a + pixel * dimension, *dy = gradient_b + pixel * dimension;
    if (labels && labels[pixel] == 255) {
      cosines[pixel] = 0;
      for (ptrdiff_t d = 0; d < dimension; d++) dx[d] = dy[d] = 0;
      continue;
    }
    float dot, xx, yy, ignored;
    product(x, y, dimension, &dot, &yy);
    product(x, x, dimension, &ignored, &xx);
    // A length that is not a number makes a cosine that is none: the caller looks for it there.
    int zero = sqrtf(xx) <= smallest_length || sqrtf(yy) <= smallest_length;
    float own = zero ? 0 : 1 / sqrtf(xx), other = zero ? 0 : 1 / sqrtf(yy);
    float cosine = dot * own * other;
    cosines[pixel] = isfinite(xx) && isfinite(yy) ? cosine : NAN;
    float cross = own * other * scale, along_x = cosine * own * own * scale;
    float along_y = cosine * other * other * scale;
    for (ptrdiff_t d = 0; d < dimension; d++) {
      dx[d] = cross * y[d] - along_x * x[d];
      dy[d] = cross * x[d] - along_y * y[d];
    }
  }
}
