#include "CPixels.h"

#include <ck_dispatch.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

// Sixteen pixels a step: their 48 samples are whole vectors.
enum { pixels_a_step = 16, samples_a_step = 48 };

CK_DISPATCHED
void cp_normalize(
    const uint8_t *rgb, size_t count, const float *mean, const float *deviation, float *out) {
  float means[samples_a_step], deviations[samples_a_step];
  for (int i = 0; i < samples_a_step; i++) {
    means[i] = mean[i % 3];
    deviations[i] = deviation[i % 3];
  }
  size_t i = 0;
  for (; i + samples_a_step <= count * 3; i += samples_a_step)
    for (int j = 0; j < samples_a_step; j++) out[i + j] = (rgb[i + j] - means[j]) / deviations[j];
  for (; i < count * 3; i++) out[i] = (rgb[i] - means[i % 3]) / deviations[i % 3];
}

static inline uint8_t blended(float base, float factor, float value) {
  float result = base + factor * (value - base);
  result = result > 0 ? result : 0;
  return (uint8_t)(int)(result < 255 ? result : 255);
}

CK_DISPATCHED
void cp_blend(const uint8_t *source, size_t count, float base, float factor, uint8_t *out) {
  for (size_t i = 0; i < count; i++) out[i] = blended(base, factor, source[i]);
}

static inline int luma(const uint8_t *rgb) {
  return (rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16;
}

CK_DISPATCHED
uint64_t cp_luma_sum(const uint8_t *rgb, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += (uint64_t)luma(rgb + 3 * i);
  return sum;
}

CK_DISPATCHED
void cp_saturate(const uint8_t *rgb, size_t count, float factor, uint8_t *out) {
  for (size_t i = 0; i < count; i++, rgb += 3, out += 3) {
    float gray = (float)luma(rgb);
    for (int c = 0; c < 3; c++) out[c] = blended(gray, factor, rgb[c]);
  }
}

// Hue, saturation and value in 0...255, cut down to whole numbers; floats and doubles as in Pillow,
// since a hue that is off by one moves a colour by several levels.
static inline void hsv_from_rgb(int r, int g, int b, int *h, int *s, int *v) {
  int high = r > g ? r : g, low = r < g ? r : g;
  high = b > high ? b : high;
  low = b < low ? b : low;
  float range = (float)(high - low), divisor = high > low ? range : 1;
  float red = (float)(high - r) / divisor;
  float green = (float)(high - g) / divisor;
  float blue = (float)(high - b) / divisor;
  float sixths = (float)(r == high ? blue - green : g == high ? 2.0 + red - blue : 4.0 + green - red);
  double turn = sixths / 6.0 + 1;
  turn = turn >= 1 ? turn - 1 : turn;
  *h = high > low ? (int)((float)turn * 255.0) : 0;
  *s = high > low ? (int)(range / (float)high * 255.0) : 0;
  *v = high;
}

static inline void rgb_from_hsv(int h, int s, int v, uint8_t *rgb) {
  double position = h * 6.0 / 255.0, value = v;
  int sector = (int)position;
  float f = (float)(position - sector), saturation = (float)(s / 255.0);
  uint8_t p = (uint8_t)(int)(value * (1.0 - saturation) + 0.5);
  uint8_t q = (uint8_t)(int)(value * (1.0 - saturation * f) + 0.5);
  uint8_t t = (uint8_t)(int)(value * (1.0 - saturation * (1.0 - f)) + 0.5);
  uint8_t full = (uint8_t)v;
  sector = sector == 6 ? 0 : sector;
  rgb[0] = sector == 0 || sector == 5 ? full : sector == 1 ? q : sector == 4 ? t : p;
  rgb[1] = sector == 1 || sector == 2 ? full : sector == 3 ? q : sector == 0 ? t : p;
  rgb[2] = sector == 3 || sector == 4 ? full : sector == 5 ? q : sector == 2 ? t : p;
}

CK_DISPATCHED
void cp_turn_hue(const uint8_t *rgb, size_t count, uint8_t shift, uint8_t *out) {
  for (size_t i = 0; i < count; i++, rgb += 3, out += 3) {
    int h, s, v;
    hsv_from_rgb(rgb[0], rgb[1], rgb[2], &h, &s, &v);
    rgb_from_hsv((h + shift) & 255, s, v, out);
  }
}
