#define _GNU_SOURCE
#include "parallel.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

// libgomp's entry points. Calling them needs no compiler flag, and joins the team oneDNN uses.
extern void GOMP_parallel(void (*body)(void *), void *context, unsigned threads, unsigned flags);
extern void omp_set_num_threads(int threads);
extern int omp_in_parallel(void);

// libgomp is not instrumented: tell the thread sanitizer about its fork and join.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
extern void __tsan_acquire(void *address);
extern void __tsan_release(void *address);
#define ACQUIRE(address) __tsan_acquire(address)
#define RELEASE(address) __tsan_release(address)
#endif
#endif
#ifndef ACQUIRE
#define ACQUIRE(address) ((void)0)
#define RELEASE(address) ((void)0)
#endif

static atomic_int process_threads;
static _Thread_local int serial_depth;
static _Thread_local int openmp_threads;  // what this thread last told OpenMP; 0 = nothing

static int default_threads(void) {
  const char *text = getenv("FBR_THREADS");
  if (text) {
    int threads = atoi(text);
    if (threads > 0) return threads;
  }
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    int threads = CPU_COUNT(&set);
    if (threads > 0) return threads;
  }
  return 1;
}

int ck_get_threads(void) {
  int threads = atomic_load(&process_threads);
  if (threads == 0) {
    threads = default_threads();
    atomic_store(&process_threads, threads);
  }
  return threads;
}

void ck_set_threads(int threads) { atomic_store(&process_threads, threads < 1 ? 1 : threads); }
void ck_enter_serial(void) { serial_depth += 1; }
void ck_leave_serial(void) { serial_depth -= 1; }

int ck_prepare_threads(void) {
  int threads = serial_depth > 0 ? 1 : ck_get_threads();
  if (openmp_threads != threads) {
    omp_set_num_threads(threads);
    openmp_threads = threads;
  }
  return threads;
}

typedef struct {
  ptrdiff_t count, grain;
  void *context;
  ck_chunk_body body;
  atomic_ptrdiff_t next;
  char fork, join;  // addresses for the sanitizer
} team_work;

static void run_chunks(team_work *work) {
  for (;;) {
    ptrdiff_t begin = atomic_fetch_add_explicit(&work->next, work->grain, memory_order_relaxed);
    if (begin >= work->count) return;
    ptrdiff_t end = begin + work->grain;
    work->body(work->context, begin, end < work->count ? end : work->count);
  }
}

static void team_member(void *pointer) {
  team_work *work = pointer;
  ACQUIRE(&work->fork);
  serial_depth += 1;  // a kernel called from inside a chunk stays on its thread
  run_chunks(work);
  serial_depth -= 1;
  RELEASE(&work->join);
}

void ck_parallel_for(ptrdiff_t count, ptrdiff_t grain, void *context, ck_chunk_body body) {
  if (count <= 0) return;
  if (grain < 1) grain = 1;
  team_work work = {.count = count, .grain = grain, .context = context, .body = body};
  atomic_init(&work.next, 0);
  ptrdiff_t chunks = (count - 1) / grain + 1;
  int threads = ck_prepare_threads();
  if (threads > chunks) threads = (int)chunks;
  if (threads <= 1 || omp_in_parallel()) {
    run_chunks(&work);
    return;
  }
  RELEASE(&work.fork);
  GOMP_parallel(team_member, &work, (unsigned)threads, 0);
  ACQUIRE(&work.join);
}
