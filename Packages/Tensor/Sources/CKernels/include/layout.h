// Moving elements: transposition, regions, rows.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { ck_layout_rank = 8 };
// A walk over `rank` axes of a result whose element (i0, i1, ...) is the source's at
// offset + sum of i * stride. Strides may be 0 or negative.
typedef struct {
  int rank;
  ptrdiff_t sizes[ck_layout_rank], strides[ck_layout_rank], offset;
} ck_walk;

// Rows [begin, end) of a contiguous result, a row being the last axis.
void ck_gather_walk(
    const ck_walk *walk, float *out, const float *source, ptrdiff_t begin, ptrdiff_t end);
// The adjoint: adds the rows of a contiguous `upstream` to `into`, where the walk leads. Serial,
// unless the walk never visits an element twice.
void ck_scatter_walk(
    const ck_walk *walk, float *into, const float *upstream, ptrdiff_t begin, ptrdiff_t end);

// out[column, row] = x[row, column] for the rows [begin, end) of `x`, [rows, columns].
void ck_transpose(
    float *out, const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t begin, ptrdiff_t end);

// out[i] = source[index[i]], rows of `columns`; an index below 0 gives zeros.
void ck_gather_rows(
    float *out, const float *source, const int32_t *index, ptrdiff_t columns, ptrdiff_t begin,
    ptrdiff_t end);
// into[index[i], columns begin..<end] += x[i, the same columns]; in order, so that the same bits
// come out however the columns are shared. An index below 0 is skipped.
void ck_scatter_rows(
    float *into, const float *x, const int32_t *index, ptrdiff_t count, ptrdiff_t columns,
    ptrdiff_t begin, ptrdiff_t end);
