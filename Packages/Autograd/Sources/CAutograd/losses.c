#include "losses.h"

#include "dispatch.h"
#include "vector_math.h"

enum { lanes = 16, tile_floats = 2048 };

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

// The exponentials of many short rows are taken as one long one: 21 channels fill no vectors.
DISPATCHED
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
    for (ptrdiff_t i = 0; i < count * channels; i++) powers[i] = ca_exp(shifted[i]);
    for (ptrdiff_t r = 0; r < count; r++) sums[r] = sum(powers + r * channels, channels);
    float logs[tile_floats];
    for (ptrdiff_t r = 0; r < count; r++) logs[r] = ca_log(sums[r]);
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

DISPATCHED
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
    float powers = 0, weight = 0, product = 0;
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float target = (s.weights ? s.weights[c] : 1) * (s.keep * y[c] + s.spread);
      powers += ca_exp(x[c] - top);
      weight += target;
      product += target * (x[c] - top);
    }
    const float loss = s.scale * (weight * ca_log(powers) - product);
    if (g) {
      const float factor = weight / powers;
      for (ptrdiff_t c = 0; c < channels; c++) {
        const float target = (s.weights ? s.weights[c] : 1) * (s.keep * y[c] + s.spread);
        g[c] = s.scale * (factor * ca_exp(x[c] - top) - target);
      }
    }
    if (losses) losses[row] = loss;
    total += loss;
  }
  return total;
}

DISPATCHED
double ca_binary_cross_entropy(
    float scale, const float *logits, const float *targets, const float *weights,
    const float *positive, float *losses, float *gradient, ptrdiff_t begin, ptrdiff_t end) {
  float terms[lanes * 8];
  double total = 0;
  for (ptrdiff_t first = begin; first < end; first += lanes * 8) {
    const ptrdiff_t count = end - first < lanes * 8 ? end - first : lanes * 8;
    for (ptrdiff_t j = 0; j < count; j++) {
      const ptrdiff_t i = first + j;
      const float x = logits[i], y = targets[i];
      const float w = scale * (weights ? weights[i] : 1);
      const float q = 1 + ((positive ? positive[i] : 1) - 1) * y;
      // -log s = log(1 + e^-x), without overflow for any x.
      const float small = ca_exp(x > 0 ? -x : x);
      const float minus_log = ca_log1p(small) + (x > 0 ? 0 : -x);
      const float complement = (x > 0 ? small : 1) / (1 + small);
      terms[j] = w * ((1 - y) * x + q * minus_log);
      if (gradient) gradient[i] = w * ((1 - y) - q * complement);
    }
    if (losses) {
      for (ptrdiff_t j = 0; j < count; j++) losses[first + j] = terms[j];
    }
    total += sum(terms, count);
  }
  return total;
}

static inline float magnitude(float x) { return x < 0 ? -x : x; }
static inline float sign(float x) { return x > 0 ? 1 : x < 0 ? -1 : x; }  // NaN for NaN

DISPATCHED
double ca_difference_loss(
    ca_difference_kind kind, float beta, float scale, const float *left, const float *right,
    float *losses, float *gradient, ptrdiff_t begin, ptrdiff_t end) {
  float terms[lanes * 8];
  const float curvature = beta > 0 ? 1 / beta : 0;
  double total = 0;
  for (ptrdiff_t first = begin; first < end; first += lanes * 8) {
    const ptrdiff_t count = end - first < lanes * 8 ? end - first : lanes * 8;
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
    if (losses) {
      for (ptrdiff_t j = 0; j < count; j++) losses[first + j] = terms[j];
    }
    total += sum(terms, count);
  }
  return total;
}

DISPATCHED
double ca_info_nce(
    ca_info_nce_settings s, const float *positive, const float *negative, float *losses,
    float *positive_gradient, float *negative_gradient, ptrdiff_t begin, ptrdiff_t end) {
#pragma clang fp reassociate(on)
  const ptrdiff_t count = s.negatives;
  const float sharp = s.inverse_temperature;
  double total = 0;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *n = negative + row * count;
    const float p = positive[row];
    const float top = largest(n, count, p);
    float others = 0;
    for (ptrdiff_t k = 0; k < count; k++) others += ca_exp((n[k] - top) * sharp);
    const float powers = ca_exp((p - top) * sharp) + others;
    const float loss = s.scale * (ca_log(powers) - (p - top) * sharp);
    const float factor = s.scale * sharp / powers;
    if (positive_gradient) positive_gradient[row] = -factor * others;
    if (negative_gradient) {
      float *g = negative_gradient + row * count;
      for (ptrdiff_t k = 0; k < count; k++) g[k] = factor * ca_exp((n[k] - top) * sharp);
    }
    if (losses) losses[row] = loss;
    total += loss;
  }
  return total;
}
