// The permutohedral lattice: Gaussian filters over features of 1 to 6 dimensions.
// Adams, Baek and Davis, Eurographics 2010. A point shares its value among the d + 1 vertices of
// the simplex around it (splat), vertices exchange values along d + 1 axes (blur), and a point
// collects its vertices' values (slice).
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
  CL_MAX_DIMENSION = 6,
  CL_AHEAD = 64,               // rows to ask memory for before they are needed
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

// A vertex of a point, or a point of a vertex, and its barycentric weight.
typedef struct {
  int32_t index;
  float weight;
} cl_share;

// Finds the vertices of points [begin, end), at most CL_CHUNK.
//
// shares: [points][d + 1], their `index` counts within the chunk. keys and counts: the chunk's
// vertices in the order they were met, and how often. table: CL_LOCAL_CAPACITY keys and indices.
// Returns the number of vertices.
ptrdiff_t cl_find_vertices(
    const cl_grid *grid, const float *features, ptrdiff_t begin, ptrdiff_t end, cl_share *shares,
    uint64_t *keys, int32_t *counts, uint64_t *table_keys, int32_t *table_indices);

// Every vertex by its key: open addressing, a power of two slots.
typedef struct {
  uint64_t key;
  int32_t index;
} cl_slot;

void cl_clear(cl_slot *table, ptrdiff_t begin, ptrdiff_t end);
// Numbers a chunk's keys, new ones from `vertices` on; `all_keys` receives those, `numbers` the
// number of each. Adds `counts` to `totals`. Returns the new number of vertices.
ptrdiff_t cl_number_vertices(
    cl_slot *table, int bits, const uint64_t *keys, const int32_t *counts, ptrdiff_t count,
    ptrdiff_t vertices, uint64_t *all_keys, int32_t *totals, int32_t *numbers);

// Replaces chunk indices by numbers, and writes the points of every vertex: `positions` says where
// the chunk's points of a vertex begin in `vertex_shares`, and is advanced.
void cl_link(
    const int32_t *numbers, int32_t *positions, ptrdiff_t dimension, ptrdiff_t begin,
    ptrdiff_t end, cl_share *shares, cl_share *vertex_shares);

// For vertices [begin, end) the next one along each axis, or -1: next[axis * vertices + vertex].
void cl_find_neighbors(
    const cl_grid *grid, const cl_slot *table, int bits, const uint64_t *keys, ptrdiff_t vertices,
    ptrdiff_t begin, ptrdiff_t end, int32_t *next);

// The vertices along one axis as runs of neighbours; a run's last is stored as its complement.
// Vertices without neighbours are left out. `seen` is scratch of `vertices` bytes.
ptrdiff_t cl_make_runs(const int32_t *next, ptrdiff_t vertices, uint8_t *seen, int32_t *runs);

// The width of rows that hold `columns` values; the rest is padding.
int cl_row_width(int columns);

// Vertices [begin, end): the weighted sums of their points' rows. After the last of
// `vertex_shares`, CL_AHEAD + 1 more can be read; nothing is done with them.
void cl_splat(
    float *values, const int32_t *starts, const cl_share *vertex_shares, const float *rows,
    int width, ptrdiff_t begin, ptrdiff_t end);
// Runs that begin in [begin, end) of one axis: each vertex gains half of both neighbours.
void cl_blur(
    float *values, const int32_t *runs, ptrdiff_t run_count, int width, ptrdiff_t begin,
    ptrdiff_t end);
// Points [begin, end): adds factor * factors[point] * (weighted sum of its vertices' rows) to
// `out`, whose first row is point `begin`'s. `factors` may be null.
void cl_slice(
    float *out, const cl_share *shares, ptrdiff_t vertices_a_point, const float *values,
    float factor, const float *factors, int width, ptrdiff_t begin, ptrdiff_t end);

// The smallest and largest value of each of `columns` columns of rows [begin, end). Returns the
// first row with a value that is not finite, else `end`.
ptrdiff_t cl_bounds(
    const float *rows, ptrdiff_t columns, ptrdiff_t begin, ptrdiff_t end, float *low, float *high);
// Where the points of each vertex begin, by counting; `starts` has one more entry. Then, for a
// chunk, where its points of each vertex go; `starts` is advanced.
void cl_sum_totals(const int32_t *totals, ptrdiff_t vertices, int32_t *starts);
void cl_place_chunk(
    const int32_t *numbers, const int32_t *counts, ptrdiff_t count, int32_t *starts,
    int32_t *positions);
// Multiplies the weights of shares [begin, end) by the factor of their point.
void cl_scale_shares(
    cl_share *shares, const float *factors, ptrdiff_t begin, ptrdiff_t end);
