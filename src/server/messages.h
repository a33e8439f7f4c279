// What the loops of a server and its hub (on loop 0, the only one that talks to Redis) say to each
// other. Values through bounded mailboxes; between loop 0 and the hub plain calls.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/mailbox.h"
#include "base/strong_id.h"
#include "protocol/control.h"
#include "room/group_commit.h"
#include "room/room_feed.h"
#include "server/counters.h"

namespace spillway::server {

// The loop has a first viewer for the room: a RoomSnapshot follows once the room is whole, then
// every RoomBatch.
struct WantRoom {
  std::uint32_t loop = 0;
  std::string room;
};
struct ReleaseRoom {
  std::uint32_t loop = 0;
  std::string room;
};
// A viewer's position is ahead of this server: ask Redis. A RoomSnapshot follows that `answers`
// this question.
struct RecheckRoom {
  std::uint32_t loop = 0;
  std::string room;
  std::uint64_t question = 0;  // the loop's, numbered upwards
};
struct Publish {
  std::string room;
  room::Outgoing message;
};
// What a loop counted since its last tally; once a second.
struct Tally {
  std::uint32_t loop = 0;
  Counters counters;  // since start
  double lag_ms = 0;
  double busy = 0;
  std::uint64_t viewers = 0;      // without those told to leave
  std::uint64_t connections = 0;  // with them, and with handshakes
  std::uint64_t rooms = 0;
  std::uint64_t ring_bytes = 0;
  bool last = false;  // the loop has been told to drain or stop, and nobody is left
  struct Room {
    std::string name;
    std::uint32_t viewers = 0;     // here, now
    std::uint64_t deliveries = 0;  // since the last tally
  };
  std::vector<Room> changed;
};
using ToHub = std::variant<WantRoom, ReleaseRoom, RecheckRoom, Publish, Tally>;

using room::RoomBatch;
using room::RoomRest;
using room::RoomSnapshot;
struct RoomTrim {
  std::string room;
  std::uint64_t keep_from = 0;
};
// The answers to one batch of a room.
struct Published {
  std::string room;
  struct Ack {
    ViewerId viewer;
    std::string id;
    std::uint64_t seq = 0;
  };
  std::vector<Ack> acks;
};
// Never handed to Redis.
struct Unavailable {
  struct Message {
    ViewerId viewer;
    std::string id;
  };
  std::vector<Message> messages;
};
// Nobody knows whether these were logged: close with 4003.
struct FateUnknown {
  std::vector<ViewerId> viewers;
};
struct RoomViewers {
  struct Count {
    std::string room;
    std::uint64_t viewers = 0;
  };
  std::vector<Count> counts;
};
// Tell that many of this loop's viewers to leave; replaces what is left of the last one.
struct LeaveOrder {
  std::uint32_t n = 0;
  std::vector<protocol::Redistribute::Target> targets;
};
// No new viewers; those here are told within `tell_within` and closed at `close_after`.
struct DrainOrder {
  Duration tell_within{0};
  Duration close_after{0};
};
// 1001 for everybody, now.
struct StopOrder {};
using ToLoop = std::variant<RoomSnapshot, RoomBatch, RoomTrim, RoomRest, Published, Unavailable,
                            FateUnknown, RoomViewers, LeaveOrder, DrainOrder, StopOrder>;

// Posting may fail (kFull); each sender has a policy for it.
using PostToHub = std::function<Post(ToHub&&)>;
using PostToLoop = std::function<Post(ToLoop&&)>;

}  // namespace spillway::server
