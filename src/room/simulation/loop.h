// One loop of a simulated server: its viewers and the room's rings. Does what server/loop_rooms.cc
// and server/flusher.cc do, with the same rules and rings, and pipes in place of sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "room/flush_plan.h"
#include "room/room_rings.h"
#include "room/simulation/loop_messages.h"
#include "room/simulation/timeline.h"
#include "room/simulation/weather.h"

namespace spillway::room::simulation {

// Of one connection: what the server sends arrives in order, after a while, or not at all.
using ToViewer = std::function<void(ViewerMessage&&)>;

class Loop {
 public:
  Loop(Timeline& time, const Weather& weather, std::uint32_t index,
       std::function<void(HubMessage&&)> to_hub);
  ~Loop() { *alive_ = false; }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  ViewerId connect(WireForm form, ToViewer to_viewer);
  void enter(ViewerId viewer, Wish wish);
  void say(ViewerId viewer, LineId line, std::string json);
  void writable(ViewerId viewer);
  void leave(ViewerId viewer);

  void handle(LoopMessage&& message);
  // Once a second.
  void tick();

 private:
  struct Pending {
    Wish wish;
    TimePoint deadline{};
    std::uint64_t question = 0;
    bool rechecked = false;
  };
  struct Session {
    ViewerId id;
    WireForm form = WireForm::kPlain;
    ToViewer to_viewer;
    std::uint64_t next = 0;
    bool attached = false;
    bool writable = true;
    std::optional<Pending> pending;
  };
  struct Flush {
    std::uint64_t end = 0;
    std::vector<ViewerId> rest;
  };

  Session* find(ViewerId id);
  std::vector<ViewerId> all() const;
  void handle(RoomSnapshot& snapshot);
  void handle(const RoomBatch& batch);
  void keep_from(std::uint64_t seq);
  bool has_members() const;
  void resolve(Session& session);
  bool blocked(Session& session);
  void send_registered(Session& session, const Entry& entry);
  void judge_again(const std::string& old_epoch);
  void request_flush();
  void begin_flush();
  void go_on_flushing();
  void finish_flush();
  void catch_up(Session& session);
  void write(Session& session, std::uint64_t end);
  void release_if_unused();
  template <typename Fn>
  void in(Duration delay, Fn fn);

  Timeline& time_;
  const Weather& weather_;
  const std::uint32_t index_;
  const std::function<void(HubMessage&&)> to_hub_;
  std::unique_ptr<RoomRings> room_;  // null: not wanted
  std::map<std::uint32_t, Session> sessions_;
  std::uint32_t sessions_ever_ = 0;
  std::vector<ViewerId> waiters_;  // for the next snapshot
  std::uint64_t questions_ = 0;    // to Redis
  std::optional<Flush> flush_;
  bool flush_requested_ = false;
  TimePoint used_at_{};
  FlushPlan plan_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spillway::room::simulation
