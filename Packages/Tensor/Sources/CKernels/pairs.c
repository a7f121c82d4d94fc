#include "pairs.h"

#include <string.h>

#include "ck_dispatch.h"
#include "ck_vector_math.h"

#define INLINED static inline __attribute__((always_inline))

enum { tile = 64, lanes = 16, ignored = 255 };

// What IRN and PSA add before they take logarithms.
static const float smallest = 1e-5f;

INLINED ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINED ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

INLINED float sum(const float *x) {
#pragma clang fp reassociate(on)
  float total = 0;
  for (int j = 0; j < tile; j++) total += x[j];
  return total;
}

// The columns of first pixels whose partner at `dx` lies in the map.
INLINED ptrdiff_t first_column(ptrdiff_t left, ptrdiff_t dx) { return larger(left, -dx); }
INLINED ptrdiff_t last_column(ptrdiff_t right, ptrdiff_t width, ptrdiff_t dx) {
  return smaller(right, width - dx);
}

// Where the pairs of `count` first pixels are of a kind: 1, else 0. Returns whether any pair counts.
INLINED int kinds(
    const uint8_t *first, const uint8_t *second, ptrdiff_t count,
    float is[ck_pair_kinds][tile]) {
  int any = 0;
  memset(is, 0, sizeof(float) * ck_pair_kinds * tile);
  for (ptrdiff_t j = 0; j < count; j++) {
    const int a = first[j], b = second[j];
    const int counts = (a != ignored) & (b != ignored), same = counts & (a == b);
    is[ck_background_pairs][j] = (same & (a == 0)) ? 1.0f : 0.0f;
    is[ck_foreground_pairs][j] = (same & (a != 0)) ? 1.0f : 0.0f;
    is[ck_different_pairs][j] = (counts & (a != b)) ? 1.0f : 0.0f;
    any |= counts;
  }
  return any;
}

CK_DISPATCHED
void ck_count_pairs(
    ck_pixel_pairs p, ck_pair_map map, ptrdiff_t begin, ptrdiff_t end,
    int64_t counts[ck_pair_kinds]) {
  for (ptrdiff_t y = begin; y < end; y++) {
    for (ptrdiff_t o = 0; o < p.count; o++) {
      const ptrdiff_t dy = p.offsets[2 * o], dx = p.offsets[2 * o + 1];
      if (y + dy >= map.height) continue;
      const uint8_t *first = map.labels + y * map.width, *second = first + dy * map.width + dx;
      const ptrdiff_t to = last_column(map.right, map.width, dx);
      int32_t background = 0, foreground = 0, different = 0;
      for (ptrdiff_t x = first_column(map.left, dx); x < to; x++) {
        const int a = first[x], b = second[x];
        const int counted = (a != ignored) & (b != ignored);
        background += counted & (a == b) & (a == 0);
        foreground += counted & (a == b) & (a != 0);
        different += counted & (a != b);
      }
      counts[ck_background_pairs] += background;
      counts[ck_foreground_pairs] += foreground;
      counts[ck_different_pairs] += different;
    }
  }
}

// The largest boundary on the path from each of `tile` pixels at `from`, of which `count` exist.
INLINED void path_maximum(
    const int32_t *path, ptrdiff_t length, const float *from, ptrdiff_t width, ptrdiff_t count,
    float most[tile]) {
  for (ptrdiff_t k = 0; k < length; k++) {
    const float *e = from + path[2 * k] * width + path[2 * k + 1];
    if (k == 0) {
      for (ptrdiff_t j = 0; j < count; j++) most[j] = e[j];
    } else if (count == tile) {
      for (ptrdiff_t j = 0; j < tile; j++) most[j] = e[j] > most[j] ? e[j] : most[j];
    } else {
      for (ptrdiff_t j = 0; j < count; j++) most[j] = e[j] > most[j] ? e[j] : most[j];
    }
  }
}

