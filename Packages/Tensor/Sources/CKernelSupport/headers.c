// A target needs a source; this one also proves that the headers stand alone.
#include "ck_dispatch.h"
#include "ck_vector_math.h"
