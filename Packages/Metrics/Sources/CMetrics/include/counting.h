#ifndef CMETRICS_COUNTING_H
#define CMETRICS_COUNTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Tables a chunk counts into, so that neighbouring pixels of one pair do not wait for each other.
enum { CM_LANES = 4 };

// A label map, and a label of it that is counted as the class place, up to the number of classes.
typedef struct {
  const uint8_t *labels;
  uint8_t special, place;
} cm_map;

// Counts the pixels of each (target, prediction) pair: tables[lane][t * (classes + 1) + p].
//
// classes: 1...255. tables: CM_LANES * (classes + 1)^2 counts, at 0. Returns false, at once, where a
// label is neither below classes nor its map's special one.
bool cm_count_pairs(cm_map prediction, cm_map target, size_t classes, uint32_t *tables,
                   size_t begin, size_t end);

// Counts pixels by how many thresholds their best score exceeds.
//
// scores: count pixels of depth scores each; classes: the class of each. thresholds: ascending.
// tables[level][row[t] * width + class]: (levels + 1) * width * width counts. Returns the first
// pixel with a score that is not a number, else count.
size_t cm_count_levels(const float *scores, size_t depth, const uint8_t *classes,
                       const uint8_t *target, const uint16_t *row, const float *thresholds,
                       size_t levels, size_t width, uint64_t *tables, size_t count);

#endif
