// Brings accepted messages into Redis: one batch a room in flight, repeated until its fate is
// known, acks to whoever asked for one.
//
// Owned by the hub, on loop 0. Bounded: kQueueBytesMax of messages over all rooms; what Redis was
// not handed within 10 s is given back as `unavailable`.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "base/random.h"
#include "protocol/redis_names.h"
#include "redis/script.h"
#include "room/batch_numbers.h"
#include "server/counters.h"
#include "server/hub_room.h"
#include "server/messages.h"
#include "server/options.h"
#include "server/redis_link.h"
#include "server/refusals.h"

namespace spillway::server {

class Publisher {
 public:
  static constexpr std::size_t kQueueBytesMax = 64 * 1024 * 1024;
  static constexpr std::chrono::seconds kUnavailableAfter{10};
  // A client is answered within 15 s of its message; the sweep comes every second.
  static constexpr std::chrono::milliseconds kFateUnknownAfter{13'500};

  struct Ports {
    std::vector<PostToLoop> to_loops;
    // By name, since a room may be gone by the time an answer comes.
    std::function<HubRoom*(std::string_view)> find;
    std::function<void(HubRoom&)> on_idle;  // nothing of the room is on its way: it may be freed
    std::function<void(std::string_view room, std::uint64_t messages)> on_published;
  };

  Publisher(boost::asio::io_context& context, RedisLink& link, const ServerOptions& options,
            const protocol::RedisNames& names, Ports ports, Refusals& refusals);

  void add(HubRoom& room, room::Outgoing message);
  // The room is open: what waited for that may go.
  void opened(HubRoom& room) { pump(room); }
  // Redis is there again: what was in flight is repeated.
  void resume();
  // Twice a second: gives back what waited too long.
  void sweep();
  void stop() { timer_.cancel(); }

  std::uint64_t unpublished() const { return messages_; }
  std::size_t queued_bytes() const { return bytes_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Turn {
    TimePoint due;
    std::string room;
    bool operator>(const Turn& other) const { return due > other.due; }
  };

  void pump(HubRoom& room);
  void wait_until(TimePoint due, const HubRoom& room);
  void arm();
  std::uint64_t cut_before(HubRoom& room) const;
  std::string batch_of(const HubRoom& room, const room::OutgoingBatch& flight) const;
  void send(HubRoom& room);
  void answered(HubRoom& room, const redis::Answer& answer);
  void finished(HubRoom& room, std::string_view epoch, std::uint64_t first_seq);
  void give_back(std::vector<room::Outgoing> messages);
  void fate_unknown(HubRoom& room, TimePoint limit);
  void forget(const std::vector<room::Outgoing>& messages);

  RedisLink& link_;
  const ServerOptions& options_;
  const protocol::RedisNames& names_;
  const Ports ports_;
  Refusals& refusals_;
  const redis::Script script_;
  boost::asio::steady_timer timer_;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;
  std::vector<std::string> active_;  // rooms with something on its way; swept twice a second
  Random random_{random_seed()};     // names epochs
  room::BatchNumbers numbers_{wall_now()};
  std::uint64_t messages_ = 0;  // accepted and not answered for
  std::size_t bytes_ = 0;
  Counters counters_;
};

}  // namespace spillway::server
