// The half of a chat server that talks to Redis, on loop 0: which rooms are followed, their logs,
// what is published, what is counted, what the balancer orders. A process subscribes to a room
// once and publishes once, however many loops it has.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fifo.h"
#include "base/loop_affinity.h"
#include "base/named_set.h"
#include "base/random.h"
#include "protocol/line_checker.h"
#include "protocol/redis_names.h"
#include "redis/script.h"
#include "room/room_sync.h"
#include "server/counting.h"
#include "server/hub_room.h"
#include "server/messages.h"
#include "server/metrics_page.h"
#include "server/options.h"
#include "server/position_check.h"
#include "server/publisher.h"
#include "server/redis_link.h"
#include "server/refusals.h"
#include "server/status_board.h"

namespace spillway::server {

// Bounded: rooms by the loops' own limits; questions to Redis under way by kSettlesMax, kReadsMax.
class Hub {
 public:
  static constexpr std::size_t kSettlesMax = 256;
  static constexpr std::size_t kReadsMax = 16;

  struct Ports {
    std::vector<PostToLoop> to_loops;
    std::function<void()> on_ready;             // Redis is there, the first time
    std::function<void(const Error&)> on_lost;  // once for each loss and failed attempt
    std::function<void()> on_drain;             // ordered by the balancer
  };

  Hub(boost::asio::io_context& context, const redis::Url& redis, const ServerOptions& options,
      Ports ports, StatusBoard& status, Log& log);

  void start();
  // The listeners are there: tell everybody who waits for this server's URL.
  void announce();
  void handle(ToHub&& message);

  bool all_gone() const { return counting_.all_gone(); }
  std::uint64_t unpublished() const { return publisher_.unpublished(); }
  bool redis_ready() const { return link_.ready(); }
  void set_draining() { server_status_ = "draining"; }
  // Takes this server's entries out of Redis.
  void leave(const std::function<void(bool)>& done) { counting_.leave(done); }
  void stop();

 private:
  void handle(WantRoom& want);
  void handle(ReleaseRoom& release);
  void handle(RecheckRoom& recheck);
  void handle(Publish& publish);
  void handle(Tally& tally);
  HubRoom* find(std::string_view name);
  void drop_if_unused(HubRoom& room);

  // Redis
  void redis_ready_again();
  void redis_lost(const Error& error);
  void subscriber_lost();
  void subscribed(std::string_view channel);
  void message(std::string_view channel, std::string_view payload);
  void control(std::string_view payload);
  void compare(HubRoom& room);
  void missed(HubRoom& room);
  std::uint64_t next_round() { return ++rounds_; }

  // One room's machine
  void run(HubRoom& room, room::SyncActions actions);
  void perform(HubRoom& room, const room::SyncAction& action, room::SyncActions& more);
  void settle(const std::string& name, std::uint64_t round);
  void settled(HubRoom& room, const redis::Answer& answer);
  void read(const std::string& name, std::uint64_t round, const room::ReadPage& page);
  void was_read(HubRoom& room, const redis::Answer& answer);
  void work_queues();
  void retry_later(const std::string& name, std::uint64_t round);
  void opened(HubRoom& room, bool new_epoch, room::SyncActions& more);

  // Loops
  class Feed;  // a room's way to its loops
  void total(std::string_view room, std::uint64_t viewers);
  std::uint64_t& mailbox_full() { return metrics_.counters[Counter::kMailboxFull]; }

  void every_second();
  void fast_tick();
  HubRoom& next_turn(std::size_t& turn) const;
  void trim_some();
  void trim(HubRoom& room, WallTime now);
  void renew_some();
  void order_to_leave(const protocol::Redistribute& order);

  struct Question {
    std::string room;
    std::uint64_t round = 0;
    room::ReadPage page;
  };
  struct Retry {
    TimePoint due{};
    std::string room;
    std::uint64_t round = 0;
  };
  struct Behind {
    std::string room;
    std::uint32_t loop = 0;
  };

  LoopAffinity affinity_;
  const ServerOptions& options_;
  const room::HistoryRules rules_;
  const protocol::RedisNames names_;
  const Ports ports_;
  StatusBoard& status_;
  Log& log_;
  Refusals refusals_;
  RedisLink link_;
  Counting counting_;
  Publisher publisher_;
  PositionCheck positions_;
  const redis::Script settle_;
  const redis::Script read_;
  NamedSet<HubRoom> rooms_;
  std::vector<HubRoom*> turns_;  // all of them, to be looked at in rotation:
  std::size_t trim_turn_ = 0;    // from here on
  std::size_t renew_turn_ = 0;   // and here
  std::uint64_t rounds_ = 0;  // of all rooms: a room that is held again does not begin where it was
  Fifo<Question> to_settle_;
  Fifo<Question> to_read_;
  std::size_t settling_ = 0;
  std::size_t reading_ = 0;
  std::vector<Behind> behind_;
  Fifo<Retry> retries_;              // in the order of their times
  std::vector<RoomViewers> counts_;  // by loop, for its next tick
  HubMetrics metrics_;
  std::optional<TimePoint> dead_said_;
  protocol::LineChecker lines_;
  Random random_{random_seed()};  // names epochs
  std::string server_status_ = "up";
  bool ready_once_ = false;
  bool announced_ = false;
  boost::asio::steady_timer second_;
  boost::asio::steady_timer fast_;
};

}  // namespace spillway::server
