// Where the search for a key begins.
#pragma once
#include <stdint.h>

static inline uint64_t cl_hash(uint64_t key, int bits) {
  return key * 0x9e3779b97f4a7c15u >> (64 - bits);
}
