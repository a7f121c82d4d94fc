// The matrix products between the Winograd transforms. Private to the winograd*.c files.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// Matrices with a column for each output channel are cut into panels of 32 columns, so that a row
// of a panel is two cache lines; rows of a panel follow each other.
enum { ck_winograd_panel = 32 };

// c[rows][width] = a[rows][depth] * b[depth][width], c and b in panels of 32 columns, width a
// multiple of 16, at most 32. Column k of a is at (k / 16) * run_step + k % 16, its rows 16 apart.
void ck_winograd_product(
    const float *a, ptrdiff_t run_step, ptrdiff_t rows, ptrdiff_t depth, const float *b, float *c,
    ptrdiff_t width);

// c[16][width] = transpose of a[depth][16] * b[depth][width].
void ck_winograd_transposed_product(
    const float *a, ptrdiff_t depth, const float *b, float *c, ptrdiff_t width);
