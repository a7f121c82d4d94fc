#include "winograd_transforms.h"

#include <string.h>

#include "ck_dispatch.h"

#define INLINE static inline __attribute__((always_inline))

enum { tile = ck_winograd_tile, lanes = ck_winograd_lanes, panel = ck_winograd_panel };
typedef float vector __attribute__((vector_size(4 * lanes), aligned(4)));
typedef float aligned_vector __attribute__((vector_size(4 * lanes)));
typedef int mask __attribute__((vector_size(4 * lanes), aligned(4)));

// Polynomials are interpolated at 0, +-a, +-b and infinity. These two give half the error of
// +-1 and +-2 (1.4e-6 against 3.1e-6 of the result's root mean square) and are exact in binary.
#define A 0.625f
#define B 1.5f
#define A2 (A * A)
#define B2 (B * B)
// Lagrange denominators.
#define SCALE_0 (1 / (A2 * B2))
#define SCALE_A (1 / (2 * A2 * (A2 - B2)))
#define SCALE_B (1 / (2 * B2 * (B2 - A2)))

// Transforms of one row or column: `in` and `out` advance by a step.

INLINE void input_transform(const vector *in, int step, vector *out, int out_step) {
  vector d0 = in[0], d1 = in[step], d2 = in[2 * step];
  vector d3 = in[3 * step], d4 = in[4 * step], d5 = in[5 * step];
  vector even_a = d4 - B2 * d2, odd_a = d3 - B2 * d1;
  vector even_b = d4 - A2 * d2, odd_b = d3 - A2 * d1;
  out[0] = (d4 + A2 * B2 * d0) - (A2 + B2) * d2;
  out[out_step] = even_a + A * odd_a;
  out[2 * out_step] = even_a - A * odd_a;
  out[3 * out_step] = even_b + B * odd_b;
  out[4 * out_step] = even_b - B * odd_b;
  out[5 * out_step] = (d5 + A2 * B2 * d1) - (A2 + B2) * d3;
}

INLINE void output_transform(const vector *in, int step, vector *out, int out_step) {
  vector even_a = in[step] + in[2 * step], odd_a = in[step] - in[2 * step];
  vector even_b = in[3 * step] + in[4 * step], odd_b = in[3 * step] - in[4 * step];
  out[0] = in[0] + even_a + even_b;
  out[out_step] = A * odd_a + B * odd_b;
  out[2 * out_step] = A2 * even_a + B2 * even_b;
  out[3 * out_step] = in[5 * step] + A * A2 * odd_a + B * B2 * odd_b;
}

INLINE void upstream_transform(const vector *in, int step, vector *out, int out_step) {
  vector y0 = in[0], y1 = in[step], y2 = in[2 * step], y3 = in[3 * step];
  vector even_a = y0 + A2 * y2, odd_a = A * y1 + A * A2 * y3;
  vector even_b = y0 + B2 * y2, odd_b = B * y1 + B * B2 * y3;
  out[0] = y0;
  out[out_step] = even_a + odd_a;
  out[2 * out_step] = even_a - odd_a;
  out[3 * out_step] = even_b + odd_b;
  out[4 * out_step] = even_b - odd_b;
  out[5 * out_step] = y3;
}

INLINE void weight_transform(const vector *in, int step, vector *out, int out_step) {
  vector g0 = in[0], g1 = in[step], g2 = in[2 * step];
  vector even_a = SCALE_A * g0 + SCALE_A * A2 * g2, odd_a = SCALE_A * A * g1;
  vector even_b = SCALE_B * g0 + SCALE_B * B2 * g2, odd_b = SCALE_B * B * g1;
  out[0] = SCALE_0 * g0;
  out[out_step] = even_a + odd_a;
  out[2 * out_step] = even_a - odd_a;
  out[3 * out_step] = even_b + odd_b;
  out[4 * out_step] = even_b - odd_b;
  out[5 * out_step] = g2;
}