CK_DISPATCHED
void ck_boundary_affinities(
    ck_pixel_pairs p, ptrdiff_t height, ptrdiff_t width, ptrdiff_t left, ptrdiff_t right,
    ptrdiff_t last_row, const float *boundary, float *out, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t y = begin; y < end; y++) {
    for (ptrdiff_t o = 0; o < p.count; o++) {
      float *row = out + (y * p.count + o) * width;
      const ptrdiff_t dy = p.offsets[2 * o], dx = p.offsets[2 * o + 1];
      const ptrdiff_t from = first_column(left, dx), to = last_column(right, width, dx);
      if (y >= last_row || y + dy >= height || from >= to) {
        memset(row, 0, (size_t)width * sizeof(float));
        continue;
      }
      memset(row, 0, (size_t)from * sizeof(float));
      memset(row + to, 0, (size_t)(width - to) * sizeof(float));
      for (ptrdiff_t x = from; x < to; x += tile) {
        const ptrdiff_t count = smaller(tile, to - x);
        float most[tile];
        path_maximum(
            p.paths + 2 * p.starts[o], p.starts[o + 1] - p.starts[o], boundary + y * width + x,
            width, count, most);
        for (ptrdiff_t j = 0; j < count; j++) row[x + j] = 1 - most[j];
      }
    }
  }
}

// Hands each slope to the first pixel of the path where the boundary is largest.
INLINED void scatter_to_maximum(
    const int32_t *path, ptrdiff_t length, const float *from, float *gradient, ptrdiff_t width,
    ptrdiff_t count, const float most[tile], float left[tile]) {
  for (ptrdiff_t k = 0; k < length; k++) {
    const ptrdiff_t step = path[2 * k] * width + path[2 * k + 1];
    const float *e = from + step;
    float *g = gradient + step;
    if (count == tile) {
      for (ptrdiff_t j = 0; j < tile; j++) {
        const int hit = e[j] == most[j];
        g[j] += hit ? left[j] : 0;
        left[j] = hit ? 0 : left[j];
      }
    } else {
      for (ptrdiff_t j = 0; j < count; j++) {
        const int hit = e[j] == most[j];
        g[j] += hit ? left[j] : 0;
        left[j] = hit ? 0 : left[j];
      }
    }
  }
}

// Adds |d_first - d_second - target| of the pairs that are set, times `is`, and its gradient.
INLINED float displacement_loss(
    const float *map, float *gradient, ptrdiff_t step, ptrdiff_t count, float target,
    const float *is, float scale) {
  float terms[tile];
  for (ptrdiff_t j = count; j < tile; j++) terms[j] = 0;
  for (ptrdiff_t j = 0; j < count; j++) {
    const float d = map[j] - map[j + step] - target;
    terms[j] = is[j] * (d < 0 ? -d : d);
  }
  if (gradient) {
    float slopes[tile];
    for (ptrdiff_t j = 0; j < count; j++) {
      const float d = map[j] - map[j + step] - target;
      slopes[j] = is[j] * (d > 0 ? scale : d < 0 ? -scale : 0);
    }
    for (ptrdiff_t j = 0; j < count; j++) gradient[j] += slopes[j];
    for (ptrdiff_t j = 0; j < count; j++) gradient[j + step] -= slopes[j];
  }
  return sum(terms);
}

