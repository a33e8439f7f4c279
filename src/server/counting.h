// Tells Redis once a second what this server holds and did: one script writes the differences, so
// that counts heal by themselves, and answers how many viewers the rooms have on all servers.
//
// A difference is to what Redis says under this server's id, room by room. So what this process
// never told there is taken back first: what a former life left under the same id, and what a Redis
// that was started from an older state says.
//
// Owned by the hub, on loop 0. One call under way at a time; holds one entry a room with viewers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/string_map.h"
#include "protocol/redis_names.h"
#include "redis/script.h"
#include "server/counters.h"
#include "server/memory.h"
#include "server/messages.h"
#include "server/options.h"
#include "server/redis_link.h"
#include "server/refusals.h"

namespace spillway::server {

// The sum over the loops, for Redis and the metrics page.
struct ServerTotals {
  Counters counters;
  double lag_ms = 0;  // of the worst loop
  double busy = 0;    // of the busiest
  std::uint64_t viewers = 0;
  std::uint64_t connections = 0;
  std::uint64_t rooms = 0;
  std::uint64_t ring_bytes = 0;
};

class Counting {
 public:
  static constexpr std::size_t kRoomsPerCall = 500;

  using OnTotal = std::function<void(std::string_view room, std::uint64_t viewers)>;

  Counting(RedisLink& link, const ServerOptions& options, const protocol::RedisNames& names,
           OnTotal on_total, Refusals& refusals, Log& log);

  void take(Tally&& tally);
  void published(std::string_view room, std::uint64_t messages);

  // Once a second. `fanned_out`: messages that came over the bus, so far.
  void tick(std::string_view status, std::uint64_t fanned_out);
  // Takes this server out of Redis; `done` says whether that was confirmed.
  void leave(const std::function<void(bool)>& done);

  ServerTotals totals() const;
  const HeapUse& heap();
  std::vector<std::uint64_t> viewers_by_loop() const;
  // Redis answered the last call with an error: it takes no writes, or not these.
  bool refused() const { return refused_; }
  // Every loop has said that nobody is left.
  bool all_gone() const;

 private:
  struct Room {
    std::vector<std::uint32_t> viewers;  // by loop
    std::uint64_t messages = 0;          // since they were last told
    std::uint64_t writes = 0;
    bool changed = false;
    std::uint64_t total() const;
  };

  Room& room(std::string_view name);
  void mark(std::string_view name, Room& room);
  void count_anew();
  // Some of the changed rooms, at most kRoomsPerCall. False: Redis was not told.
  [[nodiscard]] bool send_some(bool anew);
  [[nodiscard]] bool send(const std::vector<std::string>& rooms, bool anew);
  // What one call tells of a room.
  struct Told {
    std::string name;
    std::uint64_t messages = 0;
    std::uint64_t writes = 0;
  };
  void answered(const std::vector<Told>& rooms, const redis::Answer& answer);
  void counted_anew(const std::string& run_id);
  void taken_for_dead();
  void mark_all();
  void untell(const std::vector<Told>& rooms);
  void again(const std::vector<Told>& rooms);
  void ask_totals();

  RedisLink& link_;
  const ServerOptions& options_;
  const protocol::RedisNames& names_;
  const OnTotal on_total_;
  Refusals& refusals_;
  Log& log_;
  const redis::Script count_;
  const redis::Script remove_;
  std::vector<Tally> last_;  // by loop
  StringMap<Room> rooms_;
  std::vector<std::string> changed_;
  std::vector<std::string> to_ask_;  // rooms whose total is asked next, in rotation
  HeapUse heap_;
  TimePoint heap_due_{};   // looked at again
  std::size_t calls_ = 0;  // under way
  std::string status_;     // as of the last tick
  std::uint64_t fanned_out_ = 0;
  std::string counted_on_;  // the Redis process that has no counts of ours but this life's
  bool refused_ = false;
  bool left_ = false;
};

}  // namespace spillway::server
