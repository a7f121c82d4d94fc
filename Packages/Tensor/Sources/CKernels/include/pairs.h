// Pairs of near pixels: affinities, and the losses of IRN and PSA with their gradients.
//
// A pair is a first pixel and the pixel at an offset from it, dy >= 0. Its kind comes from the
// labels of both: 255 at either makes it count nowhere.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  ptrdiff_t count;         // offsets
  ptrdiff_t reach;         // the largest |dy| and |dx|
  const int32_t *offsets;  // dy, dx of each
  const int32_t *starts;   // count + 1: where the path of each begins
  const int32_t *paths;    // dy, dx of the pixels of every path, the far end first
} ck_pixel_pairs;

enum { ck_background_pairs, ck_foreground_pairs, ck_different_pairs, ck_pair_kinds };

// One map: `height` rows of `width` pixels; first pixels lie in columns [left, right).
typedef struct {
  ptrdiff_t height, width, left, right;
  const uint8_t *labels;
} ck_pair_map;

// Adds the number of pairs of each kind whose first pixel lies in rows [begin, end).
void ck_count_pairs(
    ck_pixel_pairs pairs, ck_pair_map map, ptrdiff_t begin, ptrdiff_t end,
    int64_t counts[ck_pair_kinds]);

// out[y][offset][x] = 1 - the largest boundary on the path, 0 where the pair leaves the map; rows
// [begin, end) of a map [height][width].
void ck_boundary_affinities(
    ck_pixel_pairs pairs, ptrdiff_t height, ptrdiff_t width, ptrdiff_t left, ptrdiff_t right,
    ptrdiff_t last_row, const float *boundary, float *out, ptrdiff_t begin, ptrdiff_t end);

// out[y][offset][x] = exp(-mean over the channels |f_i - f_j|), 0 where the pair leaves the map.
void ck_feature_affinities(
    ck_pixel_pairs pairs, ptrdiff_t height, ptrdiff_t width, ptrdiff_t left, ptrdiff_t right,
    ptrdiff_t last_row, ptrdiff_t channels, const float *features, float *out, ptrdiff_t begin,
    ptrdiff_t end);

// The affinity losses' sums by kind, then the displacement losses' of background and foreground.
enum { ck_pair_sums = ck_pair_kinds + 2 };

// Adds IRN's loss of pairs whose first pixel lies in rows [begin, end) to `sums`, and the gradient
// of sum over i of scales[i] * sums[i] to the gradients, whose first row is `begin` and which reach
// to row min(end + reach, height). `vertical` and `horizontal` may be NULL with their gradients.
typedef struct {
  const float *boundary, *vertical, *horizontal;  // [height][width] each
  float *boundary_gradient, *vertical_gradient, *horizontal_gradient;  // NULL = not wanted
} ck_boundary_maps;

void ck_boundary_pair_loss(
    ck_pixel_pairs pairs, ck_pair_map map, ck_boundary_maps maps,
    const float scales[ck_pair_sums], ptrdiff_t begin, ptrdiff_t end, double sums[ck_pair_sums]);

// Turns the affinities of rows [begin, end), as ck_feature_affinities wrote them, into the
// derivatives of sum over i of scales[i] * sums[i] by |f_i - f_j|, and adds to `sums`.
void ck_feature_pair_loss(
    ck_pixel_pairs pairs, ck_pair_map map, ptrdiff_t last_row, ptrdiff_t channels,
    const float scales[ck_pair_kinds], float *affinities, ptrdiff_t begin, ptrdiff_t end,
    double sums[ck_pair_kinds]);

// gradient[y][x][channel] = sum over the pairs of a pixel of slope * sign(own - partner), rows
// [begin, end); `slopes` as ck_feature_pair_loss leaves them.
void ck_feature_pair_gradient(
    ck_pixel_pairs pairs, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels,
    const float *features, const float *slopes, float *gradient, ptrdiff_t begin, ptrdiff_t end);
