#include "elementwise.h"

#include <math.h>

#include "ck_dispatch.h"
#include "ck_vector_math.h"

#define EACH(expression)                              \
  for (ptrdiff_t i = begin; i < end; i++) {           \
    float v = x[i];                                   \
    out[i] = (expression);                            \
  }                                                   \
  return

// Full range: the vector functions leave out what overflows, underflows or is no number.
static inline float full_exp(float v) {
  float e = ck_exp(v);
  e = v > 88.72283f ? INFINITY : e;
  return v != v ? v : e;
}

static inline float full_log(float v) {
  // Subnormal numbers are scaled up first.
  int tiny = v < 1.17549435e-38f;
  float l = ck_log(tiny ? v * 0x1p23f : v) - (tiny ? 23 * 0.693147181f : 0);
  l = v == INFINITY ? INFINITY : l;
  l = v == 0 ? -INFINITY : l;
  return v < 0 || v != v ? NAN : l;
}

static inline float full_sigmoid(float v) {
  float e = full_exp(-fabsf(v));
  return (v >= 0 ? 1 : e) / (1 + e);
}

static inline float full_tanh(float v) {
  // Near 0 the quotient would lose its digits to cancellation: an odd polynomial (Cephes).
  float s = v * v;
  float p = -5.70498872745e-3f;
  p = p * s + 2.06390887954e-2f;
  p = p * s - 5.37397155531e-2f;
  p = p * s + 1.33314422036e-1f;
  p = p * s - 3.33332819422e-1f;
  float near = p * s * v + v;
  float e = full_exp(-2 * fabsf(v));
  float far = copysignf((1 - e) / (1 + e), v);
  far = v != v ? v : far;
  return fabsf(v) < 0.625f ? near : far;
}

static inline float full_softplus(float v) {
  // log(1 + e^v) without overflow.
  float soft = (v > 0 ? v : 0) + ck_log1p(full_exp(-fabsf(v)));
  return v != v ? v : soft;
}

CK_DISPATCHED void ck_unary(
    ck_unary_op op, float *out, const float *x, ptrdiff_t begin, ptrdiff_t end) {
  switch (op) {
    case ck_unary_negate: EACH(-v);
    case ck_unary_abs: EACH(fabsf(v));
    case ck_unary_square: EACH(v * v);
    case ck_unary_sqrt: EACH(sqrtf(v));
    case ck_unary_rsqrt: EACH(1 / sqrtf(v));
    case ck_unary_reciprocal: EACH(1 / v);
    case ck_unary_exp: EACH(full_exp(v));
    case ck_unary_log: EACH(full_log(v));
    case ck_unary_log1p: EACH(log1pf(v));
    case ck_unary_sigmoid: EACH(full_sigmoid(v));
    case ck_unary_tanh: EACH(full_tanh(v));
    case ck_unary_softplus: EACH(full_softplus(v));
    case ck_unary_sign: EACH(v != v ? v : (float)((v > 0) - (v < 0)));
    case ck_unary_floor: EACH(floorf(v));
  }
}

CK_DISPATCHED void ck_clamp(
    float *out, const float *x, float low, float high, ptrdiff_t begin, ptrdiff_t end) {
  EACH(v < low ? low : v > high ? high : v);
}

CK_DISPATCHED void ck_leaky(
    float *out, const float *x, float slope, ptrdiff_t begin, ptrdiff_t end) {
  EACH(v > 0 ? v : slope * v);
}

CK_DISPATCHED void ck_affine(
    float *out, const float *x, float scale, float shift, ptrdiff_t begin, ptrdiff_t end) {
  EACH(v * scale + shift);
}

CK_DISPATCHED void ck_power(
    float *out, const float *x, float exponent, ptrdiff_t begin, ptrdiff_t end) {
  EACH(powf(v, exponent));
}

CK_DISPATCHED void ck_add_scaled(
    float *sum, const float *x, float factor, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) sum[i] += factor * x[i];
}

#define ROW(expression)                                                        \
  do {                                                                         \
    if (plan->left_step && plan->right_step)                                   \
      for (ptrdiff_t i = 0; i < plan->inner; i++) {                            \
        float a = l[i], b = r[i];                                              \
        o[i] = (expression);                                                   \
      }                                                                        \
    else if (plan->left_step)                                                  \
      for (ptrdiff_t i = 0; i < plan->inner; i++) {                            \
        float a = l[i], b = r[0];                                              \
        o[i] = (expression);                                                   \
      }                                                                        \
    else                                                                       \
      for (ptrdiff_t i = 0; i < plan->inner; i++) {                            \
        float a = l[0], b = r[i * plan->right_step];                           \
        o[i] = (expression);                                                   \
      }                                                                        \
  } while (0)

CK_DISPATCHED void ck_binary(
    ck_binary_op op, const ck_broadcast *plan, float *out, const float *left, const float *right,
    ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t row = begin; row < end; row++) {
    ptrdiff_t rest = row, l_offset = 0, r_offset = 0;
    for (int axis = plan->rank - 1; axis >= 0; axis--) {
      ptrdiff_t at = rest % plan->sizes[axis];
      rest /= plan->sizes[axis];
      l_offset += at * plan->left_strides[axis];
      r_offset += at * plan->right_strides[axis];
    }
    const float *l = left + l_offset, *r = right + r_offset;
    float *restrict o = out + row * plan->inner;
    switch (op) {
      case ck_binary_add: ROW(a + b); break;
      case ck_binary_subtract: ROW(a - b); break;
      case ck_binary_multiply: ROW(a * b); break;
      case ck_binary_divide: ROW(a / b); break;
      case ck_binary_maximum: ROW(a != a || a > b ? a : b); break;
      case ck_binary_minimum: ROW(a != a || a < b ? a : b); break;
      case ck_binary_power: ROW(powf(a, b)); break;
      case ck_binary_greater: ROW((float)(a > b)); break;
      case ck_binary_greater_equal: ROW((float)(a >= b)); break;
      case ck_binary_equal: ROW((float)(a == b)); break;
    }
  }
}

CK_DISPATCHED void ck_select(
    float *out, const float *condition, const float *left, const float *right, ptrdiff_t begin,
    ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) out[i] = condition[i] != 0 ? left[i] : right[i];
}