CK_DISPATCHED
void ck_boundary_pair_loss(
    ck_pixel_pairs p, ck_pair_map map, ck_boundary_maps m, const float scales[ck_pair_sums],
    ptrdiff_t begin, ptrdiff_t end, double sums[ck_pair_sums]) {
  const ptrdiff_t width = map.width;
  float is[ck_pair_kinds][tile], most[tile], terms[tile], slopes[tile], masked[tile];
  for (int j = 0; j < tile; j++) most[j] = 0;
  for (ptrdiff_t y = begin; y < end; y++) {
    for (ptrdiff_t o = 0; o < p.count; o++) {
      const ptrdiff_t dy = p.offsets[2 * o], dx = p.offsets[2 * o + 1];
      if (y + dy >= map.height) continue;
      const ptrdiff_t to = last_column(map.right, width, dx), step = dy * width + dx;
      const int32_t *path = p.paths + 2 * p.starts[o];
      const ptrdiff_t length = p.starts[o + 1] - p.starts[o];
      for (ptrdiff_t x = first_column(map.left, dx); x < to; x += tile) {
        const ptrdiff_t count = smaller(tile, to - x), at = y * width + x;
        const ptrdiff_t own = (y - begin) * width + x;
        if (!kinds(map.labels + at, map.labels + at + step, count, is)) continue;
        path_maximum(path, length, m.boundary + at, width, count, most);
        for (int j = 0; j < tile; j++) {
          const float apart = is[ck_different_pairs][j];
          // 1 - affinity is the maximum itself: no digits are lost where it is near 0.
          const float inside = (apart > 0 ? most[j] : 1 - most[j]) + smallest;
          terms[j] = -ck_log(inside);
          const float scale = is[ck_background_pairs][j] * scales[ck_background_pairs]
              + is[ck_foreground_pairs][j] * scales[ck_foreground_pairs]
              - apart * scales[ck_different_pairs];
          slopes[j] = scale / inside;
        }
        for (int kind = 0; kind < ck_pair_kinds; kind++) {
          for (int j = 0; j < tile; j++) masked[j] = is[kind][j] > 0 ? terms[j] : 0;
          sums[kind] += sum(masked);
        }
        if (m.boundary_gradient) {
          scatter_to_maximum(
              path, length, m.boundary + at, m.boundary_gradient + own, width, count, most, slopes);
        }
        if (!m.vertical) continue;
        for (int kind = 0; kind < 2; kind++) {  // background: the same way; foreground: the same end
          const float scale = scales[ck_pair_kinds + kind];
          const float down = kind ? (float)dy : 0, right = kind ? (float)dx : 0;
          if (sum(is[kind]) == 0) continue;
          sums[ck_pair_kinds + kind] += displacement_loss(
              m.vertical + at, m.vertical_gradient ? m.vertical_gradient + own : 0, step, count,
              down, is[kind], scale);
          sums[ck_pair_kinds + kind] += displacement_loss(
              m.horizontal + at, m.horizontal_gradient ? m.horizontal_gradient + own : 0, step,
              count, right, is[kind], scale);
        }
      }
    }
  }
}

INLINED float distance(const float *a, const float *b, ptrdiff_t channels) {
#pragma clang fp reassociate(on)
  float total = 0;
  for (ptrdiff_t c = 0; c < channels; c++) {
    const float d = a[c] - b[c];
    total += d < 0 ? -d : d;
  }
  return total;
}

CK_DISPATCHED
void ck_feature_affinities(
    ck_pixel_pairs p, ptrdiff_t height, ptrdiff_t width, ptrdiff_t left, ptrdiff_t right,
    ptrdiff_t last_row, ptrdiff_t channels, const float *features, float *out, ptrdiff_t begin,
    ptrdiff_t end) {
  const float share = channels > 0 ? 1.0f / (float)channels : 0;
  for (ptrdiff_t y = begin; y < end; y++) {
    for (ptrdiff_t o = 0; o < p.count; o++) {
      float *row = out + (y * p.count + o) * width;
      const ptrdiff_t dy = p.offsets[2 * o], dx = p.offsets[2 * o + 1];
      const ptrdiff_t from = first_column(left, dx), to = last_column(right, width, dx);
      memset(row, 0, (size_t)width * sizeof(float));
      if (y >= last_row || y + dy >= height) continue;
      const float *first = features + y * width * channels;
      const float *second = first + (dy * width + dx) * channels;
      for (ptrdiff_t x = from; x < to; x++) {
        row[x] = -share * distance(first + x * channels, second + x * channels, channels);
      }
      for (ptrdiff_t x = from; x < to; x++) row[x] = ck_exp(row[x]);
    }
  }
}

