// Reads the rooms: how many viewers they have in all, and which server holds which.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "balancer/fleet.h"
#include "protocol/redis_names.h"
#include "redis/client.h"

namespace spillway::balancer {

// Owned by the Registry, on its loop; the client must outlive it. Plain commands in pieces of
// kPiece, not one script: ten thousand rooms in one call would hold everybody else up.
class RoomsReader {
 public:
  using OnRooms = std::function<void(std::vector<RoomReading>)>;
  using OnServerRooms = std::function<void(const std::string& id, StringMap<std::uint64_t>)>;

  RoomsReader(redis::Client& client, const protocol::RedisNames& names, OnRooms on_rooms,
              OnServerRooms on_server_rooms);
  ~RoomsReader();
  RoomsReader(const RoomsReader&) = delete;
  RoomsReader& operator=(const RoomsReader&) = delete;

  // Once a second: all rooms' sums, and the rooms of as many servers as it takes to have asked
  // each within kRotationTicks. What is still under way from the last time is not asked again.
  void tick(const Fleet& fleet);

 private:
  static constexpr std::size_t kPiece = 1000;
  static constexpr std::size_t kRotationTicks = 8;

  struct Sums;
  struct Scan;

  void read_sums();
  void read_scores(const std::shared_ptr<Sums>& sums, const std::string& key,
                   std::uint64_t RoomReading::*field);
  void finish(const std::shared_ptr<Sums>& sums);
  void scan(const std::shared_ptr<Scan>& scan);
  void scanned(const std::shared_ptr<Scan>& scan, const redis::Answer& answer);

  redis::Client& client_;
  const protocol::RedisNames& names_;
  const OnRooms on_rooms_;
  const OnServerRooms on_server_rooms_;
  bool reading_sums_ = false;
  std::size_t scans_ = 0;             // under way
  std::vector<std::string> to_scan_;  // servers that are asked next
};

}  // namespace spillway::balancer
