// The update of rows of WIDTH columns.
#include "row_template.h"
#include "row_softmax_template.h"

// The message to the first labels of one point, from kernels whose compatibility is Potts'.
INLINE NAME(row) NAME(message)(const cl_field *field, ptrdiff_t point, float *ones) {
  NAME(row) message = {};
  for (ptrdiff_t k = 0; k < field->kernel_count; k++) {
    const cl_kernel *kernel = &field->kernels[k];
    const cl_lattice *lattice = &kernel->lattice;
    const ptrdiff_t count = lattice->corner_count;
    const uint16_t *corners = lattice->corners + point * count;
    const float *weights = lattice->weights + point * count;
    const int32_t *vertices =
        lattice->place_vertices + lattice->chunk_starts[point / CL_CHUNK];
    NAME(row) sum = {};
    for (ptrdiff_t i = 0; i < count; i++)
      sum = NAME(add)(
          sum, weights[i],
          NAME(load)(kernel->values + (ptrdiff_t)vertices[corners[i]] * WIDTH));
    const float factor = kernel->scale * kernel->potts;
    message = NAME(add)(message, kernel->after ? factor * kernel->after[point] : factor, sum);
    *ones += kernel->potts * kernel->ones[point];
  }
  return message;
}

// `messages` and `last`, for the last label, are of points [begin, end); null: worked out here.
CK_DISPATCHED
static void NAME(update)(
    const cl_field *field, const float *messages, const float *last, cl_receivers out,
    ptrdiff_t begin, ptrdiff_t end) {
  const ptrdiff_t labels = field->labels, columns = labels - 1;
  // Rows are padded by less than four; a padded label is impossible.
  float kept[WIDTH], padding[WIDTH], padded[WIDTH];
  for (int k = 0; k < WIDTH; k++) {
    kept[k] = k < columns;
    padding[k] = k < columns ? 0 : impossible;
    padded[k] = 0;
  }
  const NAME(row) keep = NAME(load)(kept), pad = NAME(load)(padding);
  for (ptrdiff_t point = begin; point < end; point++) {
    const ptrdiff_t pixel = field->pixels[point];
    const ptrdiff_t energy_row = field->energy_rows ? field->energy_rows[pixel] : pixel;
    const float *energy = field->energies + labels * energy_row;
    float rest = -energy[columns];
    // The padding of the very last row would be read beyond its end.
    if (columns < WIDTH && energy_row == field->energy_row_count - 1) {
      memcpy(padded, energy, sizeof *energy * (size_t)columns);
      energy = padded;
    }
    NAME(row) logits;
    if (messages) {
      logits = NAME(load)(messages + (point - begin) * WIDTH);
      rest += last[point - begin];
    } else {
      float ones = 0;
      logits = NAME(message)(field, point, &ones);
      rest += ones - NAME(sum)(logits);
    }
    logits = NAME(add)(logits, -1, NAME(load)(energy));
    logits = NAME(multiply_add)(logits, keep, pad);
    if (out.argmax) {
      float values[WIDTH];
      NAME(store)(values, logits);
      out.argmax[pixel] = (uint8_t)first_maximum(values, columns, rest);
    }
    if (!out.rows && !out.marginals) continue;
    const float most = larger(NAME(maximum)(logits), rest);
    NAME(row) shares = NAME(exp_of_difference)(logits, most);
    rest = exp_one(rest - most);
    const float inverse = 1.0f / (NAME(sum)(shares) + rest);
    shares = NAME(scale)(shares, inverse);
    if (out.marginals) {
      float values[WIDTH];
      NAME(store)(values, shares);
      memcpy(out.marginals + labels * pixel, values, sizeof *values * (size_t)columns);
      out.marginals[labels * pixel + columns] = rest * inverse;
    }
    if (!out.rows) continue;
    if (out.change) {
      float values[WIDTH];
      NAME(store)(values, shares);
      *out.change = largest_step(values, out.rows + (point - begin) * WIDTH, WIDTH, *out.change);
    }
    NAME(store)(out.rows + (point - begin) * WIDTH, shares);
  }
}

#undef NAME
#undef WIDTH
