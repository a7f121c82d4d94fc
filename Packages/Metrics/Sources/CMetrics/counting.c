#include "counting.h"

#if defined(__x86_64__)
#define CM_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CM_CLONES
#endif

enum { BLOCK = 64 };

// Label maps are mostly flat: a block of one label in both maps is one addition.
CM_CLONES
void cm_count_pairs(const uint8_t *prediction, const uint8_t *target, const uint16_t *row,
                    const uint16_t *column, size_t width, uint32_t *tables, size_t begin,
                    size_t end) {
  const size_t area = width * width;
  uint32_t start[256], place[256];
  for (int label = 0; label < 256; label++) {
    start[label] = (uint32_t)(row[label] * width);
    place[label] = column[label];
  }
  size_t i = begin;
  for (; i + BLOCK <= end; i += BLOCK) {
    const uint8_t *p = prediction + i, *t = target + i;
    const uint8_t p0 = p[0], t0 = t[0];
    uint8_t change = 0;
    for (int j = 0; j < BLOCK; j++) change |= (uint8_t)((p[j] ^ p0) | (t[j] ^ t0));
    if (!change) {
      tables[start[t0] + place[p0]] += BLOCK;
      continue;
    }
    for (int j = 0; j < BLOCK; j += CM_LANES)
      for (int lane = 0; lane < CM_LANES; lane++)
        tables[lane * area + start[t[j + lane]] + place[p[j + lane]]]++;
  }
  for (; i < end; i++) tables[start[target[i]] + place[prediction[i]]]++;
}

size_t cm_count_levels(const float *scores, size_t depth, const uint8_t *classes,
                       const uint8_t *target, const uint16_t *row, const float *thresholds,
                       size_t levels, size_t width, uint64_t *tables, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const float *s = scores + i * depth;
    size_t best = 0;
    for (size_t c = 0; c < depth; c++) {
      if (s[c] != s[c]) return i;
      if (s[c] > s[best]) best = c;
    }
    // The number of thresholds below the score, by bisection.
    size_t low = 0, high = depth ? levels : 0;
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (thresholds[middle] < s[best]) low = middle + 1;
      else high = middle;
    }
    const size_t class = low ? classes[best] : 0;
    tables[(low * width + row[target[i]]) * width + class]++;
  }
  return count;
}
