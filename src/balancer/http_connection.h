// One HTTP connection: read, answer, again; or a stream of events until somebody ends it.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "balancer/http_exchange.h"
#include "balancer/http_server.h"
#include "balancer/request_reader.h"
#include "base/clock.h"
#include "base/fifo.h"

namespace spillway::balancer {

// Kept by its operations in flight, and by the Exchange or EventStream that names it; closed it has
// nothing to do with the server any more. On the server's loop. Bounded in bytes by RequestReader
// and kReadBytes, in time by a deadline in every state (HttpLimits), which the server looks at.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  static constexpr std::size_t kReadBytes = 4096;
  static constexpr std::size_t kStreamInputMax = 16 * 1024;  // bytes that a listener may say
  static constexpr std::chrono::seconds kLingerTimeout{2};   // for the peer to see the end

  HttpConnection(HttpCommon& common, Socket socket);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void start();
  void close();  // at once; may be repeated
  void stop();   // what is being answered is; anything else ends

  // The server's view. `idle`: between two requests, no bytes of the next one there.
  bool idle() const { return at_ == At::kIdle; }
  TimePoint idle_since() const { return since_; }
  bool overdue(TimePoint now) const { return now >= deadline_; }
  void expire();  // closes, and counts for what

  // The handler's, through its Exchange or EventStream; nothing happens once it is closed.
  const Request& request() const { return reader_.request(); }
  void answer(Response response);
  bool begin_stream(std::string_view headers);
  EventStream::Sent send(std::shared_ptr<const std::string> event);

 private:
  enum class At {
    kIdle,
    kReading,
    kHandling,   // the handler has its request
    kWriting,    // an answer
    kStreaming,  // events, until closed
    kLingering,  // all is written; what the peer still sends is dropped
    kClosed,
  };
  using Problem = boost::system::error_code;

  void enter(At at, Duration patience);
  void read();
  void on_read(const Problem& problem, std::size_t bytes);
  void process();
  void write(Response response, bool keep_alive);
  void on_written(const Problem& problem);
  void linger();
  void write_event();
  void on_event_written(const Problem& problem);

  Socket socket_;
  HttpCommon* common_;  // nullptr: closed
  At at_ = At::kIdle;
  TimePoint since_;     // it is there
  TimePoint deadline_;  // and closed if it still is then

  std::array<char, kReadBytes> input_;  // NOLINT: written before it is read
  std::string_view unread_;             // of input_: requests that wait for the one before
  RequestReader reader_;

  Response response_;  // what is being written, its head apart
  std::string head_;
  bool keep_alive_ = false;

  Fifo<std::shared_ptr<const std::string>> events_;  // the first is being written
  std::size_t stream_input_bytes_ = 0;
};

}  // namespace spillway::balancer
