#include "depthwise.h"

#include "ck_dispatch.h"

#include <stdbool.h>
#include <string.h>

enum { lanes = 16, widest = 7 };
typedef float vector __attribute__((vector_size(lanes * sizeof(float)), aligned(4)));

#define INLINED static inline __attribute__((always_inline))

INLINED ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINED ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

// The output columns at which tap `k` of a kernel row is inside the image: [first, *last).
INLINED ptrdiff_t columns_of_tap(const ck_depthwise_shape *s, ptrdiff_t k, ptrdiff_t *last) {
  const ptrdiff_t before = s->left - k * s->dilation, room = s->in_width - 1 + before;
  const ptrdiff_t first =
      before > 0 ? smaller((before + s->stride - 1) / s->stride, s->out_width) : 0;
  *last = larger(first, room < 0 ? 0 : smaller(room / s->stride + 1, s->out_width));
  return first;
}

// One row of the kernel against one row of the output, for 16 channels: sums[k] gathers
// input[column * stride + k * dilation - left] * upstream[column] over the columns. The sums stay
// in registers, so `taps` must be a constant.
INLINED void add_row(
    const ck_depthwise_shape *s, const float *input, const float *upstream, float *sums,
    const ptrdiff_t taps) {
  const ptrdiff_t channels = s->channels, step = s->stride * channels;
  const ptrdiff_t across = s->dilation * channels;
  vector total[widest];
  ptrdiff_t begin = 0, end = s->out_width;  // the columns all taps use
#pragma clang loop unroll(full)
  for (ptrdiff_t k = 0; k < taps; k++) {
    ptrdiff_t last;
    total[k] = *(const vector *)(sums + k * channels);
    begin = larger(begin, columns_of_tap(s, k, &last));
    end = smaller(end, last);
  }
  end = larger(begin, end);
  const float *x = input + begin * step - s->left * channels;
  for (ptrdiff_t column = begin; column < end; column++, x += step) {
    const vector u = *(const vector *)(upstream + column * channels);
#pragma clang loop unroll(full)
    for (ptrdiff_t k = 0; k < taps; k++) total[k] += *(const vector *)(x + k * across) * u;
  }
  for (ptrdiff_t column = 0; column < s->out_width; column++) {
    if (column == begin) column = end;
    if (column == s->out_width) break;
    const vector u = *(const vector *)(upstream + column * channels);
#pragma clang loop unroll(full)
    for (ptrdiff_t k = 0; k < taps; k++) {
      const ptrdiff_t place = column * s->stride + k * s->dilation - s->left;
      if (place >= 0 && place < s->in_width) {
        total[k] += *(const vector *)(input + place * channels) * u;
      }
    }
  }
#pragma clang loop unroll(full)
  for (ptrdiff_t k = 0; k < taps; k++) *(vector *)(sums + k * channels) = total[k];
}

// The same for `count` channels and kernels of any width.
INLINED void add_row_plainly(
    const ck_depthwise_shape *s, const float *input, const float *upstream, float *sums,
    ptrdiff_t count) {
  for (ptrdiff_t k = 0; k < s->kernel_width; k++) {
    ptrdiff_t last;
    for (ptrdiff_t column = columns_of_tap(s, k, &last); column < last; column++) {
      const float *x = input + (column * s->stride + k * s->dilation - s->left) * s->channels;
      for (ptrdiff_t c = 0; c < count; c++) {
        sums[k * s->channels + c] += x[c] * upstream[column * s->channels + c];
      }
    }
  }
}

INLINED void add_block(
    const ck_depthwise_shape *s, const float *input, const float *upstream, float *sums,
    float *bias_sums, ptrdiff_t count) {
  for (ptrdiff_t row = 0; row < s->out_height; row++) {
    const float *u = upstream + row * s->out_width * s->channels;
    for (ptrdiff_t k = 0; k < s->kernel_height; k++) {
      const ptrdiff_t y = row * s->stride + k * s->dilation - s->top;
      if (y < 0 || y >= s->in_height) continue;
      const float *x = input + y * s->in_width * s->channels;
      float *total = sums + k * s->kernel_width * s->channels;
      for (ptrdiff_t c = 0; c < count; c += lanes) {
        const bool is_whole = count - c >= lanes;
        if (is_whole && s->kernel_width == 5) {
          add_row(s, x + c, u + c, total + c, 5);
        } else if (is_whole && s->kernel_width == 7) {
          add_row(s, x + c, u + c, total + c, 7);
        } else {
          add_row_plainly(s, x + c, u + c, total + c, smaller(lanes, count - c));
        }
      }
    }
    for (ptrdiff_t column = 0; bias_sums && column < s->out_width; column++) {
      for (ptrdiff_t c = 0; c < count; c++) bias_sums[c] += u[column * s->channels + c];
    }
  }
}

CK_DISPATCHED void ck_depthwise_weight_gradient(
    ck_depthwise_shape s, const float *input, const float *upstream, float *sums,
    float *bias_sums, ptrdiff_t begin, ptrdiff_t end) {
  const ptrdiff_t blocks = (s.channels + ck_depthwise_block - 1) / ck_depthwise_block;
  const ptrdiff_t taps = s.kernel_height * s.kernel_width;
  for (ptrdiff_t task = begin; task < end; task++) {
    const ptrdiff_t image = task / blocks, c = task % blocks * ck_depthwise_block;
    const ptrdiff_t count = smaller(ck_depthwise_block, s.channels - c);
    float *total = sums + image * taps * s.channels + c;
    for (ptrdiff_t k = 0; k < taps; k++) {
      memset(total + k * s.channels, 0, (size_t)count * sizeof(float));
    }
    float *bias = bias_sums ? bias_sums + image * s.channels + c : NULL;
    if (bias) memset(bias, 0, (size_t)count * sizeof(float));
    add_block(
        &s, input + image * s.in_height * s.in_width * s.channels + c,
        upstream + image * s.out_height * s.out_width * s.channels + c, total, bias, count);
  }
}
