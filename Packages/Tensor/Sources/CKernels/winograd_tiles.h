// What the Winograd drivers share: tiles, panels and working memory. Private to winograd*.c.
#pragma once
#include "winograd_transforms.h"

static inline ptrdiff_t ck_smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t ck_rounded_up(ptrdiff_t count, ptrdiff_t step) {
  return (count + step - 1) / step * step;
}

static inline ptrdiff_t ck_winograd_panels(ptrdiff_t channels) {
  return (channels + ck_winograd_panel - 1) / ck_winograd_panel;
}

// The columns in use of a panel, in whole vectors.
static inline ptrdiff_t ck_winograd_panel_width(ptrdiff_t channels, ptrdiff_t index) {
  return ck_smaller(
      ck_rounded_up(channels - index * ck_winograd_panel, ck_winograd_lanes), ck_winograd_panel);
}

// Floats from one point to the next of matrices with `rows` rows of `columns` columns. An odd
// number of cache lines: the 36 lines written together fall into different sets of a cache.
static inline ptrdiff_t ck_winograd_point_stride(ptrdiff_t rows, ptrdiff_t columns) {
  return (rows * columns / ck_winograd_lanes | 1) * ck_winograd_lanes;
}

// Memory from the pool, or NULL.
typedef struct {
  void *start;
  size_t capacity;
} ck_winograd_memory;

ck_winograd_memory ck_winograd_reserve(ptrdiff_t floats);
void ck_winograd_release(ck_winograd_memory memory);

// The tiles of the output's images, in `memory`; false where memory is out.
bool ck_winograd_make_tiles(
    const ck_winograd_shape *shape, ck_winograd_tiles *tiles, ck_winograd_memory *memory);
