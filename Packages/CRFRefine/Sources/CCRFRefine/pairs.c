#include "pairs.h"
