// One C API over oneDNN 2.x and 3.x; the C files of this target hide the difference.
#pragma once
// The version of the library this was built against, as "2.6.3".
const char *onednn_version(void);
