// One connected client, as its loop knows it: a socket and a position in a room's ring.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "net/connection.h"
#include "protocol/position.h"
#include "room/ring.h"
#include "server/gcra.h"

namespace spillway::server {

struct LoopRoom;

// A `register` that waits for its room to be read. They are answered in order.
struct PendingRegister {
  LoopRoom* room = nullptr;
  std::optional<protocol::Position> since;
  std::optional<std::uint32_t> history;
  TimePoint deadline{};
  std::optional<std::uint64_t> seq;  // the room's when the register came, where it was known
  std::uint64_t question = 0;        // ahead of this server: Redis is being asked; 0: not
  bool rechecked = false;            // and has answered
};

// Owned by its shard's table and only ever touched on that loop. Small, since there may be 15,000
// idle ones: what only a busy viewer needs is on the heap while it needs it.
struct Viewer {
  Viewer(net::LoopShared& shared, net::ConnectionOwner& owner, UniqueFd fd, std::uint32_t slot)
      : connection(shared, owner, std::move(fd), slot) {}

  static constexpr std::size_t kPendingRegistersMax = 16;

  net::Connection connection;
  LoopRoom* room = nullptr;  // whose messages it gets
  std::uint64_t next = 0;    // the first message of the room that is not begun
  std::unique_ptr<std::vector<PendingRegister>> pending;
  Gcra chats;
  Gcra frames;
  Gcra bytes;
  std::uint32_t generation = 0;
  std::uint32_t member_index = 0;  // in room->members; kept by Members
  std::uint32_t check_tick = 0;    // when the wheel looks at it next; 0: not at all
  std::uint32_t born_tick = 0;     // accepted; or when its close frame was queued
  std::uint32_t sent_tick = 0;     // anything but a ping was last sent
  std::uint32_t ping_due_tick = 0;
  std::uint32_t pong_due_tick = 0;  // 0: no pong is awaited
  std::uint32_t leave_tick = 0;     // told to leave: closed from then on; 0: not told
  std::uint32_t unanswered = 0;     // chats with an id that are owed an answer
  room::WireForm form = room::WireForm::kPlain;
  bool deflates = false;  // takes the coalesced form compressed
  bool attached = false;  // stands in room->members
  bool abused = false;    // closed for a flood: nothing more of it counts
};

}  // namespace spillway::server
