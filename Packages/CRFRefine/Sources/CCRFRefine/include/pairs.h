// Loops over pairs of pixels.
#pragma once
