#include "cli/chat_link.h"

#include <fmt/core.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

#include "base/overloaded.h"
#include "base/random.h"
#include "protocol/close_code.h"
#include "websocket/accept_key.h"
#include "websocket/close_code.h"

namespace spillway::cli {
namespace {

namespace asio = boost::asio;

websocket::ReaderOptions reader_options() {
  websocket::ReaderOptions options;
  options.role = websocket::ReaderOptions::Role::kClient;
  options.message_bytes_max = protocol::ServerMessageParser::kMessageBytesMax;
  options.allow_binary = false;
  return options;
}

websocket::ClientRequest request_to(const Address& address) {
  websocket::ClientRequest request;
  request.host = address.authority();
  request.path = address.path;
  request.key = websocket::random_key();
  return request;
}

// RFC 6455 section 5.3: fresh and unpredictable for each frame.
std::uint32_t fresh_mask() { return static_cast<std::uint32_t>(random_seed()); }

Lost closed_by_server(std::uint16_t code, std::string_view reason) {
  return {
      fmt::format("the server closed the connection ({}{}{})", code, reason.empty() ? "" : ": ",
                  reason),
      code,
      code == websocket::kNoStatus || code == websocket::kNormal || protocol::is_retryable(code)};
}

}  // namespace

ChatLink::ChatLink(asio::io_context& io, asio::ssl::context& tls, Address address, Events events)
    : resolver_(io),
      stream_(io, tls),
      deadline_(io),
      address_(std::move(address)),
      events_(std::move(events)),
      request_(request_to(address_)),
      handshake_(websocket::ClientHandshake(request_)),
      reader_(reader_options()) {}

// A handler that keeps the link alive, does nothing once it is closed, and turns an error into the
// loss of the connection.
template <typename Fn>
auto ChatLink::guarded(Fn fn) {
  return [self = shared_from_this(), fn](const Code& problem, auto&&... results) {
    if (self->closed_) return;
    if (problem) {
      return self->fail(
          {fmt::format("no connection to {} ({})", self->address_.authority(), problem.message())});
    }
    fn(results...);
  };
}

void ChatLink::open() {
  deadline_.expires_after(kOpenTimeout);
  deadline_.async_wait([self = shared_from_this()](const Code& cancelled) {
    if (cancelled || self->closed_) return;
    self->fail({fmt::format("no answer from {}", self->address_.authority())});
  });
  resolver_.async_resolve(
      address_.host, address_.port,
      guarded([this](const Tcp::resolver::results_type& endpoints) { connect(endpoints); }));
}

void ChatLink::connect(const Tcp::resolver::results_type& endpoints) {
  asio::async_connect(stream_.lowest_layer(), endpoints, guarded([this](const Tcp::endpoint&) {
                        Code ignored;
                        stream_.lowest_layer().set_option(Tcp::no_delay(true), ignored);
                        if (address_.tls()) return secure();
                        ask();
                      }));
}

void ChatLink::secure() {
  Code problem;
  stream_.set_verify_callback(asio::ssl::host_name_verification(address_.host), problem);
  // SSL_set_tlsext_host_name without its macro's C casts.
  SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(address_.host.c_str()));
  stream_.async_handshake(asio::ssl::stream_base::client, guarded([this] { ask(); }));
}

void ChatLink::ask() {
  out_ = websocket::client_request(request_);
  write();
  read();
}

void ChatLink::read() {
  const auto handler = guarded([this](std::size_t size) {
    take(std::span<char>(in_.data(), size));
    if (!closed_) read();
  });
  if (address_.tls()) {
    stream_.async_read_some(asio::buffer(in_), handler);
  } else {
    stream_.next_layer().async_read_some(asio::buffer(in_), handler);
  }
}

void ChatLink::take(std::span<char> bytes) {
  if (!handshake_) return take_frames(bytes);
  std::size_t consumed = 0;
  const auto outcome = handshake_->feed(bytes, consumed);
  if (const auto* error = std::get_if<Error>(&outcome)) {
    return fail({fmt::format("{}: {}", address_.authority(), error->message)});
  }
  if (!std::holds_alternative<websocket::Upgraded>(outcome)) return;
  handshake_.reset();
  deadline_.cancel();
  events_.on_opened();
  take_frames(bytes.subspan(consumed));
}

void ChatLink::take_frames(std::span<char> bytes) {
  while (!closed_ && take_event(reader_.next(bytes, nullptr))) {
  }
}

// False: nothing more can be read now.
bool ChatLink::take_event(const websocket::Event& event) {
  using websocket::Opcode;
  return std::visit(
      overloaded{
          [](const websocket::NeedMore&) { return false; },
          [this](const websocket::Message& message) {
            events_.on_text({message.payload.data(), message.payload.size()});
            return true;
          },
          [this](const websocket::Ping& ping) {
            queue_frame(Opcode::kPong, {ping.payload.data(), ping.payload.size()});
            return true;
          },
          [](const websocket::Pong&) { return true; },
          [this](const websocket::Close& close) {
            fail(closed_by_server(close.code, close.reason));
            return false;
          },
          [this](const websocket::Failure& failure) {
            fail({fmt::format("{} broke the protocol ({})", address_.authority(), failure.reason)});
            return false;
          },
      },
      event);
}

void ChatLink::send(std::string_view text) { queue_frame(websocket::Opcode::kText, text); }

void ChatLink::queue_frame(websocket::Opcode opcode, std::string_view payload) {
  if (closed_) return;
  if (out_.size() + payload.size() > kOutBytesMax) {
    return fail({fmt::format("{} takes nothing any more", address_.authority())});
  }
  websocket::append_masked_frame(out_, opcode, payload, fresh_mask());
  write();
}

void ChatLink::write() {
  if (!writing_.empty() || out_.empty()) return;
  writing_.swap(out_);
  const auto handler = guarded([this](std::size_t) {
    writing_.clear();
    write();
  });
  if (address_.tls()) {
    asio::async_write(stream_, asio::buffer(writing_), handler);
  } else {
    asio::async_write(stream_.next_layer(), asio::buffer(writing_), handler);
  }
}

void ChatLink::fail(const Lost& lost) {
  const auto on_lost = std::move(events_.on_lost);
  shut();
  on_lost(lost);
}

void ChatLink::close() {
  if (!closed_) shut();
}

// The close frame goes out where that takes no waiting: whoever leaves owes a server that is stuck
// nothing. REQUIRES that it was not shut before.
void ChatLink::shut() {
  closed_ = true;
  Code ignored;
  if (!handshake_ && writing_.empty() && stream_.lowest_layer().is_open()) {
    std::string frame;
    websocket::append_masked_close(frame, websocket::kNormal, "", fresh_mask());
    stream_.lowest_layer().non_blocking(true, ignored);
    if (address_.tls()) {
      stream_.write_some(asio::buffer(frame), ignored);
    } else {
      stream_.next_layer().write_some(asio::buffer(frame), ignored);
    }
  }
  resolver_.cancel();
  deadline_.cancel();
  stream_.lowest_layer().shutdown(Tcp::socket::shutdown_both, ignored);
  stream_.lowest_layer().close(ignored);
}

}  // namespace spillway::cli
