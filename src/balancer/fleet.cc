#include "balancer/fleet.h"

#include <algorithm>
#include <utility>

namespace spillway::balancer {

void Fleet::apply(const FleetReading& reading, Missing missing) {
  redis_ms_.push(reading.redis_ms);
  read_at_ = reading.read_at;
  std::vector<std::unique_ptr<Server>> servers;
  servers.reserve(reading.servers.size());
  for (const ServerReading& now : reading.servers) {
    std::unique_ptr<Server> server = take(now.id);
    update(*server, now);
    servers.push_back(std::move(server));
  }
  keep_announced(servers);
  if (missing == Missing::kKept) {
    for (std::unique_ptr<Server>& server : servers_) {
      if (!server) continue;
      repeat(*server);
      servers.push_back(std::move(server));
    }
  }
  servers_ = std::move(servers);
}

// The server that was known by this id, or a new one.
std::unique_ptr<Fleet::Server> Fleet::take(std::string_view id) {
  for (std::unique_ptr<Server>& server : servers_) {
    if (server && server->now.id == id) return std::move(server);
  }
  return std::make_unique<Server>();
}

void Fleet::update(Server& server, const ServerReading& reading) {
  server.now = reading;
  if (server.told_to_drain && read_at_ - *server.told_to_drain > kDrainShows) {
    server.told_to_drain.reset();
  }
  server.alive = is_alive(reading, silence_) && !server.told_to_drain;
  server.load.add(reading, capacity_);
  server.clients.push(reading.viewers);
  server.socket_writes.push(reading.deliveries);
  server.timeouts.push(reading.lag_ms);
  server.fanouts.push(reading.fanouts);
  server.busy.push(reading.busy);
  server.flushes.push(reading.flushes);
}

void Fleet::repeat(Server& server) {
  server.clients.push(server.clients.latest());
  server.socket_writes.push(server.socket_writes.latest());
  server.timeouts.push(server.timeouts.latest());
  server.fanouts.push(server.fanouts.latest());
  server.busy.push(server.busy.latest());
  server.flushes.push(server.flushes.latest());
}

void Fleet::announce(const std::string& id, const std::string& url, TimePoint now) {
  if (find(id) != nullptr) return;
  ServerReading server;
  server.id = id;
  server.url = url;
  server.status = "up";
  server.silence = std::chrono::milliseconds(0);
  server.ours = true;
  announced_.push_back({server, now});
  auto announced = std::make_unique<Server>();
  announced->now = std::move(server);
  announced->alive = true;
  servers_.push_back(std::move(announced));
}

// Until a reading has them, or they have had the time to be in one.
void Fleet::keep_announced(std::vector<std::unique_ptr<Server>>& servers) {
  const auto is_over = [&](const Announced& one) {
    const bool is_read = std::any_of(servers.begin(), servers.end(), [&one](const auto& server) {
      return server->now.id == one.server.id;
    });
    return is_read || read_at_ - one.at >= silence_.silent_after;
  };
  announced_.erase(std::remove_if(announced_.begin(), announced_.end(), is_over), announced_.end());
  for (const Announced& one : announced_) {
    std::unique_ptr<Server> server = take(one.server.id);
    server->now = one.server;
    server->alive = true;
    servers.push_back(std::move(server));
  }
}

void Fleet::apply_rooms(std::vector<RoomReading> rooms) {
  ++rooms_read_;
  for (RoomReading& reading : rooms) {
    std::unique_ptr<Room>& room = rooms_.try_emplace(reading.name).first->second;
    if (!room) {
      room = std::make_unique<Room>();
      room->name = std::move(reading.name);
    }
    update(*room, reading);
  }
  boost::unordered::erase_if(
      rooms_, [this](const auto& entry) { return entry.second->read != rooms_read_; });
}

void Fleet::update(Room& room, const RoomReading& reading) {
  room.clients.push(reading.viewers);
  room.messages.push(reading.messages);
  room.socket_writes.push(reading.deliveries);
  room.read = rooms_read_;
  const std::size_t back = std::min(room.readings++, kRateReadings);
  if (back == 0) return;
  constexpr std::size_t kNewest = History<std::uint64_t>::kEntries - 1;
  const double seconds =
      static_cast<double>(redis_ms_[kNewest] - redis_ms_[kNewest - back]) / 1000.0;
  const std::uint64_t before = room.messages[kNewest - back];
  room.messages_per_s = seconds > 0 && reading.messages >= before
                            ? static_cast<double>(reading.messages - before) / seconds
                            : 0;
}

void Fleet::repeat_rooms() {
  for (const auto& [name, room] : rooms_) {
    room->clients.push(room->clients.latest());
    room->messages.push(room->messages.latest());
    room->socket_writes.push(room->socket_writes.latest());
    room->readings += 1;
  }
}

void Fleet::apply_server_rooms(std::string_view id, StringMap<std::uint64_t> rooms) {
  for (const std::unique_ptr<Server>& server : servers_) {
    if (server->now.id != id) continue;
    server->leaver_cost = leaver_cost(rooms);
    server->rooms = std::move(rooms);
    return;
  }
}

// A viewer costs a delivery for each message of its room, and is chosen in proportion to that.
double Fleet::leaver_cost(const StringMap<std::uint64_t>& rooms) const {
  double viewers = 0;
  double cost = 0;
  double cost_of_chosen = 0;
  for (const auto& [name, count] : rooms) {
    const auto room = rooms_.find(name);
    const double rate = room == rooms_.end() ? 0 : room->second->messages_per_s;
    const auto here = static_cast<double>(count);
    viewers += here;
    cost += here * rate;
    cost_of_chosen += here * rate * rate;
  }
  return cost > 0 ? cost_of_chosen / cost / (cost / viewers) : 1;
}

void Fleet::told_to_drain(std::string_view id, TimePoint now) {
  for (const std::unique_ptr<Server>& server : servers_) {
    if (server->now.id != id) continue;
    server->told_to_drain = now;
    server->alive = false;
  }
}

void Fleet::forget(std::string_view id) {
  announced_.erase(std::remove_if(announced_.begin(), announced_.end(),
                                  [id](const Announced& one) { return one.server.id == id; }),
                   announced_.end());
  servers_.erase(std::remove_if(servers_.begin(), servers_.end(),
                                [id](const auto& server) { return server->now.id == id; }),
                 servers_.end());
}

const Fleet::Server* Fleet::find(std::string_view id) const {
  for (const std::unique_ptr<Server>& server : servers_) {
    if (server->now.id == id) return server.get();
  }
  return nullptr;
}

}  // namespace spillway::balancer
