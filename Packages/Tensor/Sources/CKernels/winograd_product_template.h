// The matrix products of winograd_product.c for one instruction set. Included once a set, with
// NAME(x), TARGET, LANES (floats a vector), VECTORS (vectors a row) and ROWS (rows at once, at
// most 14): VECTORS * ROWS sums, VECTORS columns and one broadcast must fit the registers.

typedef float NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4)));

// c = a * b for `rows` rows and `vectors` vectors of columns. Step k of row i of a is at
// i * row_step + (k / run) * run_step + (k % run) * depth_step.
static inline __attribute__((always_inline)) void NAME(tile)(
    const float *a, ptrdiff_t row_step, ptrdiff_t depth_step, ptrdiff_t run_step, ptrdiff_t run,
    ptrdiff_t depth, const float *b, float *c, int rows, int vectors) {
  NAME(vector) sum[ROWS][VECTORS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) sum[i][j] = (NAME(vector)){0};
  for (; depth > 0; depth -= run, a += run_step) {
    ptrdiff_t steps = depth < run ? depth : run;
#pragma clang loop unroll_count(4)
    for (ptrdiff_t k = 0; k < steps; k++, b += ck_winograd_panel) {
      NAME(vector) columns[VECTORS];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) columns[j] = *(const NAME(vector) *)(b + j * LANES);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++)
          sum[i][j] += a[i * row_step + k * depth_step] * columns[j];
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++)
      *(NAME(vector) *)(c + i * ck_winograd_panel + j * LANES) = sum[i][j];
}

#define CASE(count)                                                                             \
  case count:                                                                                   \
    NAME(tile)(a, 16, 1, run_step, 16, depth, b, c, count <= ROWS ? count : 1, vectors); \
    break;

static inline __attribute__((always_inline)) void NAME(some_rows)(
    const float *a, ptrdiff_t run_step, ptrdiff_t depth, const float *b, float *c, int rows,
    int vectors) {
  switch (rows) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7)
    CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
  }
}

TARGET static void NAME(rows)(
    const float *a, ptrdiff_t run_step, ptrdiff_t rows, ptrdiff_t depth, const float *b, float *c,
    ptrdiff_t width) {
  ptrdiff_t groups = (rows + ROWS - 1) / ROWS;
  for (ptrdiff_t group = 0; group < groups; group++) {
    // Equal groups: a short last one would leave the pipeline idle.
    ptrdiff_t first = group * rows / groups, count = (group + 1) * rows / groups - first;
    ptrdiff_t column = 0;
    for (; column + VECTORS * LANES <= width; column += VECTORS * LANES)
      NAME(some_rows)(a + first * 16, run_step, depth, b + column,
                      c + first * ck_winograd_panel + column, (int)count, VECTORS);
    for (; column < width; column += LANES)
      NAME(some_rows)(a + first * 16, run_step, depth, b + column,
                      c + first * ck_winograd_panel + column, (int)count, 1);
  }
}

// c[16][width] = transpose of a[depth][16] * b[depth][width].
TARGET static void NAME(transposed)(
    const float *a, ptrdiff_t depth, const float *b, float *c, ptrdiff_t width) {
  enum { rows = ROWS >= 8 ? 8 : 4 };
  for (int first = 0; first < 16; first += rows) {
    ptrdiff_t column = 0;
    float *to = c + first * ck_winograd_panel;
    for (; column + VECTORS * LANES <= width; column += VECTORS * LANES)
      NAME(tile)(a + first, 1, 16, 0, depth, depth, b + column, to + column, rows, VECTORS);
    for (; column < width; column += LANES)
      NAME(tile)(a + first, 1, 16, 0, depth, depth, b + column, to + column, rows, 1);
  }
}

#undef CASE
#undef NAME
#undef TARGET
#undef LANES
#undef VECTORS
#undef ROWS
