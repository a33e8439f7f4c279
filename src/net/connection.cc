#include "net/connection.h"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "base/overloaded.h"

namespace spillway::net {
namespace {

using boost::asio::ip::tcp;

tcp family_of(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
}

}  // namespace

Connection::Connection(LoopShared& shared, ConnectionOwner& owner, UniqueFd fd, std::uint32_t tag,
                       std::size_t outbox_bytes_max)
    : socket_(shared.context.get_executor(), family_of(fd.get()), fd.get()),
      shared_(shared),
      owner_(owner),
      handshake_(std::make_unique<websocket::HandshakeParser>()),
      outbox_bytes_max_(static_cast<std::uint32_t>(outbox_bytes_max)),
      tag_(tag) {
  fd.release();  // the socket owns it now
}

// A handler may hold `this`: the connection is released only when none is pending.
void Connection::read_when_ready() {
  if (reading_ || state_ == State::kClosed) return;
  if (outbox_.size() - outbox_sent_ > kOutboxPauseBytes) return;  // resumed once it is out
  reading_ = true;
  socket_.async_wait(Socket::wait_read, [this](const boost::system::error_code&) {
    reading_ = false;
    if (state_ != State::kClosed) on_readable();
    release_if_done();
  });
}

void Connection::write_when_ready() {
  if (writing_ || state_ == State::kClosed) return;
  writing_ = true;
  socket_.async_wait(Socket::wait_write, [this](const boost::system::error_code&) {
    writing_ = false;
    if (state_ != State::kClosed) on_socket_writable();
    release_if_done();
  });
}

void Connection::on_readable() {
  const ssize_t got = ::recv(fd(), shared_.input.data(), shared_.input.size(), 0);
  if (got > 0) {
    take_input({shared_.input.data(), static_cast<std::size_t>(got)});
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    abort();
  }
  read_when_ready();
}

void Connection::on_socket_writable() {
  if (!write_outbox()) return;
  read_when_ready();
  if (state_ == State::kOpen) owner_.on_writable(*this);
}

void Connection::take_input(std::span<char> input) {
  if (state_ == State::kClosing) return;
  if (!owner_.admit(*this, input.size(), 0)) return;
  if (state_ == State::kHandshake) input = take_handshake(input);
  if (state_ == State::kOpen && !input.empty()) take_frames(input);
}

// Returns what follows the request: the first frames.
std::span<char> Connection::take_handshake(std::span<char> input) {
  while (state_ == State::kHandshake && !input.empty()) {
    std::size_t consumed = 0;
    auto outcome = handshake_->feed(input, consumed);
    input = input.subspan(consumed);
    std::visit(overloaded{[](const websocket::NeedMore&) {},
                          [this](const websocket::UpgradeRequest& request) {
                            UpgradeAnswer answer = owner_.on_upgrade(*this, request);
                            if (auto* accepted = std::get_if<Accepted>(&answer)) {
                              open(request, std::move(*accepted));
                            } else {
                              const auto& refusal = std::get<websocket::Refusal>(answer);
                              answer_and_end(websocket::http_response(refusal.status, "text/plain",
                                                                      refusal.message, false,
                                                                      refusal.extra_headers));
                            }
                          },
                          [this](const websocket::HttpRequest& request) {
                            const std::string response = owner_.on_http(request);
                            if (request.keep_alive) {
                              append_to_outbox(response);
                            } else {
                              answer_and_end(response);
                            }
                          },
                          [this](const websocket::Refusal& refusal) {
                            answer_and_end(websocket::http_response(refusal.status, "text/plain",
                                                                    refusal.message, false,
                                                                    refusal.extra_headers));
                          }},
               outcome);
    // Pipelined requests whose answers are not read must not pile up: what is answered goes out,
    // then the connection ends.
    if (state_ == State::kHandshake && outbox_.size() > outbox_bytes_max_) {
      handshake_.reset();
      state_ = State::kClosing;
    }
  }
  return input;
}

void Connection::open(const websocket::UpgradeRequest& request, Accepted accepted) {
  append_to_outbox(websocket::upgrade_response(request, accepted.subprotocol, accepted.deflate));
  accepted.reader.deflate = accepted.deflate.has_value();
  reader_.emplace(accepted.reader);
  inflater_ = accepted.inflater;
  handshake_.reset();
  state_ = State::kOpen;
  owner_.on_open(*this);
}

void Connection::take_frames(std::span<char> input) {
  while (state_ == State::kOpen) {
    const std::uint32_t before = reader_->frames();
    const websocket::Event event = reader_->next(input, inflater_);
    const std::uint32_t frames = reader_->frames() - before;
    if (frames > 0 && !owner_.admit(*this, 0, frames)) return;
    if (std::holds_alternative<websocket::NeedMore>(event)) return;
    take(event);
  }
}

void Connection::take(const websocket::Event& event) {
  std::visit(overloaded{[](const websocket::NeedMore&) {},
                        [this](const websocket::Message& message) {
                          owner_.on_message(*this, message.opcode, message.payload);
                        },
                        [this](const websocket::Ping& ping) {
                          std::string pong;
                          websocket::append_frame(pong, websocket::Opcode::kPong,
                                                  {ping.payload.data(), ping.payload.size()});
                          // Without room for it the pong is left out: section 5.5.3 asks for the
                          // answer to the last ping only.
                          static_cast<void>(queue(pong));
                        },
                        [this](const websocket::Pong&) { owner_.on_pong(*this); },
                        [this](const websocket::Close& close) { begin_closing(close.code, {}); },
                        [this](const websocket::Failure& failure) {
                          begin_closing(failure.code, failure.reason);
                        }},
             event);
}

bool Connection::queue(std::string_view frame) {
  if (state_ != State::kOpen) return true;  // it will not be read any more; nothing to limit
  if (outbox_.size() - outbox_sent_ + frame.size() > outbox_bytes_max_) {
    if (!writing_) write_outbox();
    if (state_ != State::kOpen) return true;
    if (outbox_.size() - outbox_sent_ + frame.size() > outbox_bytes_max_) return false;
  }
  append_to_outbox(frame);
  return true;
}

void Connection::append_to_outbox(std::string_view bytes) {
  outbox_.append(bytes);
  if (flush_listed_ || writing_) return;
  flush_listed_ = true;
  if (shared_.unflushed.empty()) {
    // One posted handler a turn for all connections of the loop.
    boost::asio::post(shared_.context, [&shared = shared_] {
      shared.before_answers();
      for (std::size_t i = 0; i < shared.unflushed.size(); ++i) {
        Connection* const connection = shared.unflushed[i];
        connection->flush_listed_ = false;
        connection->flush_outbox();
        connection->release_if_done();
      }
      shared.unflushed.clear();
    });
  }
  shared_.unflushed.push_back(this);
}

void Connection::flush_outbox() {
  if (state_ == State::kClosed || writing_ || outbox_.empty()) return;
  if (write_outbox()) read_when_ready();
}

// True: all of it is out.
bool Connection::write_outbox() {
  while (outbox_sent_ < outbox_.size()) {
    const ssize_t taken = ::send(fd(), outbox_.data() + outbox_sent_, outbox_.size() - outbox_sent_,
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
    ++shared_.control_writes;
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0 && errno == EAGAIN) {
      write_when_ready();
      return false;
    }
    if (taken < 0) {
      abort();
      return false;
    }
    outbox_sent_ += static_cast<std::uint32_t>(taken);
  }
  clear_outbox();
  if (state_ == State::kClosing) end_output();
  return true;
}

void Connection::clear_outbox() {
  outbox_ = std::string();  // `= {}` would keep the memory
  outbox_sent_ = 0;
}

std::size_t Connection::written(std::size_t bytes) {
  const std::size_t waited = answers().size();
  if (waited == 0) return bytes;
  if (bytes < waited) {
    outbox_sent_ += static_cast<std::uint32_t>(bytes);
    write_when_ready();
    return 0;
  }
  clear_outbox();
  read_when_ready();
  return bytes - waited;
}

void Connection::cut_short(std::string_view rest) {
  if (state_ != State::kOpen) return;
  outbox_.append(rest);
  write_when_ready();
}

void Connection::close(std::uint16_t code, std::string_view reason) {
  if (state_ == State::kHandshake) {
    abort();
  } else if (state_ == State::kOpen) {
    begin_closing(code, reason);
  }
}

void Connection::begin_closing(std::uint16_t code, std::string_view reason) {
  std::string frame;
  // A close frame without a code is answered by one without a code.
  websocket::append_close(frame, code, reason);
  append_to_outbox(frame);
  state_ = State::kClosing;
  reader_.reset();
  if (!std::exchange(told_closed_, true)) owner_.on_closed(*this, code);
}

void Connection::answer_and_end(std::string_view response) {
  append_to_outbox(response);
  handshake_.reset();
  state_ = State::kClosing;
}

// The close frame is out, and with it our end of the stream. Closing the descriptor while there is
// input, or before some arrives, would reset the connection and could take the frame back out of
// the peer's hands, also of one that closed first and sends on against the rules. So the input is
// read and thrown away until its end.
void Connection::end_output() {
  if (!std::exchange(output_ended_, true)) ::shutdown(fd(), SHUT_WR);
}

void Connection::abort() {
  if (state_ == State::kClosed) return;
  const bool was_open = state_ == State::kOpen;
  state_ = State::kClosed;
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (was_open && !std::exchange(told_closed_, true)) {
    owner_.on_closed(*this, kAbnormalClosure);
  }
  if (!reading_ && !writing_ && !flush_listed_) {
    // Nothing will come back that could release it; and the caller may still be using it.
    reading_ = true;
    boost::asio::post(shared_.context, [this] {
      reading_ = false;
      release_if_done();
    });
  }
}

void Connection::release_if_done() {
  if (state_ != State::kClosed || reading_ || writing_ || flush_listed_) return;
  if (std::exchange(released_, true)) return;
  owner_.on_released(*this);
}

}  // namespace spillway::net
