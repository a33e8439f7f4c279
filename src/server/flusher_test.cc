#include "server/flusher.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/testing/allocations.h"
#include "net/uring_writer.h"
#include "room/test_batches.h"
#include "room/test_reader.h"
#include "websocket/client_handshake.h"

namespace spillway::server {
namespace {

// Accepts everybody, and wants nothing of what they say.
class Host : public net::ConnectionOwner {
 public:
  bool admit(net::Connection&, std::size_t, std::uint32_t) override { return true; }
  net::UpgradeAnswer on_upgrade(net::Connection&, const websocket::UpgradeRequest&) override {
    return net::Accepted{};
  }
  std::string on_http(const websocket::HttpRequest&) override { return {}; }
  void on_open(net::Connection&) override {}
  void on_message(net::Connection&, websocket::Opcode, std::span<char>) override {}
  void on_pong(net::Connection&) override {}
  void on_writable(net::Connection&) override {}
  void on_closed(net::Connection&, std::uint16_t) override {}
  void on_released(net::Connection&) override {}
};

// One loop with a room whose viewers are the ends of socket pairs.
class FlusherTest : public ::testing::TestWithParam<bool> {
 protected:
  FlusherTest()
      : log_(LogLevel::kOff),
        loop_(0, context_, options_, log_, [](ToHub&&) { return Post::kAccepted; }),
        room_("lobby") {
    RoomSnapshot snapshot;
    snapshot.room = "lobby";
    snapshot.state.epoch = "e";
    room_.load(snapshot);
  }

  void SetUp() override {
    std::unique_ptr<net::BatchWriter> writer = std::make_unique<net::SendWriter>();
    if (GetParam()) {
      if (!net::UringWriter::probe()) GTEST_SKIP() << "no io_uring here";
      writer = *net::UringWriter::create();
    }
    Flusher::Options options;
    options.schedule.interval_max = Duration{0};
    flusher_.emplace(loop_, std::move(writer), options);
  }

  void TearDown() override {
    for (const auto& peer : peers_) ::shutdown(peer.get(), SHUT_RDWR);
    run();
  }

  void run() {
    context_.restart();
    context_.poll();
  }

  // Until everybody was offered what was said, however long the room has to wait for its turn.
  void flush() {
    context_.restart();
    while (room_.queued || room_.flush) context_.run_one();
  }

