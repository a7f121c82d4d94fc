#include "losses.h"

#include <string.h>

#include "ck_dispatch.h"
#include "ck_vector_math.h"

enum { lanes = 16, tile = 128, tile_floats = 2048 };

// Sixteen running maxima, as one would make every comparison wait for the last.
static inline float largest(const float *x, ptrdiff_t count, float start) {
  float best[lanes];
  for (int j = 0; j < lanes; j++) best[j] = start;
  ptrdiff_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (int j = 0; j < lanes; j++) best[j] = x[i + j] > best[j] ? x[i + j] : best[j];
  }
  for (; i < count; i++) best[0] = x[i] > best[0] ? x[i] : best[0];
  for (int j = 1; j < lanes; j++) best[0] = best[j] > best[0] ? best[j] : best[0];
  return best[0];
}

static inline float sum(const float *x, ptrdiff_t count) {
#pragma clang fp reassociate(on)
  float total = 0;
  for (ptrdiff_t i = 0; i < count; i++) total += x[i];
  return total;
}

// powers[i] = e^(x[i] - top), unless NULL, and their sum. Rows are often short, such as 21
// classes, so they are padded to whole vectors, a tile at a time.
static inline float exp_row(const float *x, ptrdiff_t count, float top, float *powers) {
  float block[tile], total = 0;
  for (ptrdiff_t first = 0; first < count; first += tile) {
    const ptrdiff_t width = count - first < tile ? count - first : tile;
    const ptrdiff_t padded = (width + lanes - 1) / lanes * lanes;
    for (ptrdiff_t i = 0; i < width; i++) block[i] = x[first + i] - top;
    for (ptrdiff_t i = width; i < padded; i++) block[i] = -1000;
    for (ptrdiff_t i = 0; i < padded; i++) block[i] = ck_exp(block[i]);
    total += sum(block, padded);
    if (powers) memcpy(powers + first, block, (size_t)width * sizeof(float));
  }
  return total;
}

// The exponentials of many short rows are taken as one long one: 21 channels fill no vectors.
CK_DISPATCHED
double ca_label_cross_entropy(
    ca_label_targets t, const float *logits, const uint8_t *labels, float *losses,
    float *gradient, ptrdiff_t begin, ptrdiff_t end) {
  float shifted[tile_floats], powers[tile_floats], sums[tile_floats];
  const ptrdiff_t channels = t.channels, rows = tile_floats / channels;
  const float spread_sum = t.spread ? sum(t.spread, channels) : 0;
  double total = 0;
  for (ptrdiff_t first = begin; first < end; first += rows) {
    const ptrdiff_t count = end - first < rows ? end - first : rows;
    for (ptrdiff_t r = 0; r < count; r++) {
      const float *x = logits + (first + r) * channels;
      const float top = largest(x, channels, x[0]);
      for (ptrdiff_t c = 0; c < channels; c++) shifted[r * channels + c] = x[c] - top;
    }
    for (ptrdiff_t i = 0; i < count * channels; i++) powers[i] = ck_exp(shifted[i]);
    for (ptrdiff_t r = 0; r < count; r++) sums[r] = sum(powers + r * channels, channels);
    float logs[tile_floats];
    for (ptrdiff_t r = 0; r < count; r++) logs[r] = ck_log(sums[r]);
    for (ptrdiff_t r = 0; r < count; r++) {
      const uint8_t label = labels[first + r];
      const float scale = t.scale[label], peak = t.peak[label];
      const float *x = shifted + r * channels;
      float *g = gradient ? gradient + (first + r) * channels : 0;
      float loss = 0;
      if (scale != 0) {
        loss = (peak + spread_sum) * logs[r] - peak * x[label];
        if (t.spread) {
          for (ptrdiff_t c = 0; c < channels; c++) loss -= t.spread[c] * x[c];
        }
        loss *= scale;
        if (g) {
          const float *e = powers + r * channels;
          const float factor = scale * (peak + spread_sum) / sums[r];
          for (ptrdiff_t c = 0; c < channels; c++) g[c] = factor * e[c];
          if (t.spread) {
            for (ptrdiff_t c = 0; c < channels; c++) g[c] -= scale * t.spread[c];
          }
          g[label] -= scale * peak;
        }
      } else if (g) {
        for (ptrdiff_t c = 0; c < channels; c++) g[c] = 0;
      }
      if (losses) losses[first + r] = loss;
      total += loss;
    }
  }
  return total;
}

