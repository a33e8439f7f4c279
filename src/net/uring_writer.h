// The batch writer that hands a whole slice to the kernel in one call, by io_uring.
//
// Nothing is ever pending between calls: every write is told not to wait, so all of them are done
// when the call returns, and the loop needs to know nothing of it. Containers often forbid
// io_uring; probe() says whether it works here.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "net/batch_writer.h"

struct io_uring;  // liburing's, whose header stays out of ours

namespace spillway::net {

class UringWriter : public BatchWriter {
 public:
  // On the thread that will use it: the kernel lets no other one. The error says what is missing.
  static Result<std::unique_ptr<UringWriter>> create();
  // Whether one byte gets through one.
  static Status probe();

  void write(std::span<WriteJob> jobs) override;

 private:
  struct End {
    void operator()(io_uring* ring) const;
  };
  using Ring = std::unique_ptr<io_uring, End>;

  explicit UringWriter(Ring ring);

  void submit(std::span<WriteJob> jobs);
  std::size_t reap(std::span<WriteJob> jobs);

  Ring ring_;
  std::vector<msghdr> messages_;  // one a job of a submission
  SendWriter send_;               // for what is not worth a submission, and once the ring failed
  bool failed_ = false;
};

}  // namespace spillway::net