INLINE void weight_adjoint(const vector *in, int step, vector *out, int out_step) {
  vector even_a = SCALE_A * (in[step] + in[2 * step]), odd_a = in[step] - in[2 * step];
  vector even_b = SCALE_B * (in[3 * step] + in[4 * step]), odd_b = in[3 * step] - in[4 * step];
  out[0] = SCALE_0 * in[0] + even_a + even_b;
  out[out_step] = SCALE_A * A * odd_a + SCALE_B * B * odd_b;
  out[2 * out_step] = in[5 * step] + A2 * even_a + B2 * even_b;
}

INLINE void load(vector *to, const float *from, ptrdiff_t count) {
  if (count >= lanes) {
    *to = *(const vector *)from;
  } else {
    *to = (vector){0};
    memcpy(to, from, (size_t)count * sizeof(float));
  }
}

INLINE void store(float *to, const vector *from, ptrdiff_t count) {
  if (count >= lanes) {
    *(vector *)to = *from;
  } else {
    memcpy(to, from, (size_t)count * sizeof(float));
  }
}

// The part of a tile that lies inside the image.
typedef struct {
  ptrdiff_t image, row, column;  // of the tile's first element; outside the image too
  ptrdiff_t top, bottom, left, right;
} window;

static inline ptrdiff_t limited(ptrdiff_t value, ptrdiff_t upper) {
  return value < 0 ? 0 : value > upper ? upper : value;
}

// `start`, `extent`: of an axis. The first of `size` steps of `dilation` at or after 0.
static inline ptrdiff_t first_inside(ptrdiff_t start, ptrdiff_t dilation, ptrdiff_t size) {
  return start >= 0 ? 0 : limited((-start + dilation - 1) / dilation, size);
}

// The number of `size` steps before the axis ends.
static inline ptrdiff_t end_inside(
    ptrdiff_t start, ptrdiff_t extent, ptrdiff_t dilation, ptrdiff_t size) {
  return start >= extent ? 0 : limited((extent - start + dilation - 1) / dilation, size);
}

static inline window window_at(
    const ck_winograd_tiles *tiles, ptrdiff_t index, ptrdiff_t top, ptrdiff_t left,
    ptrdiff_t height, ptrdiff_t width, ptrdiff_t dilation, ptrdiff_t size) {
  ptrdiff_t column = index % tiles->column_count, rest = index / tiles->column_count;
  window found = {
      .image = rest / tiles->row_count,
      .row = tiles->rows[rest % tiles->row_count] - top,
      .column = tiles->columns[column] - left};
  found.top = first_inside(found.row, dilation, size);
  found.bottom = end_inside(found.row, height, dilation, size);
  found.left = first_inside(found.column, dilation, size);
  found.right = end_inside(found.column, width, dilation, size);
  return found;
}

INLINE void transform_input_block(
    const float *from, ptrdiff_t row_step, ptrdiff_t column_step, ptrdiff_t top,
    ptrdiff_t bottom, ptrdiff_t left, ptrdiff_t right, ptrdiff_t count, float *to,
    ptrdiff_t point_stride) {
  vector half[6 * 6];
#pragma clang loop unroll(disable)
  for (int j = 0; j < 6; j++) {
    vector column[6] = {0};
    if (j >= left && j < right)
      for (int i = 0; i < 6; i++)
        if (i >= top && i < bottom)
          load(&column[i], from + i * row_step + j * column_step, count);
    input_transform(column, 1, half + j, 6);
  }
#pragma clang loop unroll(disable)
  for (int i = 0; i < 6; i++) {
    vector row[6];
    input_transform(half + i * 6, 1, row, 1);
    for (int j = 0; j < 6; j++) *(vector *)(to + (i * 6 + j) * point_stride) = row[j];
  }
}

