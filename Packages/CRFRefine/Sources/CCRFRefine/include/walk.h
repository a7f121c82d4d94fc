// One step of a random walk over pairs of near pixels.
//
// Rows are padded to `stride` floats, at least width + reach, with zeros, so that no column needs
// a check; `stride` is a multiple of cw_lanes, and cw_lanes zeros lie before and after each array.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { cw_lanes = 16, cw_most_maps = 4 };

typedef struct {
  ptrdiff_t count, reach;  // offsets, and the largest |dy| and |dx|
  const int32_t *offsets;  // dy, dx of each, dy >= 0
  ptrdiff_t width, stride;
  ptrdiff_t plane;  // floats from one map to the next
} cw_grid;

// weights[row][offset][stride] = affinities[row][offset][width] to the power beta, of rows
// [begin, end). Powers below 2^-64 become 0. Returns 0 where an affinity is not in 0...1, else 1.
int cw_weights(
    cw_grid grid, float beta, const float *affinities, float *weights, ptrdiff_t begin,
    ptrdiff_t end);

// For rows [begin, end) of `maps` maps: next = now + inverse * sum over the neighbours of weight *
// (theirs - now), which is their weighted mean where `inverse` is 1 / (1 + the sum of the weights),
// laid out as a map; where it is NULL, next = the weighted sum. Row 0 of the weights and maps is
// where the pointers point; `reach` rows of zeros lie around the maps, and above the weights.
//
// Differences, not values, are added up: hundreds of steps then add up no error of the divisor, and
// a map that is the same everywhere stays so exactly.
void cw_step(
    cw_grid grid, ptrdiff_t maps, const float *weights, const float *inverse, const float *now,
    float *next, ptrdiff_t begin, ptrdiff_t end);

// The largest |a - b| and |a| of elements [begin, end).
void cw_change(
    const float *a, const float *b, ptrdiff_t begin, ptrdiff_t end, float *change, float *size);
