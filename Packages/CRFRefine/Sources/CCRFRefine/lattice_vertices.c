// Which vertices surround each point, and with what weights.
#include <math.h>
#include <string.h>

#include "ck_dispatch.h"
#include "lattice.h"
#include "lattice_hash.h"

// The same sums on every CPU: a vertex more or less changes what the blur reaches.
#pragma STDC FP_CONTRACT OFF

enum { LANES = 16, AXES = CL_MAX_DIMENSION + 1 };
typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t integers __attribute__((vector_size(4 * LANES)));

// The diagonal part of the elevation (Adams et al., section 3.1), for a filter of deviation 1.
static void elevation_scales(int dimension, float *scale) {
  float deviation = (float)(sqrt(2.0 / 3.0) * (dimension + 1));
  for (int i = 0; i < dimension; i++)
    scale[i] = (float)(1.0 / sqrt((double)((i + 2) * (i + 1))) * deviation);
}

int cl_make_grid(cl_grid *grid, int dimension, const float *low, const float *high) {
  float scale[CL_MAX_DIMENSION];
  elevation_scales(dimension, scale);
  grid->dimension = dimension;
  uint64_t place = (uint64_t)dimension + 1;
  double sum_low = 0, sum_high = 0;
  // The last coordinate follows from the others.
  for (int i = dimension; i >= 0; i--) {
    double own_low = 0, own_high = 0;
    if (i > 0) {
      own_low = (double)low[i - 1] * scale[i - 1];
      own_high = (double)high[i - 1] * scale[i - 1];
    }
    double from = (sum_low - i * own_high) / (dimension + 1);
    double to = (sum_high - i * own_low) / (dimension + 1);
    sum_low += own_low;
    sum_high += own_high;
    if (i == dimension) {
      grid->low[i] = 0;
      grid->place[i] = 0;
      continue;
    }
    // Rounding, the step back onto the plane, the vertex and its neighbour: at most one cell each.
    double first = floor(from) - 4, size = ceil(to) + 4 - first + 1;
    if (!(size * (double)place < 9.2e18) || fabs(first) > 4e6 || fabs(to) > 4e6) return 0;
    grid->low[i] = (int64_t)first;
    grid->place[i] = place;
    place *= (uint64_t)size;
  }
  return 1;
}

typedef struct {
  int32_t cell[AXES][LANES], rank[AXES][LANES];
  float weight[AXES][LANES];
} simplices;

static inline __attribute__((always_inline)) void embed(
    int dimension, const float *scale, float (*feature)[LANES], simplices *out) {
  const lanes up = (lanes){} + (float)(dimension + 1);
  const lanes down = (lanes){} + 1.0f / (float)(dimension + 1);
  const lanes magic = (lanes){} + 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  const integers axes = (integers){} + (dimension + 1);
  lanes elevated[AXES], rest[AXES], sum = {};
  integers rank[AXES], cell[AXES], total = {};
  for (int i = dimension; i > 0; i--) {
    lanes own;
    memcpy(&own, feature[i - 1], sizeof own);
    own *= scale[i - 1];
    elevated[i] = sum - own * (float)i;
    sum += own;
  }
  elevated[0] = sum;
  // The closest vertex of remainder 0, and how far its coordinates are from adding up to 0.
  for (int i = 0; i <= dimension; i++) {
    lanes rounded = (elevated[i] * down + magic) - magic;
    rest[i] = rounded * up;
    cell[i] = __builtin_convertvector(rounded, integers);
    total += cell[i];
    rank[i] = (integers){};
  }
  for (int i = 0; i < dimension; i++)
    for (int j = i + 1; j <= dimension; j++) {
      integers less = (elevated[i] - rest[i]) < (elevated[j] - rest[j]);
      rank[i] -= less;
      rank[j] += less + 1;
    }
  lanes sorted[AXES];
  for (int i = 0; i <= dimension; i++) sorted[i] = (lanes){};
  for (int i = 0; i <= dimension; i++) {
    rank[i] += total;
    integers step = (rank[i] >= axes) - (rank[i] < 0);  // -1 where too high, 1 where too low
    rank[i] += step * axes;
    cell[i] += step;
    rest[i] += __builtin_convertvector(step, lanes) * up;
    lanes share = (elevated[i] - rest[i]) * down;
    for (int r = 0; r <= dimension; r++)
      sorted[r] = (lanes)(((rank[i] == r) & (integers)share) | (~(rank[i] == r) & (integers)sorted[r]));
    memcpy(out->rank[i], &rank[i], sizeof rank[i]);
    memcpy(out->cell[i], &cell[i], sizeof cell[i]);
  }
  for (int r = 0; r <= dimension; r++) {
    lanes weight = r ? sorted[dimension - r] - sorted[dimension - r + 1]
                     : sorted[dimension] + (1.0f - sorted[0]);
    memcpy(out->weight[r], &weight, sizeof weight);
  }
}

