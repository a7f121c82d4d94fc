// The C library's standard output, which Swift 6 cannot name.
#pragma once

// Writes what waits in its buffer. Returns 0, or why that or an earlier write failed: the error's
// number, -1 where it is no longer known.
int streams_flush_output(void);
