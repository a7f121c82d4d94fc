// Messages, compatibility and softmax of a block of pixels at a time.
#include "mean_field.h"

#include <math.h>
#include <string.h>

#include "ck_dispatch.h"
#include "ck_vector_math.h"

typedef float v4 __attribute__((vector_size(16), aligned(4)));
typedef int32_t i4 __attribute__((vector_size(16), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

INLINE float row_sum(const float *row, int width) {
  if (width < 4) return width == 1 ? row[0] : row[0] + row[1];
  v4 sum = *(const v4 *)row;
  for (int k = 4; k < width; k += 4) sum += *(const v4 *)(row + k);
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

INLINE float row_maximum(const float *row, int width) {
  if (width < 4) return width == 1 || row[0] > row[1] ? row[0] : row[1];
  v4 most = *(const v4 *)row;
  for (int k = 4; k < width; k += 4) {
    const v4 other = *(const v4 *)(row + k);
    const i4 larger = other > most;
    most = (v4)(((i4)other & larger) | ((i4)most & ~larger));
  }
  const float a = most[0] > most[2] ? most[0] : most[2], b = most[1] > most[3] ? most[1] : most[3];
  return a > b ? a : b;
}

static const float impossible = -1e30f;  // a logit of padding

// logits: the messages to the first labels, then what is left of the softmax; last: the same of
// the last label.
INLINE void finish(
    const cl_field *field, float *logits, float *last, float *rows, float *marginals,
    uint8_t *argmax, float *change, int width, ptrdiff_t begin, ptrdiff_t count) {
  const ptrdiff_t labels = field->labels, columns = labels - 1;
  for (ptrdiff_t i = 0; i < count; i++) {
    const ptrdiff_t pixel = field->pixels[begin + i];
    const float *energy =
        field->energies + labels * (field->energy_rows ? field->energy_rows[pixel] : pixel);
    float *own = logits + i * width;
    // Rows are padded by less than four.
    const int full = width < 4 ? width : width - 4;
    for (int k = 0; k < full; k++) own[k] -= energy[k];
    for (int k = full; k < width; k++) own[k] = k < columns ? own[k] - energy[k] : impossible;
    last[i] -= energy[columns];
    if (argmax) {
      ptrdiff_t best = 0;
      for (ptrdiff_t k = 1; k < columns; k++) best = own[k] > own[best] ? k : best;
      argmax[pixel] = (uint8_t)(last[i] > own[best] ? columns : best);
    }
    const float inner = row_maximum(own, width), most = inner > last[i] ? inner : last[i];
    for (int k = 0; k < width; k++) own[k] -= most;
    last[i] -= most;
  }
  if (!rows && !marginals) return;
  for (ptrdiff_t i = 0; i < count * width; i++) logits[i] = ck_exp(logits[i]);
  for (ptrdiff_t i = 0; i < count; i++) last[i] = ck_exp(last[i]);
  float largest = change ? *change : 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    float *own = logits + i * width;
    const float inverse = 1.0f / (row_sum(own, width) + last[i]);
    for (int k = 0; k < width; k++) own[k] *= inverse;
    if (marginals) {
      float *out = marginals + labels * field->pixels[begin + i];
      for (ptrdiff_t k = 0; k < columns; k++) out[k] = own[k];
      out[columns] = last[i] * inverse;
    }
    if (!rows) continue;
    float *out = rows + (begin + i) * width;
    if (change) {
      float total = 0;
      for (int k = 0; k < width; k++) {
        const float step = own[k] - out[k];
        total += step;
        largest = fabsf(step) > largest ? fabsf(step) : largest;
      }
      largest = fabsf(total) > largest ? fabsf(total) : largest;
    }
    for (int k = 0; k < width; k++) out[k] = own[k];
  }
  if (change) *change = largest;
}

CK_DISPATCHED
static void finish_any(
    const cl_field *field, float *logits, float *last, float *rows, float *marginals,
    uint8_t *argmax, float *change, ptrdiff_t begin, ptrdiff_t count) {
#define CASE(width)                                                                            \
  case width:                                                                                  \
    finish(field, logits, last, rows, marginals, argmax, change, width, begin, count);         \
    break;
  switch (field->width) {
    CASE(1) CASE(2) CASE(4) CASE(8) CASE(12) CASE(16) CASE(20) CASE(24) CASE(28) CASE(32)
    default:
      finish(field, logits, last, rows, marginals, argmax, change, field->width, begin, count);
  }
#undef CASE
}

// Takes the energies that a kernel with a compatibility of its own causes from the messages.
CK_DISPATCHED
static void subtract_energies(
    const cl_kernel *kernel, const float *filtered, float *messages, float *last, float *all,
    ptrdiff_t labels, int width, ptrdiff_t begin, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const float *own = filtered + i * width;
    float rest = kernel->ones[begin + i];
    for (ptrdiff_t k = 0; k < labels - 1; k++) rest -= own[k];
    memset(all, 0, sizeof *all * (size_t)labels);
    for (ptrdiff_t l = 0; l < labels; l++) {
      const float share = l < labels - 1 ? own[l] : rest;
      const float *energies = kernel->compatibility + l * labels;
      for (ptrdiff_t k = 0; k < labels; k++) all[k] += share * energies[k];
    }
    for (ptrdiff_t k = 0; k < labels - 1; k++) messages[i * width + k] -= all[k];
    last[i] -= all[labels - 1];
  }
}

void cl_update(
    const cl_field *field, float *rows, float *marginals, uint8_t *argmax, float *change,
    float *scratch, ptrdiff_t begin, ptrdiff_t end) {
  const int width = field->width;
  float *messages = scratch, *last = messages + CL_BLOCK * width, *filtered = last + CL_BLOCK,
        *all = filtered + CL_BLOCK * width;
  for (; begin < end; begin += CL_BLOCK) {
    const ptrdiff_t count = end - begin < CL_BLOCK ? end - begin : CL_BLOCK;
    memset(messages, 0, sizeof *messages * (size_t)(CL_BLOCK * width));
    memset(last, 0, sizeof *last * CL_BLOCK);
    int has_messages = 0;
    for (const cl_kernel *k = field->kernels; k < field->kernels + field->kernel_count; k++) {
      if (k->compatibility) continue;
      has_messages = 1;
      cl_slice(
          messages, k->shares, k->vertices_a_point, k->values, k->scale * k->potts, k->after,
          width, begin, begin + count);
      for (ptrdiff_t i = 0; i < count; i++) last[i] += k->potts * k->ones[begin + i];
    }
    if (has_messages)
      for (ptrdiff_t i = 0; i < count; i++) last[i] -= row_sum(messages + i * width, width);
    for (const cl_kernel *k = field->kernels; k < field->kernels + field->kernel_count; k++) {
      if (!k->compatibility) continue;
      memset(filtered, 0, sizeof *filtered * (size_t)(CL_BLOCK * width));
      cl_slice(
          filtered, k->shares, k->vertices_a_point, k->values, k->scale, k->after, width, begin,
          begin + count);
      subtract_energies(
          k, filtered, messages, last, all, field->labels, width, begin, count);
    }
    finish_any(field, messages, last, rows, marginals, argmax, change, begin, count);
  }
}
