// All vertices by their keys, and who is next to whom.
#include <string.h>

#include "lattice.h"
#include "lattice_hash.h"

enum { AHEAD = 8 };  // keys whose slots are asked for before they are needed

static inline void prefetch_slot(const cl_slot *table, int bits, uint64_t key) {
  __builtin_prefetch(&table[cl_hash(key, bits)], 1);
}

// The slot that holds a key, or the empty one where it belongs.
static inline cl_slot *find(cl_slot *table, int bits, uint64_t key) {
  const uint64_t mask = ((uint64_t)1 << bits) - 1;
  uint64_t slot = cl_hash(key, bits);
  while (table[slot].index >= 0 && table[slot].key != key) slot = (slot + 1) & mask;
  return &table[slot];
}

void cl_clear(cl_slot *table, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t i = begin; i < end; i++) table[i] = (cl_slot){UINT64_MAX, -1};
}

ptrdiff_t cl_number_vertices(
    cl_slot *table, int bits, uint64_t *keys, ptrdiff_t count, ptrdiff_t vertices,
    int32_t *numbers) {
  ptrdiff_t fresh = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    if (i + AHEAD < count) prefetch_slot(table, bits, keys[i + AHEAD]);
    cl_slot *slot = find(table, bits, keys[i]);
    if (slot->index < 0) {
      *slot = (cl_slot){keys[i], (int32_t)(vertices + fresh)};
      keys[fresh++] = keys[i];
    }
    numbers[i] = slot->index;
  }
  return fresh;
}

void cl_insert(cl_slot *table, int bits, const uint64_t *keys, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    if (i + AHEAD < count) prefetch_slot(table, bits, keys[i + AHEAD]);
    *find(table, bits, keys[i]) = (cl_slot){keys[i], (int32_t)i};
  }
}

void cl_sort_places(
    const int32_t *place_vertices, ptrdiff_t places, ptrdiff_t vertices, int32_t *starts,
    int32_t *vertex_places) {
  memset(starts, 0, sizeof *starts * (size_t)(vertices + 1));
  for (ptrdiff_t i = 0; i < places; i++) starts[place_vertices[i]]++;
  // From the end of each vertex's places back to their beginning, which leaves the starts.
  int32_t sum = 0;
  for (ptrdiff_t vertex = 0; vertex <= vertices; vertex++) starts[vertex] = sum += starts[vertex];
  for (ptrdiff_t i = places; i-- > 0;) vertex_places[--starts[place_vertices[i]]] = (int32_t)i;
}

void cl_find_neighbors(
    const cl_grid *grid, const cl_slot *table, int bits, const uint64_t *keys, ptrdiff_t vertices,
    ptrdiff_t axis, int32_t *next) {
  const uint64_t dimension = (uint64_t)grid->dimension;
  uint64_t all = 0;
  for (uint64_t i = 0; i < dimension; i++) all += grid->place[i];
  uint64_t wanted[AHEAD] = {0};
  for (ptrdiff_t vertex = -AHEAD; vertex < vertices; vertex++) {
    uint64_t *later = &wanted[(vertex + AHEAD) % AHEAD];
    if (vertex >= 0) next[vertex] = find((cl_slot *)table, bits, *later)->index;
    if (vertex + AHEAD >= vertices) continue;
    // One step along an axis takes 1 from every coordinate and adds d + 1 to its own.
    const uint64_t key = keys[vertex + AHEAD];
    *later = grid->place[axis] + (key % (dimension + 1) ? key - 1 : key + dimension - all);
    prefetch_slot(table, bits, *later);
  }
}

ptrdiff_t cl_make_runs(const int32_t *next, ptrdiff_t vertices, uint8_t *seen, int32_t *runs) {
  memset(seen, 0, (size_t)vertices);
  for (ptrdiff_t i = 0; i < vertices; i++)
    if (next[i] >= 0) seen[next[i]] = 1;
  ptrdiff_t count = 0;
  for (ptrdiff_t i = 0; i < vertices; i++) {
    if (seen[i] || next[i] < 0) continue;
    int32_t vertex = (int32_t)i;
    for (; next[vertex] >= 0; vertex = next[vertex]) runs[count++] = vertex;
    runs[count++] = ~vertex;
  }
  return count;
}
