#include "net/uring_writer.h"

#include <liburing.h>
#include <limits.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/unique_fd.h"

namespace spillway::net {
namespace {

// How many writes are handed over at once. A slice of a flush is not larger.
constexpr unsigned kEntries = 128;
// Below it, plain calls cost less than a submission.
constexpr std::size_t kJobsMin = 2;
constexpr std::int64_t kNotDone = INT64_MIN;

// One thread submits and also runs what completes, instead of being interrupted for it (6.1);
// an older kernel gets a plain ring.
int open_ring(io_uring& ring) {
  for (const unsigned flags : {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0U}) {
    const int result = io_uring_queue_init(kEntries, &ring, flags);
    if (result != -EINVAL) return result;
  }
  return -EINVAL;
}

}  // namespace

void UringWriter::End::operator()(io_uring* ring) const {
  io_uring_queue_exit(ring);
  delete ring;
}

UringWriter::UringWriter(Ring ring) : ring_(std::move(ring)), messages_(kEntries) {}

Result<std::unique_ptr<UringWriter>> UringWriter::create() {
  auto fresh = std::make_unique<io_uring>();
  if (const int result = open_ring(*fresh); result < 0) {
    return Error{std::strerror(-result)};
  }
  return std::unique_ptr<UringWriter>(new UringWriter(Ring(fresh.release())));
}

Status UringWriter::probe() {
  std::array<int, 2> ends{};
  CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const UniqueFd here(ends[0]);
  const UniqueFd there(ends[1]);
  auto writer = create();
  if (!writer) return writer.error();
  char byte = 'x';
  std::array<iovec, 1> piece{{{&byte, 1}}};
  std::array<WriteJob, kJobsMin> jobs{};
  jobs.fill({here.get(), piece, 0});
  (*writer)->write(jobs);
  // A filter may allow a ring and then forbid its use.
  if ((*writer)->failed_ || jobs.front().result != 1) return Error{"it does not take a write"};
  return ok();
}

void UringWriter::write(std::span<WriteJob> jobs) {
  while (jobs.size() >= kJobsMin && !failed_) {
    const auto some = jobs.first(std::min<std::size_t>(jobs.size(), kEntries));
    submit(some);
    jobs = jobs.subspan(some.size());
  }
  send_.write(jobs);
}

void UringWriter::submit(std::span<WriteJob> jobs) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    io_uring_sqe* const sqe = io_uring_get_sqe(ring_.get());
    CHECK(sqe != nullptr);
    constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const auto pieces = jobs[i].pieces;
    if (pieces.size() == 1) {
      io_uring_prep_send(sqe, jobs[i].fd, pieces[0].iov_base, pieces[0].iov_len, kFlags);
    } else {
      messages_[i] = {};
      messages_[i].msg_iov = pieces.data();
      messages_[i].msg_iovlen = std::min<std::size_t>(pieces.size(), IOV_MAX);
      io_uring_prep_sendmsg(sqe, jobs[i].fd, &messages_[i], kFlags);
    }
    io_uring_sqe_set_data64(sqe, i);
    jobs[i].result = kNotDone;
  }
  for (std::size_t done = 0; done < jobs.size();) {
    const int result =
        io_uring_submit_and_wait(ring_.get(), static_cast<unsigned>(jobs.size() - done));
    done += reap(jobs);
    if (result < 0 && result != -EINTR) {
      failed_ = true;
      break;
    }
  }
  if (!failed_) return;
  // What the kernel took is done by now, as it does not wait; the rest never reached it. The ring
  // goes, so that it cannot come to it later.
  ring_.reset();
  for (WriteJob& job : jobs) {
    if (job.result == kNotDone) send_.write({&job, 1});
  }
}

std::size_t UringWriter::reap(std::span<WriteJob> jobs) {
  std::size_t reaped = 0;
  io_uring_cqe* cqe = nullptr;
  unsigned head = 0;
  io_uring_for_each_cqe(ring_.get(), head, cqe) {
    jobs[io_uring_cqe_get_data64(cqe)].result = cqe->res;
    ++reaped;
  }
  io_uring_cq_advance(ring_.get(), static_cast<unsigned>(reaped));
  return reaped;
}

}  // namespace spillway::net
