// Writes one slice of a flush: many sockets, one call each.
//
// Owned by a loop. The seam has one body so far, plain sendmsg; io_uring, which submits and reaps
// a slice in one call, is the other one it is shaped for.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace spillway::net {

struct WriteJob {
  int fd = -1;
  std::span<iovec> pieces;  // shared by the jobs of a slice; at most IOV_MAX of them are taken
  std::int64_t result = 0;  // out: bytes the kernel took, or a negative errno
};

class BatchWriter {
 public:
  // Never blocks. What does not fit into a socket's buffer is not taken.
  void write(std::span<WriteJob> jobs);
};

}  // namespace spillway::net
