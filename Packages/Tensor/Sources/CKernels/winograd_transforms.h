// The transforms around the Winograd products. Private to the winograd*.c files.
#pragma once
#include "winograd.h"
#include "winograd_product.h"

enum {
  ck_winograd_tile = 4,       // outputs along a side of a tile
  ck_winograd_points = 36,    // products a tile: 6 x 6
  ck_winograd_lanes = 16,     // channels worked on together
};

// The tiles of every image: all pairs of a row start and a column start.
typedef struct {
  ptrdiff_t count;  // in all images
  ptrdiff_t row_count, column_count;
  const int *rows, *columns;  // first output row or column of a tile
} ck_winograd_tiles;

// Transformed tiles: the 16 channels of block b at point p and tile t of the batch in work are at
// p * point_stride + b * tile_count * width + t * width, for blocks `width` channels wide.
typedef struct {
  float *data;
  ptrdiff_t point_stride, tile_count;
} ck_winograd_matrices;

// All take tiles [first + begin, first + end) to or from rows [begin, end) of the matrices.

// 6 x 6 inputs a tile, in channel blocks of 16; channels beyond the last become 0.
void ck_winograd_transform_input(
    const ck_winograd_shape *shape, const ck_winograd_tiles *tiles, ptrdiff_t first,
    ptrdiff_t begin, ptrdiff_t end, const float *input, ck_winograd_matrices to);
// 4 x 4 outputs a tile, from panels of 32 channels.
void ck_winograd_transform_output(
    const ck_winograd_shape *shape, const ck_winograd_tiles *tiles, ptrdiff_t first,
    ptrdiff_t begin, ptrdiff_t end, ck_winograd_matrices from,
    const ck_winograd_epilogue *epilogue, float *output);
// The transpose of the output transform: 4 x 4 output gradients a tile to panels. Adds them to
// `sums`, a float a channel, unless NULL.
void ck_winograd_transform_upstream(
    const ck_winograd_shape *shape, const ck_winograd_tiles *tiles, ptrdiff_t first,
    ptrdiff_t begin, ptrdiff_t end, const float *upstream, ck_winograd_matrices to, float *sums);

// Transformed weights of one panel of output channels: point p of input channel c is a row of 32
// at p * point_stride + c * 32.
typedef struct {
  float *data;
  ptrdiff_t point_stride;
} ck_winograd_panel_weights;

// Weights of input channels [begin, end), output channels 32 * panel and on. Mirrored weights are
// [3, 3, out_channels, in_channels] with both kernel axes reversed. `past_caches` sends the result
// to memory.
void ck_winograd_transform_weights(
    const ck_winograd_shape *shape, ptrdiff_t panel, ptrdiff_t begin, ptrdiff_t end,
    const float *weights, bool mirrored, bool past_caches, ck_winograd_panel_weights to);
// The transpose of the weight transform: sets the gradient of these weights, or adds to it. Row 0
// of `from` is input channel `begin`.
void ck_winograd_transform_weight_gradient(
    const ck_winograd_shape *shape, ptrdiff_t panel, ptrdiff_t begin, ptrdiff_t end,
    ck_winograd_panel_weights from, bool add, float *gradient);
