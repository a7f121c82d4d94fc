// The permutohedral lattice: Gaussian filters over features of 1 to 6 dimensions.
// Adams, Baek and Davis, Eurographics 2010. A point shares its value among the d + 1 vertices of
// the simplex around it (splat), vertices exchange values along d + 1 axes (blur), and a point
// collects its vertices' values (slice).
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
  CL_MAX_DIMENSION = 6,
  CL_CHUNK = 1024,             // points that look for their vertices in one small hash table
  CL_LOCAL_CAPACITY = 1 << 14  // at least twice the vertices of a chunk
};

// How vertices become keys: cell coordinates as digits of a mixed-radix number, and the vertex's
// remainder (Adams et al., section 3) as its lowest digit.
typedef struct {
  int32_t dimension;
  int64_t low[CL_MAX_DIMENSION + 1];     // the smallest cell coordinate
  uint64_t place[CL_MAX_DIMENSION + 1];  // what a step along it adds to the key; the last is 0
} cl_grid;

// Sets up the keys for features within [low[i], high[i]]. Returns 0 where they need over 63 bits.
int cl_make_grid(cl_grid *grid, int dimension, const float *low, const float *high);

// The vertices around points. Points come in chunks of CL_CHUNK; a vertex that a chunk touches has a
// place there, and all chunks' places are numbered one chunk after the other.
typedef struct {
  ptrdiff_t points;
  ptrdiff_t corner_count;         // dimension + 1
  const uint16_t *corners;        // [points][corner_count], places counted from the chunk's first
  const float *weights;           // [points][corner_count], barycentric
  const int32_t *chunk_starts;    // [chunks + 1], the first place of each chunk
  const int32_t *place_vertices;  // [places], the vertex of each place
  ptrdiff_t vertices;
  const int32_t *vertex_starts;   // [vertices + 1], where each vertex begins in ...
  const int32_t *vertex_places;   // [places], the places of each vertex
} cl_lattice;

// Finds the vertices of one chunk of `points` points.
//
// features: [points][dimension]. corners, weights: as a lattice's. keys: the chunk's vertices in the
// order they were met. table: CL_LOCAL_CAPACITY keys and places. Returns the number of places.
ptrdiff_t cl_find_vertices(
    const cl_grid *grid, const float *features, ptrdiff_t points, uint16_t *corners,
    float *weights, uint64_t *keys, uint64_t *table_keys, uint16_t *table_places);

// Every vertex by its key: open addressing, a power of two slots.
typedef struct {
  uint64_t key;
  int32_t index;
} cl_slot;

void cl_clear(cl_slot *table, ptrdiff_t begin, ptrdiff_t end);
// The numbers of keys, new ones from `vertices` on; those move to the front of `keys`. Returns how
// many they are.
ptrdiff_t cl_number_vertices(
    cl_slot *table, int bits, uint64_t *keys, ptrdiff_t count, ptrdiff_t vertices,
    int32_t *numbers);
// Puts keys that a table does not hold yet into it, numbered from 0 on.
void cl_insert(cl_slot *table, int bits, const uint64_t *keys, ptrdiff_t count);

// The places of each vertex, in ascending order: `starts` has one entry more than vertices.
void cl_sort_places(
    const int32_t *place_vertices, ptrdiff_t places, ptrdiff_t vertices, int32_t *starts,
    int32_t *vertex_places);

// For each vertex the next one along an axis, or -1.
void cl_find_neighbors(
    const cl_grid *grid, const cl_slot *table, int bits, const uint64_t *keys, ptrdiff_t vertices,
    ptrdiff_t axis, int32_t *next);

// The vertices along one axis as runs of neighbours; a run's last is stored as its complement.
// Vertices without neighbours are left out. `seen` is scratch of `vertices` bytes.
ptrdiff_t cl_make_runs(const int32_t *next, ptrdiff_t vertices, uint8_t *seen, int32_t *runs);

// The width of rows that hold `columns` values; the rest is padding.
int cl_row_width(int columns);

// The weighted sums of a chunk's rows at its places. rows: the chunk's first point's is the first;
// each is multiplied by factors[point], which may be null. sums: of all chunks' places.
void cl_splat(
    const cl_lattice *lattice, ptrdiff_t chunk, const float *rows, const float *factors, int width,
    float *sums);
// Vertices [begin, end): the sums over their places.
void cl_merge(
    const cl_lattice *lattice, float *values, const float *sums, int width, ptrdiff_t begin,
    ptrdiff_t end);
// Runs that begin in [begin, end) of one axis: each vertex gains half of both neighbours.
void cl_blur(
    float *values, const int32_t *runs, ptrdiff_t run_count, int width, ptrdiff_t begin,
    ptrdiff_t end);
// Points [begin, end): adds factor * factors[point] * (weighted sum of its vertices' rows) to
// `out`, whose first row is point `begin`'s. `factors` may be null.
void cl_slice(
    float *out, const cl_lattice *lattice, const float *values, float factor,
    const float *factors, int width, ptrdiff_t begin, ptrdiff_t end);

// The smallest and largest value of each of `columns` columns of rows [begin, end). Returns the
// first row with a value that is not finite, else `end`.
ptrdiff_t cl_bounds(
    const float *rows, ptrdiff_t columns, ptrdiff_t begin, ptrdiff_t end, float *low, float *high);
