// Elementwise functions of one and two tensors.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum {
  ck_unary_negate, ck_unary_abs, ck_unary_square, ck_unary_sqrt, ck_unary_rsqrt,
  ck_unary_reciprocal, ck_unary_exp, ck_unary_log, ck_unary_log1p, ck_unary_sigmoid,
  ck_unary_tanh, ck_unary_softplus, ck_unary_sign, ck_unary_floor,
} ck_unary_op;

// out[i] = op(x[i]) for i in [begin, end).
void ck_unary(
    ck_unary_op op, float *out, const float *x, ptrdiff_t begin, ptrdiff_t end);
// min(max(x, low), high); NaN stays NaN.
void ck_clamp(
    float *out, const float *x, float low, float high, ptrdiff_t begin, ptrdiff_t end);
// x where positive, else slope * x.
void ck_leaky(float *out, const float *x, float slope, ptrdiff_t begin, ptrdiff_t end);
// x * scale + shift.
void ck_affine(
    float *out, const float *x, float scale, float shift, ptrdiff_t begin, ptrdiff_t end);
void ck_power(float *out, const float *x, float exponent, ptrdiff_t begin, ptrdiff_t end);
// sum[i] += factor * x[i].
void ck_add_scaled(float *sum, const float *x, float factor, ptrdiff_t begin, ptrdiff_t end);

typedef enum {
  ck_binary_add, ck_binary_subtract, ck_binary_multiply, ck_binary_divide, ck_binary_maximum,
  ck_binary_minimum, ck_binary_power, ck_binary_greater, ck_binary_greater_equal,
  ck_binary_equal,
} ck_binary_op;

// Two operands stretched to one shape: `rank` outer axes, and an inner one of `inner` elements at
// which each operand advances by 0 or 1.
enum { ck_max_rank = 8 };
typedef struct {
  int rank;
  ptrdiff_t sizes[ck_max_rank], left_strides[ck_max_rank], right_strides[ck_max_rank];
  ptrdiff_t inner, left_step, right_step;
} ck_broadcast;

// Rows [begin, end) of the result, a row being `inner` elements.
void ck_binary(
    ck_binary_op op, const ck_broadcast *plan, float *out, const float *left, const float *right,
    ptrdiff_t begin, ptrdiff_t end);

// out = condition != 0 ? left : right, all of one shape.
void ck_select(
    float *out, const float *condition, const float *left, const float *right, ptrdiff_t begin,
    ptrdiff_t end);
