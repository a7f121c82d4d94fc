#include "pooling.h"

#include <math.h>
#include <string.h>

#include "ck_dispatch.h"

CK_DISPATCHED void ck_max_pool(
    const ck_windows *w, float *out, int32_t *positions, const float *x, ptrdiff_t begin,
    ptrdiff_t end) {
  const ptrdiff_t channels = w->channels;
  for (ptrdiff_t row = begin; row < end; row++) {
    ptrdiff_t oy = row % w->out_height;
    const float *image = x + row / w->out_height * w->height * w->width * channels;
    for (ptrdiff_t ox = 0; ox < w->out_width; ox++) {
      float *restrict best = out + (row * w->out_width + ox) * channels;
      int32_t *restrict at = positions + (row * w->out_width + ox) * channels;
      int32_t start = (int32_t)(w->row_first[oy] * w->width + w->column_first[ox]);
      for (ptrdiff_t c = 0; c < channels; c++) best[c] = -INFINITY, at[c] = start;
      for (ptrdiff_t y = w->row_first[oy]; y < w->row_last[oy]; y++)
        for (ptrdiff_t xx = w->column_first[ox]; xx < w->column_last[ox]; xx++) {
          int32_t position = (int32_t)(y * w->width + xx);
          const float *pixel = image + (ptrdiff_t)position * channels;
          for (ptrdiff_t c = 0; c < channels; c++) {
            // Greater, or the first NaN: not (v <= best), unless best is NaN.
            int better = !(pixel[c] <= best[c]) && best[c] == best[c];
            best[c] = better ? pixel[c] : best[c];
            at[c] = better ? position : at[c];
          }
        }
    }
  }
}

CK_DISPATCHED void ck_mean_pool(
    const ck_windows *w, float *out, const float *x, ptrdiff_t begin, ptrdiff_t end) {
  const ptrdiff_t channels = w->channels;
  for (ptrdiff_t row = begin; row < end; row++) {
    ptrdiff_t oy = row % w->out_height;
    const float *image = x + row / w->out_height * w->height * w->width * channels;
    for (ptrdiff_t ox = 0; ox < w->out_width; ox++) {
      float *restrict mean = out + (row * w->out_width + ox) * channels;
      for (ptrdiff_t c = 0; c < channels; c++) mean[c] = 0;
      for (ptrdiff_t y = w->row_first[oy]; y < w->row_last[oy]; y++)
        for (ptrdiff_t xx = w->column_first[ox]; xx < w->column_last[ox]; xx++) {
          const float *pixel = image + (y * w->width + xx) * channels;
          for (ptrdiff_t c = 0; c < channels; c++) mean[c] += pixel[c];
        }
      float scale = 1 / (w->row_divisor[oy] * w->column_divisor[ox]);
      for (ptrdiff_t c = 0; c < channels; c++) mean[c] *= scale;
    }
  }
}

void ck_max_pool_gradient(
    const ck_windows *w, float *into, const float *upstream, const int32_t *positions,
    ptrdiff_t begin, ptrdiff_t end) {
  const ptrdiff_t channels = w->channels, outputs = w->out_height * w->out_width;
  for (ptrdiff_t image = begin; image < end; image++) {
    float *base = into + image * w->height * w->width * channels;
    for (ptrdiff_t o = image * outputs; o < (image + 1) * outputs; o++)
      for (ptrdiff_t c = 0; c < channels; c++)
        base[positions[o * channels + c] * channels + c] += upstream[o * channels + c];
  }
}

CK_DISPATCHED void ck_mean_pool_gradient(
    const ck_windows *w, float *into, const float *upstream, ptrdiff_t begin, ptrdiff_t end) {
  const ptrdiff_t channels = w->channels;
  for (ptrdiff_t image = begin; image < end; image++) {
    float *base = into + image * w->height * w->width * channels;
    const float *g = upstream + image * w->out_height * w->out_width * channels;
    for (ptrdiff_t oy = 0; oy < w->out_height; oy++)
      for (ptrdiff_t ox = 0; ox < w->out_width; ox++, g += channels) {
        float scale = 1 / (w->row_divisor[oy] * w->column_divisor[ox]);
        for (ptrdiff_t y = w->row_first[oy]; y < w->row_last[oy]; y++)
          for (ptrdiff_t xx = w->column_first[ox]; xx < w->column_last[ox]; xx++) {
            float *restrict pixel = base + (y * w->width + xx) * channels;
            for (ptrdiff_t c = 0; c < channels; c++) pixel[c] += g[c] * scale;
          }
      }
  }
}

CK_DISPATCHED void ck_resize_rows(
    const ck_resize *r, float *out, const float *x, ptrdiff_t begin, ptrdiff_t end) {
  const ptrdiff_t channels = r->channels, row_length = r->width * channels;
  for (ptrdiff_t row = begin; row < end; row++) {
    ptrdiff_t oy = row % r->out_height;
    const float *image = x + row / r->out_height * r->height * row_length;
    const float *above = image + r->row_below[oy] * row_length;
    const float *below = image + r->row_above[oy] * row_length;
    const float v = r->row_weight[oy];
    float *to = out + row * r->out_width * channels;
    for (ptrdiff_t ox = 0; ox < r->out_width; ox++, to += channels) {
      ptrdiff_t left = r->column_below[ox] * channels, right = r->column_above[ox] * channels;
      const float u = r->column_weight[ox];
      // As PyTorch orders it; a weight of 0 must not meet an infinite neighbour.
      if (u == 0 && v == 0) {
        for (ptrdiff_t c = 0; c < channels; c++) to[c] = above[left + c];
        continue;
      }
      for (ptrdiff_t c = 0; c < channels; c++) {
        float top = (1 - u) * above[left + c] + u * above[right + c];
        float bottom = (1 - u) * below[left + c] + u * below[right + c];
        to[c] = (1 - v) * top + v * bottom;
      }
    }
  }
}

CK_DISPATCHED void ck_resize_rows_gradient(
    const ck_resize *r, float *into, const float *upstream, const int32_t *first,
    const int32_t *last, ptrdiff_t begin, ptrdiff_t end) {
  const ptrdiff_t channels = r->channels, row_length = r->width * channels;
  for (ptrdiff_t row = begin; row < end; row++) {
    ptrdiff_t y = row % r->height, image = row / r->height;
    float *to = into + row * row_length;
    memset(to, 0, (size_t)row_length * sizeof *to);
    for (ptrdiff_t oy = first[y]; oy < last[y]; oy++) {
      float weight = (r->row_below[oy] == y ? 1 - r->row_weight[oy] : 0) +
                     (r->row_above[oy] == y ? r->row_weight[oy] : 0);
      if (weight == 0) continue;
      const float *g = upstream + (image * r->out_height + oy) * r->out_width * channels;
      for (ptrdiff_t ox = 0; ox < r->out_width; ox++, g += channels) {
        float u = r->column_weight[ox], w0 = weight * (1 - u), w1 = weight * u;
        float *left = to + r->column_below[ox] * channels;
        float *right = to + r->column_above[ox] * channels;
        for (ptrdiff_t c = 0; c < channels; c++) left[c] += w0 * g[c];
        if (u != 0)
          for (ptrdiff_t c = 0; c < channels; c++) right[c] += w1 * g[c];
      }
    }
  }
}
