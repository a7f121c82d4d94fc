// Splat, blur and slice of WIDTH columns of rows `stride` floats apart.
#include "row_template.h"

CK_DISPATCHED
static void NAME(splat)(
    float *values, const int32_t *starts, const cl_share *shares, const float *rows, int stride,
    ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t vertex = begin; vertex < end; vertex++) {
    // Two sums, so that one addition need not wait for the other.
    NAME(row) even = {}, odd = {};
    int32_t i = starts[vertex];
    for (; i + 1 < starts[vertex + 1]; i += 2) {
      if (WIDTH >= 4) {
        prefetch_row(rows + (ptrdiff_t)shares[i + CL_AHEAD].index * stride, WIDTH);
        prefetch_row(rows + (ptrdiff_t)shares[i + CL_AHEAD + 1].index * stride, WIDTH);
      }
      even = NAME(add)(
          even, shares[i].weight, NAME(load)(rows + (ptrdiff_t)shares[i].index * stride));
      odd = NAME(add)(
          odd, shares[i + 1].weight, NAME(load)(rows + (ptrdiff_t)shares[i + 1].index * stride));
    }
    if (i < starts[vertex + 1])
      even = NAME(add)(
          even, shares[i].weight, NAME(load)(rows + (ptrdiff_t)shares[i].index * stride));
    NAME(store)(values + vertex * stride, NAME(add)(even, 1, odd));
  }
}

CK_DISPATCHED
static void NAME(blur)(
    float *values, const int32_t *runs, ptrdiff_t run_count, int stride, ptrdiff_t begin,
    ptrdiff_t end) {
  // A run belongs to the chunk that holds its first vertex.
  while (begin < end && begin > 0 && runs[begin - 1] >= 0) begin++;
  while (begin < end) {
    NAME(row) before = {}, own = NAME(load)(values + (ptrdiff_t)runs[begin] * stride);
    for (; runs[begin] >= 0; begin++) {
      if (begin + RUN_AHEAD < run_count) {
        const int32_t later = runs[begin + RUN_AHEAD];
        prefetch_row(values + (ptrdiff_t)(later < 0 ? ~later : later) * stride, WIDTH);
      }
      const int32_t following = runs[begin + 1];
      NAME(row) after =
          NAME(load)(values + (ptrdiff_t)(following < 0 ? ~following : following) * stride);
      NAME(store)(
          values + (ptrdiff_t)runs[begin] * stride,
          NAME(add)(own, 0.5f, NAME(add)(before, 1.0f, after)));
      before = own;
      own = after;
    }
    NAME(store)(values + (ptrdiff_t)~runs[begin] * stride, NAME(add)(own, 0.5f, before));
    begin++;
  }
}

CK_DISPATCHED
static void NAME(slice)(
    float *out, const cl_share *shares, ptrdiff_t vertices, const float *values, float factor,
    const float *factors, int stride, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t point = begin; point < end; point++, out += stride) {
    const cl_share *own = shares + point * vertices;
    NAME(row) sum = {};
    for (ptrdiff_t i = 0; i < vertices; i++)
      sum = NAME(add)(
          sum, own[i].weight, NAME(load)(values + (ptrdiff_t)own[i].index * stride));
    NAME(store)(out, NAME(add)(NAME(load)(out), factors ? factor * factors[point] : factor, sum));
  }
}

#undef NAME
#undef WIDTH
