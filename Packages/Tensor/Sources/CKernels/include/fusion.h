// What is fused into a convolution: the activation's mask, and a batch norm's scale.
#pragma once
#include <stddef.h>

// gradient[i] = 0 < output[i] < ceiling ? upstream[i] : 0, for i in [begin, end).
// The gradient of max(x, 0), and of min(max(x, 0), ceiling); `gradient` may be `upstream`.
void ck_mask_activation(
    float *gradient, const float *upstream, const float *output, float ceiling, ptrdiff_t begin,
    ptrdiff_t end);

// The same for rows [begin, end) of `columns` floats; sums[c] = sum of gradient[r][c] over these.
void ck_mask_activation_and_sum(
    float *gradient, float *sums, const float *upstream, const float *output, float ceiling,
    ptrdiff_t columns, ptrdiff_t begin, ptrdiff_t end);

// scaled[r][c] = values[r][c] * scale[c], for rows r in [begin, end) of `columns` floats.
void ck_scale_columns(
    float *scaled, const float *values, const float *scale, ptrdiff_t columns, ptrdiff_t begin,
    ptrdiff_t end);

// dots[c] = sum of values[r][c] * weight[r][c] over r in [begin, end), then as ck_scale_columns;
// `scaled` may be `values`.
void ck_scale_columns_and_dot(
    float *scaled, float *dots, const float *values, const float *weight, const float *scale,
    ptrdiff_t columns, ptrdiff_t begin, ptrdiff_t end);
