// The header is all there is: the functions are written in Swift.
#include "fbr.h"
