// The InfoNCE loss on cosines with gathered negatives, without a tensor of gathered rows.
#pragma once
#include <stddef.h>
#include <stdint.h>

// For queries [begin, end): losses[q] = -log softmax at the positive; where `gradients` is given,
// gradients[q * dimension ...] = d losses[q] / d query. Returns 0, or -1 when memory is out.
//   features, query_rows: embeddings [.., dimension], and each query's row there
//   positives, positive_rows: the same for its positive
//   negatives, lists, list_of_query: embeddings, lists of `count` rows there, each query's list
// A query of length 0 has cosine 0 with everything and gradient 0.
int ctr_info_nce(
    ptrdiff_t begin, ptrdiff_t end, ptrdiff_t dimension, const float *features,
    const int32_t *query_rows, const float *positives, const int32_t *positive_rows,
    const float *negatives, const int32_t *lists, const int32_t *list_of_query, ptrdiff_t count,
    float temperature, float *losses, float *gradients);

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
