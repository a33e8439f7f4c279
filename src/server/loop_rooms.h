// The rooms of one loop and who is in them: registers, moves, resumes, counts.
//
// Owned by the shard. Bounded by kRoomsMax; a room that nobody has used for kLinger is given back.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fifo.h"
#include "base/loop_affinity.h"
#include "base/named_set.h"
#include "protocol/client_message.h"
#include "server/flusher.h"
#include "server/loop_room.h"
#include "server/loop_state.h"

namespace spillway::server {

class LoopRooms {
 public:
  static constexpr std::size_t kRoomsMax = 500'000;
  static constexpr std::chrono::seconds kRegisterTimeout{10};
  static constexpr std::uint32_t kLingerTicks = 10 * ViewerWheel::kTicksPerSecond;

  LoopRooms(LoopState& loop, Flusher& flusher) : loop_(loop), flusher_(flusher) {}

  // `register`: puts the viewer into the room, now or once it is read.
  void enter(Viewer& viewer, const protocol::Register& request);
  // The room that a `chat` of the viewer goes to; null: none yet.
  static LoopRoom* speaks_in(const Viewer& viewer);
  // The viewer is gone.
  void leave(Viewer& viewer);
  // It was told to connect elsewhere: from now on it counts there.
  void told_to_leave(Viewer& viewer);

  void handle(RoomSnapshot&& snapshot);
  void handle(const RoomBatch& batch);
  void handle(const RoomTrim& trim);
  void handle(RoomRest&& rest);
  void handle(const RoomViewers& counts);

  // Ten times a second: registers that waited too long, rooms that nobody uses.
  void tick();
  // Once a second.
  void tally(Tally& tally);

  const NamedSet<LoopRoom>& rooms() const { return rooms_; }
  // The count that a viewer is told: of all servers, and at least of those here.
  static std::uint64_t viewers_of(const LoopRoom& room);

 private:
  LoopRoom* find_or_open(std::string_view name);
  void resolve_after_turn(const Viewer& viewer);
  void resolve(Viewer& viewer);
  bool blocked(Viewer& viewer, PendingRegister& front);
  void answer(Viewer& viewer, const PendingRegister& request, bool last);
  void pop_pending(Viewer& viewer);
  void fail_front(Viewer& viewer);
  void attach(Viewer& viewer);
  void detach(Viewer& viewer);
  void list_if_unused(LoopRoom& room);
  void judge_again(LoopRoom& room, const std::string& old_epoch);
  void send_registered(Viewer& viewer, const LoopRoom& room, std::optional<bool> recovered);
  void tell_counts();
  void give_back_unused();

  struct Waiting {
    TimePoint deadline{};
    ViewerId viewer;
  };
  struct Unused {
    std::uint32_t tick = 0;
    LoopRoom* room = nullptr;
  };

  LoopAffinity affinity_;
  LoopState& loop_;
  Flusher& flusher_;
  NamedSet<LoopRoom> rooms_;
  Fifo<Waiting> waiting_;  // in the order of their deadlines
  Fifo<Unused> unused_;    // in the order of their ticks
  std::vector<LoopRoom*> counting_;
  std::vector<ViewerId> to_resolve_;  // have registered in this turn
  std::uint64_t questions_ = 0;       // to Redis, over all rooms
};

}  // namespace spillway::server
