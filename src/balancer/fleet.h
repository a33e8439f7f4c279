// What the balancer knows of servers and rooms: the last reading, a hundred seconds of history, and
// the loads that decisions are made from. No I/O; time comes in with the readings.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "balancer/history.h"
#include "balancer/load.h"
#include "balancer/reading.h"
#include "base/string_map.h"

namespace spillway::balancer {

// A room as all servers together count it.
struct RoomReading {
  std::string name;
  std::uint64_t viewers = 0;
  std::uint64_t messages = 0;    // ever published
  std::uint64_t deliveries = 0;  // ever made
};

// Owned by the Balancer, on its loop. Bounded: kFleetServersMax, kRoomsMax, and
// kRoomsPerServerMax of each server's rooms.
class Fleet {
 public:
  static constexpr std::size_t kRoomsMax = 10'000;  // the busiest; the others are not looked at
  static constexpr std::size_t kRoomsPerServerMax = 20'000;

  struct Server {
    ServerReading now;
    bool alive = false;                      // viewers may be sent there
    std::optional<TimePoint> told_to_drain;  // by us; until it says so itself
    LoadWindow load;
    History<std::uint64_t> clients;
    History<std::uint64_t> socket_writes;
    History<double> timeouts;  // lag in ms
    History<std::uint64_t> fanouts;
    History<double> busy;
    History<std::uint64_t> flushes;
    StringMap<std::uint64_t> rooms;  // viewers here; read in rotation, so up to 10 s old
    // What a viewer costs whom the server would choose to hand off, by what its mean viewer costs:
    // it takes them from the rooms that cost most. As old as `rooms`.
    double leaver_cost = 1;
  };
  struct Room {
    std::string name;
    History<std::uint64_t> clients;
    History<std::uint64_t> messages;
    History<std::uint64_t> socket_writes;
    double messages_per_s = 0;  // over the last kRateReadings readings, those that are there
    std::size_t readings = 0;
    std::uint64_t read = 0;  // when last, in times that rooms were read
  };

  Fleet(Capacity capacity, Silence silence) : capacity_(capacity), silence_(silence) {}

  // What becomes of servers that are not in a reading.
  enum class Missing {
    kGone,  // with their history
    kKept,  // as they were: Redis has forgotten them, and they will write themselves anew
  };
  // Once a second.
  void apply(const FleetReading& reading, Missing missing = Missing::kGone);
  // The rooms of the same second; those not in it are gone.
  void apply_rooms(std::vector<RoomReading> rooms);
  // Nobody could say in this second: they are as they were.
  void repeat_rooms();
  // Which rooms one server holds. Unknown ids are ignored.
  void apply_server_rooms(std::string_view id, StringMap<std::uint64_t> rooms);

  // A server of ours listens: it is part of the fleet now, not only from the next reading that has
  // it.
  void announce(const std::string& id, const std::string& url, TimePoint now);

  // Its process has ended: nobody is sent there, and nobody counts on it.
  void forget(std::string_view id);

  // It was ordered to drain: nobody is sent there from now on. An order that had no effect within
  // kDrainShows is forgotten.
  void told_to_drain(std::string_view id, TimePoint now);

  const std::vector<std::unique_ptr<Server>>& servers() const { return servers_; }
  const Server* find(std::string_view id) const;
  const StringMap<std::unique_ptr<Room>>& rooms() const { return rooms_; }
  const Capacity& capacity() const { return capacity_; }
  const Silence& silence() const { return silence_; }
  std::int64_t redis_ms() const { return redis_ms_.latest(); }  // of the last reading
  TimePoint read_at() const { return read_at_; }

 private:
  static constexpr std::size_t kRateReadings = 3;
  static constexpr std::chrono::seconds kDrainShows{10};

  void update(Server& server, const ServerReading& reading);
  void update(Room& room, const RoomReading& reading);
  static void repeat(Server& server);
  std::unique_ptr<Server> take(std::string_view id);
  double leaver_cost(const StringMap<std::uint64_t>& rooms) const;
  void keep_announced(std::vector<std::unique_ptr<Server>>& servers);

  const Capacity capacity_;
  const Silence silence_;
  std::vector<std::unique_ptr<Server>> servers_;  // in the order of the reading
  StringMap<std::unique_ptr<Room>> rooms_;
  std::uint64_t rooms_read_ = 0;  // times
  History<std::int64_t> redis_ms_;
  TimePoint read_at_{};
  struct Announced {
    ServerReading server;
    TimePoint at;
  };
  std::vector<Announced> announced_;  // not yet in a reading
};

}  // namespace spillway::balancer
