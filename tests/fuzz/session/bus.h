// Stands where the hub and Redis stand for a shard: opens rooms, orders what is published, and can
// do whatever Redis may do to it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/messages.h"

namespace spillway::fuzz {

class Bus {
 public:
  Post take(server::ToHub&& message);

  // What the loop is told now: the answers to all that was taken since the last call.
  std::vector<server::ToLoop> answers();

  // Somebody on another server speaks, in every room.
  std::vector<server::ToLoop> speak(std::string_view text);
  // Redis lost `messages` of each room, at most all: new epochs.
  std::vector<server::ToLoop> begin_new_epochs(std::size_t messages);

  // Instead of answering the next publishes.
  enum class Fate { kPublished, kUnavailable, kUnknown };
  void set_fate(Fate fate) { fate_ = fate; }

  // The newest seq of the room.
  std::uint64_t seq(std::string_view room) const;

 private:
  struct Room {
    room::EpochState state;
    std::vector<room::BatchPtr> batches;
    bool wanted = false;
  };

  void answer(const server::WantRoom& want);
  void answer(const server::ReleaseRoom& release);
  void answer(const server::RecheckRoom& recheck);
  void answer(const server::Publish& publish);
  server::RoomSnapshot snapshot(const std::string& name, std::uint64_t answers);
  server::RoomBatch log(const std::string& name, std::string line);

  std::vector<server::ToHub> taken_;
  std::vector<server::ToLoop> answers_;
  std::map<std::string, Room, std::less<>> rooms_;
  Fate fate_ = Fate::kPublished;
  unsigned epochs_ = 0;
};

}  // namespace spillway::fuzz
