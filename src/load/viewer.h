// One simulated viewer, without I/O: what happened goes in, what it wants done goes to its crowd,
// and everything it sees is checked and counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "load/chats.h"
#include "load/crowd.h"
#include "load/link.h"
#include "load/room_reader.h"

namespace spillway::load {

// Owned by its engine, its thread. A viewer that watches and misses nothing costs about 300 bytes;
// what it keeps is bounded by kMessageBytesMax and Chats::kMax.
class Viewer {
 public:
  static constexpr std::size_t kMessageBytesMax = Link::kMessageBytesMax;

  enum class State : std::uint8_t {
    kAbsent,    // not come yet, or went home
    kSeeking,   // waits for the balancer
    kJoining,   // on the way into its room
    kWatching,  // is in it
    kWaiting,   // lost its connection, tries again
    kGone,      // for good
  };

  // `slow`: see RoomReader.
  Viewer(std::uint32_t index, Room& room, bool slow);

  State state() const { return state_; }
  const Room& room() const { return reader_.room(); }
  bool slow() const { return reader_.slow(); }

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
  // One of its alarms rang. Only the last that it asked for still means something.
  void woke(Alarm alarm, std::uint32_t number, Crowd& crowd);

  // Says something in its room, as soon as it can.
  void say(TimePoint due, Crowd& crowd);
  // Moves over to another room, as soon as it can.
  void move_to(Room& room, Crowd& crowd);
  // Goes home, and has nothing more to do with what comes.
  void leave(Crowd& crowd);

  // To be written to the connection; empty where there is none.
  std::string_view out(unsigned link) const;
  void written(unsigned link, std::size_t bytes) { links_[link]->written(bytes); }
  // Nothing came on a connection since. TimePoint::max(): there is no connection.
  TimePoint heard(unsigned link) const;

  // See RoomReader.
  std::uint64_t missing(const Crowd& crowd) const { return reader_.missing(crowd); }
  std::uint64_t holes() const { return reader_.holes(); }
  std::size_t unanswered() const { return chats_.size(); }

 private:
  enum class Handover : std::uint8_t {
    kNone,
    kDue,      // told to go, the time has not come
    kSeeking,  // waits for the balancer
    kJoining,  // the other connection is on its way into the room
    kLeaving,  // it is there; the old one still owes answers
  };

  unsigned other() const { return 1 - main_; }
  Link* link(unsigned index) { return links_[index].get(); }

  void look_for_server(Crowd& crowd);
  void seek(Crowd& crowd);
  void finish_handshake(unsigned index, std::span<char>& input, Crowd& crowd);
  void send_register(unsigned index, Crowd& crowd);
  void entered(Crowd& crowd);

  void take(unsigned index, const websocket::Event& event, TimePoint now, Crowd& crowd);
  void hear(unsigned index, std::string_view text, TimePoint now, Crowd& crowd);
  bool read_message(unsigned index, std::string_view text, TimePoint now, Crowd& crowd);
  bool read_chat(unsigned index, std::string_view text, TimePoint now, Crowd& crowd);
  void on(unsigned index, const protocol::RegisteredEvent& registered, Crowd& crowd);
  void on(const protocol::AckEvent& ack, Crowd& crowd);
  void on(const protocol::RedistributeEvent& order, Crowd& crowd);
  void on(unsigned index, const protocol::ErrorEvent& error, Crowd& crowd);
  void closed(unsigned index, const websocket::Close& close, Crowd& crowd);

  void handed_over(Crowd& crowd);
  void leave_when_answered(Crowd& crowd);
  void move_on(Crowd& crowd);
  void enter(Room& room, Crowd& crowd);

  void go_on(Crowd& crowd);
  void answered(std::string_view id, Crowd& crowd);
  void send_chats(Crowd& crowd);
  void write(Chat& chat, Crowd& crowd);
  void send(unsigned index, websocket::Opcode opcode, std::string_view payload, Crowd& crowd);

  void failed(std::string_view why, Crowd& crowd);
  void break_off(unsigned index, std::string_view why, Crowd& crowd);
  void drop(unsigned index, Crowd& crowd);
  void take_apart(State state, Crowd& crowd);
  void retry(Crowd& crowd);
  void wake(Alarm alarm, Duration after, Crowd& crowd);

  std::array<std::unique_ptr<Link>, 2> links_;
  RoomReader reader_;
  Chats chats_;
  // It moves only over its one connection, and while it is in its room there: so what comes on a
  // connection is of the reader's room, and asked_ is of the main one.
  Room* next_room_ = nullptr;              // where it wants to go; null: nowhere
  Room* asked_ = nullptr;                  // of the register that is out for it; null: none is
  std::unique_ptr<std::string> redirect_;  // where to go; null: ask the balancer
  std::uint32_t index_;
  std::uint32_t wakes_ = 0;  // alarms asked for
  std::uint8_t main_ = 0;    // the connection that it talks on
  State state_ = State::kAbsent;
  Handover handover_ = Handover::kNone;
  std::uint8_t attempts_ = 0;  // that failed since it was last in a room
  bool was_there_ = false;     // it comes back, it does not come
};

}  // namespace spillway::load
