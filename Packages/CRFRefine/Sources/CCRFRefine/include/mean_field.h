// Mean field in a fully connected CRF: marginals from unary energies and filtered marginals.
// Marginals add up to 1, so only the first `labels - 1` of them are filtered; the last follows.
#pragma once
#include "lattice.h"

// One kernel, after its lattice was splatted and blurred.
typedef struct {
  cl_lattice lattice;
  const float *values;         // of its vertices
  float scale;                 // of what a slice gives
  const float *after;          // and a factor for each point, or null
  const float *ones;           // what filtering a map of ones gives
  float potts;                 // the energy of labels that differ, where compatibility is null
  const float *compatibility;  // else the energy of labels l and k, at [l * labels + k]
} cl_kernel;

typedef struct {
  ptrdiff_t labels;            // 2 or more
  int width;                   // cl_row_width(labels - 1)
  const float *energies;       // rows of `labels`
  ptrdiff_t energy_row_count;
  const uint8_t *energy_rows;  // the row of each pixel; null: every pixel has its own
  const int32_t *pixels;       // the pixel of each point
  const cl_kernel *kernels;
  ptrdiff_t kernel_count;
} cl_field;

// What an update writes; all may be null.
typedef struct {
  float *rows;       // [end - begin][width], the marginals that the next update filters
  float *marginals;  // [pixels][labels]
  uint8_t *argmax;   // [pixels], the lowest of equally likely labels
  float *change;     // becomes the largest difference to the old rows, if that is larger
} cl_receivers;

// One mean-field update of points [begin, end). scratch: cl_update_scratch floats.
void cl_update(
    const cl_field *field, cl_receivers out, float *scratch, ptrdiff_t begin, ptrdiff_t end);
ptrdiff_t cl_update_scratch(const cl_field *field);
