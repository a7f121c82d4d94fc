// One function body compiled for several CPUs; the best is picked at load time.
#pragma once

// The choice runs before the thread sanitizer is set up, and would crash in its hooks.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CK_DISPATCHED
#endif
#endif

#if !defined(CK_DISPATCHED) && defined(__x86_64__)
#define CK_DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#elif !defined(CK_DISPATCHED)
#define CK_DISPATCHED
#endif