CK_DISPATCHED
static void embed_any(
    int dimension, const float *scale, float (*feature)[LANES], simplices *out) {
  switch (dimension) {
    case 1: embed(1, scale, feature, out); break;
    case 2: embed(2, scale, feature, out); break;
    case 3: embed(3, scale, feature, out); break;
    case 4: embed(4, scale, feature, out); break;
    case 5: embed(5, scale, feature, out); break;
    default: embed(6, scale, feature, out); break;
  }
}

enum { LOCAL_BITS = 14 };

ptrdiff_t cl_find_vertices(
    const cl_grid *grid, const float *features, ptrdiff_t points, uint16_t *corners,
    float *weights, uint64_t *keys, uint64_t *table_keys, uint16_t *table_places) {
  const int dimension = grid->dimension;
  float scale[CL_MAX_DIMENSION];
  elevation_scales(dimension, scale);
  memset(table_keys, 0xff, sizeof *table_keys * CL_LOCAL_CAPACITY);
  ptrdiff_t places = 0;
  uint64_t last_key = UINT64_MAX, last_order = 0;
  uint16_t place[AXES] = {0};
  simplices found;
  for (ptrdiff_t first = 0; first < points; first += LANES) {
    const int count = points - first < LANES ? (int)(points - first) : LANES;
    float feature[CL_MAX_DIMENSION][LANES] = {{0}};
    for (int lane = 0; lane < count; lane++)
      for (int i = 0; i < dimension; i++)
        feature[i][lane] = features[(first + lane) * dimension + i];
    embed_any(dimension, scale, feature, &found);
    for (int lane = 0; lane < count; lane++) {
      uint64_t key = 0, order = 0, drop[AXES];
      for (int i = 0; i <= dimension; i++) {
        const int rank = found.rank[i][lane];
        key += (uint64_t)(found.cell[i][lane] - grid->low[i]) * grid->place[i];
        order |= (uint64_t)i << 8 * rank;
        drop[rank] = grid->place[i];
      }
      // Neighbouring pixels often share their simplex.
      if (key != last_key || order != last_order) {
        last_key = key;
        last_order = order;
        for (int r = 0; r <= dimension; r++) {
          uint64_t slot = cl_hash(key, LOCAL_BITS);
          while (table_keys[slot] != key && table_keys[slot] != UINT64_MAX)
            slot = (slot + 1) & (CL_LOCAL_CAPACITY - 1);
          if (table_keys[slot] != key) {
            table_keys[slot] = key;
            table_places[slot] = (uint16_t)places;
            keys[places++] = key;
          }
          place[r] = table_places[slot];
          key += 1 - drop[dimension - r];
        }
      }
      const ptrdiff_t own = (first + lane) * (dimension + 1);
      for (int r = 0; r <= dimension; r++) {
        corners[own + r] = place[r];
        weights[own + r] = found.weight[r][lane];
      }
    }
  }
  return places;
}

ptrdiff_t cl_bounds(
    const float *rows, ptrdiff_t columns, ptrdiff_t begin, ptrdiff_t end, float *low, float *high) {
  for (ptrdiff_t i = 0; i < columns; i++) {
    low[i] = INFINITY;
    high[i] = -INFINITY;
  }
  for (ptrdiff_t row = begin; row < end; row++)
    for (ptrdiff_t i = 0; i < columns; i++) {
      const float value = rows[row * columns + i];
      if (!isfinite(value)) return row;
      low[i] = value < low[i] ? value : low[i];
      high[i] = value > high[i] ? value : high[i];
    }
  return end;
}
