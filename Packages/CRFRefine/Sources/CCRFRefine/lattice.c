#include "lattice.h"
