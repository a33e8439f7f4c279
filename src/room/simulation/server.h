// A simulated server: its hub, as server/hub.cc, hub_sync.cc and publisher.cc drive the room's
// machines, and its loops behind mailboxes. Of one room.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fifo.h"
#include "room/batch_numbers.h"
#include "room/group_commit.h"
#include "room/room_feed.h"
#include "room/room_sync.h"
#include "room/simulation/bus.h"
#include "room/simulation/loop.h"
#include "room/simulation/timeline.h"
#include "room/simulation/weather.h"

namespace spillway::room::simulation {

class Server {
 public:
  Server(Timeline& time, Bus& bus, const Weather& weather, std::string id);
  ~Server() { *alive_ = false; }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const std::string& id() const { return id_; }
  std::size_t loops() const { return loops_.size(); }
  Loop& loop(std::size_t index) { return *loops_[index]->loop; }
  Link& link() { return link_; }
  // It is found out that the subscription is dead.
  void missed();

 private:
  struct Room {
    Room(const HistoryRules& rules, std::size_t loops, std::uint64_t number)
        : sync(rules), feed("lobby", loops), round(number) {}
    RoomSync sync;
    GroupCommit commit;
    RoomFeed feed;
    std::uint64_t round;  // no two are the same, also over the lives of the room
    bool confirmed = false;
  };
  class Port;
  struct LoopAt {
    std::unique_ptr<Loop> loop;
    Fifo<LoopMessage> box;
  };

  bool post(std::uint32_t loop, LoopMessage&& message);
  void drain(std::uint32_t loop);
  void from_loop(std::uint32_t loop, HubMessage&& message);
  void handle(std::uint32_t loop, HubMessage&& message);

  void want(std::uint32_t loop);
  void drop_if_unused();
  void ready();
  void lost();
  void run(SyncActions actions);
  void perform(const SyncAction& action, SyncActions& more);
  Seen seen() const;
  void settle();
  void read(const ReadPage& page);
  void retry_later();
  void opened(bool new_epoch, SyncActions& more);

  void pump();
  void send();
  void answered(const std::optional<BusAnswer>& answer);
  void finished(const Receipt& receipt);
  void tick();
  void sweep();
  void trim();
  void rest();
  template <typename Fn>
  void in(Duration delay, Fn fn);

  Timeline& time_;
  const Weather& weather_;
  const std::string id_;
  BatchNumbers numbers_;
  std::unique_ptr<Room> room_;
  std::uint64_t rooms_ever_ = 0;
  std::vector<std::unique_ptr<LoopAt>> loops_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Link link_;
};

}  // namespace spillway::room::simulation
