// Splat, merge, blur and slice of WIDTH columns of rows `stride` floats apart.
#include "row_template.h"

CK_DISPATCHED
static void NAME(splat)(
    const cl_lattice *lattice, const float *rows, const float *factors, int stride,
    ptrdiff_t begin, ptrdiff_t end, float *sums) {
  const ptrdiff_t count = lattice->corner_count;
  const uint16_t *corners = lattice->corners + begin * count;
  const float *weights = lattice->weights + begin * count;
  for (ptrdiff_t point = begin; point < end; point++) {
    const NAME(row) own = NAME(load)(rows);
    const float factor = factors ? factors[point] : 1;
    for (ptrdiff_t i = 0; i < count; i++) {
      float *sum = sums + (ptrdiff_t)corners[i] * stride;
      NAME(store)(sum, NAME(add)(NAME(load)(sum), weights[i] * factor, own));
    }
    rows += stride, corners += count, weights += count;
  }
}

CK_DISPATCHED
static void NAME(merge)(
    const cl_lattice *lattice, float *values, const float *sums, int stride, ptrdiff_t begin,
    ptrdiff_t end) {
  const int32_t *places = lattice->vertex_places, *starts = lattice->vertex_starts;
  const int32_t last = starts[lattice->vertices] - 1;
  for (ptrdiff_t vertex = begin; vertex < end; vertex++) {
    NAME(row) sum = {};
    for (int32_t i = starts[vertex]; i < starts[vertex + 1]; i++) {
      if (WIDTH >= 4) {
        const int32_t later = places[i + AHEAD < last ? i + AHEAD : last];
        prefetch_row(sums + (ptrdiff_t)later * stride, WIDTH);
      }
      sum = NAME(add)(sum, 1, NAME(load)(sums + (ptrdiff_t)places[i] * stride));
    }
    NAME(store)(values + vertex * stride, sum);
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
      if (begin + AHEAD < run_count) {
        const int32_t later = runs[begin + AHEAD];
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
    float *out, const cl_lattice *lattice, const float *values, float factor,
    const float *factors, int stride, ptrdiff_t begin, ptrdiff_t end) {
  const ptrdiff_t count = lattice->corner_count;
  for (ptrdiff_t point = begin; point < end; point++, out += stride) {
    const uint16_t *corners = lattice->corners + point * count;
    const float *weights = lattice->weights + point * count;
    const int32_t *vertices =
        lattice->place_vertices + lattice->chunk_starts[point / CL_CHUNK];
    NAME(row) sum = {};
    for (ptrdiff_t i = 0; i < count; i++)
      sum = NAME(add)(
          sum, weights[i], NAME(load)(values + (ptrdiff_t)vertices[corners[i]] * stride));
    NAME(store)(out, NAME(add)(NAME(load)(out), factors ? factor * factors[point] : factor, sum));
  }
}

#undef NAME
#undef WIDTH
