// Mean field in a fully connected CRF: marginals from unary energies and filtered marginals.
// Marginals add up to 1, so only the first `labels - 1` of them are filtered; the last follows.
#pragma once
#include "lattice.h"

enum { CL_BLOCK = 64 };  // pixels updated at once

// One kernel, after its lattice was splatted and blurred.
typedef struct {
  const cl_share *shares;
  ptrdiff_t vertices_a_point;
  const float *values;
  float scale;          // of what a slice gives
  const float *after;   // and a factor for each point, or null
  const float *ones;    // what filtering a map of ones gives
  float potts;          // the energy of two labels that differ, where compatibility is null
  const float *compatibility;  // else the energy of labels l and k at [l * labels + k]
} cl_kernel;

typedef struct {
  ptrdiff_t labels;            // 2 or more
  int width;                   // cl_row_width(labels - 1)
  const float *energies;       // rows of `labels`
  const uint8_t *energy_rows;  // the row of each pixel; null: every pixel has its own
  const int32_t *pixels;       // the pixel of each point
  const cl_kernel *kernels;
  ptrdiff_t kernel_count;
} cl_field;

// One mean-field update of points [begin, end). Receivers may be null.
//
// rows: [points][width], replaced. marginals: [pixels][labels]. argmax: [pixels], the lowest of
// equally likely labels. change: the largest difference to the old rows. scratch:
// CL_BLOCK * (2 * width + 1) + labels floats.
void cl_update(
    const cl_field *field, float *rows, float *marginals, uint8_t *argmax, float *change,
    float *scratch, ptrdiff_t begin, ptrdiff_t end);
