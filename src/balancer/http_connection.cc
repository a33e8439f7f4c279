#include "balancer/http_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/overloaded.h"

namespace spillway::balancer {

namespace asio = boost::asio;
namespace http = boost::beast::http;

HttpConnection::HttpConnection(HttpCommon& common, Socket socket)
    : socket_(std::move(socket)), common_(&common) {
  common_->open.insert(this);
  ++common_->counts.connections;
}

HttpConnection::~HttpConnection() { close(); }

void HttpConnection::start() {
  enter(At::kIdle, common_->limits.request_timeout);
  read();
}

void HttpConnection::close() {
  if (at_ == At::kClosed) return;
  if (at_ == At::kStreaming) --common_->counts.streams;
  --common_->counts.connections;
  common_->open.erase(this);
  common_ = nullptr;
  at_ = At::kClosed;
  Problem ignored;
  socket_.close(ignored);
}

void HttpConnection::stop() {
  if (at_ == At::kIdle || at_ == At::kStreaming) close();
}

void HttpConnection::expire() {
  if (at_ == At::kClosed) return;
  if (at_ == At::kReading || at_ == At::kWriting) ++common_->counts.timed_out;
  if (at_ == At::kStreaming) ++common_->counts.streams_dropped;
  close();
}

void HttpConnection::enter(At at, Duration patience) {
  at_ = at;
  since_ = Clock::now();
  deadline_ = since_ + patience;
}

void HttpConnection::read() {
  socket_.async_read_some(asio::buffer(input_),
                          [self = shared_from_this()](const Problem& problem, std::size_t bytes) {
                            self->on_read(problem, bytes);
                          });
}

void HttpConnection::on_read(const Problem& problem, std::size_t bytes) {
  if (at_ == At::kClosed) return;
  if (problem) return close();
  if (at_ == At::kLingering) return read();
  if (at_ == At::kStreaming) {
    stream_input_bytes_ += bytes;
    return stream_input_bytes_ > kStreamInputMax ? close() : read();
  }
  unread_ = {input_.data(), bytes};
  process();
}

// Takes one request of what was read.
void HttpConnection::process() {
  if (at_ == At::kIdle) enter(At::kReading, common_->limits.request_timeout);
  std::size_t consumed = 0;
  const RequestReader::Outcome outcome = reader_.feed(unread_, consumed);
  unread_.remove_prefix(consumed);
  std::visit(overloaded{[this](const RequestReader::NeedMore&) { read(); },
                        [this](const RequestReader::Complete&) {
                          enter(At::kHandling, common_->limits.answer_timeout);
                          common_->handler(Exchange(shared_from_this()));
                        },
                        [this](const RequestReader::Refused& refused) {
                          write(error_response(refused.status, refused.sentence), false);
                        }},
             outcome);
}

void HttpConnection::answer(Response response) {
  if (at_ == At::kClosed) return;
  CHECK(at_ == At::kHandling);
  write(std::move(response), request().keep_alive && !common_->stopping);
}

void HttpConnection::write(Response response, bool keep_alive) {
  ++common_->counts.answers_by_class[static_cast<unsigned>(response.status) / 100];
  response_ = std::move(response);
  keep_alive_ = keep_alive;
  head_.clear();
  append_head(head_, response_, keep_alive);
  if (request().method == http::verb::head) {
    response_.body.clear();
    response_.shared_body.reset();
    response_.literal_body = {};
  }
  enter(At::kWriting, common_->limits.write_timeout);
  const std::string_view body = body_of(response_);
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_),
                                                  asio::buffer(body.data(), body.size())};
  asio::async_write(socket_, buffers,
                    [self = shared_from_this()](const Problem& problem, std::size_t /*bytes*/) {
                      self->on_written(problem);
                    });
}

void HttpConnection::on_written(const Problem& problem) {
  if (at_ == At::kClosed) return;
  if (problem) return close();
  response_.shared_body.reset();
  if (!keep_alive_) return linger();
  enter(At::kIdle, common_->limits.idle_timeout);
  if (!unread_.empty()) return process();
  if (common_->stopping) return close();
  read();
}

// Closing with input unread would reset the connection, and could take the answer back out of the
// peer's hands (RFC 9112 section 9.6).
void HttpConnection::linger() {
  Problem ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  enter(At::kLingering, kLingerTimeout);
  read();
}

bool HttpConnection::begin_stream(std::string_view headers) {
  if (at_ == At::kClosed) return false;
  CHECK(at_ == At::kHandling);
  if (common_->counts.streams >= common_->limits.streams_max || common_->stopping) {
    answer(error_response(http::status::service_unavailable,
                          "as many listen already as may; try again later"));
    return false;
  }
  ++common_->counts.answers_by_class[2];
  std::string head;
  append_stream_head(head, "text/event-stream", headers);
  if (request().method == http::verb::head) {
    head_ = std::move(head);
    keep_alive_ = false;
    enter(At::kWriting, common_->limits.write_timeout);
    asio::async_write(socket_, asio::buffer(head_),
                      [self = shared_from_this()](const Problem& problem, std::size_t /*bytes*/) {
                        self->on_written(problem);
                      });
    return false;
  }
  ++common_->counts.streams;
  at_ = At::kStreaming;
  events_.push(std::make_shared<const std::string>(std::move(head)));
  write_event();
  read();  // nothing is asked any more; it tells when the peer has left
  return true;
}

EventStream::Sent HttpConnection::send(std::shared_ptr<const std::string> event) {
  if (at_ == At::kClosed) return EventStream::Sent::kGone;
  if (events_.size() == EventStream::kEventsWaitingMax) {
    ++common_->counts.streams_dropped;
    close();
    return EventStream::Sent::kGone;
  }
  events_.push(std::move(event));
  if (events_.size() == 1) write_event();
  return EventStream::Sent::kQueued;
}

void HttpConnection::write_event() {
  deadline_ = Clock::now() + common_->limits.event_timeout;
  asio::async_write(socket_, asio::buffer(*events_.front()),
                    [self = shared_from_this()](const Problem& problem, std::size_t /*bytes*/) {
                      self->on_event_written(problem);
                    });
}

void HttpConnection::on_event_written(const Problem& problem) {
  if (at_ == At::kClosed) return;
  if (problem) return close();
  events_.pop();
  if (!events_.empty()) return write_event();
  deadline_ = TimePoint::max();
}

}  // namespace spillway::balancer
