// Reductions of [outer, count, inner] over the middle axis. Partial results over fixed parts of it
// are combined in order, so that results do not depend on the number of threads.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum { ck_reduce_sum, ck_reduce_maximum, ck_reduce_minimum } ck_reduction;

// Positions [begin, end) of the middle axis of one outer index, `x` being its first element:
// into[inner], or += where `adding`. Sums are in double. NaN wins a maximum and a minimum.
void ck_reduce_part(
    ck_reduction op, double *into, const float *x, ptrdiff_t inner, ptrdiff_t begin,
    ptrdiff_t end);

// Row-wise functions of [rows, count], rows [begin, end).
// The first position of the maximum; a NaN counts as the maximum.
void ck_argmax(int32_t *out, const float *x, ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end);
void ck_log_sum_exp(float *out, const float *x, ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end);
void ck_softmax(float *out, const float *x, ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end);
void ck_log_softmax(float *out, const float *x, ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end);
// Adjoints, from the result: y (g - <g, y>), and g - e^y sum(g).
void ck_softmax_gradient(
    float *out, const float *upstream, const float *y, ptrdiff_t count, ptrdiff_t begin,
    ptrdiff_t end);
void ck_log_softmax_gradient(
    float *out, const float *upstream, const float *y, ptrdiff_t count, ptrdiff_t begin,
    ptrdiff_t end);
// x / max(|x|, smallest); the lengths in `lengths`. The adjoint takes them with the result.
void ck_normalize_rows(
    float *out, float *lengths, const float *x, float smallest, ptrdiff_t count, ptrdiff_t begin,
    ptrdiff_t end);
void ck_normalize_rows_gradient(
    float *out, const float *upstream, const float *y, const float *lengths, float smallest,
    ptrdiff_t count, ptrdiff_t begin, ptrdiff_t end);
