#include <utility>

#include "balancer/stats_feed.h"
#include "balancer/stats_json.h"
#include "protocol/json_writer.h"

namespace spillway::balancer {
namespace {

using protocol::append_json_string;
using protocol::append_number;

void separate(std::string& out) {
  if (!out.empty() && out.back() != '{' && out.back() != '[') out += ',';
}

void append_key(std::string& out, std::string_view name) {
  separate(out);
  out += '"';
  out += name;
  out += "\":";
}

void append_if_new(std::string& out, std::string_view name, std::uint64_t now,
                   std::uint64_t& last) {
  if (std::exchange(last, now) == now) return;
  append_key(out, name);
  append_number(out, now);
}

void append_if_new(std::string& out, std::string_view name, double now, double& last) {
  if (std::exchange(last, now) == now) return;
  append_key(out, name);
  append_decimal(out, now);
}

void append_name(std::string& out, std::string_view name) {
  separate(out);
  append_json_string(out, name);
}

// The names that were not seen in this tick, which are forgotten.
template <typename Last>
std::string take_gone(StringMap<Last>& last, std::uint64_t tick) {
  std::string gone;
  boost::unordered::erase_if(last, [&](const auto& entry) {
    if (entry.second.seen == tick) return false;
    append_name(gone, entry.first);
    return true;
  });
  return gone;
}

void append_room_counts(std::string& out, const StringMap<std::uint64_t>& now,
                        StringMap<std::uint64_t>& last) {
  std::string changes;
  for (const auto& [name, viewers] : now) {
    const auto known = last.find(name);
    if (known != last.end() && known->second == viewers) continue;
    append_name(changes, name);
    changes += ':';
    append_number(changes, viewers);
  }
  for (const auto& [name, viewers] : last) {
    if (now.contains(name)) continue;
    append_name(changes, name);
    changes += ":0";
  }
  if (changes.empty()) return;
  last = now;
  append_key(out, "chatRooms");
  out += '{' + changes + '}';
}

}  // namespace

ServerChanges::Text ServerChanges::tick(const Fleet& fleet) {
  ++ticks_;
  Text text;
  for (const auto& server : fleet.servers()) {
    const auto [entry, is_new] = last_.try_emplace(server->now.id);
    Last& last = entry->second;
    last.seen = ticks_;
    std::string changes;
    append_changes(changes, *server, last);
    if (is_new) {
      separate(text.changed);
      append_server(text.changed, *server);
    } else if (!changes.empty()) {
      separate(text.changed);
      text.changed += R"({"id":)";
      append_json_string(text.changed, server->now.id);
      text.changed += R"(,"state":{)" + changes + "}}";
    }
  }
  text.gone = take_gone(last_, ticks_);
  return text;
}

void ServerChanges::append_changes(std::string& out, const Fleet::Server& server, Last& last) {
  append_if_new(out, "clients", server.clients.latest(), last.clients);
  append_if_new(out, "socketWrites", server.socket_writes.latest(), last.socket_writes);
  append_if_new(out, "timeouts", server.timeouts.latest(), last.timeouts);
  append_if_new(out, "fanouts", server.fanouts.latest(), last.fanouts);
  append_if_new(out, "busy", server.busy.latest(), last.busy);
  append_if_new(out, "flushes", server.flushes.latest(), last.flushes);
  append_room_counts(out, server.rooms, last.rooms);
  std::string memory;
  append_if_new(memory, "rss", server.now.rss, last.rss);
  append_if_new(memory, "heapTotal", server.now.heap_total, last.heap_total);
  append_if_new(memory, "heapUsed", server.now.heap_used, last.heap_used);
  if (!memory.empty()) {
    append_key(out, "memory");
    out += '{' + memory + '}';
  }
  if (std::exchange(last.status, shown_status(server)) != shown_status(server)) {
    append_key(out, "status");
    append_json_string(out, shown_status(server));
  }
}

ServerChanges::Text RoomChanges::tick(const Fleet& fleet) {
  ++ticks_;
  ServerChanges::Text text;
  for (const Fleet::Room* const room : busiest_rooms(fleet, count_)) {
    const auto [entry, is_new] = last_.try_emplace(room->name);
    Last& last = entry->second;
    last.seen = ticks_;
    std::string changes;
    append_changes(changes, *room, last);
    if (!is_new && changes.empty()) continue;
    append_name(text.changed, room->name);
    text.changed += ':';
    if (is_new) {
      append_room(text.changed, *room);
    } else {
      text.changed += '{' + changes + '}';
    }
  }
  text.gone = take_gone(last_, ticks_);
  return text;
}

void RoomChanges::append_changes(std::string& out, const Fleet::Room& room, Last& last) {
  append_if_new(out, "clients", room.clients.latest(), last.clients);
  append_if_new(out, "cumulativeMessages", room.messages.latest(), last.messages);
  append_if_new(out, "cumulativeSocketWrites", room.socket_writes.latest(), last.socket_writes);
}

}  // namespace spillway::balancer
