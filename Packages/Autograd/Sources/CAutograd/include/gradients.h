// Sums and products of gradients, for elements in [begin, end).
#pragma once
#include <stddef.h>

// sum[i] += addend[i].
void ca_accumulate(float *sum, const float *addend, ptrdiff_t begin, ptrdiff_t end);

// scaled[i] = factor * values[i]; both may be the same.
void ca_scale(float *scaled, const float *values, float factor, ptrdiff_t begin, ptrdiff_t end);

// scaled[r, c] = factors[r] * values[r, c], for rows r in [begin, end).
void ca_scale_rows(
    float *scaled, const float *values, const float *factors, ptrdiff_t columns, ptrdiff_t begin,
    ptrdiff_t end);

// The sums of squares, of elements, and of products.
double ca_sum_of_squares(const float *values, ptrdiff_t begin, ptrdiff_t end);
double ca_sum(const float *values, ptrdiff_t begin, ptrdiff_t end);
double ca_dot(const float *left, const float *right, ptrdiff_t begin, ptrdiff_t end);

// draws[i] becomes values[i] / (1 - rate), or 0 where the draw is below the rate.
void ca_drop(float *draws, const float *values, float rate, ptrdiff_t begin, ptrdiff_t end);
