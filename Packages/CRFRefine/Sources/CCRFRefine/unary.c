#include "unary.h"

#include <math.h>

#include "ck_dispatch.h"
#include "ck_vector_math.h"

void cl_image_features(
    float *features, const int32_t *pixels, ptrdiff_t count, ptrdiff_t image_width,
    const uint8_t *image, const float *scales) {
  const ptrdiff_t dimension = image ? 5 : 2;
  for (ptrdiff_t i = 0; i < count; i++) {
    float *own = features + i * dimension;
    own[0] = (float)(pixels[i] % image_width) / scales[0];
    own[1] = (float)(pixels[i] / image_width) / scales[1];
    if (!image) continue;
    for (int c = 0; c < 3; c++)
      own[2 + c] = (float)image[3 * (ptrdiff_t)pixels[i] + c] / scales[2 + c];
  }
}

void cl_gather_rows(
    float *rows, const float *source, const int32_t *pixels, ptrdiff_t count, ptrdiff_t columns) {
  for (ptrdiff_t i = 0; i < count; i++)
    for (ptrdiff_t c = 0; c < columns; c++)
      rows[i * columns + c] = source[pixels[i] * columns + c];
}

CK_DISPATCHED
ptrdiff_t cl_negative_log(
    float *out, const float *p, float scale, float uniform, float least, ptrdiff_t begin,
    ptrdiff_t end) {
  int wrong = 0;
  for (ptrdiff_t i = begin; i < end; i++) {
    float mixed = scale * p[i] + (1 - scale) * uniform;
    wrong |= mixed != mixed;
    mixed = mixed > least ? mixed : least;
    mixed = mixed < 1 ? mixed : 1;
    out[i] = -ck_log(mixed);
  }
  if (wrong)
    for (ptrdiff_t i = begin; i < end; i++)
      if (isnan(p[i])) return i;
  return end;
}

ptrdiff_t cl_add_background(
    float *out, const float *scores, ptrdiff_t classes, float exponent, ptrdiff_t begin,
    ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) {
    float *own = out + i * (classes + 1), most = 0;
    for (ptrdiff_t c = 0; c < classes; c++) {
      const float score = scores[i * classes + c];
      if (!(score >= 0 && score <= 1)) return i;
      most = score > most ? score : most;
      own[c + 1] = score;
    }
    own[0] = powf(1 - most, exponent);
  }
  return end;
}

CK_DISPATCHED
ptrdiff_t cl_first_not_finite(const float *x, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t first = begin; first < end; first += 1024) {
    const ptrdiff_t last = end - first < 1024 ? end : first + 1024;
    uint32_t wrong = 0;
    for (ptrdiff_t i = first; i < last; i++)
      wrong |= (ck_to_bits(x[i]) & 0x7f800000) == 0x7f800000;
    if (!wrong) continue;
    for (ptrdiff_t i = first; i < last; i++)
      if (!isfinite(x[i])) return i;
  }
  return end;
}
