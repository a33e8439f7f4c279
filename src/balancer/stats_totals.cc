#include "balancer/stats_totals.h"

#include <utility>

#include "balancer/json_history.h"

namespace spillway::balancer {
namespace {

double messages_per_s(const Fleet& fleet) {
  double sum = 0;
  for (const auto& [name, room] : fleet.rooms()) sum += room->messages_per_s;
  return sum;
}

// `,"name":` within an object that has begun.
void begin_member(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  out.append("\"").append(name).append("\":");
}

template <typename T>
void push_and_tell(std::string& out, std::string_view name, History<T>& history, T now) {
  const T last = history.latest();
  history.push(now);
  if (now == last) return;
  begin_member(out, name);
  append_entry(out, now);
}

void append_setting(std::string& out, std::string_view name, double value) {
  begin_member(out, name);
  append_decimal(out, value);
}

std::string settings_json(const PolicySettings& policy, const Capacity& capacity) {
  std::string out = "{";
  append_setting(out, "serversMin", policy.servers_min);
  append_setting(out, "serversMax", policy.servers_max);
  append_setting(out, "spawnWrites", capacity.deliveries_per_s);
  append_setting(out, "spawnBusy", capacity.busy);
  append_setting(out, "roomBelow", policy.room_below);
  append_setting(out, "spawnAbove", policy.spawn_above);
  append_setting(out, "redistributeAbove", policy.redistribute_above);
  append_setting(out, "redistributeLagMs", policy.redistribute_lag_ms);
  append_setting(out, "shrinkBelow", policy.shrink_below);
  return out += '}';
}

}  // namespace

std::string StatsTotals::tick(const Fleet& fleet, const Counts& counts, std::int64_t at_ms) {
  at_.push(at_ms);
  std::string out = "{";
  push_and_tell<std::uint64_t>(out, "rooms", rooms_, fleet.rooms().size());
  push_and_tell(out, "messagesPerS", messages_per_s_, messages_per_s(fleet));
  push_and_tell(out, "provisions", provisions_, counts.provisions);
  if (std::exchange(deciding_, counts.deciding) != counts.deciding) {
    begin_member(out, "deciding");
    out.append(deciding_ ? "true" : "false");
  }
  return out += '}';
}

std::string StatsTotals::whole() const {
  std::string out = "{";
  append_history(out, "at", at_);
  out += ',';
  append_history(out, "rooms", rooms_);
  out += ',';
  append_history(out, "messagesPerS", messages_per_s_);
  out += ',';
  append_history(out, "provisions", provisions_);
  out.append(",\"deciding\":").append(deciding_ ? "true" : "false");
  return out += ",\"settings\":" + settings_json(policy_, capacity_) + '}';
}

}  // namespace spillway::balancer
