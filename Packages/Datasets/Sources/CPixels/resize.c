#include "CPixels.h"

#include <ck_dispatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Weights are whole numbers over 2^22: a byte times a weight, summed, stays within 31 bits.
enum { precision = 22, half = 1 << (precision - 1) };

// For each sample of an axis: the first source pixel, how many, and their weights.
typedef struct {
  int reach;  // weights kept a sample
  int *first, *count;
  int32_t *weights;
} axis;

static double triangle(double x) {
  x = fabs(x);
  return x < 1 ? 1 - x : 0;
}

static double cubic(double x) {
  const double a = -0.5;
  x = fabs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

static bool axis_create(axis *axis, int size, int out_size, cp_filter filter) {
  double scale = (double)size / out_size;
  double width = filter == cp_bilinear || scale < 1 ? 1 : scale;
  double support = (filter == cp_bicubic ? 2 : 1) * width;
  axis->reach = (int)ceil(support) * 2 + 1;
  axis->first = malloc(sizeof(int) * (size_t)out_size);
  axis->count = malloc(sizeof(int) * (size_t)out_size);
  axis->weights = calloc((size_t)axis->reach * (size_t)out_size, sizeof(int32_t));
  double *exact = malloc(sizeof(double) * (size_t)axis->reach);
  bool is_made = axis->first && axis->count && axis->weights && exact;
  for (int i = 0; is_made && i < out_size; i++) {
    double center = (i + 0.5) * scale;
    int first = (int)fmax(center - support + 0.5, 0);
    int end = (int)fmin(center + support + 0.5, size);
    // Rounding may leave a sample beyond the last pixel without a neighbour.
    if (first >= size) first = size - 1;
    if (end <= first) end = first + 1;
    double sum = 0;
    for (int k = first; k < end; k++) {
      double x = (k - center + 0.5) / width;
      exact[k - first] = filter == cp_bicubic ? cubic(x) : triangle(x);
      sum += exact[k - first];
    }
    for (int k = 0; k < end - first; k++) {
      double weight = sum != 0 ? exact[k] / sum : 1;
      axis->weights[(size_t)i * axis->reach + k] = (int32_t)lround(weight * (1 << precision));
    }
    axis->first[i] = first;
    axis->count[i] = end - first;
  }
  free(exact);
  return is_made;
}

static void axis_destroy(axis *axis) {
  free(axis->first);
  free(axis->count);
  free(axis->weights);
}

typedef int32_t quad __attribute__((vector_size(16)));
typedef uint8_t quad_bytes __attribute__((vector_size(4)));
typedef int32_t block __attribute__((vector_size(64)));
typedef uint8_t block_bytes __attribute__((vector_size(16)));
enum { block_size = 16 };

// A sum of weighted bytes as bytes; `zero` is a vector of its type.
#define CLIPPED(sum, zero) \
  __builtin_elementwise_min(__builtin_elementwise_max((sum) >> precision, zero), (zero) + 255)

static inline int32_t clipped(int32_t sum) {
  int32_t value = sum >> precision;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

// Three channels in the lanes of one vector. Reads and writes one byte beyond its rows.
CK_DISPATCHED
static void filter_row_rgb(const uint8_t *row, uint8_t *out, const axis *columns, int out_width) {
  for (int x = 0; x < out_width; x++, out += 3) {
    const uint8_t *pixel = row + 3 * (ptrdiff_t)columns->first[x];
    const int32_t *weight = columns->weights + (ptrdiff_t)x * columns->reach;
    quad sum = {half, half, half, half};
    for (int k = 0; k < columns->count[x]; k++) {
      quad_bytes bytes;
      memcpy(&bytes, pixel + 3 * k, 4);
      sum += __builtin_convertvector(bytes, quad) * weight[k];
    }
    quad_bytes result = __builtin_convertvector(CLIPPED(sum, (quad){0}), quad_bytes);
    memcpy(out, &result, 4);
  }
}

static void filter_row_gray(const uint8_t *row, uint8_t *out, const axis *columns, int out_width) {
  for (int x = 0; x < out_width; x++) {
    const int32_t *weight = columns->weights + (ptrdiff_t)x * columns->reach;
    int32_t sum = half;
    for (int k = 0; k < columns->count[x]; k++) sum += row[columns->first[x] + k] * weight[k];
    out[x] = (uint8_t)clipped(sum);
  }
}

// The weighted sum of `count` rows.
CK_DISPATCHED
static void filter_column(
    const uint8_t *rows, size_t stride, int count, const int32_t *weights, uint8_t *out) {
  size_t x = 0;
  for (; x + block_size <= stride; x += block_size) {
    block sum = (block){0} + half;
    for (int k = 0; k < count; k++) {
      block_bytes bytes;
      memcpy(&bytes, rows + (size_t)k * stride + x, sizeof bytes);
      sum += __builtin_convertvector(bytes, block) * weights[k];
    }
    block_bytes result = __builtin_convertvector(CLIPPED(sum, (block){0}), block_bytes);
    memcpy(out + x, &result, sizeof result);
  }
  for (; x < stride; x++) {
    int32_t sum = half;
    for (int k = 0; k < count; k++) sum += rows[(size_t)k * stride + x] * weights[k];
    out[x] = (uint8_t)clipped(sum);
  }
}

// `scratch` has room for a row of both pictures, each with a byte to spare.
static void filter_rows(
    const uint8_t *source, int height, size_t stride, int channels, const axis *columns,
    uint8_t *scratch, uint8_t *out, int out_width) {
  size_t out_stride = (size_t)out_width * channels;
  uint8_t *row = scratch, *narrow = scratch + stride + 1;
  for (int y = 0; y < height; y++, source += stride, out += out_stride) {
    memcpy(row, source, stride);
    if (channels == 3) filter_row_rgb(row, narrow, columns, out_width);
    else filter_row_gray(row, narrow, columns, out_width);
    memcpy(out, narrow, out_stride);
  }
}

static void filter_columns(
    const uint8_t *source, size_t stride, const axis *rows, uint8_t *out, int out_height) {
  for (int y = 0; y < out_height; y++)
    filter_column(
        source + (size_t)rows->first[y] * stride, stride, rows->count[y],
        rows->weights + (ptrdiff_t)y * rows->reach, out + (size_t)y * stride);
}

// Between the passes samples are bytes, so their order shows; it is the one Pillow 13 chooses.
static bool is_vertical_first(int height, int width, int out_height, int out_width) {
  return out_height < height && 2 * ((long)width - out_width) < (long)height - out_height;
}

bool cp_resize(
    const uint8_t *source, int height, int width, int channels, cp_filter filter, uint8_t *out,
    int out_height, int out_width) {
  axis columns = {0}, rows = {0};
  bool is_vertical = is_vertical_first(height, width, out_height, out_width);
  size_t stride = (size_t)width * channels, out_stride = (size_t)out_width * channels;
  size_t between_size = is_vertical ? stride * out_height : out_stride * height;
  uint8_t *between = malloc(between_size), *scratch = calloc(stride + out_stride + 2, 1);
  bool is_done = between && scratch && axis_create(&columns, width, out_width, filter) &&
                 axis_create(&rows, height, out_height, filter);
  if (is_done && is_vertical) {
    filter_columns(source, stride, &rows, between, out_height);
    filter_rows(between, out_height, stride, channels, &columns, scratch, out, out_width);
  } else if (is_done && width == out_width) {
    filter_columns(source, stride, &rows, out, out_height);
  } else if (is_done) {
    filter_rows(source, height, stride, channels, &columns, scratch, between, out_width);
    filter_columns(between, out_stride, &rows, out, out_height);
  }
  axis_destroy(&columns);
  axis_destroy(&rows);
  free(scratch);
  free(between);
  return is_done;
}

static int covering(int index, int size, int out_size) {
  int position = (int)((index + 0.5) * ((double)size / out_size));
  return position < size ? position : size - 1;
}

void cp_resize_nearest(
    const uint8_t *source, int height, int width, uint8_t *out, int out_height, int out_width) {
  int last = -1;
  for (int y = 0; y < out_height; y++, out += out_width) {
    int from = covering(y, height, out_height);
    if (from == last) {
      memcpy(out, out - out_width, (size_t)out_width);
      continue;
    }
    last = from;
    const uint8_t *row = source + (size_t)from * width;
    for (int x = 0; x < out_width; x++) out[x] = row[covering(x, width, out_width)];
  }
}
