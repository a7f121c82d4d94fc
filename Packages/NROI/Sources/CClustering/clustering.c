#include "clustering.h"

#include <math.h>

#include "ck_dispatch.h"

typedef float lanes_t __attribute__((vector_size(64), aligned(4)));

ptrdiff_t cc_padded(ptrdiff_t clusters) { return (clusters + cc_lanes - 1) / cc_lanes * cc_lanes; }

void cc_pack_centroids(
    const float *centroids, ptrdiff_t clusters, ptrdiff_t dimension, float *packed,
    float *half_norms) {
  ptrdiff_t lanes = cc_padded(clusters);
  for (ptrdiff_t d = 0; d < dimension; d++)
    for (ptrdiff_t k = 0; k < lanes; k++)
      packed[d * lanes + k] = k < clusters ? centroids[k * dimension + d] : 0;
  for (ptrdiff_t k = 0; k < lanes; k++) {
    double sum = 0;
    for (ptrdiff_t d = 0; k < clusters && d < dimension; d++) {
      double c = centroids[k * dimension + d];
      sum += c * c;
    }
    half_norms[k] = k < clusters ? (float)(sum / 2) : INFINITY;
  }
}

// Eight rows share each load of the centroids; sixteen clusters fill a vector.
CK_DISPATCHED ptrdiff_t cc_assign(
    const float *rows, const float *squared_norms, ptrdiff_t count, ptrdiff_t dimension,
    const float *packed, const float *half_norms, ptrdiff_t clusters, int32_t *assignments,
    float *distances) {
  enum { block = 8 };
  ptrdiff_t lanes = cc_padded(clusters), changed = 0;
  for (ptrdiff_t first = 0; first < count; first += block) {
    ptrdiff_t left = count - first;
    // A short last block reads its last row again instead of past the end.
    const float *row[block];
    for (ptrdiff_t i = 0; i < block; i++)
      row[i] = rows + (first + (i < left ? i : left - 1)) * dimension;
    float best[block];
    int32_t nearest[block];
    for (int i = 0; i < block; i++) best[i] = INFINITY, nearest[i] = 0;
    for (ptrdiff_t group = 0; group < lanes; group += cc_lanes) {
      lanes_t a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0}, a4 = {0}, a5 = {0}, a6 = {0}, a7 = {0};
      const float *centroid = packed + group;
      for (ptrdiff_t d = 0; d < dimension; d++, centroid += lanes) {
        lanes_t c = *(const lanes_t *)centroid;
        a0 += c * row[0][d], a1 += c * row[1][d], a2 += c * row[2][d], a3 += c * row[3][d];
        a4 += c * row[4][d], a5 += c * row[5][d], a6 += c * row[6][d], a7 += c * row[7][d];
      }
      lanes_t products[block] = {a0, a1, a2, a3, a4, a5, a6, a7};
      for (int i = 0; i < block; i++) {
        for (int k = 0; k < cc_lanes; k++) {
          float half = half_norms[group + k] - products[i][k];
          if (half < best[i]) best[i] = half, nearest[i] = (int32_t)(group + k);
        }
      }
    }
    for (ptrdiff_t i = 0; i < block && i < left; i++) {
      float distance = squared_norms[first + i] + 2 * best[i];
      distances[first + i] = distance > 0 ? distance : 0;
      changed += assignments[first + i] != nearest[i];
      assignments[first + i] = nearest[i];
    }
  }
  return changed;
}

CK_DISPATCHED void cc_accumulate(
    const float *rows, ptrdiff_t count, ptrdiff_t dimension, const int32_t *assignments,
    float *sums, int64_t *sizes) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float *sum = sums + assignments[i] * dimension;
    const float *row = rows + i * dimension;
    for (ptrdiff_t d = 0; d < dimension; d++) sum[d] += row[d];
    sizes[assignments[i]] += 1;
  }
}

CK_DISPATCHED void cc_squared_norms(
    const float *rows, ptrdiff_t count, ptrdiff_t dimension, float *out) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t i = 0; i < count; i++) {
    const float *row = rows + i * dimension;
    float sum = 0;
    for (ptrdiff_t d = 0; d < dimension; d++) sum += row[d] * row[d];
    out[i] = sum;
  }
}

CK_DISPATCHED void cc_squared_distances(
    const float *rows, ptrdiff_t count, ptrdiff_t dimension, const float *point, float *out) {
#pragma clang fp reassociate(on)
  for (ptrdiff_t i = 0; i < count; i++) {
    const float *row = rows + i * dimension;
    float sum = 0;
    for (ptrdiff_t d = 0; d < dimension; d++) {
      float difference = row[d] - point[d];
      sum += difference * difference;
    }
    out[i] = sum;
  }
}
