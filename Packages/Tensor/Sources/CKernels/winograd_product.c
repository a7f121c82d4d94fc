#include "winograd_product.h"

#if defined(__x86_64__)
#define NAME(x) v4_##x
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define LANES 16
#define VECTORS 2
#define ROWS 14
#include "winograd_product_template.h"

#define NAME(x) v3_##x
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 8
#define VECTORS 2
#define ROWS 6
#include "winograd_product_template.h"
#endif

#define NAME(x) portable_##x
#define TARGET
#define LANES 4
#define VECTORS 2
#define ROWS 6
#include "winograd_product_template.h"

void ck_winograd_product(
    const float *a, ptrdiff_t run_step, ptrdiff_t rows, ptrdiff_t depth, const float *b, float *c,
    ptrdiff_t width) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return v4_rows(a, run_step, rows, depth, b, c, width);
  if (__builtin_cpu_supports("x86-64-v3")) return v3_rows(a, run_step, rows, depth, b, c, width);
#endif
  portable_rows(a, run_step, rows, depth, b, c, width);
}

void ck_winograd_transposed_product(
    const float *a, ptrdiff_t depth, const float *b, float *c, ptrdiff_t width) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return v4_transposed(a, depth, b, c, width);
  if (__builtin_cpu_supports("x86-64-v3")) return v3_transposed(a, depth, b, c, width);
#endif
  portable_transposed(a, depth, b, c, width);
}
