// Convolution with 3x3 weights and stride 1 on N H W C by Winograd's F(4x4, 3x3): a quarter of the
// multiplications of the direct way. Dilation d is d * d interleaved convolutions without one.
// Results do not depend on the number of threads.
//
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct {
  ptrdiff_t batch;
  ptrdiff_t in_height, in_width, in_channels;
  ptrdiff_t out_height, out_width, out_channels;
  ptrdiff_t top, left;  // padding before the first row and column; after the last is what remains
  ptrdiff_t dilation;
} ck_winograd_shape;

// What happens to a finished sum: add bias (a float an output channel) and residual (laid out as
// the output), each unless NULL, then limit it to lower...upper.
typedef struct {
  const float *bias, *residual;
  float lower, upper;
} ck_winograd_epilogue;

// Weights are [3, 3, in_channels, out_channels]. All return false, and leave the result unset,
// where memory for the transforms is out.
bool ck_winograd_forward(
    ck_winograd_shape shape, const float *input, const float *weights,
    ck_winograd_epilogue epilogue, float *output);
// The gradient of the input from the gradient of the output.
bool ck_winograd_input_gradient(
    ck_winograd_shape shape, const float *upstream, const float *weights, float *gradient);
// The gradients of the weights and, unless NULL, of the bias from the input and the gradient of
// the output.
bool ck_winograd_weight_gradient(
    ck_winograd_shape shape, const float *input, const float *upstream, float *gradient,
    float *bias_gradient);
