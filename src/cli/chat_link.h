// One WebSocket connection of the terminal viewer.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "cli/chat_machine.h"
#include "websocket/client_handshake.h"
#include "websocket/message_reader.h"

namespace spillway::cli {

// Its pending operations own it, so it is always made shared; after close() it tells nobody
// anything. One thread. Bounded: a message of 4 MiB from the server, kOutBytesMax towards it.
class ChatLink : public std::enable_shared_from_this<ChatLink> {
 public:
  struct Events {
    std::function<void()> on_opened;
    std::function<void(std::string_view text)> on_text;
    std::function<void(const Lost&)> on_lost;  // once, last
  };

  ChatLink(boost::asio::io_context& io, boost::asio::ssl::context& tls, Address address,
           Events events);

  void open();
  void send(std::string_view text);
  void close();

 private:
  static constexpr std::chrono::seconds kOpenTimeout{10};
  static constexpr std::size_t kOutBytesMax = 1024 * 1024;

  using Tcp = boost::asio::ip::tcp;
  using Code = boost::system::error_code;

  void connect(const Tcp::resolver::results_type& endpoints);
  void secure();
  void ask();
  void read();
  void take(std::span<char> bytes);
  void take_frames(std::span<char> bytes);
  bool take_event(const websocket::Event& event);
  void queue_frame(websocket::Opcode opcode, std::string_view payload);
  void write();
  void fail(const Lost& lost);
  void shut();
  template <typename Fn>
  auto guarded(Fn fn);

  Tcp::resolver resolver_;
  boost::asio::ssl::stream<Tcp::socket> stream_;  // for ws:// only its lower layer is used
  boost::asio::steady_timer deadline_;            // of opening
  const Address address_;
  Events events_;
  websocket::ClientRequest request_;
  std::optional<websocket::ClientHandshake> handshake_;  // until it is answered
  websocket::MessageReader reader_;
  std::array<char, 16 * 1024> in_{};
  std::string out_;      // not yet handed over
  std::string writing_;  // handed over
  bool closed_ = false;
};

}  // namespace spillway::cli
