#include "layout.h"

#include <string.h>

#include "ck_dispatch.h"

static ptrdiff_t row_offset(const ck_walk *walk, ptrdiff_t row) {
  ptrdiff_t offset = walk->offset;
  for (int axis = walk->rank - 2; axis >= 0; axis--) {
    offset += row % walk->sizes[axis] * walk->strides[axis];
    row /= walk->sizes[axis];
  }
  return offset;
}

void ck_gather_walk(
    const ck_walk *walk, float *out, const float *source, ptrdiff_t begin, ptrdiff_t end) {
  ptrdiff_t count = walk->sizes[walk->rank - 1], stride = walk->strides[walk->rank - 1];
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *from = source + row_offset(walk, row);
    float *to = out + row * count;
    if (stride == 1) {
      memcpy(to, from, (size_t)count * sizeof *to);
      continue;
    }
    for (ptrdiff_t i = 0; i < count; i++) to[i] = from[i * stride];
  }
}

void ck_scatter_walk(
    const ck_walk *walk, float *into, const float *upstream, ptrdiff_t begin, ptrdiff_t end) {
  ptrdiff_t count = walk->sizes[walk->rank - 1], stride = walk->strides[walk->rank - 1];
  for (ptrdiff_t row = begin; row < end; row++) {
    float *to = into + row_offset(walk, row);
    const float *from = upstream + row * count;
    for (ptrdiff_t i = 0; i < count; i++) to[i * stride] += from[i];
  }
}

void ck_transpose(
    float *out, const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t begin,
    ptrdiff_t end) {
  enum { tile = 16 };
  for (ptrdiff_t r = begin; r < end; r += tile)
    for (ptrdiff_t c = 0; c < columns; c += tile) {
      ptrdiff_t last_row = r + tile < end ? r + tile : end;
      ptrdiff_t last_column = c + tile < columns ? c + tile : columns;
      for (ptrdiff_t j = c; j < last_column; j++)
        for (ptrdiff_t i = r; i < last_row; i++) out[j * rows + i] = x[i * columns + j];
    }
}

void ck_gather_rows(
    float *out, const float *source, const int32_t *index, ptrdiff_t columns, ptrdiff_t begin,
    ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) {
    float *to = out + i * columns;
    if (index[i] < 0) memset(to, 0, (size_t)columns * sizeof *to);
    else memcpy(to, source + index[i] * columns, (size_t)columns * sizeof *to);
  }
}

CK_DISPATCHED void ck_scatter_rows(
    float *into, const float *x, const int32_t *index, ptrdiff_t count, ptrdiff_t columns,
    ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t i = 0; i < count; i++) {
    if (index[i] < 0) continue;
    float *to = into + index[i] * columns;
    const float *from = x + i * columns;
    for (ptrdiff_t c = begin; c < end; c++) to[c] += from[c];
  }
}
