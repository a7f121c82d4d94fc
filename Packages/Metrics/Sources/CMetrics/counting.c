#include "counting.h"

#include <ck_dispatch.h>

enum { BLOCK = 64 };

static inline uint8_t place(uint8_t label, cm_map map) {
  return label == map.special ? map.place : label;
}

// Label maps are mostly flat: a block of one label in both maps is one addition. In others the
// tables' indices are worked out first, many at once, so that counting is loads and stores alone.
static inline __attribute__((always_inline)) bool count_block(
    cm_map prediction, cm_map target, size_t classes, uint32_t *tables, size_t begin, size_t size) {
  const uint8_t *p = prediction.labels + begin, *t = target.labels + begin;
  const size_t width = classes + 1, area = width * width;
  const uint8_t limit = (uint8_t)classes;
  uint8_t change = 0, wrong = 0;
  for (size_t j = 0; j < size; j++) {
    change |= (uint8_t)((p[j] ^ p[0]) | (t[j] ^ t[0]));
    wrong |= (uint8_t)((p[j] >= limit) & (p[j] != prediction.special));
    wrong |= (uint8_t)((t[j] >= limit) & (t[j] != target.special));
  }
  if (wrong) return false;
  if (!change) {
    tables[place(t[0], target) * width + place(p[0], prediction)] += (uint32_t)size;
    return true;
  }
  uint16_t pair[BLOCK];  // width is 256 at most
  for (size_t j = 0; j < size; j++)
    pair[j] = (uint16_t)(place(t[j], target) * (uint32_t)width + place(p[j], prediction));
  size_t j = 0;
  for (; j + CM_LANES <= size; j += CM_LANES)
    for (size_t lane = 0; lane < CM_LANES; lane++) tables[lane * area + pair[j + lane]]++;
  for (; j < size; j++) tables[pair[j]]++;
  return true;
}

CK_DISPATCHED
bool cm_count_pairs(cm_map prediction, cm_map target, size_t classes, uint32_t *tables,
                   size_t begin, size_t end) {
  size_t i = begin;
  for (; i + BLOCK <= end; i += BLOCK)
    if (!count_block(prediction, target, classes, tables, i, BLOCK)) return false;
  return i == end || count_block(prediction, target, classes, tables, i, end - i);
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
