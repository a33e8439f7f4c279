// Writes one slice of a flush: many sockets, each its own pieces of memory.
//
// Owned by a loop, used on its thread only. Two bodies: plain calls, and one io_uring in which a
// slice is submitted and reaped in one call.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace spillway::net {

struct WriteJob {
  int fd = -1;
  std::span<iovec> pieces;  // shared by the jobs of a slice; at most IOV_MAX of them are taken
  std::int64_t result = 0;  // out: bytes the kernel took, or a negative errno
};

class BatchWriter {
 public:
  virtual ~BatchWriter() = default;

  // Never blocks. What does not fit into a socket's buffer is not taken.
  virtual void write(std::span<WriteJob> jobs) = 0;
};

// One sendmsg a job. Works everywhere.
class SendWriter : public BatchWriter {
 public:
  void write(std::span<WriteJob> jobs) override;
};

}  // namespace spillway::net
