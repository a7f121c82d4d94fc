// FBR's losses and K-means over raw float buffers, for programs in any language.
//
// Link libfbrc.so (`make python`). Buffers are the caller's, row-major and contiguous, images as
// [batch, height, width, channels]. Every function returns 0, or 1 after writing what is wrong to
// `error`, of `error_size` bytes, ending in 0; outputs are then undefined. A pointer marked
// "or NULL" may be missing. The same arguments give the same bits, on any number of threads.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The label of a pixel that counts nowhere, such as the padding of a crop.
enum { FBR_IGNORE = 255 };

// What foreground queries are pushed away from.
enum {
  FBR_REGIONS = 0,    // rows of the bank: the method
  FBR_PIXELS = 1,     // background pixels of the batch
  FBR_PROTOTYPE = 2,  // the mean background embedding of the batch
  FBR_NONE = 3,       // nothing
};

// The constants of the losses; see FBRConfiguration in the package Contrast.
typedef struct fbr_configuration {
  double sure_share;                  // 0...1
  double entropy_quantile;            // 0...1
  float score_floor;
  float temperature;                  // above 0
  float intra_foreground_weight;
  float foreground_background_weight;
  float separation_weight;
  int32_t prototype_divisor;          // 1 or more
  int32_t negatives;                  // 1 or more, a query
  int32_t per_class;                  // 1: one draw a class instead of one a query
  int32_t background;                 // FBR_REGIONS ... FBR_NONE
  int32_t reference;                  // 1: repeat two defects of the public reference code
} fbr_configuration;

// One training step.
typedef struct fbr_batch {
  int64_t batch, height, width;
  int64_t depth;               // D
  int64_t classes;             // C, without the background
  const float *foreground;     // [batch, height, width, D]
  const float *background;     // [batch, height, width, D]
  const float *logits;         // [batch, height, width, C + 1], background first
  const float *image_labels;   // [batch, C], 0 or 1
  const uint8_t *ignore;       // [batch, height, width], FBR_IGNORE where ignored, or NULL
  const float *bank;           // [bank_rows, D], or NULL without rows
  int64_t bank_rows;
} fbr_batch;

typedef struct fbr_losses {
  float total;                 // the weighted sum of the three below
  float foreground_background;
  float intra_foreground;
  float separation;
  int64_t queries;
  int64_t foreground_pixels, background_pixels, ignored_pixels;
  int64_t classes;             // that have a prototype
} fbr_losses;

typedef struct fbr_clustering {
  int32_t clusters;            // 1 or more
  int32_t cosine;              // 1: by direction instead of by distance
  int32_t maximum_iterations;  // 1 or more
  int32_t restarts;            // 1 or more
  int32_t mini_batch;          // rows a step; 0: all rows each round
  double tolerance;
} fbr_clustering;

// The defaults of the paper's AMN route (`ppc` 0) or PPC route (`ppc` 1).
void fbr_default_configuration(int32_t ppc, fbr_configuration *configuration);

// K = 8, Euclidean, one run of at most 300 rounds.
void fbr_default_clustering(fbr_clustering *clustering);

// Threads of all functions from now on, 1 or more; at first FBR_THREADS of the environment, else all
// cores.
void fbr_set_threads(int32_t threads);

// The losses of a step, and the gradients of `total`.
//   gradient_foreground, gradient_background: of the embeddings' shape, or NULL
int32_t fbr_loss(
    const fbr_batch *batch, const fbr_configuration *configuration, uint64_t seed, uint64_t step,
    fbr_losses *losses, float *gradient_foreground, float *gradient_background, char *error,
    int64_t error_size);

// Pseudo labels and normalised scores from logits and image labels.
//   labels: [batch, height, width]; scores: [batch, height, width, C + 1], or NULL
int32_t fbr_seed_map(
    const fbr_batch *batch, uint8_t *labels, float *scores, char *error, int64_t error_size);

// The centroids of each image's background embeddings.
//   embeddings: [batch, height, width, depth]; labels: [batch, height, width], 0 is background
//   centroids: room for batch * clusters rows; `count` says how many were written
int32_t fbr_negative_regions(
    const float *embeddings, const uint8_t *labels, int64_t batch, int64_t height, int64_t width,
    int64_t depth, const fbr_clustering *clustering, uint64_t seed, uint64_t step,
    float *centroids, int64_t *count, char *error, int64_t error_size);

// K-means on the rows of a matrix.
//   centroids: room for `clusters` rows; fewer where there are fewer rows: `found`
//   assignments: [count]; inertia, iterations: or NULL
int32_t fbr_k_means(
    const float *rows, int64_t count, int64_t dimension, const fbr_clustering *clustering,
    uint64_t seed, float *centroids, int32_t *assignments, int64_t *found, double *inertia,
    int64_t *iterations, char *error, int64_t error_size);

// InfoNCE of chosen rows with negatives drawn by the caller: the mean over classes of the mean over
// their queries, and its gradient.
//   features: [rows, depth]; query_rows, query_classes: [queries], classes ascending
//   prototypes: [prototypes_count, depth], one for each of prototype_classes, ascending
//   negatives: [negative_rows, depth]; draws: [queries, draw_count], rows of `negatives`
//   gradient: of the features' shape, or NULL
int32_t fbr_info_nce(
    const float *features, int64_t rows, int64_t depth, const int32_t *query_rows,
    const int32_t *query_classes, int64_t queries, const float *prototypes,
    const int32_t *prototype_classes, int64_t prototype_count, const float *negatives,
    int64_t negative_rows, const int32_t *draws, int64_t draw_count, float temperature,
    float *loss, float *gradient, char *error, int64_t error_size);

#ifdef __cplusplus
}
#endif
