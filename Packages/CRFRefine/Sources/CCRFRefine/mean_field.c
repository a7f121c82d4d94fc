// Messages, compatibility and softmax, pixel by pixel.
#include "mean_field.h"

#include <math.h>
#include <string.h>

#include "ck_dispatch.h"
#include "rows.h"

enum { BLOCK = 64 };  // pixels whose messages are kept, where they are not worked out in registers

static const float impossible = -1e30f;  // a logit of padding

// The label of the largest logit, the first of equal ones; the last label's is `rest`.
static ptrdiff_t first_maximum(const float *logits, ptrdiff_t columns, float rest) {
  ptrdiff_t best = 0;
  for (ptrdiff_t k = 1; k < columns; k++) best = logits[k] > logits[best] ? k : best;
  return rest > logits[best] ? columns : best;
}

// The largest change of a marginal, the last label's too; not below `largest`.
static float largest_step(const float *now, const float *before, int width, float largest) {
  float total = 0;
  for (int k = 0; k < width; k++) {
    const float step = now[k] - before[k];
    total += step;
    largest = larger(fabsf(step), largest);
  }
  return larger(fabsf(total), largest);
}

#define WIDTH 1
#include "mean_field_template.h"
#define WIDTH 2
#include "mean_field_template.h"
#define WIDTH 4
#include "mean_field_template.h"
#define WIDTH 8
#include "mean_field_template.h"
#define WIDTH 12
#include "mean_field_template.h"
#define WIDTH 16
#include "mean_field_template.h"
#define WIDTH 20
#include "mean_field_template.h"
#define WIDTH 24
#include "mean_field_template.h"
#define WIDTH 28
#include "mean_field_template.h"
#define WIDTH 32
#include "mean_field_template.h"

// The update of rows of any width, from messages, which are overwritten.
CK_DISPATCHED
static void update_wide(
    const cl_field *field, float *restrict messages, const float *last, cl_receivers out,
    ptrdiff_t begin, ptrdiff_t end) {
  const ptrdiff_t labels = field->labels, columns = labels - 1, width = field->width;
  for (ptrdiff_t point = begin; point < end; point++) {
    const ptrdiff_t pixel = field->pixels[point];
    const float *restrict energy =
        field->energies + labels * (field->energy_rows ? field->energy_rows[pixel] : pixel);
    float *restrict own = messages + (point - begin) * width;
    float rest = last[point - begin] - energy[columns];
    for (ptrdiff_t k = 0; k < columns; k++) own[k] -= energy[k];
    const ptrdiff_t best = first_maximum(own, columns, rest);
    if (out.argmax) out.argmax[pixel] = (uint8_t)best;
    if (!out.rows && !out.marginals) continue;
    const float most = best == columns ? rest : own[best];
    for (ptrdiff_t k = columns; k < width; k++) own[k] = impossible;
    for (ptrdiff_t k = 0; k < width; k += 4)
      *(v4 *)(own + k) = exp_v4(*(const v4 *)(own + k) - most);
    rest = exp_one(rest - most);
    float sum = rest;
    for (ptrdiff_t k = 0; k < columns; k++) sum += own[k];
    const float inverse = 1.0f / sum;
    for (ptrdiff_t k = 0; k < width; k++) own[k] *= inverse;
    if (out.marginals) {
      memcpy(out.marginals + labels * pixel, own, sizeof *own * (size_t)columns);
      out.marginals[labels * pixel + columns] = rest * inverse;
    }
    if (!out.rows) continue;
    if (out.change)
      *out.change = largest_step(own, out.rows + (point - begin) * width, (int)width, *out.change);
    memcpy(out.rows + (point - begin) * width, own, sizeof *own * (size_t)width);
  }
}

static void update_any(
    const cl_field *field, float *messages, const float *last, cl_receivers out, ptrdiff_t begin,
    ptrdiff_t end) {
#define CASE(width) \
  case width: update_##width(field, messages, last, out, begin, end); break;
  switch (field->width) {
    CASE(1) CASE(2) CASE(4) CASE(8) CASE(12) CASE(16) CASE(20) CASE(24) CASE(28) CASE(32)
    default: update_wide(field, messages, last, out, begin, end);
  }
#undef CASE
}

// Takes the energies that a kernel's compatibility gives filtered marginals from the messages.
CK_DISPATCHED
static void subtract_energies(
    const cl_kernel *kernel, const float *filtered, float *messages, float *last, float *all,
    ptrdiff_t labels, int width, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t point = begin; point < end; point++) {
    const float *own = filtered + (point - begin) * width;
    float rest = kernel->ones[point];
    for (ptrdiff_t k = 0; k < labels - 1; k++) rest -= own[k];
    memset(all, 0, sizeof *all * (size_t)labels);
    for (ptrdiff_t l = 0; l < labels; l++) {
      const float share = l < labels - 1 ? own[l] : rest;
      const float *energies = kernel->compatibility + l * labels;
      for (ptrdiff_t k = 0; k < labels; k++) all[k] += share * energies[k];
    }
    for (ptrdiff_t k = 0; k < labels - 1; k++) messages[(point - begin) * width + k] -= all[k];
    last[point - begin] -= all[labels - 1];
  }
}

// Messages of a block of points, from kernels of any compatibility.
static void collect_messages(
    const cl_field *field, float *messages, float *last, float *filtered, float *all,
    ptrdiff_t begin, ptrdiff_t end) {
  const int width = field->width;
  const size_t block = sizeof *messages * (size_t)((end - begin) * width);
  memset(messages, 0, block);
  memset(last, 0, sizeof *last * (size_t)(end - begin));
  for (const cl_kernel *k = field->kernels; k < field->kernels + field->kernel_count; k++) {
    memset(filtered, 0, block);
    cl_slice(
        filtered, &k->lattice, k->values, k->scale, k->after, width, begin, end);
    if (k->compatibility) {
      subtract_energies(k, filtered, messages, last, all, field->labels, width, begin, end);
      continue;
    }
    for (ptrdiff_t point = begin; point < end; point++) {
      float *own = filtered + (point - begin) * width, rest = k->ones[point];
      for (ptrdiff_t c = 0; c < field->labels - 1; c++) {
        messages[(point - begin) * width + c] += k->potts * own[c];
        rest -= own[c];
      }
      last[point - begin] += k->potts * rest;
    }
  }
}

ptrdiff_t cl_update_scratch(const cl_field *field) {
  return BLOCK * (2 * (ptrdiff_t)field->width + 1) + field->labels;
}

void cl_update(
    const cl_field *field, cl_receivers out, float *scratch, ptrdiff_t begin, ptrdiff_t end) {
  int in_registers = field->width <= 32;
  for (ptrdiff_t k = 0; k < field->kernel_count; k++)
    in_registers &= !field->kernels[k].compatibility;
  if (in_registers) {
    update_any(field, NULL, NULL, out, begin, end);
    return;
  }
  float *messages = scratch, *last = messages + BLOCK * field->width, *filtered = last + BLOCK,
        *all = filtered + BLOCK * field->width;
  for (; begin < end; begin += BLOCK) {
    const ptrdiff_t stop = end - begin < BLOCK ? end : begin + BLOCK;
    collect_messages(field, messages, last, filtered, all, begin, stop);
    update_any(field, messages, last, out, begin, stop);
    if (out.rows) out.rows += (stop - begin) * field->width;
  }
}
