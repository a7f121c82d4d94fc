// A loop of nothing but fused multiply-adds: the most a core can compute.
#pragma once
#include <stddef.h>

// Runs `rounds` rounds and returns the number of floating-point operations done, a multiply-add
// counting 2; a value that depends on all of them goes to `*sink`.
double cb_multiply_add(ptrdiff_t rounds, float *sink);
