// One thread team for oneDNN and our own loops: libgomp's, which Debian's oneDNN uses too.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// Calls `body` once for each chunk [i * grain, min(count, (i + 1) * grain)).
// Chunk borders do not depend on the number of threads; the order of the calls is not defined.
typedef void (*ck_chunk_body)(void *context, ptrdiff_t begin, ptrdiff_t end);
void ck_parallel_for(ptrdiff_t count, ptrdiff_t grain, void *context, ck_chunk_body body);

// The process-wide number of threads: FBR_THREADS, or the CPUs this process may use.
int ck_get_threads(void);
void ck_set_threads(int threads);

// While the depth is above zero, kernels called from this thread run on this thread alone.
void ck_enter_serial(void);
void ck_leave_serial(void);

// The number of threads a kernel called now from this thread may use; tells OpenMP the same.
int ck_prepare_threads(void);
