// Values travel from points to vertices, between vertices, and back: many columns at once.
#include <string.h>

#include "ck_dispatch.h"
#include "lattice.h"
#include "rows.h"

enum { AHEAD = 16 };  // rows to ask memory for before they are needed

INLINE void prefetch_row(const float *row, int width) {
  for (int i = 0; i < width; i += 16) __builtin_prefetch(row + i);
  __builtin_prefetch(row + width - 1);
}

#define WIDTH 1
#include "lattice_rows_template.h"
#define WIDTH 2
#include "lattice_rows_template.h"
#define WIDTH 4
#include "lattice_rows_template.h"
#define WIDTH 8
#include "lattice_rows_template.h"
#define WIDTH 12
#include "lattice_rows_template.h"
#define WIDTH 16
#include "lattice_rows_template.h"
#define WIDTH 20
#include "lattice_rows_template.h"
#define WIDTH 24
#include "lattice_rows_template.h"
#define WIDTH 28
#include "lattice_rows_template.h"
#define WIDTH 32
#include "lattice_rows_template.h"

int cl_row_width(int columns) { return columns <= 2 ? columns : (columns + 3) & ~3; }

static int width_at(int column, int width) { return width - column < 32 ? width - column : 32; }

#define FOR_WIDTH(width, what, ...)         \
  switch (width) {                          \
    case 1: what##_1(__VA_ARGS__); break;   \
    case 2: what##_2(__VA_ARGS__); break;   \
    case 4: what##_4(__VA_ARGS__); break;   \
    case 8: what##_8(__VA_ARGS__); break;   \
    case 12: what##_12(__VA_ARGS__); break; \
    case 16: what##_16(__VA_ARGS__); break; \
    case 20: what##_20(__VA_ARGS__); break; \
    case 24: what##_24(__VA_ARGS__); break; \
    case 28: what##_28(__VA_ARGS__); break; \
    default: what##_32(__VA_ARGS__); break; \
  }

void cl_splat(
    const cl_lattice *lattice, ptrdiff_t chunk, const float *rows, const float *factors, int width,
    float *sums) {
  const ptrdiff_t begin = chunk * CL_CHUNK;
  const ptrdiff_t end = lattice->points - begin < CL_CHUNK ? lattice->points : begin + CL_CHUNK;
  const int32_t *starts = lattice->chunk_starts + chunk;
  sums += (ptrdiff_t)starts[0] * width;
  memset(sums, 0, sizeof *sums * (size_t)(starts[1] - starts[0]) * (size_t)width);
  for (int column = 0; column < width; column += 32)
    FOR_WIDTH(
        width_at(column, width), splat, lattice, rows + column, factors, width, begin, end,
        sums + column)
}

void cl_merge(
    const cl_lattice *lattice, float *values, const float *sums, int width, ptrdiff_t begin,
    ptrdiff_t end) {
  for (int column = 0; column < width; column += 32)
    FOR_WIDTH(
        width_at(column, width), merge, lattice, values + column, sums + column, width, begin, end)
}

void cl_blur(
    float *values, const int32_t *runs, ptrdiff_t run_count, int width, ptrdiff_t begin,
    ptrdiff_t end) {
  for (int column = 0; column < width; column += 32)
    FOR_WIDTH(
        width_at(column, width), blur, values + column, runs, run_count, width, begin, end)
}

void cl_slice(
    float *out, const cl_lattice *lattice, const float *values, float factor,
    const float *factors, int width, ptrdiff_t begin, ptrdiff_t end) {
  for (int column = 0; column < width; column += 32)
    FOR_WIDTH(
        width_at(column, width), slice, out + column, lattice, values + column, factor, factors,
        width, begin, end)
}
