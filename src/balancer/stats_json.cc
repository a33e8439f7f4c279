#include "balancer/stats_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "balancer/json_history.h"
#include "protocol/json_writer.h"

namespace spillway::balancer {
namespace {

using protocol::append_json_string;
using protocol::append_number;

void append_server_rooms(std::string& out, const Fleet::Server& server) {
  out += "\"chatRooms\":{";
  bool first = true;
  for (const auto& [name, viewers] : server.rooms) {
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, name);
    out += ':';
    append_number(out, viewers);
  }
  out += '}';
}

void append_memory(std::string& out, const ServerReading& now) {
  out += "\"memory\":{\"rss\":";
  append_number(out, now.rss);
  out += ",\"heapTotal\":";
  append_number(out, now.heap_total);
  out += ",\"heapUsed\":";
  append_number(out, now.heap_used);
  out += R"(,"external":0,"arrayBuffers":0})";
}

}  // namespace

void append_decimal(std::string& out, double number) {
  // Rounded first, so that -0.0004 is 0 and 1e30 is written in full at worst.
  const double rounded = std::round(number * 1000) / 1000;
  fmt::format_to(std::back_inserter(out), "{}", std::isfinite(rounded) ? rounded + 0.0 : 0.0);
}

std::string_view shown_status(const Fleet::Server& server) {
  return server.now.status == "draining" || server.told_to_drain ? "draining" : "up";
}

std::vector<const Fleet::Room*> busiest_rooms(const Fleet& fleet, std::size_t count) {
  std::vector<const Fleet::Room*> rooms;
  rooms.reserve(fleet.rooms().size());
  for (const auto& [name, room] : fleet.rooms()) rooms.push_back(room.get());
  const auto busier = [](const Fleet::Room* a, const Fleet::Room* b) {
    const auto of_a = a->clients.latest();
    const auto of_b = b->clients.latest();
    return of_a != of_b ? of_a > of_b : a->name < b->name;
  };
  count = std::min(count, rooms.size());
  std::partial_sort(rooms.begin(), rooms.begin() + static_cast<std::ptrdiff_t>(count), rooms.end(),
                    busier);
  rooms.resize(count);
  return rooms;
}

void append_server(std::string& out, const Fleet::Server& server) {
  out += R"({"server":{"id":)";
  append_json_string(out, server.now.id);
  out += R"(,"url":)";
  append_json_string(out, server.now.url);
  out += R"(},"state":{)";
  append_history(out, "clients", server.clients);
  out += ',';
  append_history(out, "socketWrites", server.socket_writes);
  out += ',';
  append_history(out, "timeouts", server.timeouts);
  out += ',';
  append_history(out, "fanouts", server.fanouts);
  out += ',';
  append_server_rooms(out, server);
  out += ',';
  append_memory(out, server.now);
  out += ',';
  append_history(out, "busy", server.busy);
  out += ',';
  append_history(out, "flushes", server.flushes);
  out += R"(,"status":")";
  out += shown_status(server);
  out += "\"}}";
}

void append_room(std::string& out, const Fleet::Room& room) {
  out += '{';
  append_history(out, "clients", room.clients);
  out += ',';
  append_history(out, "cumulativeMessages", room.messages);
  out += ',';
  append_history(out, "cumulativeSocketWrites", room.socket_writes);
  out += '}';
}

void append_decision(std::string& out, const DecisionEntry& entry) {
  out += R"({"at":)";
  append_number(out, entry.at_ms);
  out += R"(,"what":)";
  append_json_string(out, entry.what);
  out += R"(,"why":)";
  append_json_string(out, entry.why);
  out += R"(,"numbers":{)";
  for (std::size_t i = 0; i < entry.numbers.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, entry.numbers[i].first);
    out += ':';
    append_decimal(out, entry.numbers[i].second);
  }
  out += "}}";
}

std::string redis_stats_json(const Fleet& fleet, const DecisionLog& decisions,
                             std::size_t rooms_max) {
  std::string out = R"({"socketServers":[)";
  for (const auto& server : fleet.servers()) {
    if (out.back() != '[') out += ',';
    append_server(out, *server);
  }
  out += R"(],"chatRooms":{)";
  for (const Fleet::Room* const room : busiest_rooms(fleet, rooms_max)) {
    if (out.back() != '{') out += ',';
    append_json_string(out, room->name);
    out += ':';
    append_room(out, *room);
  }
  out += R"(},"blackList":{},"decisions":[)";
  for (const DecisionEntry& entry : decisions.entries()) {
    if (out.back() != '[') out += ',';
    append_decision(out, entry);
  }
  out += "]}";
  return out;
}

}  // namespace spillway::balancer
