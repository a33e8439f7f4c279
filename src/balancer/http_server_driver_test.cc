// The server over sockets of its own: later answers, streams, and how both end.
#include "balancer/http_server.h"

#include <gtest/gtest.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace spillway::balancer {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

// A peer that reads all the time, unless it is told not to.
class Peer {
 public:
  Peer(asio::io_context& io, std::uint16_t port) : socket_(io) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }

  void say(const std::string& bytes) { asio::write(socket_, asio::buffer(bytes)); }
  void get(const std::string& path) { say("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"); }
  void close() { socket_.close(); }
  void listen() {
    socket_.async_read_some(asio::buffer(input_), [this](const error_code& problem, std::size_t n) {
      if (problem == asio::error::operation_aborted) return;
      heard_.append(input_.data(), n);
      if (!problem) return listen();
      ended_ = true;
    });
  }

  const std::string& heard() const { return heard_; }
  bool has(std::string_view text) const { return heard_.find(text) != std::string::npos; }
  bool ended() const { return ended_; }

 private:
  tcp::socket socket_;
  std::array<char, 4096> input_{};
  std::string heard_;
  bool ended_ = false;
};

class HttpServerDriver : public ::testing::Test {
 protected:
  static constexpr std::chrono::seconds kPatience{20};  // only a failing test waits that long

  void start(const HttpLimits& limits = {}) {
    server_.emplace(
        io_, [this](Exchange exchange) { handle(std::move(exchange)); }, log_, limits);
    port_ = *server_->listen("127.0.0.1", 0);
  }

  // /now is answered, /drop dropped, /stream listened to; anything else waits in held_.
  void handle(Exchange exchange) {
    const std::string path = exchange.request().path;
    if (path == "/now") return exchange.answer(response("now"));
    if (path == "/drop") return;
    if (path != "/stream") return held_.push_back(std::move(exchange));
    if (auto stream = exchange.stream()) streams_.push_back(std::move(*stream));
  }

  static Response response(std::string body) {
    Response response;
    response.body = std::move(body);
    return response;
  }

  Peer& peer() {
    peers_.push_back(std::make_unique<Peer>(io_, port_));
    peers_.back()->listen();
    return *peers_.back();
  }

  template <typename Condition>
  bool run_until(Condition happened) {
    const TimePoint limit = Clock::now() + kPatience;
    while (!happened() && Clock::now() < limit) io_.run_one_for(std::chrono::milliseconds(50));
    return happened();
  }

  asio::io_context io_;
  Log log_{LogLevel::kOff};
  std::vector<std::unique_ptr<Peer>> peers_;
  std::deque<Exchange> held_;
  std::deque<EventStream> streams_;
  std::optional<HttpServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpServerDriver, AnAnswerMayComeLaterAndPipelinedOnesWaitForIt) {
  start();
  Peer& one = peer();
  one.get("/later");
  one.get("/now");
  ASSERT_TRUE(run_until([&] { return held_.size() == 1; }));
  io_.run_for(std::chrono::milliseconds(20));
  EXPECT_EQ(one.heard(), "");
  held_.front().answer(response("later"));
  ASSERT_TRUE(run_until([&] { return one.has("\r\n\r\nnow"); })) << one.heard();
  EXPECT_LT(one.heard().find("\r\n\r\nlater"), one.heard().find("\r\n\r\nnow"));
  EXPECT_EQ(server_->counts().answers_by_class[2], 2U);
}

TEST_F(HttpServerDriver, AnExchangeThatIsDroppedClosesItsConnection) {
  start();
  Peer& one = peer();
  one.get("/drop");
  ASSERT_TRUE(run_until([&] { return one.ended(); }));
  EXPECT_EQ(one.heard(), "");
  EXPECT_EQ(server_->counts().connections, 0U);
}