CK_DISPATCHED void ck_winograd_transform_input(
    const ck_winograd_shape *shape, const ck_winograd_tiles *tiles, ptrdiff_t first,
    ptrdiff_t begin, ptrdiff_t end, const float *input, ck_winograd_matrices to) {
  ptrdiff_t channels = shape->in_channels;
  ptrdiff_t column_step = shape->dilation * channels, row_step = column_step * shape->in_width;
  for (ptrdiff_t index = begin; index < end; index++) {
    window w = window_at(
        tiles, first + index, shape->top, shape->left, shape->in_height, shape->in_width,
        shape->dilation, tile + 2);
    bool inside = w.top == 0 && w.bottom == 6 && w.left == 0 && w.right == 6;
    ptrdiff_t offset =
        ((w.image * shape->in_height + w.row) * shape->in_width + w.column) * channels;
    for (ptrdiff_t channel = 0; channel < channels; channel += lanes) {
      const float *from = input + offset + channel;
      float *out = to.data + channel * to.tile_count + index * lanes;
      if (channel + lanes > channels)
        transform_input_block(
            from, row_step, column_step, w.top, w.bottom, w.left, w.right, channels - channel,
            out, to.point_stride);
      else if (inside)
        transform_input_block(
            from, row_step, column_step, 0, 6, 0, 6, lanes, out, to.point_stride);
      else
        transform_input_block(
            from, row_step, column_step, w.top, w.bottom, w.left, w.right, lanes, out,
            to.point_stride);
    }
  }
}

INLINE void finish(
    vector *sum, const vector *bias, const float *residual, ptrdiff_t count, float lower,
    float upper) {
  vector value = *sum + *bias;
  if (residual) {
    vector more;
    load(&more, residual, count);
    value += more;
  }
  // Comparisons rather than a minimum and maximum: NaN stays NaN.
  vector low = (vector){0} + lower, high = (vector){0} + upper;
  mask below = value < low, above = value > high;
  *sum = (vector)(((mask)value & ~(below | above)) | ((mask)low & below) | ((mask)high & above));
}

INLINE void transform_output_block(
    const float *from, ptrdiff_t point_stride, const ck_winograd_epilogue *epilogue,
    ptrdiff_t channel, ptrdiff_t offset, float *to, ptrdiff_t row_step, ptrdiff_t column_step,
    ptrdiff_t bottom, ptrdiff_t right, ptrdiff_t count) {
  vector half[4 * 6];
#pragma clang loop unroll(disable)
  for (int j = 0; j < 6; j++) {
    vector column[6];
    for (int i = 0; i < 6; i++) column[i] = *(const vector *)(from + (i * 6 + j) * point_stride);
    output_transform(column, 1, half + j, 6);
  }
  vector bias = {0};
  if (epilogue->bias) load(&bias, epilogue->bias + channel, count);
#pragma clang loop unroll(disable)
  for (int i = 0; i < bottom; i++) {
    vector row[4];
    output_transform(half + i * 6, 1, row, 1);
    for (int j = 0; j < 4; j++) {
      if (j >= right) break;
      ptrdiff_t at = offset + i * row_step + j * column_step;
      const float *residual = epilogue->residual ? epilogue->residual + at : NULL;
      finish(&row[j], &bias, residual, count, epilogue->lower, epilogue->upper);
      store(to + at, &row[j], count);
    }
  }
}

CK_DISPATCHED void ck_winograd_transform_output(
    const ck_winograd_shape *shape, const ck_winograd_tiles *tiles, ptrdiff_t first,
    ptrdiff_t begin, ptrdiff_t end, ck_winograd_matrices from,
    const ck_winograd_epilogue *epilogue, float *output) {
  ptrdiff_t channels = shape->out_channels;
  ptrdiff_t column_step = shape->dilation * channels, row_step = column_step * shape->out_width;
  for (ptrdiff_t index = begin; index < end; index++) {
    window w = window_at(
        tiles, first + index, 0, 0, shape->out_height, shape->out_width, shape->dilation, tile);
    ptrdiff_t offset =
        ((w.image * shape->out_height + w.row) * shape->out_width + w.column) * channels;
    for (ptrdiff_t channel = 0; channel < channels; channel += lanes) {
      const float *in = from.data + channel / panel * panel * from.tile_count + index * panel +
                        channel % panel;
      if (channel + lanes > channels)
        transform_output_block(
            in, from.point_stride, epilogue, channel, offset + channel, output, row_step,
            column_step, w.bottom, w.right, channels - channel);
      else
        transform_output_block(
            in, from.point_stride, epilogue, channel, offset + channel, output, row_step,
            column_step, w.bottom, w.right, lanes);
    }
  }
}

