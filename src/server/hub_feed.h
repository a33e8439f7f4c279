// A room's way from the hub to its loops.
#pragma once

#include <utility>

#include "server/hub.h"

namespace spillway::server {

// Made for one call; must not outlive the room.
class Hub::Feed final : public room::FeedPort {
 public:
  Feed(Hub& hub, HubRoom& room) : hub_(hub), room_(room) {}

  bool post(std::uint32_t loop, RoomSnapshot&& snapshot) override {
    snapshot.viewers = room_.viewers;
    return post_to(loop, std::move(snapshot));
  }
  bool post(std::uint32_t loop, RoomBatch&& batch) override {
    return post_to(loop, std::move(batch));
  }
  bool post(std::uint32_t loop, RoomRest&& rest) override { return post_to(loop, std::move(rest)); }
  void behind(std::uint32_t loop) override { hub_.behind_.push_back({room_.name, loop}); }

 private:
  bool post_to(std::uint32_t loop, ToLoop&& message) {
    const bool taken = hub_.ports_.to_loops[loop](std::move(message)) != Post::kFull;
    if (!taken) ++hub_.mailbox_full();
    return taken;
  }

  Hub& hub_;
  HubRoom& room_;
};

}  // namespace spillway::server
