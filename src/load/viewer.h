// One simulated viewer, without I/O: bytes in, bytes out, everything it sees checked and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "load/crowd.h"
#include "load/sequence.h"
#include "websocket/client_handshake.h"
#include "websocket/message_reader.h"

namespace spillway::load {

// Owned by the swarm, its thread. Costs 160 bytes while it watches and nothing is missing; what it
// keeps of unfinished messages is bounded by kMessageBytesMax.
class Viewer {
 public:
  static constexpr std::size_t kMessageBytesMax = 64 * 1024;

  enum class State : std::uint8_t {
    kUpgrading,
    kRegistering,
    kWatching,
    kGone,  // closed by the server, or it broke a rule
  };

  // `host` is for the Host header; the request stands in out().
  Viewer(Room& room, const std::string& host);

  State state() const { return state_; }
  const Room& room() const { return *room_; }

  // The connection's next bytes, which may be changed.
  void receive(std::span<char> bytes, TimePoint now, Crowd& crowd);

  // Says something in its room. REQUIRES state() == kWatching.
  void say(std::string_view text, std::string_view id, Crowd& crowd);

  // The connection ended, or `why` makes an end of it.
  void end(std::string_view why, Crowd& crowd);

  // To be written to the connection.
  std::string_view out() const { return out_; }
  void written(std::size_t bytes);

  // Messages that its room has had since it came and that never reached it.
  std::uint64_t missing() const;

 private:
  void finish_handshake(std::span<char>& input, Crowd& crowd);
  std::size_t follow_transcript(std::string_view input, TimePoint now, Crowd& crowd);
  void read_message(std::string_view text, TimePoint now, Crowd& crowd);
  void send(websocket::Opcode opcode, std::string_view payload, Crowd& crowd);

  void on(const protocol::ChatEvent& chat, std::string_view text, TimePoint now, Crowd& crowd);
  void on(const protocol::RegisteredEvent& registered);
  void on(const protocol::AckEvent& ack, Crowd& crowd);
  void on(const protocol::GapEvent& gap, Crowd& crowd);

  Room* room_;
  std::unique_ptr<websocket::ClientHandshake> handshake_;  // until it is upgraded
  websocket::MessageReader reader_;
  Sequence sequence_;
  std::string out_;
  State state_ = State::kUpgrading;
};

}  // namespace spillway::load
