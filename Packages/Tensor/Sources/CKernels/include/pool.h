// A process-wide cache of freed memory blocks, sorted by size class.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  size_t in_use;      // bytes handed out
  size_t peak;        // the largest in_use since start or the last reset
  size_t held;        // bytes kept for reuse
  uint64_t requests;  // blocks asked for
  uint64_t reuses;    // of these, served from held blocks
} ck_pool_statistics;

// A block of at least `bytes`, 64-byte aligned, not cleared; NULL when memory is out.
// `capacity` receives its true size, which ck_pool_free needs.
void *ck_pool_allocate(size_t bytes, size_t *capacity);
void ck_pool_free(void *block, size_t capacity);
// Returns held blocks to the system until at most `keep` bytes are held.
void ck_pool_trim(size_t keep);
ck_pool_statistics ck_pool_read(void);
void ck_pool_reset_peak(void);
// Whether freed blocks are kept at all: not under the address sanitizer, which must see each one.
int ck_pool_keeps_blocks(void);
