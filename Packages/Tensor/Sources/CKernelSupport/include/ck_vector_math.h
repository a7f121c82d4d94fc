// exp and log without branches or calls, so that loops over them vectorise.
#pragma once
#include <stdint.h>
#include <string.h>

static inline float ck_from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t ck_to_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// e^x within 2 units in the last place; 0 below -87.33 (no subnormal results).
// x = n ln 2 + r, |r| <= ln 2 / 2, and e^r by its Taylor polynomial, shifted for the interval.
static inline float ck_exp(float x) {
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  float bounded = x > 88.8f ? 88.8f : x;
  bounded = bounded < -87.33f ? -87.33f : bounded;
  float shifted = bounded * 1.44269504f + magic;
  float n = shifted - magic;
  float r = bounded - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // 2^128 has no bits of its own: the last octave doubles 2^127.
  uint32_t last = n > 127.0f;
  float power = ck_from_bits((ck_to_bits(shifted) + 127 - last) << 23);
  return x < -87.33f ? 0 : p * power * (last ? 2.0f : 1.0f);
}

// The natural logarithm of a positive, normal, finite number; NaN for NaN and infinity.
// x = 2^n m, m in [sqrt(1/2), sqrt(2)), and log m by a polynomial in m - 1 (Cephes' coefficients).
static inline float ck_log(float x) {
  uint32_t bits = ck_to_bits(x) - 0x3f3504f3;
  float n = (float)((int32_t)bits >> 23);
  float m = ck_from_bits((bits & 0x007fffff) + 0x3f3504f3) - 1.0f;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  float tail = m * m * m * p + n * -2.12194440e-4f - 0.5f * m * m;
  return m + tail + n * 0.693359375f + (x - x);
}

// log(1 + u) for u in [0, 1], with its relative accuracy for small u.
static inline float ck_log1p(float u) {
  float w = 1.0f + u;
  return ck_log(w) + (u - (w - 1.0f)) / w;
}