INLINE void transform_upstream_block(
    const float *from, ptrdiff_t row_step, ptrdiff_t column_step, ptrdiff_t bottom,
    ptrdiff_t right, ptrdiff_t count, float *to, ptrdiff_t point_stride, float *sums) {
  vector half[6 * 4], sum = {0};
#pragma clang loop unroll(disable)
  for (int j = 0; j < 4; j++) {
    vector column[4] = {0};
    if (j < right)
      for (int i = 0; i < 4; i++)
        if (i < bottom) load(&column[i], from + i * row_step + j * column_step, count);
    sum += (column[0] + column[1]) + (column[2] + column[3]);
    upstream_transform(column, 1, half + j, 4);
  }
  if (sums) {
    vector before;
    load(&before, sums, count);
    sum += before;
    store(sums, &sum, count);
  }
#pragma clang loop unroll(disable)
  for (int i = 0; i < 6; i++) {
    vector row[6];
    upstream_transform(half + i * 4, 1, row, 1);
    for (int j = 0; j < 6; j++) *(vector *)(to + (i * 6 + j) * point_stride) = row[j];
  }
}

CK_DISPATCHED void ck_winograd_transform_upstream(
    const ck_winograd_shape *shape, const ck_winograd_tiles *tiles, ptrdiff_t first,
    ptrdiff_t begin, ptrdiff_t end, const float *upstream, ck_winograd_matrices to, float *sums) {
  ptrdiff_t channels = shape->out_channels;
  ptrdiff_t column_step = shape->dilation * channels, row_step = column_step * shape->out_width;
  for (ptrdiff_t index = begin; index < end; index++) {
    window w = window_at(
        tiles, first + index, 0, 0, shape->out_height, shape->out_width, shape->dilation, tile);
    const float *from =
        upstream +
        ((w.image * shape->out_height + w.row) * shape->out_width + w.column) * channels;
    for (ptrdiff_t channel = 0; channel < channels; channel += lanes) {
      float *out = to.data + channel / panel * panel * to.tile_count + index * panel +
                   channel % panel;
      float *sum = sums ? sums + channel : NULL;
      if (channel + lanes > channels)
        transform_upstream_block(
            from + channel, row_step, column_step, w.bottom, w.right, channels - channel, out,
            to.point_stride, sum);
      else
        transform_upstream_block(
            from + channel, row_step, column_step, w.bottom, w.right, lanes, out,
            to.point_stride, sum);
    }
  }
}

// Exchanges rows and columns of 16 x 16 floats.
INLINE void transpose(vector *rows) {
#define LOW_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define HIGH_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define LOW_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define HIGH_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LOW_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
  for (int i = 0; i < lanes; i++)
    if (!(i & 8)) {
      vector first = rows[i], second = rows[i + 8];
      rows[i] = __builtin_shufflevector(first, second, LOW_8);
      rows[i + 8] = __builtin_shufflevector(first, second, HIGH_8);
    }
  for (int i = 0; i < lanes; i++)
    if (!(i & 4)) {
      vector first = rows[i], second = rows[i + 4];
      rows[i] = __builtin_shufflevector(first, second, LOW_4);
      rows[i + 4] = __builtin_shufflevector(first, second, HIGH_4);
    }
  for (int i = 0; i < lanes; i++)
    if (!(i & 2)) {
      vector first = rows[i], second = rows[i + 2];
      rows[i] = __builtin_shufflevector(first, second, LOW_2);
      rows[i + 2] = __builtin_shufflevector(first, second, HIGH_2);
    }
  for (int i = 0; i < lanes; i++)
    if (!(i & 1)) {
      vector first = rows[i], second = rows[i + 1];
      rows[i] = __builtin_shufflevector(first, second, LOW_1);
      rows[i + 1] = __builtin_shufflevector(first, second, HIGH_1);
    }
}

