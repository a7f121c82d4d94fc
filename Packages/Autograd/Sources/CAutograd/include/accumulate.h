// Sums of gradients.
#pragma once
#include <stddef.h>

// sum[i] += addend[i] for i in [begin, end).
void ca_accumulate(float *sum, const float *addend, ptrdiff_t begin, ptrdiff_t end);