  Viewer& join() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    Viewer& viewer = loop_.viewers.add(loop_.net, host_, UniqueFd(ends[0]));
    peers_.emplace_back(ends[1]);
    viewer.connection.start();
    websocket::ClientRequest request;
    request.host = "a";
    request.path = "/";
    request.key = websocket::random_key();
    const std::string text = websocket::client_request(request);
    EXPECT_EQ(::send(ends[1], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    run();
    EXPECT_TRUE(viewer.connection.level());
    static_cast<void>(read(peers_.size() - 1));
    viewer.room = &room_;
    viewer.next = room_.next_seq();
    viewer.attached = true;
    room_.members.add(&viewer);
    return viewer;
  }

  // Everything that waits for a viewer.
  std::string read(std::size_t viewer) {
    std::string all;
    std::array<char, 64 * 1024> buffer{};
    while (true) {
      const ssize_t got = ::recv(peers_[viewer].get(), buffer.data(), buffer.size(), 0);
      if (got <= 0) return all;
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  void say(std::uint64_t messages) {
    for (std::uint64_t i = 0; i < messages; ++i) {
      const std::uint64_t seq = room_.next_seq();
      room_.ring(room::WireForm::kPlain).append(room::test_line(seq));
      expected_ += frame(room::test_chat(seq, room::test_line(seq)));
    }
    flusher_->request(room_);
  }

  static std::string frame(std::string_view text) {
    std::string bytes;
    websocket::append_frame(bytes, websocket::Opcode::kText, text);
    return bytes;
  }

  ServerOptions options_;
  boost::asio::io_context context_;
  Log log_;
  Host host_;
  LoopState loop_;
  LoopRoom room_;
  std::optional<Flusher> flusher_;
  std::vector<UniqueFd> peers_;
  std::string expected_;
};

INSTANTIATE_TEST_SUITE_P(Writers, FlusherTest, ::testing::Bool(),
                         [](const auto& uring) { return uring.param ? "Uring" : "Send"; });

TEST_P(FlusherTest, WritesTheSameToAll) {
  for (int i = 0; i < 300; ++i) join();
  say(3);
  flush();
  for (std::size_t i = 0; i < peers_.size(); ++i) ASSERT_EQ(read(i), expected_) << i;
}

// A flush of so many takes several turns of the loop.
TEST_P(FlusherTest, WhatComesDuringAFlushGoesAlong) {
  for (int i = 0; i < 3000; ++i) join();
  say(1);
  context_.restart();
  while (!room_.flush) context_.run_one();
  say(1);
  flush();
  EXPECT_LT(loop_.counters[Counter::kFlushes], 6000U) << "the last ones got both at once";
  for (std::size_t i = 0; i < peers_.size(); ++i) ASSERT_EQ(read(i), expected_) << i;
}

// Answers that wait go out with the flush, in front of it and whole.
TEST_P(FlusherTest, TakesAnswersAlong) {
  Viewer& speaker = join();
  join();
  const std::uint64_t before = loop_.net.control_writes;
  ASSERT_TRUE(speaker.connection.queue(frame("ack")));
  say(2);
  flush();
  EXPECT_EQ(read(0), frame("ack") + expected_);
  EXPECT_EQ(read(1), expected_);
  EXPECT_EQ(loop_.net.control_writes, before);
}

TEST_P(FlusherTest, AnswersGoOutWithoutAFlushToo) {
  Viewer& speaker = join();
  ASSERT_TRUE(speaker.connection.queue(frame("ack")));
  run();
  EXPECT_EQ(read(0), frame("ack"));
}

// A viewer costs a flush a write, and nothing else: no copy, no queue, no allocation.
TEST_P(FlusherTest, AllocatesNothingForAViewer) {
  const auto allocations_of_a_flush = [this] {
    say(5);
    const std::uint64_t before = testing::allocations();
    flush();
    const std::uint64_t made = testing::allocations() - before;
    for (std::size_t i = 0; i < peers_.size(); ++i) EXPECT_EQ(read(i), expected_);
    expected_.clear();
    return made;
  };
  for (int i = 0; i < 10; ++i) join();
  allocations_of_a_flush();  // what is made once
  const std::uint64_t with_ten = allocations_of_a_flush();
  for (int i = 0; i < 290; ++i) join();
  allocations_of_a_flush();
  // A turn of the loop more, perhaps, which has a handler.
  EXPECT_LE(allocations_of_a_flush(), with_ten + 5);
}

// At four places what viewers get is compressed; who stands at another gets it as it is.
TEST_P(FlusherTest, WhoTakesItCompressedGetsTheSameFromWhereverItStands) {
  constexpr std::size_t kPlaces = 5;
  constexpr std::uint64_t kMessages = 60;
  for (std::size_t i = 0; i < 100; ++i) {
    Viewer& viewer = join();
    viewer.form = room::WireForm::kCoalesced;
    viewer.deflates = true;
  }
  static_cast<void>(room_.ring(room::WireForm::kCoalesced));
  const auto say_all = [this](std::uint64_t messages) {
    for (std::uint64_t i = 0; i < messages; ++i) {
      const std::uint64_t seq = room_.next_seq();
      for (const auto form : {room::WireForm::kPlain, room::WireForm::kCoalesced}) {
        room_.ring(form).append(room::test_line(seq, 100));
      }
    }
  };
  say_all(kPlaces);
  for (std::size_t i = 0; i < 100; ++i) room_.members[i]->next = 1 + i % kPlaces;
  say_all(kMessages);
  flusher_->request(room_);
  flush();
  std::size_t compressed = 0;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const std::string bytes = read(i);
    compressed += bytes.size() < kMessages * 50 ? 1 : 0;
    std::string got;
    for (const std::string& array : room::received(bytes)) {
      got.append(got.empty() ? "" : ",").append(array, 1, array.size() - 2);
    }
    std::string wanted;
    for (std::uint64_t seq = 1 + i % kPlaces; seq <= kPlaces + kMessages; ++seq) {
      wanted.append(wanted.empty() ? "" : ",");
      wanted.append(room::test_chat(seq, room::test_line(seq, 100)));
    }
    ASSERT_EQ(got, wanted) << i;
  }
  EXPECT_EQ(compressed, 80U);
}

// Whoever asks while a flush is under way asks for the next one, which costs nothing yet.
TEST_P(FlusherTest, AFlushThatIsAskedForDuringAnotherIsFlushedOnce) {
  for (int i = 0; i < 3000; ++i) join();
  say(1);
  context_.restart();
  while (!room_.flush) context_.run_one();
  for (int i = 0; i < 5 && room_.flush; ++i) {
    say(1);
    context_.run_one();
  }
  flush();
  for (std::size_t i = 0; i < peers_.size(); ++i) ASSERT_EQ(read(i), expected_) << i;
}

// Of what a stuck viewer had begun, one frame is kept; its neighbours notice nothing.
TEST_P(FlusherTest, AStuckViewerHoldsNobodyUp) {
  Viewer& stuck = join();
  join();
  const std::size_t frames_max = 64 * 1024;
  std::size_t said = 0;
  while (stuck.connection.writable() && said < frames_max) {
    say(50);
    said += 50;
    flush();
    ASSERT_EQ(read(1), expected_);
    expected_.clear();
  }
  ASSERT_LT(said, frames_max);
  const std::string a_frame = frame(room::test_chat(room_.next_seq(), room::test_line(1)));
  EXPECT_LE(stuck.connection.answers().size(), a_frame.size());
  const std::uint64_t next = stuck.next;
  say(50);
  flush();
  EXPECT_EQ(read(1), expected_);
  EXPECT_EQ(stuck.next, next);
}

}  // namespace
}  // namespace spillway::server
