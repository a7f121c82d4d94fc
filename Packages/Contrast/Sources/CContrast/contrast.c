#include "contrast.h"

#include <math.h>
#include <stdlib.h>

#include "ck_dispatch.h"

enum {
  AHEAD = 16,  // rows to ask memory for before they are needed
  GROUP = 8    // rows that are worked on together
};

// Every function that takes vectors is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

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

INLINED float square(const float *restrict row, ptrdiff_t dimension) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (ptrdiff_t d = 0; d < dimension; d++) sum += row[d] * row[d];
  return sum;
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

typedef float v16 __attribute__((vector_size(64), aligned(4)));
typedef float v8 __attribute__((vector_size(32), aligned(4)));

// The sums of eight vectors: halves are added until one number of each is left.
INLINED v8 sums_of(const v16 x[GROUP]) {
  v16 half[4], quarter[2];
  for (int i = 0; i < 4; i++) {
    const v16 a = x[2 * i], b = x[2 * i + 1];
    half[i] = __builtin_shufflevector(
                  a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
              __builtin_shufflevector(
                  a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  }
  for (int i = 0; i < 2; i++) {
    const v16 a = half[2 * i], b = half[2 * i + 1];
    quarter[i] = __builtin_shufflevector(
                     a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
                 __builtin_shufflevector(
                     a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  }
  const v16 a = quarter[0], b = quarter[1];
  const v16 pairs = __builtin_shufflevector(
                        a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) +
                    __builtin_shufflevector(
                        a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
  return __builtin_shufflevector(pairs, pairs, 0, 2, 4, 6, 8, 10, 12, 14) +
         __builtin_shufflevector(pairs, pairs, 1, 3, 5, 7, 9, 11, 13, 15);
}

// The products of a query with eight rows, which share each load of it.
INLINED void products(
    const float *query, const float *const rows[GROUP], ptrdiff_t dimension, float *dots) {
  v16 sums[GROUP] = {};
  const ptrdiff_t whole = dimension / 16 * 16;
  for (ptrdiff_t d = 0; d < whole; d += 16) {
    const v16 q = *(const v16 *)(query + d);
    for (int i = 0; i < GROUP; i++) sums[i] += q * *(const v16 *)(rows[i] + d);
  }
  *(v8 *)dots = sums_of(sums);
  for (ptrdiff_t d = whole; d < dimension; d++)
    for (int i = 0; i < GROUP; i++) dots[i] += query[d] * rows[i][d];
}

// Adds some of a query's keys, rows `list` of the negatives, to its sums.
INLINED void add_keys(
    const float *restrict query, ptrdiff_t dimension, const ctr_negatives *negatives,
    const int32_t *list, ptrdiff_t keys, float scale, ctr_sums *sums, float *restrict gradient,
    const float **rows, float *restrict scratch) {
  // Padding repeats the last key and is given weight 0.
  const ptrdiff_t padded = (keys + GROUP - 1) / GROUP * GROUP;
  float *cosine = scratch, *inverse = cosine + padded, *weight = inverse + padded;
  for (ptrdiff_t k = 0; k < padded; k++) {
    const ptrdiff_t row = list[k < keys ? k : keys - 1];
    rows[k] = negatives->rows + row * dimension;
    if (negatives->inverse_lengths) inverse[k] = negatives->inverse_lengths[row];
    if (k < AHEAD) prefetch_row(rows[k], dimension);
  }
  for (ptrdiff_t k = 0; k < padded; k += GROUP) {
    for (ptrdiff_t next = k + AHEAD; next < k + AHEAD + GROUP && next < keys; next++)
      prefetch_row(rows[next], dimension);
    products(query, rows + k, dimension, cosine + k);
    if (negatives->inverse_lengths) continue;
    for (ptrdiff_t i = k; i < k + GROUP; i++) inverse[i] = inverse_length(square(rows[i], dimension));
  }
  float largest = sums->largest;
  for (ptrdiff_t k = 0; k < padded; k++) {
    cosine[k] *= sums->query_inverse * inverse[k];
    largest = cosine[k] > largest ? cosine[k] : largest;
  }
  for (ptrdiff_t k = 0; k < padded; k++) weight[k] = exponential((cosine[k] - largest) * scale);
  for (ptrdiff_t k = keys; k < padded; k++) weight[k] = 0;
  const float shrink = exponential((sums->largest - largest) * scale);
  sums->largest = largest;
  sums->total *= shrink;
  sums->along *= shrink;
  for (ptrdiff_t k = 0; k < keys; k++) {
    sums->total += weight[k];
    sums->along += weight[k] * cosine[k];
    weight[k] *= inverse[k];
  }
  if (!gradient) return;
  if (shrink != 1)
    for (ptrdiff_t d = 0; d < dimension; d++) gradient[d] *= shrink;
  for (ptrdiff_t k = 0; k < padded; k += GROUP) {
    const float *const *r = rows + k, *w = weight + k;
    const float *r0 = r[0], *r1 = r[1], *r2 = r[2], *r3 = r[3];
    const float *r4 = r[4], *r5 = r[5], *r6 = r[6], *r7 = r[7];
    const float w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
    const float w4 = w[4], w5 = w[5], w6 = w[6], w7 = w[7];
    for (ptrdiff_t d = 0; d < dimension; d++)
      gradient[d] += ((w0 * r0[d] + w1 * r1[d]) + (w2 * r2[d] + w3 * r3[d])) +
                     ((w4 * r4[d] + w5 * r5[d]) + (w6 * r6[d] + w7 * r7[d]));
  }
}

// The sums of a query with its positive alone.
INLINED ctr_sums start(
    const float *restrict query, const float *restrict positive, ptrdiff_t dimension) {
  float dot, square, own, ignored;
  product(query, positive, dimension, &dot, &square);
  product(query, query, dimension, &ignored, &own);
  const float inverse = inverse_length(square), query_inverse = inverse_length(own);
  const float cosine = dot * query_inverse * inverse;
  return (ctr_sums){
      .query_inverse = query_inverse, .positive_inverse = inverse, .positive = cosine,
      .largest = cosine, .total = 1, .along = 0};
}

// d cos(q, n) / dq = (n / |n| - cos q / |q|) / |q|, weighted by the softmax of the keys.
INLINED void finish_gradient(
    const float *restrict query, const float *restrict positive, ptrdiff_t dimension, float scale,
    ctr_sums sums, float *restrict gradient) {
  const float share = 1 / sums.total;
  const float own = exponential((sums.positive - sums.largest) * scale) * share - 1;
  const float toward = own * sums.positive_inverse;
  const float along = (sums.along * share + own * sums.positive) * sums.query_inverse;
  // A query of length 0 stays where it is.
  const float factor = sums.query_inverse < 1 / smallest_length ? sums.query_inverse * scale : 0;
  for (ptrdiff_t d = 0; d < dimension; d++)
    gradient[d] = (gradient[d] * share + toward * positive[d] - along * query[d]) * factor;
}

CK_DISPATCHED int ctr_info_nce(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *features,
    const int32_t *query_rows, const float *positives, const int32_t *positive_rows,
    ctr_negatives negatives, const int32_t *list_of_query, float temperature, ptrdiff_t part,
    ctr_sums *sums, float *losses, float *gradients) {
  const ptrdiff_t padded = (negatives.count + GROUP - 1) / GROUP * GROUP;
  const float **rows = malloc((size_t)padded * (sizeof *rows + 3 * sizeof(float)) + 1);
  if (!rows) return -1;
  float *scratch = (float *)(rows + padded);
  const float scale = 1 / temperature;
  for (ptrdiff_t q = begin; q < end; q++) {
    const float *query = features + query_rows[q] * dimension;
    const float *positive = positives + positive_rows[q] * dimension;
    float *gradient = gradients ? gradients + q * dimension : NULL;
    if (part == 0) {
      sums[q] = start(query, positive, dimension);
      for (ptrdiff_t d = 0; gradient && d < dimension; d++) gradient[d] = 0;
    }
    const ptrdiff_t list = list_of_query[q];
    const ptrdiff_t place = list * (negatives.parts + 1) + part;
    const ptrdiff_t first = negatives.starts ? negatives.starts[place] : 0;
    const ptrdiff_t last = negatives.starts ? negatives.starts[place + 1] : negatives.count;
    if (first < last)
      add_keys(
          query, dimension, &negatives, negatives.lists + list * negatives.count + first,
          last - first, scale, &sums[q], gradient, rows, scratch);
    if (part + 1 < negatives.parts) continue;
    losses[q] = logf(sums[q].total) - (sums[q].positive - sums[q].largest) * scale;
    if (gradient) finish_gradient(query, positive, dimension, scale, sums[q], gradient);
  }
  free(rows);
  return 0;
}

CK_DISPATCHED void ctr_inverse_lengths(
    const float *rows, ptrdiff_t dimension, ptrdiff_t begin, ptrdiff_t end, float *inverse) {
  for (ptrdiff_t row = begin; row < end; row++)
    inverse[row] = inverse_length(square(rows + row * dimension, dimension));
}

void ctr_split_lists(
    ptrdiff_t begin, ptrdiff_t end, const int32_t *lists, ptrdiff_t count, int shift,
    ptrdiff_t parts, int32_t *out, int32_t *starts) {
  for (ptrdiff_t list = begin; list < end; list++) {
    const int32_t *rows = lists + list * count;
    int32_t *own = starts + list * (parts + 1);
    for (ptrdiff_t part = 0; part <= parts; part++) own[part] = 0;
    for (ptrdiff_t k = 0; k < count; k++) own[rows[k] >> shift]++;
    // From the end of each part back to its beginning, which leaves the starts.
    for (ptrdiff_t part = 1; part <= parts; part++) own[part] += own[part - 1];
    for (ptrdiff_t k = count; k-- > 0;) out[list * count + --own[rows[k] >> shift]] = rows[k];
  }
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
