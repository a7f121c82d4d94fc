#include "contrast.h"

#include <math.h>
#include <stdlib.h>

#if defined(__x86_64__)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif
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

DISPATCHED int ctr_info_nce(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *features,
    const int32_t *query_rows, const float *positives, const int32_t *positive_rows,
    const float *negatives, const int32_t *lists, const int32_t *list_of_query, ptrdiff_t count,
    float temperature, float *losses, float *gradients) {
  enum { ahead = 4 };
  const ptrdiff_t keys = count + 1;
  // Key 0 is the positive. For each key: its row, 1 / length, cosine, then its weight.
  const float **rows = malloc((size_t)keys * (sizeof *rows + 2 * sizeof(float)));
  if (!rows) return -1;
  float *inverse = (float *)(rows + keys), *cosine = inverse + keys;
  for (ptrdiff_t q = begin; q < end; q++) {
    const float *query = features + query_rows[q] * dimension;
    const int32_t *list = lists + list_of_query[q] * (keys - 1);
    rows[0] = positives + positive_rows[q] * dimension;
    for (ptrdiff_t k = 1; k < keys; k++) rows[k] = negatives + list[k - 1] * dimension;
    float dot, square;
    product(query, query, dimension, &dot, &square);
    float query_inverse = inverse_length(square), largest = -INFINITY;
    for (ptrdiff_t k = 0; k < keys; k++) {
      if (k + ahead < keys) prefetch_row(rows[k + ahead], dimension);
      float row_square;
      product(query, rows[k], dimension, &dot, &row_square);
      inverse[k] = inverse_length(row_square);
      cosine[k] = dot * query_inverse * inverse[k];
      largest = cosine[k] > largest ? cosine[k] : largest;
    }
    const float scale = 1 / temperature;
    float total = 0, first = (cosine[0] - largest) * scale;
    for (ptrdiff_t k = 0; k < keys; k++) total += expf((cosine[k] - largest) * scale);
    losses[q] = logf(total) - first;
    if (!gradients) continue;

    // d cos(q, n) / dq = (n / |n| - cos q / |q|) / |q|, weighted by the softmax of the keys.
    float *gradient = gradients + q * dimension;
    for (ptrdiff_t d = 0; d < dimension; d++) gradient[d] = 0;
    if (sqrtf(square) <= smallest_length) continue;
    float along = 0;
    for (ptrdiff_t k = 0; k < keys; k++) {
      float weight = expf((cosine[k] - largest) * scale) / total - (k == 0);
      along += weight * cosine[k];
      weight *= inverse[k];
      const float *row = rows[k];
      for (ptrdiff_t d = 0; d < dimension; d++) gradient[d] += weight * row[d];
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

DISPATCHED void ctr_softmax_entropy(
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

DISPATCHED void ctr_cosine(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *a, const float *b,
    float scale, float *cosines, float *gradient_a, float *gradient_b) {
  for (ptrdiff_t pixel = begin; pixel < end; pixel++) {
    const float *x = a + pixel * dimension, *y = b + pixel * dimension;
    float *dx = gradient_a + pixel * dimension, *dy = gradient_b + pixel * dimension;
    float dot, xx, yy, ignored;
    product(x, y, dimension, &dot, &yy);
    product(x, x, dimension, &ignored, &xx);
    int defined = sqrtf(xx) > smallest_length && sqrtf(yy) > smallest_length;
    float own = defined ? inverse_length(xx) : 0, other = defined ? inverse_length(yy) : 0;
    float cosine = dot * own * other;
    cosines[pixel] = cosine;
    float cross = own * other * scale, along_x = cosine * own * own * scale;
    float along_y = cosine * other * other * scale;
    for (ptrdiff_t d = 0; d < dimension; d++) {
      dx[d] = cross * y[d] - along_x * x[d];
      dy[d] = cross * x[d] - along_y * y[d];
    }
  }
}
