// Updates of parameters in place, for elements in [begin, end).
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct {
  float learning_rate, weight_decay, momentum;
  bool nesterov;
} ca_sgd;

// `average` may be NULL where the momentum is 0.
void ca_sgd_step(
    ca_sgd s, float *value, float *average, const float *gradient, ptrdiff_t begin, ptrdiff_t end);

typedef struct {
  float shrink;        // of the parameter itself; 1 = none
  float weight_decay;  // added to the gradient
  float one_minus_beta1, beta2, one_minus_beta2;
  float step_size;  // learning rate over the first average's bias correction
  float inverse_root_correction2;
  float epsilon;
} ca_adam;

void ca_adam_step(
    ca_adam s, float *value, float *average, float *squared, const float *gradient,
    ptrdiff_t begin, ptrdiff_t end);