CK_DISPATCHED
void ck_feature_pair_loss(
    ck_pixel_pairs p, ck_pair_map map, ptrdiff_t last_row, ptrdiff_t channels,
    const float scales[ck_pair_kinds], float *affinities, ptrdiff_t begin, ptrdiff_t end,
    double sums[ck_pair_kinds]) {
  float is[ck_pair_kinds][tile], own[tile], terms[tile], masked[tile];
  const float share = 1.0f / (float)channels;
  for (int j = 0; j < tile; j++) own[j] = 0;
  for (ptrdiff_t y = begin; y < smaller(end, last_row); y++) {
    for (ptrdiff_t o = 0; o < p.count; o++) {
      const ptrdiff_t dy = p.offsets[2 * o], dx = p.offsets[2 * o + 1];
      if (y + dy >= map.height) continue;
      const ptrdiff_t to = last_column(map.right, map.width, dx);
      float *row = affinities + (y * p.count + o) * map.width;
      for (ptrdiff_t x = first_column(map.left, dx); x < to; x += tile) {
        const ptrdiff_t count = smaller(tile, to - x), at = y * map.width + x;
        const uint8_t *label = map.labels + at;
        kinds(label, label + dy * map.width + dx, count, is);
        memcpy(own, row + x, (size_t)count * sizeof(float));
        for (int j = 0; j < tile; j++) {
          const float apart = is[ck_different_pairs][j];
          const float inside = (apart > 0 ? 1 - own[j] : own[j]) + smallest;
          terms[j] = -ck_log(inside);
          const float scale = is[ck_background_pairs][j] * scales[ck_background_pairs]
              + is[ck_foreground_pairs][j] * scales[ck_foreground_pairs]
              - apart * scales[ck_different_pairs];
          own[j] = share * scale * own[j] / inside;
        }
        for (int kind = 0; kind < ck_pair_kinds; kind++) {
          for (int j = 0; j < tile; j++) masked[j] = is[kind][j] > 0 ? terms[j] : 0;
          sums[kind] += sum(masked);
        }
        memcpy(row + x, own, (size_t)count * sizeof(float));
      }
    }
  }
}

// Each pixel gathers from its partners on both sides: no two threads write the same gradient.
CK_DISPATCHED
void ck_feature_pair_gradient(
    ck_pixel_pairs p, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels,
    const float *features, const float *slopes, float *gradient, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t y = begin; y < end; y++) {
    for (ptrdiff_t x = 0; x < width; x++) {
      const float *own = features + (y * width + x) * channels;
      float *out = gradient + (y * width + x) * channels;
      for (ptrdiff_t first = 0; first < channels; first += tile) {
        const ptrdiff_t count = smaller(tile, channels - first);
        float total[tile], mine[tile];
        memset(total, 0, sizeof total);
        memset(mine, 0, sizeof mine);
        memcpy(mine, own + first, (size_t)count * sizeof(float));
        for (ptrdiff_t o = 0; o < p.count; o++) {
          for (int side = 0; side < 2; side++) {
            const ptrdiff_t dy = side ? -p.offsets[2 * o] : p.offsets[2 * o];
            const ptrdiff_t dx = side ? -p.offsets[2 * o + 1] : p.offsets[2 * o + 1];
            if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
            const float slope = side ? slopes[((y + dy) * p.count + o) * width + x + dx]
                                     : slopes[(y * p.count + o) * width + x];
            if (slope == 0) continue;
            const float *partner = own + (dy * width + dx) * channels + first;
            if (count == tile) {
              for (int j = 0; j < tile; j++) {
                const float d = mine[j] - partner[j];
                total[j] += d > 0 ? slope : d < 0 ? -slope : 0;
              }
            } else {
              for (ptrdiff_t j = 0; j < count; j++) {
                const float d = mine[j] - partner[j];
                total[j] += d > 0 ? slope : d < 0 ? -slope : 0;
              }
            }
          }
        }
        memcpy(out + first, total, (size_t)count * sizeof(float));
      }
    }
  }
}
