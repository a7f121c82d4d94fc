#include "peak.h"

// Ten independent chains hide the latency of two units, in vectors as wide as the CPU's.
enum { chains = 10 };

#define MULTIPLY_ADD_LOOP(lanes)                                             \
  typedef float vector __attribute__((vector_size(lanes * sizeof(float)))); \
  vector sums[chains];                                                      \
  vector factor = {0}, addend = {0};                                        \
  factor += *sink;                                                          \
  addend += *sink;                                                          \
  for (int i = 0; i < chains; i++) sums[i] = addend + (float)i;             \
  for (ptrdiff_t round = 0; round < rounds; round++) {                      \
    _Pragma("clang loop unroll(full)")                                      \
    for (int i = 0; i < chains; i++) sums[i] = sums[i] * factor + addend;   \
  }                                                                         \
  vector total = sums[0];                                                   \
  for (int i = 1; i < chains; i++) total += sums[i];                        \
  *sink = total[0];                                                         \
  return 2.0 * lanes * chains * (double)rounds

#if defined(__x86_64__)
__attribute__((target("arch=x86-64-v4"))) static double wide(ptrdiff_t rounds, float *sink) {
  MULTIPLY_ADD_LOOP(16);
}
__attribute__((target("arch=x86-64-v3"))) static double middle(ptrdiff_t rounds, float *sink) {
  MULTIPLY_ADD_LOOP(8);
}
#endif
static double narrow(ptrdiff_t rounds, float *sink) { MULTIPLY_ADD_LOOP(4); }

double cb_multiply_add(ptrdiff_t rounds, float *sink) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return wide(rounds, sink);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return middle(rounds, sink);
#endif
  return narrow(rounds, sink);
}
