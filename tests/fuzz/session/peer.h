// A client that sends anything and checks all it hears: frames, messages, positions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "protocol/server_message_parser.h"
#include "websocket/client_handshake.h"
#include "websocket/message_reader.h"

namespace spillway::fuzz {

class Peer {
 public:
  // A connected, non-blocking socket.
  explicit Peer(UniqueFd fd) : fd_(std::move(fd)) {}

  void shake_hands(bool coalesced, bool deflate);
  void send(std::string_view bytes);
  void end_output();
  void disconnect();

  // Takes everything that has come.
  void hear();

  bool open() const { return reader_ && !closed_; }
  bool over() const { return closed_; }
  const std::string& room() const { return room_; }  // empty: none yet
  std::uint64_t seq() const { return seq_; }
  const std::string& epoch() const { return epoch_; }

 private:
  void hear(std::span<char> bytes);
  void hear_message(std::string_view text);
  void hear(const protocol::ServerEvent& event);

  UniqueFd fd_;
  websocket::ClientRequest request_;
  std::optional<websocket::ClientHandshake> handshake_;
  std::optional<websocket::MessageReader> reader_;
  websocket::Inflater inflater_{15, false};
  bool coalesced_ = false;
  bool welcomed_ = false;
  bool closed_ = false;
  std::string room_;
  std::string epoch_;
  std::uint64_t seq_ = 0;
};

}  // namespace spillway::fuzz
