// The weight gradient of depthwise convolution, for which oneDNN has no fast kernel above 3x3.
#pragma once
#include <stddef.h>

typedef struct {
  ptrdiff_t batch, channels;
  ptrdiff_t in_height, in_width, out_height, out_width;
  ptrdiff_t kernel_height, kernel_width, stride, dilation;
  ptrdiff_t top, left;
} ck_depthwise_shape;

enum { ck_depthwise_block = 64 };  // channels a task works on

// Tasks [begin, end) of batch * ceil(channels / block): task t adds up image t / blocks and channel
// block t % blocks. Image i writes sums[i], [kernel_height, kernel_width, channels], and, unless
// NULL, bias_sums[i], [channels].
void ck_depthwise_weight_gradient(
    ck_depthwise_shape shape, const float *input, const float *upstream, float *sums,
    float *bias_sums, ptrdiff_t begin, ptrdiff_t end);
