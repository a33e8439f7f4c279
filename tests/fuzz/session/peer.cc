#include "session/peer.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/check.h"
#include "base/overloaded.h"

namespace spillway::fuzz {
namespace {

constexpr std::string_view kCoalescedProtocol = "spillway.batch.v1";
constexpr std::size_t kMessageBytesMax = 4 * 1024 * 1024;

}  // namespace

void Peer::shake_hands(bool coalesced, bool deflate) {
  if (handshake_) return;
  request_.host = "fuzz";
  request_.key = "dGhlIHNhbXBsZSBub25jZQ==";
  if (coalesced) request_.subprotocols = {std::string(kCoalescedProtocol)};
  request_.offer_deflate = deflate;
  coalesced_ = coalesced;
  handshake_.emplace(request_);
  send(websocket::client_request(request_));
}

// What the server does not take any more is lost, as in a network.
void Peer::send(std::string_view bytes) {
  if (fd_) static_cast<void>(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

void Peer::end_output() {
  if (fd_) ::shutdown(fd_.get(), SHUT_WR);
}

void Peer::disconnect() {
  fd_ = UniqueFd();
  closed_ = true;
}

void Peer::hear() {
  std::array<char, 64 * 1024> buffer;
  while (fd_) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return disconnect();
    hear(std::span(buffer).first(static_cast<std::size_t>(got)));
  }
}

void Peer::hear(std::span<char> bytes) {
  if (!handshake_) return;  // an answer to something else
  if (!reader_) {
    std::size_t consumed = 0;
    const auto outcome = handshake_->feed(bytes, consumed);
    if (std::holds_alternative<Error>(outcome)) return disconnect();
    const auto* const upgraded = std::get_if<websocket::Upgraded>(&outcome);
    if (upgraded == nullptr) return;
    CHECK((upgraded->subprotocol == kCoalescedProtocol) == coalesced_);
    reader_.emplace(websocket::ReaderOptions{.role = websocket::ReaderOptions::Role::kClient,
                                             .deflate = upgraded->deflate.has_value(),
                                             .message_bytes_max = kMessageBytesMax,
                                             .allow_binary = false});
    bytes = bytes.subspan(consumed);
  }
  while (!closed_) {
    const websocket::Event event = reader_->next(bytes, &inflater_);
    if (std::holds_alternative<websocket::NeedMore>(event)) return;
    CHECK(!std::holds_alternative<websocket::Failure>(event));
    if (const auto* message = std::get_if<websocket::Message>(&event)) {
      hear_message({message->payload.data(), message->payload.size()});
    }
    if (std::holds_alternative<websocket::Close>(event)) closed_ = true;
  }
}

void Peer::hear_message(std::string_view text) {
  static protocol::ServerMessageParser parser;
  CHECK(text.starts_with(coalesced_ ? '[' : '{'));
  CHECK(parser.parse(text, [this](const protocol::ServerEvent& event) { hear(event); }));
}

void Peer::hear(const protocol::ServerEvent& event) {
  CHECK(welcomed_ != std::holds_alternative<protocol::WelcomeEvent>(event));
  std::visit(overloaded{[this](const protocol::WelcomeEvent&) { welcomed_ = true; },
                        [this](const protocol::RegisteredEvent& registered) {
                          room_ = registered.chat_id;
                          epoch_ = registered.epoch;
                          seq_ = registered.seq;
                        },
                        [this](const protocol::ChatEvent& chat) {
                          CHECK(!room_.empty() && chat.seq == seq_ + 1);
                          seq_ = *chat.seq;
                        },
                        [this](const protocol::GapEvent& gap) {
                          CHECK(!room_.empty() && gap.from == seq_ + 1 && gap.to >= gap.from);
                          seq_ = gap.to;
                        },
                        [](const protocol::ErrorEvent& error) { CHECK(error.known.has_value()); },
                        [](const protocol::UnknownEvent&) { CHECK(false); }, [](const auto&) {}},
             event);
}

}  // namespace spillway::fuzz
