// Loops of K-means over the rows of a matrix.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Centroids are packed [dimension][lanes], lanes = clusters rounded up to 16; padding is zero.
enum { cc_lanes = 16 };
ptrdiff_t cc_padded(ptrdiff_t clusters);

// packed[d * lanes + k] = centroids[k * dimension + d]; half_norms[k] = |c_k|^2 / 2, infinite in
// the padding, so that no row chooses it.
void cc_pack_centroids(
    const float *centroids, ptrdiff_t clusters, ptrdiff_t dimension, float *packed,
    float *half_norms);

// For rows [0, count): the nearest centroid in assignments, its squared distance in distances
// (0 or more). squared_norms holds |row|^2. Returns how many assignments changed.
ptrdiff_t cc_assign(
    const float *rows, const float *squared_norms, ptrdiff_t count, ptrdiff_t dimension,
    const float *packed, const float *half_norms, ptrdiff_t clusters, int32_t *assignments,
    float *distances);

// sums[k * dimension + d] += rows of cluster k; sizes[k] += their number.
void cc_accumulate(
    const float *rows, ptrdiff_t count, ptrdiff_t dimension, const int32_t *assignments,
    float *sums, int64_t *sizes);

// out[i] = |row_i|^2.
void cc_squared_norms(const float *rows, ptrdiff_t count, ptrdiff_t dimension, float *out);

// out[i] = |row_i - point|^2 by the difference itself, exact where they are equal.
void cc_squared_distances(
    const float *rows, ptrdiff_t count, ptrdiff_t dimension, const float *point, float *out);
