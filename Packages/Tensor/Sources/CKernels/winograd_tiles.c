#include "winograd_tiles.h"

#include "pool.h"

ck_winograd_memory ck_winograd_reserve(ptrdiff_t floats) {
  ck_winograd_memory memory;
  memory.start = ck_pool_allocate((size_t)floats * sizeof(float), &memory.capacity);
  return memory;
}

void ck_winograd_release(ck_winograd_memory memory) {
  ck_pool_free(memory.start, memory.capacity);
}

// With dilation d, output i belongs to the convolution i % d, and a tile covers four outputs of
// one of them.
static ptrdiff_t tile_starts(ptrdiff_t extent, ptrdiff_t dilation, int *starts) {
  ptrdiff_t count = 0;
  for (ptrdiff_t phase = 0; phase < dilation; phase++)
    for (ptrdiff_t start = phase; start < extent; start += ck_winograd_tile * dilation) {
      if (starts) starts[count] = (int)start;
      count += 1;
    }
  return count;
}

bool ck_winograd_make_tiles(
    const ck_winograd_shape *shape, ck_winograd_tiles *tiles, ck_winograd_memory *memory) {
  tiles->row_count = tile_starts(shape->out_height, shape->dilation, NULL);
  tiles->column_count = tile_starts(shape->out_width, shape->dilation, NULL);
  tiles->count = shape->batch * tiles->row_count * tiles->column_count;
  *memory = ck_winograd_reserve(tiles->row_count + tiles->column_count);
  if (!memory->start) return false;
  int *rows = memory->start, *columns = rows + tiles->row_count;
  tile_starts(shape->out_height, shape->dilation, rows);
  tile_starts(shape->out_width, shape->dilation, columns);
  tiles->rows = rows;
  tiles->columns = columns;
  return true;
}
