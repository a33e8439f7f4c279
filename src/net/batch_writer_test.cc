#include "net/batch_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "net/uring_writer.h"

namespace spillway::net {
namespace {

// A TCP connection over loopback. The writer's end does not block, the reader's does.
struct Wire {
  explicit Wire(int send_buffer = 0, int receive_buffer = 0) {
    const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (receive_buffer > 0) set(listener.get(), SO_RCVBUF, receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const where = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener.get(), where, size), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    EXPECT_EQ(::getsockname(listener.get(), where, &size), 0);
    here.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (send_buffer > 0) set(here.get(), SO_SNDBUF, send_buffer);
    EXPECT_EQ(::connect(here.get(), where, size), 0);
    const int on = 1;
    EXPECT_EQ(::setsockopt(here.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    EXPECT_EQ(::fcntl(here.get(), F_SETFL, O_NONBLOCK), 0);
    there.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    EXPECT_TRUE(there);
  }

  static void set(int fd, int option, int value) {
    EXPECT_EQ(::setsockopt(fd, SOL_SOCKET, option, &value, sizeof value), 0);
  }

  // Exactly so many bytes, waiting for them.
  std::string read(std::size_t bytes) const {
    std::string got(bytes, '\0');
    const ssize_t taken = ::recv(there.get(), got.data(), bytes, MSG_WAITALL);
    got.resize(taken > 0 ? static_cast<std::size_t>(taken) : 0);
    return got;
  }
  bool nothing_waits() const {
    char byte = 0;
    return ::recv(there.get(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }

  UniqueFd here;
  UniqueFd there;
};

iovec piece(std::string& bytes) { return {bytes.data(), bytes.size()}; }

enum class Body { kSend, kUring };

class EitherWriter : public ::testing::TestWithParam<Body> {
 protected:
  void SetUp() override {
    if (GetParam() == Body::kSend) {
      writer_ = std::make_unique<SendWriter>();
      return;
    }
    if (const Status works = UringWriter::probe(); !works) {
      GTEST_SKIP() << "no io_uring here: " << works.error().message;
    }
    writer_ = *UringWriter::create();
  }

  void write(std::span<WriteJob> jobs) { writer_->write(jobs); }

  std::unique_ptr<BatchWriter> writer_;
};

INSTANTIATE_TEST_SUITE_P(Bodies, EitherWriter, ::testing::Values(Body::kSend, Body::kUring),
                         [](const auto& body) {
                           return body.param == Body::kSend ? "Send" : "Uring";
                         });

// More than one submission holds, of one piece and of several, some sharing their pieces.
TEST_P(EitherWriter, WritesEachJobsPiecesToItsSocket) {
  std::string one = "one frame";
  std::string head = "head [";
  std::string tail = "]";
  std::vector<iovec> single{piece(one)};
  std::vector<iovec> several{piece(head), piece(one), piece(tail)};
  std::vector<Wire> wires(300);
  std::vector<WriteJob> jobs;
  for (std::size_t i = 0; i < wires.size(); ++i) {
    jobs.push_back({wires[i].here.get(), i % 3 == 0 ? several : single, -1});
  }
  for (int again = 0; again < 3; ++again) {
    write(jobs);
    for (std::size_t i = 0; i < wires.size(); ++i) {
      const std::string expected = i % 3 == 0 ? head + one + tail : one;
      ASSERT_EQ(jobs[i].result, static_cast<std::int64_t>(expected.size()));
      ASSERT_EQ(wires[i].read(expected.size()), expected);
      ASSERT_TRUE(wires[i].nothing_waits());
    }
  }
}

TEST_P(EitherWriter, WritesOneJobAndNone) {
  std::string bytes = "alone";
  std::vector<iovec> pieces{piece(bytes)};
  const Wire wire;
  WriteJob job{wire.here.get(), pieces, 0};
  write({});
  write({&job, 1});
  EXPECT_EQ(job.result, 5);
  EXPECT_EQ(wire.read(5), "alone");
}

// A peer that does not read: part of it is taken, then nothing, without waiting. Its neighbours get
// everything.
TEST_P(EitherWriter, TakesWhatFitsAndSaysSo) {
  std::string large(4 * 1024 * 1024, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 23);
  std::string small = "small";
  std::vector<iovec> large_pieces{piece(large)};
  std::vector<iovec> small_pieces{piece(small)};
  const Wire stuck(16 * 1024, 4 * 1024);
  const Wire before;
  const Wire after;
  std::array<WriteJob, 3> jobs{{{before.here.get(), small_pieces, 0},
                                {stuck.here.get(), large_pieces, 0},
                                {after.here.get(), small_pieces, 0}}};
  write(jobs);
  const std::int64_t taken = jobs[1].result;
  ASSERT_GT(taken, 0);
  ASSERT_LT(taken, static_cast<std::int64_t>(large.size()));
  EXPECT_EQ(jobs[0].result, 5);
  EXPECT_EQ(jobs[2].result, 5);
  // What arrives late at the peer's side may make room for a little more.
  std::int64_t more = 0;
  do {
    large_pieces[0] = {large.data() + taken + more,
                       large.size() - static_cast<std::size_t>(taken + more)};
    write(jobs);
    if (jobs[1].result > 0) more += jobs[1].result;
  } while (jobs[1].result > 0);
  EXPECT_EQ(jobs[1].result, -EAGAIN);
  const auto all = static_cast<std::size_t>(taken + more);
  EXPECT_EQ(stuck.read(all), large.substr(0, all));
}

TEST_P(EitherWriter, SaysWhichPeerIsGone) {
  std::string bytes = "bytes";
  std::vector<iovec> pieces{piece(bytes)};
  Wire gone;
  const Wire there;
  const linger at_once{1, 0};  // closing resets the connection
  ASSERT_EQ(::setsockopt(gone.there.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
  gone.there.reset();
  std::array<WriteJob, 4> jobs{{{there.here.get(), pieces, 0},
                                {gone.here.get(), pieces, 0},
                                {-1, pieces, 0},
                                {there.here.get(), pieces, 0}}};
  write(jobs);
  EXPECT_THAT(jobs[1].result, ::testing::AnyOf(-ECONNRESET, -EPIPE));
  EXPECT_EQ(jobs[2].result, -EBADF);
  EXPECT_EQ(jobs[0].result, 5);
  EXPECT_EQ(jobs[3].result, 5);
  EXPECT_EQ(there.read(10), "bytesbytes");  // and no SIGPIPE has ended this process
}

// The kernel takes no more pieces in one call.
TEST_P(EitherWriter, TakesAtMostAsManyPiecesAsTheKernelDoes) {
  std::string byte = "b";
  std::vector<iovec> pieces(IOV_MAX + 10, piece(byte));
  const Wire a;
  const Wire b;
  std::array<WriteJob, 2> jobs{{{a.here.get(), pieces, 0}, {b.here.get(), pieces, 0}}};
  write(jobs);
  EXPECT_EQ(jobs[0].result, IOV_MAX);
  EXPECT_EQ(jobs[1].result, IOV_MAX);
}

}  // namespace
}  // namespace spillway::net
