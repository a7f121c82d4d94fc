// Losses with their gradients, for rows or elements in [begin, end).
//
// Each returns the sum of the losses in double. `losses` receives them and `gradient` the
// derivative of that sum by the input; either may be NULL.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Of a row with label y, where t_c = spread[c] + (c == y ? peak[y] : 0):
// scale[y] * sum over c of t_c * -log softmax(logits)_c. A scale of 0 ignores the row.
typedef struct {
  ptrdiff_t channels;   // 1...255
  const float *peak;    // a label, 256 of them
  const float *scale;   // a label, 256 of them
  const float *spread;  // a channel; NULL = zeros
} ca_label_targets;

double ca_label_cross_entropy(
    ca_label_targets targets, const float *logits, const uint8_t *labels, float *losses,
    float *gradient, ptrdiff_t begin, ptrdiff_t end);

// Of a row: scale * sum over c of t_c * -log softmax(logits)_c,
// where t_c = weights[c] * (keep * targets[c] + spread).
typedef struct {
  ptrdiff_t channels;
  const float *weights;
  float keep, spread, scale;
} ca_soft_targets;

double ca_soft_cross_entropy(
    ca_soft_targets settings, const float *logits, const float *targets, float *losses,
    float *gradient, ptrdiff_t begin, ptrdiff_t end);

// Of an element: scale * w * -(q y log s + (1 - y) log(1 - s)), s the logistic function of the
// logit; w from `weights`, q from `positive`, both a value an element, NULL = ones.
double ca_binary_cross_entropy(
    float scale, const float *logits, const float *targets, const float *weights,
    const float *positive, float *losses, float *gradient, ptrdiff_t begin, ptrdiff_t end);

typedef enum { ca_squared, ca_absolute, ca_smooth } ca_difference_kind;

// Of an element, d the difference: scale * d^2, scale * |d|, or |d| with its kink at 0 replaced by
// the parabola d^2 / (2 beta) for |d| < beta (then beta / 2 less).
double ca_difference_loss(
    ca_difference_kind kind, float beta, float scale, const float *left, const float *right,
    float *losses, float *gradient, ptrdiff_t begin, ptrdiff_t end);
