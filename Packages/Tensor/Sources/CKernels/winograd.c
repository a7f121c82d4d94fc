// Forward convolution, and the input's gradient as one of these.
#include "winograd.h"

#include <math.h>
#include <stdatomic.h>

#include "parallel.h"
#include "winograd_tiles.h"

enum { points = ck_winograd_points, lanes = ck_winograd_lanes, panel = ck_winograd_panel };
// Measured on Zen 4 at 16 to 1024 channels. A thread takes 14 tiles through all three steps, 14
// rows being what a product holds in registers and little enough for the second cache. Where tiles
// are few, the steps follow each other over all tiles instead, and each panel of weights is
// transformed by the thread that is about to multiply it.
enum { block_tiles = 14, few_tiles = 128 };
enum { weight_rows = 32 };  // input channels whose weights are transformed by one call
enum { cached_floats = 1 << 20 };  // transformed weights that may find room in a cache

typedef struct {
  ck_winograd_shape shape;
  ck_winograd_tiles tiles;
  ptrdiff_t block;   // tiles worked on together
  ptrdiff_t panels;  // of output channels
  const float *input, *weights;
  bool mirrored;
  ck_winograd_epilogue epilogue;
  float *output;
  ck_winograd_panel_weights transformed;  // all panels, or no data: each when it is needed
  ptrdiff_t panel_stride;
  atomic_bool failed;
} convolution;

typedef struct {
  convolution *work;
  ptrdiff_t first;
  ck_winograd_matrices inputs, outputs;
} convolution_block;

static void transform_inputs(void *context, ptrdiff_t begin, ptrdiff_t end) {
  convolution_block *block = context;
  convolution *work = block->work;
  ck_winograd_transform_input(
      &work->shape, &work->tiles, block->first, begin, end, work->input, block->inputs);
}

static void multiply_panels(void *context, ptrdiff_t begin, ptrdiff_t end) {
  convolution_block *block = context;
  convolution *work = block->work;
  ptrdiff_t depth = work->shape.in_channels, count = block->inputs.tile_count;
  ck_winograd_panel_weights weights = work->transformed;
  ck_winograd_memory memory = {0};
  if (!weights.data) {
    memory = ck_winograd_reserve(work->panel_stride);
    if (!memory.start) {
      atomic_store(&work->failed, true);
      return;
    }
  }
  for (ptrdiff_t index = begin; index < end; index++) {
    if (memory.start) {
      weights.data = memory.start;
      ck_winograd_transform_weights(
          &work->shape, index, 0, depth, work->weights, work->mirrored, false, weights);
    } else {
      weights.data = work->transformed.data + index * work->panel_stride;
    }
    for (ptrdiff_t point = 0; point < points; point++)
      ck_winograd_product(
          block->inputs.data + point * block->inputs.point_stride, count * lanes, count, depth,
          weights.data + point * weights.point_stride,
          block->outputs.data + point * block->outputs.point_stride + index * count * panel,
          ck_winograd_panel_width(work->shape.out_channels, index));
  }
  ck_winograd_release(memory);
}

static void transform_outputs(void *context, ptrdiff_t begin, ptrdiff_t end) {
  convolution_block *block = context;
  convolution *work = block->work;
  ck_winograd_transform_output(
      &work->shape, &work->tiles, block->first, begin, end, block->outputs, &work->epilogue,
      work->output);
}

static void convolve_block(void *context, ptrdiff_t index, ptrdiff_t end) {
  (void)end;
  convolution *work = context;
  const ck_winograd_shape *shape = &work->shape;
  ptrdiff_t first = index * work->block, count = ck_smaller(work->block, work->tiles.count - first);
  ptrdiff_t in_stride = ck_winograd_point_stride(count, ck_rounded_up(shape->in_channels, lanes));
  ptrdiff_t out_stride = ck_winograd_point_stride(count, work->panels * panel);
  ck_winograd_memory memory = ck_winograd_reserve(points * (in_stride + out_stride));
  if (!memory.start) {
    atomic_store(&work->failed, true);
    return;
  }
  convolution_block block = {
      .work = work,
      .first = first,
      .inputs = {memory.start, in_stride, count},
      .outputs = {(float *)memory.start + points * in_stride, out_stride, count}};
  ck_parallel_for(count, 2, &block, transform_inputs);
  ck_parallel_for(work->panels, 1, &block, multiply_panels);
  ck_parallel_for(count, 2, &block, transform_outputs);
  ck_winograd_release(memory);
}

static void transform_all_weights(void *context, ptrdiff_t begin, ptrdiff_t end) {
  convolution *work = context;
  ptrdiff_t channels = work->shape.in_channels;
  ptrdiff_t groups = (channels + weight_rows - 1) / weight_rows;
  bool past_caches = work->panels * work->panel_stride > cached_floats;
  for (ptrdiff_t index = begin; index < end; index++) {
    ck_winograd_panel_weights to = work->transformed;
    to.data += index / groups * work->panel_stride;
    ptrdiff_t row = index % groups * weight_rows;
    ck_winograd_transform_weights(
        &work->shape, index / groups, row, ck_smaller(row + weight_rows, channels), work->weights,
        work->mirrored, past_caches, to);
  }
}

static bool convolve(
    ck_winograd_shape shape, const float *input, const float *weights, bool mirrored,
    ck_winograd_epilogue epilogue, float *output) {
  convolution work = {
      .shape = shape,
      .panels = ck_winograd_panels(shape.out_channels),
      .input = input,
      .weights = weights,
      .mirrored = mirrored,
      .epilogue = epilogue,
      .output = output};
  atomic_init(&work.failed, false);
  ck_winograd_memory starts, transformed = {0};
  if (!ck_winograd_make_tiles(&shape, &work.tiles, &starts)) return false;
  work.transformed.point_stride = ck_winograd_point_stride(shape.in_channels, panel);
  work.panel_stride = points * work.transformed.point_stride;
  if (work.tiles.count < few_tiles) {
    work.block = work.tiles.count;
    convolve_block(&work, 0, 1);
  } else {
    work.block = block_tiles;
    transformed = ck_winograd_reserve(work.panels * work.panel_stride);
    work.transformed.data = transformed.start;
    ptrdiff_t groups = (shape.in_channels + weight_rows - 1) / weight_rows;
    if (transformed.start)
      ck_parallel_for(work.panels * groups, 1, &work, transform_all_weights);
    ck_parallel_for((work.tiles.count - 1) / block_tiles + 1, 1, &work, convolve_block);
  }
  ck_winograd_release(transformed);
  ck_winograd_release(starts);
  return !atomic_load(&work.failed);
}

bool ck_winograd_forward(
    ck_winograd_shape shape, const float *input, const float *weights,
    ck_winograd_epilogue epilogue, float *output) {
  return convolve(shape, input, weights, false, epilogue, output);
}

// A convolution of the output's gradient with the mirrored weights.
bool ck_winograd_input_gradient(
    ck_winograd_shape shape, const float *upstream, const float *weights, float *gradient) {
  ck_winograd_shape mirrored = {
      .batch = shape.batch,
      .in_height = shape.out_height,
      .in_width = shape.out_width,
      .in_channels = shape.out_channels,
      .out_height = shape.in_height,
      .out_width = shape.in_width,
      .out_channels = shape.in_channels,
      .top = 2 * shape.dilation - shape.top,
      .left = 2 * shape.dilation - shape.left,
      .dilation = shape.dilation};
  ck_winograd_epilogue nothing = {.lower = -INFINITY, .upper = INFINITY};
  return convolve(mirrored, upstream, weights, true, nothing, gradient);
}
