// One C API over oneDNN 2.x and 3.x; the C files of this target hide the difference.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The version of the library this was built against, as "2.6.3".
const char *onednn_version(void);

typedef enum {
  onednn_forward,
  onednn_input_gradient,
  onednn_weight_gradient,
} onednn_convolution_kind;

typedef enum {
  onednn_activation_none,
  onednn_activation_relu,
  onednn_activation_relu6,
} onednn_activation;

// A 2-d convolution: images [N, H, W, C], weights [KH, KW, C_in / groups, C_out], plain float.
// A dilation of 1 is a dense kernel.
typedef struct {
  onednn_convolution_kind kind;
  int64_t batch, groups;
  int64_t in_height, in_width, in_channels;
  int64_t out_height, out_width, out_channels;
  int64_t kernel_height, kernel_width, stride, dilation;
  int64_t top, left, bottom, right;
  bool bias;      // forward: added before the activation; weight gradient: its gradient too
  bool residual;  // forward: a tensor of the output's shape is added before the activation
  onednn_activation activation;  // forward only
} onednn_convolution_shape;

typedef struct onednn_convolution onednn_convolution;

// Builds the fastest primitive oneDNN has for the shape and for OpenMP's present thread number.
// NULL where it fails; `error`, if not NULL, receives the step that failed, a static text.
// May be executed by several threads at once.
onednn_convolution *onednn_convolution_create(
    const onednn_convolution_shape *shape, const char **error);
void onednn_convolution_destroy(onednn_convolution *convolution);

// oneDNN's name of the kernel it chose; "ref..." and "gemm:ref" are the slow ones.
const char *onednn_convolution_implementation(const onednn_convolution *convolution);

// Bytes of the weight (or of its gradient) in the layout the kernel works on; 0 where it works on
// the plain layout.
size_t onednn_convolution_packed_bytes(const onednn_convolution *convolution);
// A number that tells layouts apart: two kernels of one weight with equal numbers share a packing.
uint64_t onednn_convolution_packed_layout(const onednn_convolution *convolution);
// Bytes of working memory, 64-byte aligned, that execution, packing and unpacking need.
size_t onednn_convolution_scratch_bytes(const onednn_convolution *convolution);

// Brings a plain weight into the kernel's layout (forward and input gradient).
bool onednn_convolution_pack(
    const onednn_convolution *convolution, const float *plain, void *packed, void *scratch);
// Brings the kernel's weight gradient into the plain layout.
bool onednn_convolution_unpack(
    const onednn_convolution *convolution, const void *packed, float *plain, void *scratch);

// What a convolution reads and writes; `weight` is packed where packed_bytes is not 0.
//   forward:         reads input, weight, bias, residual; writes output
//   input gradient:  reads output (its gradient), weight; writes input (its gradient)
//   weight gradient: reads input, output (its gradient); writes weight, bias (their gradients)
typedef struct {
  float *input, *weight, *bias, *residual, *output;
  void *scratch;
} onednn_convolution_memory;

bool onednn_convolution_execute(
    const onednn_convolution *convolution, const onednn_convolution_memory *memory);