CK_DISPATCHED
double ca_soft_cross_entropy(
    ca_soft_targets s, const float *logits, const float *targets, float *losses,
    float *gradient, ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  const ptrdiff_t channels = s.channels;
  double total = 0;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *x = logits + row * channels, *y = targets + row * channels;
    float *g = gradient ? gradient + row * channels : 0;
    const float top = largest(x, channels, x[0]);
    const float powers = exp_row(x, channels, top, g);
    float weight = 0, product = 0;
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float target = s.weights[c] * (s.keep * y[c] + s.spread);
      weight += target;
      product += target * (x[c] - top);
    }
    const float loss = s.scale * (weight * ck_log(powers) - product);
    if (g) {
      const float factor = weight / powers;
      for (ptrdiff_t c = 0; c < channels; c++) {
        const float target = s.weights[c] * (s.keep * y[c] + s.spread);
        g[c] = s.scale * (factor * g[c] - target);
      }
    }
    if (losses) losses[row] = loss;
    total += loss;
  }
  return total;
}

CK_DISPATCHED
double ca_binary_cross_entropy(
    float scale, const float *logits, const float *targets, const float *weights,
    const float *positive, float *losses, float *gradient, ptrdiff_t begin, ptrdiff_t end) {
  float w[tile], q[tile], terms[tile], slopes[tile];
  for (int j = 0; j < tile; j++) w[j] = scale, q[j] = 0;
  double total = 0;
  for (ptrdiff_t first = begin; first < end; first += tile) {
    const ptrdiff_t count = end - first < tile ? end - first : tile;
    const float *x = logits + first, *y = targets + first;
    for (ptrdiff_t j = 0; weights && j < count; j++) w[j] = scale * weights[first + j];
    for (ptrdiff_t j = 0; positive && j < count; j++) q[j] = positive[first + j] - 1;
    for (ptrdiff_t j = 0; j < count; j++) {
      const float more = 1 + q[j] * y[j];
      // -log s = log(1 + e^-x), without overflow for any x.
      const float small = ck_exp(x[j] > 0 ? -x[j] : x[j]);
      const float minus_log = ck_log1p(small) + (x[j] > 0 ? 0 : -x[j]);
      terms[j] = w[j] * ((1 - y[j]) * x[j] + more * minus_log);
      slopes[j] = w[j] * ((1 - y[j]) - more * (x[j] > 0 ? small : 1) / (1 + small));
    }
    if (losses) memcpy(losses + first, terms, (size_t)count * sizeof(float));
    if (gradient) memcpy(gradient + first, slopes, (size_t)count * sizeof(float));
    total += sum(terms, count);
  }
  return total;
}

static inline float magnitude(float x) { return x < 0 ? -x : x; }
static inline float sign(float x) { return x > 0 ? 1 : x < 0 ? -1 : x; }  // NaN for NaN

CK_DISPATCHED
double ca_difference_loss(
    ca_difference_kind kind, float beta, float scale, const float *left, const float *right,
    float *losses, float *gradient, ptrdiff_t begin, ptrdiff_t end) {
  float terms[tile];
  const float curvature = beta > 0 ? 1 / beta : 0;
  double total = 0;
  for (ptrdiff_t first = begin; first < end; first += tile) {
    const ptrdiff_t count = end - first < tile ? end - first : tile;
    const float *l = left + first, *r = right + first;
    float *g = gradient ? gradient + first : 0;
    if (kind == ca_squared) {
      for (ptrdiff_t j = 0; j < count; j++) terms[j] = scale * (l[j] - r[j]) * (l[j] - r[j]);
      for (ptrdiff_t j = 0; g && j < count; j++) g[j] = 2 * scale * (l[j] - r[j]);
    } else if (kind == ca_absolute) {
      for (ptrdiff_t j = 0; j < count; j++) terms[j] = scale * magnitude(l[j] - r[j]);
      for (ptrdiff_t j = 0; g && j < count; j++) g[j] = scale * sign(l[j] - r[j]);
    } else {
      for (ptrdiff_t j = 0; j < count; j++) {
        const float d = l[j] - r[j], size = magnitude(d);
        terms[j] = scale * (size < beta ? 0.5f * d * d * curvature : size - 0.5f * beta);
        if (g) g[j] = scale * (size < beta ? d * curvature : sign(d));
      }
    }
    if (losses) memcpy(losses + first, terms, (size_t)count * sizeof(float));
    total += sum(terms, count);
  }
  return total;
}
