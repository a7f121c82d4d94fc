#include "streams.h"

#include <errno.h>
#include <stdio.h>

int streams_flush_output(void) {
  int failed_before = ferror(stdout);
  errno = 0;
  if (fflush(stdout) != 0) return errno ? errno : -1;
  return failed_before ? -1 : 0;
}
