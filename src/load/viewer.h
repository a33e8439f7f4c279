// One simulated viewer, without I/O: what happened goes in, what it wants done goes to its crowd,
// and everything it sees is checked and counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "load/crowd.h"
#include "load/sequence.h"
#include "websocket/client_handshake.h"
#include "websocket/message_reader.h"

namespace spillway::load {

// One of at most two connections of a viewer.
struct Link {
  Link(websocket::ClientRequest request, const Dialect* dialect);

  std::unique_ptr<websocket::ClientHandshake> handshake;  // until it is upgraded
  websocket::MessageReader reader;
  std::string out;         // to be written
  std::string rest;        // what a dialect has left over of a message
  std::uint64_t next = 0;  // what is lower came on it before
  TimePoint heard;         // something, the last time
  bool registered = false;
};

// Owned by its engine, its thread. A viewer that watches and misses nothing costs about 300 bytes;
// what it keeps is bounded by kMessageBytesMax and kUnansweredMax.
class Viewer {
 public:
  static constexpr std::size_t kMessageBytesMax = 64 * 1024;
  static constexpr std::size_t kUnansweredMax = 64;

  enum class State : std::uint8_t {
    kAbsent,    // not come yet, or went home
    kSeeking,   // waits for the balancer
    kJoining,   // on the way into its room
    kWatching,  // is in it
    kWaiting,   // lost its connection, tries again
    kGone,      // for good
  };

  // `slow`: what it misses because it reads slowly is no loss, and how late it is no latency.
  Viewer(std::uint32_t index, Room& room, bool slow);

  State state() const { return state_; }
  const Room& room() const { return *room_; }
  bool slow() const { return slow_; }

  // It comes, as a new one.
  void come(Crowd& crowd);

  void found(std::string_view url, Crowd& crowd);
  void not_found(std::string_view why, Crowd& crowd);

  // Whether it still wants the connection that it asked for.
  bool awaits(unsigned link) const;
  // A connection is on its way; the request stands in out(). `host` is for the Host header.
  void connect(unsigned link, const std::string& host, const std::string& path, TimePoint now,
               const Crowd& crowd);
  // The connection's next bytes, which may be changed.
  void receive(unsigned link, std::span<char> bytes, TimePoint now, Crowd& crowd);
  // The connection ended, or `why` makes an end of it.
  void lost(unsigned link, std::string_view why, Crowd& crowd);
  void woke(Alarm alarm, Crowd& crowd);

  // Says something in its room, as soon as it can.
  void say(TimePoint due, Crowd& crowd);
  // Moves over to another room.
  void move_to(Room& room, Crowd& crowd);
  // Goes home, and has nothing more to do with what comes.
  void leave(Crowd& crowd);

  // To be written to the connection; empty where there is none.
  std::string_view out(unsigned link) const;
  void written(unsigned link, std::size_t bytes);
  // Nothing came on a connection since. TimePoint::max(): there is no connection.
  TimePoint heard(unsigned link) const;

  // Messages that its room has had since it came and that never reached it, whether the server
  // said so or not.
  std::uint64_t missing(const Crowd& crowd) const;
  // Of these, what a later one has come of.
  std::uint64_t holes() const { return sequence_.missing(); }
  std::size_t unanswered() const { return chats_ ? chats_->size() : 0; }

 private:
  enum class Handover : std::uint8_t {
    kNone,
    kDue,      // told to go, the time has not come
    kSeeking,  // waits for the balancer
    kJoining,  // the other connection is on its way into the room
    kLeaving,  // it is there; the old one still owes answers
  };
  static constexpr std::uint8_t kNoLink = 2;
  struct Chat {  // no ack yet
    std::uint32_t id;
    std::uint32_t number;
    TimePoint due;
    std::uint8_t link;  // it went out on; kNoLink: not yet
  };

  unsigned other() const { return 1 - main_; }
  Link* link(unsigned index) { return links_[index].get(); }

  void look_for_server(Crowd& crowd);
  void finish_handshake(unsigned index, std::span<char>& input, Crowd& crowd);
  void take(unsigned index, const websocket::Event& event, TimePoint now, Crowd& crowd);
  void closed(unsigned index, const websocket::Close& close, Crowd& crowd);
  std::size_t follow_transcript(Link& link, std::string_view input, TimePoint now, Crowd& crowd);
  void hear(unsigned index, std::string_view text, TimePoint now, Crowd& crowd);
  void read_message(unsigned index, std::string_view text, TimePoint now, Crowd& crowd);
  void send_register(unsigned index, Crowd& crowd);

  void on(unsigned index, const protocol::ChatEvent& chat, std::string_view text, TimePoint now,
          Crowd& crowd);
  void on(unsigned index, const protocol::RegisteredEvent& registered, Crowd& crowd);
  void on(const protocol::AckEvent& ack, Crowd& crowd);
  void on(const protocol::GapEvent& gap, Crowd& crowd);
  void on(const protocol::RedistributeEvent& order, Crowd& crowd);
  void on(unsigned index, const protocol::ErrorEvent& error, Crowd& crowd);

  void delivered(std::optional<TimePoint> due, TimePoint now, Crowd& crowd) const;
  void take_position(const protocol::RegisteredEvent& registered, Crowd& crowd);
  void skip(std::uint64_t from, std::uint64_t to, Crowd& crowd);
  void entered(Crowd& crowd);
  void handed_over(Crowd& crowd);
  void leave_when_answered(Crowd& crowd);
  bool owes(unsigned index) const;
  void leave_room(Crowd& crowd);
  void answered(std::string_view id, Crowd& crowd);
  void take_back(unsigned index);
  void send_chats(Crowd& crowd);
  void write(Chat& chat, Crowd& crowd);
  void send(unsigned index, websocket::Opcode opcode, std::string_view payload, Crowd& crowd);
  void drop(unsigned index, Crowd& crowd);
  void retry(Crowd& crowd);

  std::array<std::unique_ptr<Link>, 2> links_;
  Room* room_;
  Room* next_room_ = nullptr;              // asked for, not answered
  const std::string* epoch_ = nullptr;     // of its position; null: it has none
  std::unique_ptr<std::string> redirect_;  // where to go; null: ask the balancer
  std::unique_ptr<std::vector<Chat>> chats_;
  Sequence sequence_;
  std::uint32_t index_;
  std::uint8_t main_ = 0;  // the connection that it talks on
  State state_ = State::kAbsent;
  Handover handover_ = Handover::kNone;
  std::uint8_t attempts_ = 0;  // that failed since it was last in a room
  bool positioned_ = false;    // sequence_ means something
  bool was_there_ = false;     // it comes back, it does not come
  bool slow_;
};

}  // namespace spillway::load
