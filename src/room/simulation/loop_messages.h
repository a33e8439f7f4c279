// What a simulated server's hub, loops and viewers say to each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/strong_id.h"
#include "protocol/position.h"
#include "room/group_commit.h"
#include "room/room_feed.h"
#include "room/simulation/ledger.h"

namespace spillway::room::simulation {

// From the hub to a loop, as in server/messages.h.
struct KeepFrom {
  std::uint64_t seq = 0;
};
struct Acks {
  struct Ack {
    ViewerId viewer;
    LineId line = 0;
    std::uint64_t seq = 0;
  };
  std::vector<Ack> acks;
};
struct Unavailable {
  std::vector<GroupCommit::Waiter> messages;
};
struct FateUnknown {
  std::vector<ViewerId> viewers;
};
using LoopMessage =
    std::variant<RoomSnapshot, RoomBatch, KeepFrom, RoomRest, Acks, Unavailable, FateUnknown>;

// From a loop to the hub.
struct WantRoom {};
struct ReleaseRoom {};
struct RecheckRoom {
  std::uint64_t question = 0;
};
using HubMessage = std::variant<WantRoom, ReleaseRoom, RecheckRoom, Outgoing>;

// From a server to a viewer.
struct Registered {
  protocol::Position position;
  std::optional<bool> recovered;
  TimePoint sent{};
};
struct Written {  // frames out of the ring
  std::string bytes;
};
struct Gap {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  TimePoint sent{};
};
struct Acked {
  LineId line = 0;
  std::uint64_t seq = 0;
};
struct Refusal {
  LineId line = 0;
};
struct RegisterFailed {};
struct Closed {};  // 4003
using ViewerMessage =
    std::variant<Registered, Written, Gap, Acked, Refusal, RegisterFailed, Closed>;

}  // namespace spillway::room::simulation
