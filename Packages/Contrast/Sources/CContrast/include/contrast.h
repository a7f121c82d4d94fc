// The InfoNCE loss on cosines with gathered negatives, without a tensor of gathered rows.
#pragma once
#include <stddef.h>
#include <stdint.h>

// What the keys of a query that were met so far add up to.
typedef struct {
  float query_inverse, positive_inverse;  // 1 / length
  float positive;                         // the positive's cosine
  float largest;                          // cosine of a key
  float total;                            // sum of e^((cosine - largest) / temperature)
  float along;                            // the same of the negatives, each times its cosine
} ctr_sums;

// Rows to draw from, and the draws.
typedef struct {
  const float *rows;             // [..][dimension]
  const float *inverse_lengths;  // 1 / length of each row; null: worked out at each use
  const int32_t *lists;          // [lists][count], rows
  ptrdiff_t count;
  ptrdiff_t parts;
  const int32_t *starts;         // of each part in each list, see ctr_split_lists; null: one part
} ctr_negatives;

// Queries [begin, end) meet those of their negatives that lie in one part of the rows; called for
// one part after the other. The first starts `sums`. The last gives losses[q] = -log softmax at the
// positive and, where `gradients` is given, gradients[q * dimension ...] = d losses[q] / d query.
// Returns 0, or -1 when memory is out.
//   features, query_rows: embeddings [.., dimension], and each query's row there
//   positives, positive_rows: the same for its positive
//   list_of_query: the list of each query's negatives
// A query of length 0 has cosine 0 with everything and gradient 0.
int ctr_info_nce(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *features,
    const int32_t *query_rows, const float *positives, const int32_t *positive_rows,
    ctr_negatives negatives, const int32_t *list_of_query, float temperature, ptrdiff_t part,
    ctr_sums *sums, float *losses, float *gradients);

// 1 / length of rows [begin, end).
void ctr_inverse_lengths(
    const float *rows, ptrdiff_t dimension, ptrdiff_t begin, ptrdiff_t end, float *inverse);

// Sorts lists [begin, end) of `count` rows by part: row >> shift. starts: [lists][parts + 1].
void ctr_split_lists(
    ptrdiff_t begin, ptrdiff_t end, const int32_t *lists, ptrdiff_t count, int shift,
    ptrdiff_t parts, int32_t *out, int32_t *starts);

// The same loss as the public reference code computes it, for comparison only: the cosine is taken
// over the keys instead of over the features, and the class to find is feature 0. No gradient.
int ctr_key_axis(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *features,
    const int32_t *query_rows, const float *positives, const int32_t *positive_rows,
    const float *negatives, const int32_t *lists, const int32_t *list_of_query, ptrdiff_t count,
    float temperature, float *losses);

// For rows [begin, end) of `classes` logits: the softmax, and its entropy in nats (NaN where a
// logit is NaN or infinite).
void ctr_softmax_entropy(
    const float *logits, ptrdiff_t classes, ptrdiff_t begin, ptrdiff_t end, float *probabilities,
    float *entropy);

// For pixels [begin, end): cosines[p] = cos(a_p, b_p), and its gradients times `scale`. Where a
// length is 0 or `labels`, if given, is 255, all three are 0; where a value is not finite, the
// cosine is NaN.
void ctr_cosine(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *a, const float *b,
    const uint8_t *labels, float scale, float *cosines, float *gradient_a, float *gradient_b);
