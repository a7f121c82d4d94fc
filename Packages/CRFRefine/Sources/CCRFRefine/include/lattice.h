// Loops over the points of a permutohedral lattice.
#pragma once
