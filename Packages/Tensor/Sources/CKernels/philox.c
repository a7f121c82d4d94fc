#include "philox.h"

#include "ck_dispatch.h"

#include <math.h>

#define INLINED static inline __attribute__((always_inline))

INLINED void block_words(uint64_t seed, uint64_t stream, uint64_t block, uint32_t words[4]) {
  uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32);
  uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1, c3 = (uint32_t)p0, c0 = n0, c2 = n2;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  words[0] = c0, words[1] = c1, words[2] = c2, words[3] = c3;
}

void ck_philox_block(uint64_t seed, uint64_t stream, uint64_t block, uint32_t words[4]) {
  block_words(seed, stream, block, words);
}

// Sixteen blocks side by side, a lane each, so that the rounds vectorise.
enum { lanes = 16, batch_words = 4 * lanes };

INLINED void batch(uint64_t seed, uint64_t stream, uint64_t block, uint32_t words[batch_words]) {
  uint32_t c0[lanes], c1[lanes], c2[lanes], c3[lanes];
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int i = 0; i < lanes; i++) {
    c0[i] = (uint32_t)(block + i), c1[i] = (uint32_t)((block + i) >> 32);
    c2[i] = (uint32_t)stream, c3[i] = (uint32_t)(stream >> 32);
  }
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < lanes; i++) {
      uint64_t p0 = (uint64_t)0xD2511F53u * c0[i], p1 = (uint64_t)0xCD9E8D57u * c2[i];
      c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0, c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
      c1[i] = (uint32_t)p1, c3[i] = (uint32_t)p0;
    }
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < lanes; i++)
    words[4 * i] = c0[i], words[4 * i + 1] = c1[i], words[4 * i + 2] = c2[i],
              words[4 * i + 3] = c3[i];
}

INLINED ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

CK_DISPATCHED void ck_philox_uniform(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end, float *out) {
  for (ptrdiff_t first = begin; first < end; first += batch_words) {
    uint32_t words[batch_words];
    batch(seed, stream, block + (uint64_t)first / 4, words);
    ptrdiff_t count = smaller(batch_words, end - first);
    for (ptrdiff_t i = 0; i < count; i++) out[first + i] = (float)(words[i] >> 8) * 0x1p-24f;
  }
}

CK_DISPATCHED void ck_philox_normal(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end, float *out) {
  for (ptrdiff_t first = begin; first < end; first += batch_words) {
    uint32_t words[batch_words];
    batch(seed, stream, block + (uint64_t)first / 4, words);
    ptrdiff_t count = smaller(batch_words, end - first);
    for (ptrdiff_t i = 0; i < count; i += 2) {
      // In (0, 1], so that the logarithm is finite.
      double radius = sqrt(-2 * log(((double)words[i] + 1) * 0x1p-32));
      double angle = (double)words[i + 1] * (0x1p-31 * M_PI);
      out[first + i] = (float)(radius * cos(angle));
      if (i + 1 < count) out[first + i + 1] = (float)(radius * sin(angle));
    }
  }
}

// The 64 random bits of element i of a batch.
INLINED uint64_t wide(const uint32_t words[batch_words], ptrdiff_t i) {
  return (uint64_t)words[2 * i + 1] << 32 | words[2 * i];
}

CK_DISPATCHED void ck_philox_integers(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end, uint32_t bound,
    int32_t *out) {
  for (ptrdiff_t first = begin; first < end; first += batch_words / 2) {
    uint32_t words[batch_words];
    batch(seed, stream, block + (uint64_t)first / 2, words);
    ptrdiff_t count = smaller(batch_words / 2, end - first);
    // The top 32 bits of 64 bits times the bound: the bias is below 2^-32.
    for (ptrdiff_t i = 0; i < count; i++) {
      uint64_t low = ((uint64_t)words[2 * i] * bound) >> 32;
      out[first + i] = (int32_t)(((uint64_t)words[2 * i + 1] * bound + low) >> 32);
    }
  }
}

CK_DISPATCHED void ck_philox_categorical(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end,
    const double *cumulative, ptrdiff_t count, int32_t *out) {
  for (ptrdiff_t first = begin; first < end; first += batch_words / 2) {
    uint32_t words[batch_words];
    batch(seed, stream, block + (uint64_t)first / 2, words);
    ptrdiff_t drawn = smaller(batch_words / 2, end - first);
    double at[batch_words / 2] = {0};
    for (ptrdiff_t i = 0; i < drawn; i++)
      at[i] = (double)(wide(words, i) >> 11) * 0x1p-53 * cumulative[count - 1];
    if (count <= 64) {
      // Few categories: counting those passed needs no branch.
      int32_t passed[batch_words / 2] = {0};
      for (ptrdiff_t c = 0; c + 1 < count; c++)
        for (ptrdiff_t i = 0; i < batch_words / 2; i++) passed[i] += at[i] >= cumulative[c];
      for (ptrdiff_t i = 0; i < drawn; i++) out[first + i] = passed[i];
      continue;
    }
    for (ptrdiff_t i = 0; i < drawn; i++) {
      ptrdiff_t low = 0, high = count - 1;
      while (low < high) {
        ptrdiff_t middle = (low + high) / 2;
        if (at[i] < cumulative[middle]) high = middle;
        else low = middle + 1;
      }
      out[first + i] = (int32_t)low;
    }
  }
}
