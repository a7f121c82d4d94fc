#include "optimizers.h"

#include "ck_dispatch.h"

CK_DISPATCHED
void ca_sgd_step(
    ca_sgd s, float *value, float *average, const float *gradient, ptrdiff_t begin,
    ptrdiff_t end) {
  if (!average) {
    for (ptrdiff_t i = begin; i < end; i++) {
      value[i] -= s.learning_rate * (gradient[i] + s.weight_decay * value[i]);
    }
    return;
  }
  const float ahead = s.nesterov ? s.momentum : 1, now = s.nesterov ? 1 : 0;
  for (ptrdiff_t i = begin; i < end; i++) {
    float step = gradient[i] + s.weight_decay * value[i];
    average[i] = s.momentum * average[i] + step;
    value[i] -= s.learning_rate * (ahead * average[i] + now * step);
  }
}

CK_DISPATCHED
void ca_adam_step(
    ca_adam s, float *value, float *average, float *squared, const float *gradient,
    ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) {
    float before = value[i] * s.shrink;
    float slope = gradient[i] + s.weight_decay * before;
    average[i] += s.one_minus_beta1 * (slope - average[i]);
    squared[i] = s.beta2 * squared[i] + s.one_minus_beta2 * slope * slope;
    float root = __builtin_elementwise_sqrt(squared[i]) * s.inverse_root_correction2 + s.epsilon;
    value[i] = before - s.step_size * average[i] / root;
  }
}
