#ifndef CMETRICS_COUNTING_H
#define CMETRICS_COUNTING_H

#include <stddef.h>
#include <stdint.h>

// Tables a chunk counts into, so that neighbouring pixels of one pair do not wait for each other.
enum { CM_LANES = 4 };

// Counts the pixels of each (target, prediction) pair: tables[lane][row[t] * width + column[p]].
//
// row and column have 256 entries below width. tables: CM_LANES * width * width counts, at 0.
void cm_count_pairs(const uint8_t *prediction, const uint8_t *target, const uint16_t *row,
                    const uint16_t *column, size_t width, uint32_t *tables, size_t begin,
                    size_t end);

// Counts pixels by how many thresholds their best score exceeds.
//
// scores: count pixels of depth scores each; classes: the class of each. thresholds: ascending.
// tables[level][row[t] * width + class]: (levels + 1) * width * width counts. Returns the first
// pixel with a score that is not a number, else count.
size_t cm_count_levels(const float *scores, size_t depth, const uint8_t *classes,
                       const uint8_t *target, const uint16_t *row, const float *thresholds,
                       size_t levels, size_t width, uint64_t *tables, size_t count);

#endif
