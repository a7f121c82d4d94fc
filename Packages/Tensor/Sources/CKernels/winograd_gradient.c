// The gradient of the weights.
#include <string.h>

#include "parallel.h"
#include "winograd_tiles.h"

enum { points = ck_winograd_points, lanes = ck_winograd_lanes, panel = ck_winograd_panel };
// Floats of sums that make a step, and tiles transformed by one call.
enum { sum_floats = 1 << 20, chunk_tiles = 4 };

// The most tiles whose products are summed before the sums are transformed back. Measured on Zen 4
// at 16 to 512 channels: few channels leave little to do with a transformed tile, so it must not
// have left the caches by then; many make the transform of the sums cost more.
static ptrdiff_t block_limit(const ck_winograd_shape *shape) {
  return ck_smaller(64 + (shape->in_channels + shape->out_channels) / 4, 256);
}

typedef struct {
  ck_winograd_shape shape;
  ck_winograd_tiles tiles;
  const float *input, *upstream;
  float *gradient;
  ptrdiff_t first;  // tile of the block in work
  ck_winograd_matrices inputs, upstreams;
  float *bias_sums;                  // a row a chunk of tiles, or NULL
  ptrdiff_t channel, channel_count;  // input channels in work
  ck_winograd_panel_weights sums;    // of these, for every panel
  ptrdiff_t panel_stride;
} weight_gradient;

static void transform_pairs(void *context, ptrdiff_t begin, ptrdiff_t end) {
  weight_gradient *work = context;
  ck_winograd_transform_input(
      &work->shape, &work->tiles, work->first, begin, end, work->input, work->inputs);
  float *sums = work->bias_sums;
  if (sums) {
    sums += begin / chunk_tiles * work->shape.out_channels;
    if (work->first == 0) memset(sums, 0, (size_t)work->shape.out_channels * sizeof(float));
  }
  ck_winograd_transform_upstream(
      &work->shape, &work->tiles, work->first, begin, end, work->upstream, work->upstreams, sums);
}

// An index is a point of a panel.
static void multiply_points(void *context, ptrdiff_t begin, ptrdiff_t end) {
  weight_gradient *work = context;
  ptrdiff_t count = work->inputs.tile_count;
  for (ptrdiff_t index = begin; index < end; index++) {
    ptrdiff_t point = index % points, column = index / points;
    const float *from = work->inputs.data + point * work->inputs.point_stride;
    const float *upstream = work->upstreams.data + point * work->upstreams.point_stride +
                            column * count * panel;
    float *to = work->sums.data + column * work->panel_stride + point * work->sums.point_stride;
    for (ptrdiff_t channel = 0; channel < work->channel_count; channel += lanes)
      ck_winograd_transposed_product(
          from + (work->channel + channel) * count, count, upstream, to + channel * panel,
          ck_winograd_panel_width(work->shape.out_channels, column));
  }
}

static void transform_sums(void *context, ptrdiff_t begin, ptrdiff_t end) {
  weight_gradient *work = context;
  for (ptrdiff_t column = 0; column * panel < work->shape.out_channels; column++) {
    ck_winograd_panel_weights from = work->sums;
    from.data += column * work->panel_stride + begin * panel;
    ck_winograd_transform_weight_gradient(
        &work->shape, column, work->channel + begin, work->channel + end, from, work->first > 0,
        work->gradient);
  }
}

bool ck_winograd_weight_gradient(
    ck_winograd_shape shape, const float *input, const float *upstream, float *gradient,
    float *bias_gradient) {
  weight_gradient work = {
      .shape = shape, .input = input, .upstream = upstream, .gradient = gradient};
  ck_winograd_memory starts;
  if (!ck_winograd_make_tiles(&shape, &work.tiles, &starts)) return false;
  ptrdiff_t tile_count = work.tiles.count;
  ptrdiff_t panels = ck_winograd_panels(shape.out_channels);
  ptrdiff_t in_channels = ck_rounded_up(shape.in_channels, lanes);
  ptrdiff_t blocks = (tile_count - 1) / block_limit(&shape) + 1;
  ptrdiff_t block = (tile_count - 1) / blocks + 1;
  ptrdiff_t in_stride = ck_winograd_point_stride(block, in_channels);
  ptrdiff_t out_stride = ck_winograd_point_stride(block, panels * panel);
  ptrdiff_t rows = ck_rounded_up(sum_floats / (points * panels * panel) + 1, lanes);
  rows = ck_smaller(rows, in_channels);
  work.sums.point_stride = ck_winograd_point_stride(rows, panel);
  work.panel_stride = points * work.sums.point_stride;
  ptrdiff_t chunks = (block + chunk_tiles - 1) / chunk_tiles;
  ptrdiff_t bias_floats = bias_gradient ? chunks * shape.out_channels : 0;
  ck_winograd_memory memory = ck_winograd_reserve(
      points * (in_stride + out_stride) + panels * work.panel_stride + bias_floats);
  if (!memory.start) {
    ck_winograd_release(starts);
    return false;
  }
  float *outputs = (float *)memory.start + points * in_stride;
  work.sums.data = outputs + points * out_stride;
  if (bias_gradient) work.bias_sums = work.sums.data + panels * work.panel_stride;
  for (work.first = 0; work.first < tile_count; work.first += block) {
    ptrdiff_t count = ck_smaller(block, tile_count - work.first);
    work.inputs = (ck_winograd_matrices){memory.start, in_stride, count};
    work.upstreams = (ck_winograd_matrices){outputs, out_stride, count};
    ck_parallel_for(count, chunk_tiles, &work, transform_pairs);
    for (work.channel = 0; work.channel < in_channels; work.channel += rows) {
      work.channel_count = ck_smaller(rows, in_channels - work.channel);
      ck_parallel_for(panels * points, 1, &work, multiply_points);
      ptrdiff_t real = ck_smaller(rows, shape.in_channels - work.channel);
      ck_parallel_for(real, 4, &work, transform_sums);
    }
  }
  for (ptrdiff_t chunk = 0; chunk < chunks && bias_gradient; chunk++)
    for (ptrdiff_t i = 0; i < shape.out_channels; i++)
      bias_gradient[i] =
          (chunk ? bias_gradient[i] : 0) + work.bias_sums[chunk * shape.out_channels + i];
  ck_winograd_release(memory);
  ck_winograd_release(starts);
  return true;
}
