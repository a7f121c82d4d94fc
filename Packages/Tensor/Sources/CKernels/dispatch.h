// One function body compiled for several CPUs; the best is picked at load time.
#pragma once
#if defined(__x86_64__)
#define CK_DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_DISPATCHED
#endif
