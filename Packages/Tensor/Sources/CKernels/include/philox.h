// Philox4x32-10, a counter-based random generator: word i of a stream depends on (seed, stream, i)
// alone. Salmon et al., SC 2011.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The four words of one block. The counter is (block, stream), the key the seed.
void ck_philox_block(uint64_t seed, uint64_t stream, uint64_t block, uint32_t words[4]);

// Elements [begin, end) of a draw that starts at `block`; `begin` is a multiple of 64.
// Uniform in [0, 1), 24 bits; one word an element.
void ck_philox_uniform(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end, float *out);
// Normal with mean 0 and variance 1, by Box-Muller on pairs of words.
void ck_philox_normal(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end, float *out);
// Integers in 0..<bound from 64 random bits each (two words an element).
void ck_philox_integers(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end, uint32_t bound,
    int32_t *out);
// The first i with u * cumulative[count - 1] < cumulative[i], u of 53 bits (two words an element).
void ck_philox_categorical(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end,
    const double *cumulative, ptrdiff_t count, int32_t *out);
