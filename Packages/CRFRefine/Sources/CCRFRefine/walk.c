#include "walk.h"

#include <math.h>
#include <string.h>

#include "ck_dispatch.h"

#define INLINED static inline __attribute__((always_inline))

typedef float vector __attribute__((vector_size(cw_lanes * sizeof(float)), aligned(4)));

// Smaller weights change no digit of a map, and their products would be subnormal, which is slow.
static const float smallest = 0x1p-64f;

// Whole powers by multiplication, within a few units in the last place.
INLINED void raise(float *row, ptrdiff_t count, float beta) {
  const int whole = (int)beta;
  if (beta != (float)whole || whole > 64) {
    for (ptrdiff_t x = 0; x < count; x++) row[x] = powf(row[x], beta);
  } else {
    for (ptrdiff_t x = 0; x < count; x++) {
      float square = row[x], power = whole & 1 ? square : 1;
      for (int rest = whole >> 1; rest; rest >>= 1) {
        square *= square;
        power = rest & 1 ? power * square : power;
      }
      row[x] = power;
    }
  }
  for (ptrdiff_t x = 0; x < count; x++) row[x] = row[x] < smallest ? 0 : row[x];
}

CK_DISPATCHED
int cw_weights(
    cw_grid g, float beta, const float *affinities, float *weights, ptrdiff_t begin,
    ptrdiff_t end) {
  int is_valid = 1;
  for (ptrdiff_t row = begin * g.count; row < end * g.count; row++) {
    const float *from = affinities + row * g.width;
    float *to = weights + row * g.stride;
    for (ptrdiff_t x = 0; x < g.width; x++) is_valid &= (from[x] >= 0) & (from[x] <= 1);
    memcpy(to, from, (size_t)g.width * sizeof(float));
    memset(to + g.width, 0, (size_t)(g.stride - g.width) * sizeof(float));
    raise(to, g.width, beta);
  }
  return is_valid;
}

// Each weight is loaded once for all maps, and the sums stay in registers.
INLINED void step(
    cw_grid g, const ptrdiff_t maps, const float *weights, const float *inverse, const float *now,
    float *next, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t y = begin; y < end; y++) {
    for (ptrdiff_t x = 0; x < g.stride; x += cw_lanes) {
      const ptrdiff_t at = y * g.stride + x;
      const float *w = weights + y * g.count * g.stride + x;
      vector own[cw_most_maps], sums[cw_most_maps];
#pragma clang loop unroll(full)
      for (ptrdiff_t k = 0; k < maps; k++) {
        own[k] = inverse ? *(const vector *)(now + k * g.plane + at) : (vector){0};
        sums[k] = (vector){0};
      }
      for (ptrdiff_t o = 0; o < g.count; o++) {
        const ptrdiff_t dy = g.offsets[2 * o], dx = g.offsets[2 * o + 1];
        const ptrdiff_t away = dy * g.stride + dx;
        const vector after = *(const vector *)(w + o * g.stride);
        const vector before = *(const vector *)(w + (o - dy * g.count) * g.stride - dx);
#pragma clang loop unroll(full)
        for (ptrdiff_t k = 0; k < maps; k++) {
          const float *map = now + k * g.plane + at;
          sums[k] += after * (*(const vector *)(map + away) - own[k]);
          sums[k] += before * (*(const vector *)(map - away) - own[k]);
        }
      }
#pragma clang loop unroll(full)
      for (ptrdiff_t k = 0; k < maps; k++) {
        vector *to = (vector *)(next + k * g.plane + at);
        *to = inverse ? own[k] + *(const vector *)(inverse + at) * sums[k] : sums[k];
      }
    }
  }
}

CK_DISPATCHED
void cw_step(
    cw_grid g, ptrdiff_t maps, const float *weights, const float *inverse, const float *now,
    float *next, ptrdiff_t begin, ptrdiff_t end) {
  switch (maps) {
    case 1: step(g, 1, weights, inverse, now, next, begin, end); break;
    case 2: step(g, 2, weights, inverse, now, next, begin, end); break;
    case 3: step(g, 3, weights, inverse, now, next, begin, end); break;
    default: step(g, 4, weights, inverse, now, next, begin, end); break;
  }
}

CK_DISPATCHED
void cw_change(
    const float *a, const float *b, ptrdiff_t begin, ptrdiff_t end, float *change, float *size) {
  float most = 0, largest = 0;
  for (ptrdiff_t i = begin; i < end; i++) {
    const float d = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i], m = a[i] < 0 ? -a[i] : a[i];
    most = d > most ? d : most;
    largest = m > largest ? m : largest;
  }
  *change = most;
  *size = largest;
}