TEST_F(HttpServerDriver, HeadHasNoBody) {
  start();
  Peer& one = peer();
  one.say("HEAD /now HTTP/1.1\r\nHost: x\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return one.ended(); }));
  EXPECT_TRUE(one.has("Content-Length: 3\r\n"));
  EXPECT_TRUE(one.has("Connection: keep-alive\r\n\r\nHTTP/1.1 200 OK\r\n")) << one.heard();
  EXPECT_TRUE(one.has("Content-Type: text/event-stream\r\n"));
  EXPECT_TRUE(one.heard().ends_with("\r\n\r\n"));
  EXPECT_TRUE(streams_.empty());
}

TEST_F(HttpServerDriver, AllListenersGetTheSameEvents) {
  start();
  Peer& one = peer();
  Peer& two = peer();
  one.get("/stream");
  two.get("/stream");
  ASSERT_TRUE(run_until([&] { return streams_.size() == 2; }));
  EXPECT_EQ(server_->counts().streams, 2U);
  for (const char* const text : {"data: 1\n\n", "data: 2\n\n"}) {
    const auto event = std::make_shared<const std::string>(text);
    for (EventStream& stream : streams_) {
      EXPECT_EQ(stream.send(event), EventStream::Sent::kQueued);
    }
  }
  const auto all = "\r\n\r\ndata: 1\n\ndata: 2\n\n";
  ASSERT_TRUE(run_until([&] { return one.has(all) && two.has(all); })) << one.heard();
  streams_.clear();
  ASSERT_TRUE(run_until([&] { return one.ended() && two.ended(); }));
  EXPECT_EQ(server_->counts().streams, 0U);
}

TEST_F(HttpServerDriver, AListenerThatLeftIsNoticedWithoutAnEvent) {
  start();
  Peer& one = peer();
  one.get("/stream");
  ASSERT_TRUE(run_until([&] { return one.has("\r\n\r\n"); }));
  one.close();
  ASSERT_TRUE(run_until([&] { return server_->counts().streams == 0; }));
  EXPECT_EQ(streams_.front().send(std::make_shared<const std::string>("x")),
            EventStream::Sent::kGone);
  EXPECT_EQ(server_->counts().streams_dropped, 0U);
}

TEST_F(HttpServerDriver, AListenerThatTakesNothingIsDroppedAtTheNinthEvent) {
  start();
  Peer deaf(io_, port_);
  deaf.get("/stream");
  ASSERT_TRUE(run_until([&] { return streams_.size() == 1; }));
  const auto event = std::make_shared<const std::string>(16 * 1024 * 1024, 'x');
  unsigned queued = 0;
  while (queued < 20 && streams_.front().send(event) == EventStream::Sent::kQueued) {
    ++queued;
    io_.run_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(queued, EventStream::kEventsWaitingMax);
  EXPECT_EQ(server_->counts().streams, 0U);
  EXPECT_EQ(server_->counts().streams_dropped, 1U);
}

TEST_F(HttpServerDriver, AListenerThatTakesTooLongIsDropped) {
  HttpLimits limits;
  limits.event_timeout = std::chrono::milliseconds(100);
  start(limits);
  Peer deaf(io_, port_);
  deaf.get("/stream");
  ASSERT_TRUE(run_until([&] { return streams_.size() == 1; }));
  const auto event = std::make_shared<const std::string>(16 * 1024 * 1024, 'x');
  EXPECT_EQ(streams_.front().send(event), EventStream::Sent::kQueued);
  ASSERT_TRUE(run_until([&] { return server_->counts().streams_dropped == 1; }));
  EXPECT_EQ(streams_.front().send(event), EventStream::Sent::kGone);
}

TEST_F(HttpServerDriver, StreamsHaveALimitBelowThatOfConnections) {
  HttpLimits limits;
  limits.streams_max = 1;
  start(limits);
  peer().get("/stream");
  ASSERT_TRUE(run_until([&] { return streams_.size() == 1; }));
  Peer& two = peer();
  two.get("/stream");
  ASSERT_TRUE(run_until([&] { return two.has("HTTP/1.1 503 "); }));
  two.get("/now");
  ASSERT_TRUE(run_until([&] { return two.has("\r\n\r\nnow"); }));
}

TEST_F(HttpServerDriver, OneConnectionTooManyEndsTheIdlestOrIsClosed) {
  HttpLimits limits;
  limits.connections_max = 2;
  start(limits);
  Peer& busy = peer();
  busy.get("/later");
  Peer& idle = peer();
  idle.get("/now");
  ASSERT_TRUE(run_until([&] { return idle.has("\r\n\r\nnow") && held_.size() == 1; }));
  Peer& too_soon = peer();
  ASSERT_TRUE(run_until([&] { return too_soon.ended(); }));
  EXPECT_EQ(server_->counts().turned_away, 1U);
  io_.run_for(std::chrono::milliseconds(1100));
  Peer& next = peer();
  next.get("/now");
  ASSERT_TRUE(run_until([&] { return next.has("\r\n\r\nnow"); }));
  EXPECT_TRUE(run_until([&] { return idle.ended(); }));
  EXPECT_FALSE(busy.ended());
}

TEST_F(HttpServerDriver, ARequestThatTricklesEndsInTime) {
  HttpLimits limits;
  limits.request_timeout = std::chrono::milliseconds(600);
  start(limits);
  Peer& one = peer();
  one.say("GET /now HTTP/1.1\r\n");
  for (int i = 0; i < 3; ++i) {
    io_.run_for(std::chrono::milliseconds(100));
    one.say("X: y\r\n");
  }
  ASSERT_TRUE(run_until([&] { return one.ended(); }));
  EXPECT_EQ(one.heard(), "");
  EXPECT_EQ(server_->counts().timed_out, 1U);
}

TEST_F(HttpServerDriver, StoppingEndsStreamsAndIdleOnesAtOnceAndTheRestWithTheirAnswer) {
  start();
  Peer& listener = peer();
  listener.get("/stream");
  Peer& idle = peer();
  idle.get("/now");
  Peer& waiting = peer();
  waiting.get("/later");
  ASSERT_TRUE(
      run_until([&] { return !streams_.empty() && idle.has("\r\n\r\nnow") && held_.size() == 1; }));
  server_->stop();
  ASSERT_TRUE(run_until([&] { return listener.ended() && idle.ended(); }));
  EXPECT_FALSE(waiting.ended());
  held_.front().answer(response("later"));
  ASSERT_TRUE(run_until([&] { return waiting.ended(); }));
  EXPECT_TRUE(waiting.has("Connection: close\r\n\r\nlater")) << waiting.heard();
}

TEST_F(HttpServerDriver, HandlesMayOutliveTheServer) {
  start();
  Peer& listener = peer();
  listener.get("/stream");
  Peer& waiting = peer();
  waiting.get("/later");
  ASSERT_TRUE(run_until([&] { return streams_.size() == 1 && held_.size() == 1; }));
  server_->stop();
  io_.run_for(std::chrono::milliseconds(20));
  server_.reset();
  held_.front().answer(response("later"));
  EXPECT_EQ(streams_.front().send(std::make_shared<const std::string>("x")),
            EventStream::Sent::kGone);
  ASSERT_TRUE(run_until([&] { return listener.ended() && waiting.ended(); }));
  EXPECT_EQ(waiting.heard(), "");
}

}  // namespace
}  // namespace spillway::balancer
