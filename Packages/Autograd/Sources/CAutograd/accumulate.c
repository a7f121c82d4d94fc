#include "accumulate.h"

#include "dispatch.h"

DISPATCHED
void ca_accumulate(float *sum, const float *addend, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) sum[i] += addend[i];
}
