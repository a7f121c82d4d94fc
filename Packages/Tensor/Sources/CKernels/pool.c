#define _GNU_SOURCE
#include "pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

// Eight size classes an octave, so that rounding up wastes at most an eighth.
enum { smallest_shift = 6, classes_an_octave = 8, octaves = 42, near_classes = 2 };
static const size_t huge_page = 2u << 20;

typedef struct free_block {
  struct free_block *next;
} free_block;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static free_block *free_lists[octaves * classes_an_octave];
static ck_pool_statistics statistics;
static size_t most_in_use;  // ever, whatever the statistics' peak was reset to

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEP_BLOCKS 0
#endif
#endif
#ifndef KEEP_BLOCKS
#define KEEP_BLOCKS 1
#endif

// The class whose capacity is the smallest that holds `bytes`; the capacity in `*capacity`.
static int size_class(size_t bytes, size_t *capacity) {
  size_t need = bytes < 64 ? 64 : bytes;
  int octave = 63 - __builtin_clzll(need);
  size_t step = (size_t)1 << (octave > 3 + smallest_shift ? octave - 3 : smallest_shift);
  size_t rounded = (need + step - 1) & ~(step - 1);
  *capacity = rounded;
  octave = 63 - __builtin_clzll(rounded);
  int eighth = (int)((rounded >> (octave - 3)) & 7);
  return (octave - smallest_shift) * classes_an_octave + eighth;
}

static void *system_allocate(size_t capacity) {
  void *block = NULL;
  size_t alignment = capacity >= huge_page ? huge_page : 64;
  if (posix_memalign(&block, alignment, capacity) != 0) return NULL;
  // Page faults cost nearly half of a forward pass without huge pages.
  if (capacity >= huge_page) madvise(block, capacity, MADV_HUGEPAGE);
  return block;
}

void *ck_pool_allocate(size_t bytes, size_t *capacity) {
  if (bytes > (size_t)1 << 46) return NULL;
  int wanted = size_class(bytes, capacity);
  free_block *block = NULL;
  pthread_mutex_lock(&lock);
  statistics.requests += 1;
  for (int class = wanted; class <= wanted + near_classes && !block; class++) {
    block = free_lists[class];
    if (!block) continue;
    free_lists[class] = block->next;
    int octave = class / classes_an_octave + smallest_shift;
    *capacity = ((size_t)(8 + class % classes_an_octave) << octave) >> 3;
    statistics.held -= *capacity;
    statistics.reuses += 1;
  }
  statistics.in_use += *capacity;
  if (statistics.in_use > statistics.peak) statistics.peak = statistics.in_use;
  if (statistics.in_use > most_in_use) most_in_use = statistics.in_use;
  // Fresh memory must not make the pool much larger than what was ever needed at once: pictures of
  // many sizes would leave blocks of every size behind.
  size_t limit = most_in_use + most_in_use / 2;
  size_t keep = limit - statistics.in_use;
  int is_full = statistics.held > keep;
  pthread_mutex_unlock(&lock);
  if (block) return block;
  if (is_full) ck_pool_trim(keep);
  void *fresh = system_allocate(*capacity);
  if (!fresh) {
    ck_pool_trim(0);
    fresh = system_allocate(*capacity);
  }
  if (!fresh) {
    pthread_mutex_lock(&lock);
    statistics.in_use -= *capacity;
    pthread_mutex_unlock(&lock);
  }
  return fresh;
}

void ck_pool_free(void *pointer, size_t capacity) {
  if (!pointer) return;
  size_t same;
  int class = size_class(capacity, &same);
  pthread_mutex_lock(&lock);
  statistics.in_use -= capacity;
  if (KEEP_BLOCKS) {
    free_block *block = pointer;
    block->next = free_lists[class];
    free_lists[class] = block;
    statistics.held += capacity;
  }
  pthread_mutex_unlock(&lock);
  if (!KEEP_BLOCKS) free(pointer);
}

void ck_pool_trim(size_t keep) {
  free_block *released = NULL;
  pthread_mutex_lock(&lock);
  for (int class = octaves * classes_an_octave - 1; class >= 0; class--) {
    int octave = class / classes_an_octave + smallest_shift;
    size_t capacity = ((size_t)(8 + class % classes_an_octave) << octave) >> 3;
    while (free_lists[class] && statistics.held > keep) {
      free_block *block = free_lists[class];
      free_lists[class] = block->next;
      block->next = released;
      released = block;
      statistics.held -= capacity;
    }
  }
  pthread_mutex_unlock(&lock);
  while (released) {
    free_block *next = released->next;
    free(released);
    released = next;
  }
}

ck_pool_statistics ck_pool_read(void) {
  pthread_mutex_lock(&lock);
  ck_pool_statistics copy = statistics;
  pthread_mutex_unlock(&lock);
  return copy;
}

void ck_pool_reset_peak(void) {
  pthread_mutex_lock(&lock);
  statistics.peak = statistics.in_use;
  pthread_mutex_unlock(&lock);
}

int ck_pool_keeps_blocks(void) { return KEEP_BLOCKS; }