// weights[tap * 16 + row] of `rows` input channels and `count` output channels from there.
INLINE void load_weights(
    const ck_winograd_shape *shape, ptrdiff_t input, ptrdiff_t output, ptrdiff_t rows,
    ptrdiff_t count, const float *from, bool mirrored, vector *weights) {
  ptrdiff_t in_channels = shape->in_channels, out_channels = shape->out_channels;
  for (int tap = 0; tap < 9; tap++) {
    vector *to = weights + tap * lanes;
    if (mirrored) {
      const float *at = from + ((8 - tap) * out_channels + output) * in_channels + input;
      for (ptrdiff_t lane = 0; lane < lanes; lane++) to[lane] = (vector){0};
      for (ptrdiff_t lane = 0; lane < lanes && lane < count; lane++)
        load(&to[lane], at + lane * in_channels, rows);
      transpose(to);
    } else {
      const float *at = from + (tap * in_channels + input) * out_channels + output;
      for (ptrdiff_t row = 0; row < rows; row++) load(&to[row], at + row * out_channels, count);
    }
  }
}

CK_DISPATCHED void ck_winograd_transform_weights(
    const ck_winograd_shape *shape, ptrdiff_t panel_index, ptrdiff_t begin, ptrdiff_t end,
    const float *weights, bool mirrored, bool past_caches, ck_winograd_panel_weights to) {
  for (ptrdiff_t input = begin; input < end; input += lanes)
    for (ptrdiff_t lane = 0; lane < panel; lane += lanes) {
      ptrdiff_t output = panel_index * panel + lane, count = shape->out_channels - output;
      if (count <= 0) break;
      ptrdiff_t rows = end - input < lanes ? end - input : lanes;
      vector taps[9 * lanes];
      load_weights(shape, input, output, rows, count, weights, mirrored, taps);
      for (ptrdiff_t row = 0; row < rows; row++) {
        float *out = to.data + (input + row) * panel + lane;
        vector half[6 * 3];
        for (int j = 0; j < 3; j++)
          weight_transform(taps + j * lanes + row, 3 * lanes, half + j, 3);
#pragma clang loop unroll(disable)
        for (int i = 0; i < 6; i++) {
          vector points[6];
          weight_transform(half + i * 3, 1, points, 1);
          for (int j = 0; j < 6; j++) {
            aligned_vector *at = (aligned_vector *)(out + (i * 6 + j) * to.point_stride);
            if (past_caches)
              __builtin_nontemporal_store((aligned_vector)points[j], at);
            else
              *at = points[j];
          }
        }
      }
    }
}

CK_DISPATCHED void ck_winograd_transform_weight_gradient(
    const ck_winograd_shape *shape, ptrdiff_t panel_index, ptrdiff_t begin, ptrdiff_t end,
    ck_winograd_panel_weights from, bool add, float *gradient) {
  for (ptrdiff_t input = begin; input < end; input++)
    for (ptrdiff_t lane = 0; lane < panel; lane += lanes) {
      ptrdiff_t output = panel_index * panel + lane, count = shape->out_channels - output;
      if (count <= 0) break;
      const float *in = from.data + (input - begin) * panel + lane;
      vector half[3 * 6];
#pragma clang loop unroll(disable)
      for (int j = 0; j < 6; j++) {
        vector column[6];
        for (int i = 0; i < 6; i++)
          column[i] = *(const vector *)(in + (i * 6 + j) * from.point_stride);
        weight_adjoint(column, 1, half + j, 6);
      }
      for (int i = 0; i < 3; i++) {
        vector row[3];
        weight_adjoint(half + i * 6, 1, row, 1);
        for (int j = 0; j < 3; j++) {
          float *to = gradient + ((i * 3 + j) * shape->in_channels + input) * shape->out_channels +
                      output;
          vector before = {0};
          if (add) load(&before, to, count);
          row[j] += before;
          store(to, &row[j], count);
        }
      }
    }
}
